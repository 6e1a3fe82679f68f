/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which incoming Authentication-Results fields must go before we add ours
 * (RFC 8601 section 5): those that claim to be ours, and those of a version
 * nobody here knows. Both look at the front of the field alone; nothing that
 * follows it, parsable or not, changes the answer. Time is linear in the value.
 */
#ifndef ASSAY_AUTHRES_MATCH_H
#define ASSAY_AUTHRES_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * Does this field (all that follows its colon) claim one of our ids? Case,
 * quotes, comments, folding, a version, dots at the end and U-labels or
 * A-labels make no difference. Where the part before the first ";" is no
 * grammar, a reader may make of it what it likes, so the answer is yes when
 * one of our ids occurs in it, also with comments, quotes and blanks taken
 * out, or when nobody can tell (octets beyond ASCII, encoded words, more than
 * LIMIT_AUTHRES_ID_PART octets). Such a field is worth nothing to anyone:
 * readers must ignore it.
 */
bool authres_claims(struct slice value, const struct slice *ids, size_t nids);

/*
 * RFC 8601 section 5: "An MTA SHOULD remove any instance of this header field
 * bearing a version (express or implied) that it does not support", MUST when
 * it comes from outside, whosever id it bears. True for any version but 1.
 */
bool authres_version_unknown(struct slice value);

#endif
