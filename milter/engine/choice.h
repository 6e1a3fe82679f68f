/* SPDX-License-Identifier: BSD-2-Clause */
/* Which keys are to sign the mail of an author. For signing.c only. */
#ifndef ASSAY_ENGINE_CHOICE_H
#define ASSAY_ENGINE_CHOICE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "engine/options.h"
#include "engine/signing.h"
#include "mail/address.h"

/*
 * Fills keys, how and n with the keys that may sign, or that may once their
 * records have come (state KEY_WAITING); why says why others do not. The
 * signing table decides, and where no line of it fits the key directory.
 * Returns 0, or -1: no memory.
 */
MUST_CHECK int choice_make(struct signing *, const struct engine_options *,
    const struct from *, struct arena *, struct err *);

/*
 * Is the author's domain one whose mail is signed here, with a key of its own
 * or of a domain above it? A line of the key table with % for its domain is
 * for anybody's and says nothing. Returns 0, or -1: no memory.
 */
MUST_CHECK int choice_is_ours(const struct engine_options *,
    const struct from *, struct arena *, bool *ours, struct err *);

/* Takes the i-th key out. */
void choice_drop(struct signing *, size_t i);
/* Says why a key does not sign. */
void choice_tell(struct signing *, const struct key_info *);

#endif
