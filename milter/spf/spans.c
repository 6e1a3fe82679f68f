/* SPDX-License-Identifier: BSD-2-Clause */
/* See spans.h. */
#include "spf/spans.h"

#include <stdlib.h>
#include <string.h>

#include "mail/limits.h"

static size_t
width(const struct ip *ip)
{
	return ip->family == IP_V4 ? 4 : 16;
}

/* --- addresses as numbers ---------------------------------------------------------- */

int
spf_ip_cmp(const struct ip *a, const struct ip *b)
{
	return memcmp(a->octets, b->octets, width(a));
}

bool
spf_ip_next(struct ip *ip)
{
	struct ip next = *ip;

	for (size_t i = width(ip); i-- > 0;) {
		if (++next.octets[i]) {
			*ip = next;
			return true;
		}
	}
	return false;
}

bool
spf_ip_prev(struct ip *ip)
{
	struct ip prev = *ip;

	for (size_t i = width(ip); i-- > 0;) {
		if (prev.octets[i]--) {
			*ip = prev;
			return true;
		}
	}
	return false;
}

struct spf_span
spf_span_of(const struct ip *net, unsigned bits)
{
	struct spf_span s = {*net, *net, AR_NOT_RUN};

	for (size_t i = 0; i < width(net); i++) {
		unsigned left = bits > 8 * i ? bits - 8 * (unsigned)i : 0;
		uint8_t mask = left >= 8 ? 0 : (uint8_t)(0xffu >> left);

		s.first.octets[i] &= (uint8_t)~mask;
		s.last.octets[i] |= mask;
	}
	return s;
}

/* --- the set -------------------------------------------------------------------------- */

/* One more span behind those of out; there is room. */
static void
push(struct spf_spans *out, struct ip first, struct ip last, enum ar_word word)
{
	out->items[out->n++] = (struct spf_span){first, last, word};
}

int
spf_spans_add(struct spf_spans *set, const struct spf_span *add)
{
	struct spf_spans out = {.family = set->family};
	struct ip from = add->first;
	bool more = true; /* something of add is left, from "from" on */

	if (set->n > LIMIT_SPF_SPANS)
		return -1;
	/* A gap before each span, one behind the last. */
	out.items = calloc(2 * set->n + 1, sizeof(*out.items));
	if (!out.items)
		return -1;
	for (size_t i = 0; i < set->n; i++) {
		const struct spf_span *s = &set->items[i];

		if (more && spf_ip_cmp(&from, &s->first) < 0) {
			struct ip last = s->first;

			(void)spf_ip_prev(&last);
			if (spf_ip_cmp(&add->last, &last) < 0)
				last = add->last;
			push(&out, from, last, add->word);
		}
		if (more && spf_ip_cmp(&from, &s->last) <= 0) {
			from = s->last;
			more = spf_ip_next(&from) &&
			    spf_ip_cmp(&from, &add->last) <= 0;
		}
		push(&out, s->first, s->last, s->word);
		more = more && spf_ip_cmp(&add->last, &s->first) >= 0;
	}
	if (more)
		push(&out, from, add->last, add->word);
	free(set->items);
	*set = out;
	return 0;
}

void
spf_spans_free(struct spf_spans *set)
{
	free(set->items);
	set->items = NULL;
	set->n = 0;
}

void
spf_spans_merge(struct spf_spans *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct spf_span *s = &set->items[i];
		struct ip before = s->first;

		if (n && set->items[n - 1].word == s->word &&
		    spf_ip_prev(&before) &&
		    !spf_ip_cmp(&before, &set->items[n - 1].last))
			set->items[n - 1].last = s->last;
		else
			set->items[n++] = *s;
	}
	set->n = n;
}

bool
spf_span_next(struct ip *from, const struct ip *last, struct cidr *out)
{
	unsigned bits = 0;
	struct spf_span s = spf_span_of(from, bits);

	while (spf_ip_cmp(&s.first, from) || spf_ip_cmp(&s.last, last) > 0)
		s = spf_span_of(from, ++bits);
	*out = (struct cidr){*from, bits};
	*from = s.last;
	return spf_ip_next(from) && spf_ip_cmp(from, last) <= 0;
}
