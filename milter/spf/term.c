/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is to be said of terms once they are parsed: their names, how they are
 * written, what they cost and let in. See record.h.
 */
#include "spf/record.h"

/*
 * Networks that deserve a warning: more than a million IPv4 addresses, more
 * IPv6 than any one registry member holds.
 */
#define NARROW_BITS4 12
#define NARROW_BITS6 20

const struct name spf_kinds[] = {
    {SPF_ALL, "all"},
    {SPF_INCLUDE, "include"},
    {SPF_A, "a"},
    {SPF_MX, "mx"},
    {SPF_PTR, "ptr"},
    {SPF_IP4, "ip4"},
    {SPF_IP6, "ip6"},
    {SPF_EXISTS, "exists"},
    {SPF_REDIRECT, "redirect"},
    {SPF_EXP, "exp"},
    {0, NULL},
};

const struct name spf_qualifiers[] = {
    {AR_PASS, "+"},
    {AR_FAIL, "-"},
    {AR_SOFTFAIL, "~"},
    {AR_NEUTRAL, "?"},
    {0, NULL},
};

/* --- writing ------------------------------------------------------------- */

static void
print_network(const struct cidr *net, struct buf *b)
{
	char text[IP_TEXT_MAX];

	buf_addf(b, ":%s", ip_format(&net->net, text));
	if (net->bits < (net->net.family == IP_V4 ? 32u : 128u))
		buf_addf(b, "/%u", net->bits);
}

static void
print_directive(const struct spf_term *t, struct buf *b)
{
	if (t->word != AR_PASS)
		buf_addz(b, names_word(spf_qualifiers, (int)t->word));
	buf_addz(b, names_word(spf_kinds, (int)t->kind));
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		print_network(&t->net, b);
	if (t->target.len)
		buf_addf(b, ":" SLICE_FMT, SLICE_ARG(t->target));
	if (t->bits4 < 32)
		buf_addf(b, "/%u", t->bits4);
	if (t->bits6 < 128)
		buf_addf(b, "//%u", t->bits6);
}

void
spf_record_print(const struct spf_record *r, struct buf *b)
{
	buf_addz(b, "v=spf1");
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_term *t = &r->terms[i];

		buf_addc(b, ' ');
		if (t->word != AR_NOT_RUN)
			print_directive(t, b);
		else
			buf_addf(b, SLICE_FMT "=" SLICE_FMT,
			    SLICE_ARG(t->name), SLICE_ARG(t->target));
	}
}

/* --- properties ---------------------------------------------------------- */

bool
spf_term_is_lookup(const struct spf_term *t)
{
	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_REDIRECT: return true;
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_MODIFIER: break;
	}
	return false;
}

bool
spf_term_is_broad(const struct spf_term *t)
{
	if (t->word != AR_PASS)
		return false;
	if (t->kind == SPF_IP4)
		return t->net.bits < NARROW_BITS4;
	if (t->kind == SPF_IP6)
		return t->net.bits < NARROW_BITS6;
	return (t->kind == SPF_A || t->kind == SPF_MX) &&
	    (t->bits4 < NARROW_BITS4 || t->bits6 < NARROW_BITS6);
}
