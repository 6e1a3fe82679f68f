/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Macros: RFC 7208 section 7. Syntax and expansion; where the values come
 * from is the caller's business (and %{p}, which costs DNS, is looked up only
 * when spf_macro_uses says that it is needed).
 */
#ifndef ASSAY_SPF_MACRO_H
#define ASSAY_SPF_MACRO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/ip.h"
#include "base/slice.h"
#include "mail/limits.h"

/* Section 7.2: %{c}, %{r} and %{t} are for explanations only. */
enum spf_macro_place {
	SPF_IN_TERM,
	SPF_IN_EXPLANATION, /* blanks may stand between, too */
};

struct spf_macro_values {
	struct slice sender;        /* s */
	struct slice local;         /* l */
	struct slice sender_domain; /* o */
	struct slice domain;        /* d: of the record, no dot at its end */
	struct slice helo;          /* h */
	struct slice validated;     /* p: a name, or "unknown" */
	struct slice receiver;      /* r: a name, or "unknown" */
	struct ip ip;               /* i, c, v */
	int64_t now_s;              /* t */
};

/* *( macro-string ), or explain-string: visible ASCII and sound macros. */
bool spf_macro_valid(struct slice text, enum spf_macro_place);
/* domain-spec: a macro-string that ends in a top label or a macro. */
bool spf_macro_target_valid(struct slice spec);

/* Does valid text hold one of these macro letters (lower case)? */
bool spf_macro_uses(struct slice text, const char *letters);

/*
 * Appends the expansion of valid text, cut at the buffer's ceiling. Octets of
 * the values pass through as they are, whatever they are. Returns 0, or -1
 * when there is no memory. No value may be longer than LIMIT_ENVELOPE and a
 * domain.
 */
MUST_CHECK int spf_macro_expand(
    struct slice text, const struct spf_macro_values *, struct buf *);

/*
 * The target-name of a record's valid domain-spec: expanded, one dot at its end
 * dropped, cut from the left, label by label, to 253 octets (section 7.3).
 * It may be no name at all (an empty label, an overlong one). Returns 0, or
 * -1 when there is no memory.
 */
MUST_CHECK int spf_macro_target(struct slice spec,
    const struct spf_macro_values *, char out[LIMIT_DOMAIN + 1], size_t *len);

#endif
