/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of a record: RFC 7208 sections 4.5, 4.6.1, 5, 6 and 12, one
 * function a rule. Evaluates nothing. See record.h.
 */
#include "spf/record.h"

#include "mail/limits.h"
#include "spf/macro.h"

#define VERSION_TAG SLICE_LIT("v=spf1")

bool
spf_record_is(struct slice text)
{
	return slice_istarts(text, VERSION_TAG) &&
	    (text.len == VERSION_TAG.len || text.ptr[VERSION_TAG.len] == ' ');
}

/* --- mechanisms ---------------------------------------------------------- */

/* "0" / %x31-39 *DIGIT, at most max. */
static bool
prefix_length(struct slice s, unsigned max, unsigned *out)
{
	uint64_t bits;

	if (slice_u64(s, max, &bits) || (s.len > 1 && s.ptr[0] == '0'))
		return false;
	*out = (unsigned)bits;
	return true;
}

/* Digits at the end of s with a "/" before them; false: no such end. */
static bool
cut_prefix(struct slice *s, struct slice *digits)
{
	size_t at = s->len;

	while (at > 0 && is_digit(s->ptr[at - 1]))
		at--;
	if (at == 0 || at == s->len || s->ptr[at - 1] != '/')
		return false;
	*digits = slice_from(*s, at);
	s->len = at - 1;
	return true;
}

/*
 * dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ], cut off the
 * end of *s. A domain-spec may hold a "/", but never ends in digits after one
 * (its end is a top label or a macro), so what looks like a length is one.
 */
static enum spf_reason
dual_prefix(struct slice *s, struct spf_term *term)
{
	struct slice digits;

	if (!cut_prefix(s, &digits))
		return SPF_OK;
	if (s->len && s->ptr[s->len - 1] == '/') {
		if (!prefix_length(digits, 128, &term->bits6))
			return SPF_BAD_PREFIX;
		s->len--;
		if (!cut_prefix(s, &digits))
			return SPF_OK;
	}
	return prefix_length(digits, 32, &term->bits4) ? SPF_OK
						       : SPF_BAD_PREFIX;
}

/* Why s is no domain-spec. */
static enum spf_reason
target(struct slice s, struct spf_term *term)
{
	term->target = s;
	if (!spf_macro_valid(s, SPF_IN_TERM))
		return SPF_BAD_MACRO;
	return spf_macro_target_valid(s) ? SPF_OK : SPF_BAD_TARGET;
}

/* ip4-network [ ip4-cidr-length ] / ip6-network [ ip6-cidr-length ] */
static enum spf_reason
network(struct slice s, enum ip_family family, struct spf_term *term)
{
	unsigned max = family == IP_V4 ? 32 : 128;
	bool has_length;
	struct slice address = slice_cut(&s, '/', &has_length);

	term->net.bits = max;
	if (has_length && !prefix_length(s, max, &term->net.bits))
		return SPF_BAD_PREFIX;
	/* Section 5: no IPv4 client is ever listed by an "ip6" term. */
	return ip_parse_as(address, family, &term->net.net) ? SPF_BAD_ADDRESS
							    : SPF_OK;
}

/* arg starts with ":" or "/", or is empty. */
static enum spf_reason
argument(struct slice arg, struct spf_term *term)
{
	bool colon = arg.len && arg.ptr[0] == ':';
	struct slice value = slice_from(arg, 1);
	enum spf_reason reason = SPF_OK;

	switch (term->kind) {
	case SPF_ALL: return arg.len ? SPF_BAD_ARGUMENT : SPF_OK;
	case SPF_A:
	case SPF_MX: reason = dual_prefix(&arg, term); break;
	case SPF_PTR: break;
	case SPF_IP4:
		return colon ? network(value, IP_V4, term) : SPF_BAD_ARGUMENT;
	case SPF_IP6:
		return colon ? network(value, IP_V6, term) : SPF_BAD_ARGUMENT;
	case SPF_INCLUDE:
	case SPF_EXISTS:
		if (!colon)
			return SPF_BAD_ARGUMENT;
		break;
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_MODIFIER: return SPF_UNKNOWN_MECHANISM;
	}
	if (reason != SPF_OK || arg.len == 0)
		return reason;
	/* a and mx: what the lengths left; "a/x" leaves a "/". */
	return colon ? target(slice_from(arg, 1), term) : SPF_BAD_ARGUMENT;
}

/* directive = [ qualifier ] mechanism */
static enum spf_reason
directive(struct slice s, struct spf_term *term)
{
	size_t end = 0;
	int value;

	term->word = AR_PASS;
	term->bits4 = 32;
	term->bits6 = 128;
	if (names_value(spf_qualifiers, slice_upto(s, 1), &value) == 0) {
		term->word = (enum ar_word)value;
		s = slice_from(s, 1);
	}
	while (end < s.len && s.ptr[end] != ':' && s.ptr[end] != '/')
		end++;
	if (names_value(spf_kinds, slice_upto(s, end), &value))
		return SPF_UNKNOWN_MECHANISM;
	term->kind = (enum spf_kind)value;
	return argument(slice_from(s, end), term);
}

/* --- modifiers ----------------------------------------------------------- */

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), then "=": its length. */
static size_t
modifier_name(struct slice s)
{
	size_t n = 0;

	while (n < s.len &&
	    (is_alpha(s.ptr[n]) ||
		(n > 0 &&
		    (is_digit(s.ptr[n]) || s.ptr[n] == '-' ||
			s.ptr[n] == '_' || s.ptr[n] == '.'))))
		n++;
	return n < s.len && s.ptr[n] == '=' ? n : 0;
}

/*
 * Section 12: an unknown-modifier's "name is not any known modifier", so a
 * "redirect=" with a bad domain-spec is an error and not an unknown modifier.
 */
static enum spf_reason
modifier(struct slice s, size_t name_len, struct spf_record *r,
    struct spf_term *term)
{
	bool redirect, exp;

	term->name = slice_upto(s, name_len);
	term->target = slice_from(s, name_len + 1);
	redirect = slice_ieqz(term->name, "redirect");
	exp = slice_ieqz(term->name, "exp");
	term->kind = redirect ? SPF_REDIRECT : exp ? SPF_EXP : SPF_MODIFIER;
	if (!redirect && !exp)
		return spf_macro_valid(term->target, SPF_IN_TERM)
		    ? SPF_OK
		    : SPF_BAD_MACRO;
	if ((redirect && r->redirect) || (exp && r->exp))
		return SPF_DUPLICATE_MODIFIER;
	if (redirect)
		r->redirect = term;
	else
		r->exp = term;
	return target(term->target, term);
}

/* --- the record ---------------------------------------------------------- */

static bool
visible(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_print(s.ptr[i]) || s.ptr[i] == ' ')
			return false;
	return true;
}

static enum spf_reason
parse_term(struct slice s, struct spf_record *r, struct spf_term *term)
{
	size_t name_len = modifier_name(s);
	enum spf_reason reason;

	*term = (struct spf_term){.text = s};
	if (!visible(s))
		return SPF_BAD_OCTET;
	if (name_len)
		return modifier(s, name_len, r, term);
	reason = directive(s, term);
	if (reason == SPF_OK && term->kind == SPF_ALL && !r->all)
		r->all = term;
	return reason;
}

/* The next of the terms in *rest, which blanks divide; empty: no more. */
static struct slice
next_term(struct slice *rest)
{
	struct slice s = SLICE_EMPTY;
	bool more = true;

	while (more && s.len == 0)
		s = slice_cut(rest, ' ', &more);
	return s;
}

static int
faulty(struct spf_record *r, enum spf_reason reason, struct slice at)
{
	*r = (struct spf_record){.text = r->text, .fault = reason, .at = at};
	return 0;
}

int
spf_record_parse(
    struct slice text, struct arena *arena, struct spf_record *out)
{
	struct slice rest = slice_from(text, VERSION_TAG.len), s;
	size_t n = 0;

	*out = (struct spf_record){.text = text};
	if (!spf_record_is(text))
		return faulty(out, SPF_BAD_VERSION, SLICE_EMPTY);
	if (text.len > LIMIT_SPF_RECORD)
		return faulty(out, SPF_RECORD_LONG, SLICE_EMPTY);
	for (struct slice r = rest; next_term(&r).len;)
		n++;
	out->terms = arena_array(arena, n ? n : 1, sizeof(*out->terms));
	if (!out->terms)
		return -1;
	while ((s = next_term(&rest)).len) {
		enum spf_reason reason =
		    parse_term(s, out, &out->terms[out->n]);

		if (reason != SPF_OK)
			return faulty(out, reason, s);
		out->n++;
	}
	return 0;
}
