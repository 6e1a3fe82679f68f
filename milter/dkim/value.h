/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kinds of values that tags of a signature have (RFC 6376 section 3.5),
 * each known to be a tag-value already. For sig.c only.
 */
#ifndef ASSAY_DKIM_VALUE_H
#define ASSAY_DKIM_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/names.h"
#include "base/slice.h"
#include "mail/domain.h"

/* A word of the table, in its case. */
MUST_CHECK bool dkim_value_word(const struct name *, struct slice, int *out);
/* Key type, "-", hash: an algorithm that may exist. */
bool dkim_value_is_alg(struct slice);
bool dkim_value_is_field_name(struct slice);
/* A domain of at least so many labels. */
MUST_CHECK bool dkim_value_domain(
    struct slice, size_t min_labels, struct domain *out);
/* Seconds since 1970; too many digits are DKIM_TIME_INFINITE (sig.h). */
MUST_CHECK bool dkim_value_time(struct slice, int64_t *out);

/*
 * The octets of base64, from the arena; none when it is malformed. Returns 0,
 * or -1: no memory.
 */
MUST_CHECK int dkim_value_octets(
    struct slice, struct arena *, struct slice *out);
/* A copy without blanks and folding. Returns 0, or -1: no memory. */
MUST_CHECK int dkim_value_compact(
    struct slice, struct arena *, struct slice *out);

#endif
