/* SPDX-License-Identifier: BSD-2-Clause */
/* What Sendmail does to header fields after the last milter. */
#ifndef ASSAY_ENGINE_SENDMAIL_H
#define ASSAY_ENGINE_SENDMAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "mail/header.h"

/*
 * Does an address list leave Sendmail as it came, but for folding and the
 * length of blanks? It writes "a@x,b@x" as "a@x, b@x", completes names without
 * a domain and quotes some phrases. In doubt, no.
 */
bool sendmail_keeps(struct slice value);

#define SENDMAIL_NAMES_MAX 10

/*
 * The names of fields in the header that it would change and that need not be
 * signed: From is not among them. Returns how many.
 */
size_t sendmail_changes(
    const struct header *, struct slice names[SENDMAIL_NAMES_MAX]);

#endif
