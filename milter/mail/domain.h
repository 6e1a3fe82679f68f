/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domain names as every protocol here compares and queries them: lower-case
 * A-labels without a dot at the end (RFC 8616, RFC 5890). A struct domain
 * holds nothing else, so two of them are equal exactly when their texts are,
 * and each is safe to print.
 */
#ifndef ASSAY_MAIL_DOMAIN_H
#define ASSAY_MAIL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"
#include "mail/limits.h"

struct domain {
	char text[LIMIT_DOMAIN + 1]; /* NUL-terminated */
	size_t len;
};

struct domain_list {
	struct domain *items;
	size_t n;
};

/*
 * Lower-cases, drops one trailing dot, turns U-labels into A-labels (IDNA2008
 * with UTS 46 mapping, non-transitional). Labels are letters, digits, hyphen
 * and underscore, 1 to 63 octets; the name has at most 253. False, and *out
 * the empty name, for anything else (also for "" and for address literals).
 */
MUST_CHECK bool domain_parse(struct slice, struct domain *out);

struct slice domain_slice(const struct domain *);
bool domain_eq(const struct domain *, const struct domain *);
/* Is d the same as top or below it? */
bool domain_is_under(const struct domain *d, const struct domain *top);
/* Labels in the name; 0 for the empty one. */
size_t domain_nlabels(const struct domain *);
/* The rightmost n labels (all of them when it has fewer). */
struct domain domain_tail(const struct domain *, size_t n);

bool domain_list_has(const struct domain_list *, const struct domain *);

#endif
