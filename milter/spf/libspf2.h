/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libspf2, held at arm's length: it is given canonical records (canon.h), a
 * made-up sender, and answers to questions about tokens. No octet of a peer
 * or of the DNS reaches it but client addresses.
 */
#ifndef ASSAY_SPF_LIBSPF2_H
#define ASSAY_SPF_LIBSPF2_H

#include "authres/words.h"
#include "base/attr.h"
#include "base/err.h"
#include "spf/eval.h"

struct spf_library;

/* For one check, and one thread. NULL and err: our own trouble. */
MUST_CHECK struct spf_library *spf_library_new(
    struct spf_eval *, struct err *);
/* NULL is fine. */
void spf_library_free(struct spf_library *);

/*
 * Evaluates one canonical record. *word is what a matching term says (pass,
 * fail, softfail or neutral), AR_NOT_RUN when none matched; it means nothing
 * once the check itself has a verdict. Returns 0, or -1 with err.
 */
MUST_CHECK int spf_library_run(struct spf_library *, const char *record,
    enum ar_word *word, struct err *);

#endif
