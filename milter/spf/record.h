/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An SPF record as RFC 7208 section 12 has it: text in, an array of terms
 * out, or the reason why not and the term at fault. No DNS, no evaluation:
 * the check and the tools read the same terms.
 */
#ifndef ASSAY_SPF_RECORD_H
#define ASSAY_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "authres/words.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/ip.h"
#include "base/names.h"
#include "base/slice.h"
#include "spf/reason.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_MODIFIER, /* one that nobody knows */
};

/* Mechanisms and the two modifiers, by the names they are written with. */
extern const struct name spf_kinds[];
/* "+" and its like, by what a match means (enum ar_word). */
extern const struct name spf_qualifiers[];

struct spf_term {
	enum spf_kind kind;
	enum ar_word word;   /* what a match means; modifiers: AR_NOT_RUN */
	struct slice text;   /* as written */
	struct slice name;   /* of a modifier, as written */
	struct slice target; /* domain-spec (an unknown modifier's value) */
	struct cidr net;     /* of ip4 and ip6; a mapped network stays IPv6 */
	unsigned bits4, bits6; /* of a and mx */
};

struct spf_record {
	struct slice text;
	struct spf_term *terms; /* NULL when there is a fault */
	size_t n;
	const struct spf_term *all;      /* the first one; NULL: none */
	const struct spf_term *redirect; /* NULL: none */
	const struct spf_term *exp;      /* NULL: none */
	enum spf_reason fault;           /* SPF_OK, or why it is a permerror */
	struct slice at;                 /* the term at fault, if one is */
};

/*
 * Does this text claim to be an SPF record: "v=spf1", then a blank or the end
 * (section 4.5)?
 */
bool spf_record_is(struct slice text);

/*
 * Parses all of it (section 4.6: an error anywhere is an error). The slices
 * point into text, which must live as long. Returns 0, with a fault or
 * without, or -1 when there is no memory.
 */
MUST_CHECK int spf_record_parse(
    struct slice text, struct arena *, struct spf_record *out);

/* Writes a sound record in its shortest form; it parses to equal terms. */
void spf_record_print(const struct spf_record *, struct buf *);

/* Does evaluating this term ask the DNS (section 4.6.4)? */
bool spf_term_is_lookup(const struct spf_term *);
/* Does it let in a good part of the Internet? Of passing terms only. */
bool spf_term_is_broad(const struct spf_term *);

#endif
