/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which result which address gets: ranges in order, none overlapping, each
 * with a word. The first to say something of an address is right.
 */
#ifndef ASSAY_SPF_SPANS_H
#define ASSAY_SPF_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authres/words.h"
#include "base/attr.h"
#include "base/ip.h"

struct spf_span {
	struct ip first, last; /* of one family */
	enum ar_word word;
};

struct spf_spans {
	enum ip_family family;
	struct spf_span *items; /* by address */
	size_t n;
};

/*
 * Every address of the range that has no word yet gets this one. Returns 0, or
 * -1: no memory, or LIMIT_SPF_SPANS.
 */
MUST_CHECK int spf_spans_add(struct spf_spans *, const struct spf_span *);
/* The addresses of a network; no word of its own yet. */
struct spf_span spf_span_of(const struct ip *, unsigned bits);
void spf_spans_free(struct spf_spans *);

/* Neighbours of one word become one span. */
void spf_spans_merge(struct spf_spans *);

/*
 * The largest network that begins at *from and ends at last or before; *from
 * moves past it. False when that was the last of them. *from <= last.
 */
bool spf_span_next(struct ip *from, const struct ip *last, struct cidr *out);

/* By octets; families are the same. */
int spf_ip_cmp(const struct ip *, const struct ip *);
/* The address after or before; false, and unchanged, at the end. */
bool spf_ip_next(struct ip *);
bool spf_ip_prev(struct ip *);

#endif
