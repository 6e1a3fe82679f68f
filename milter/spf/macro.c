/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Macro syntax and expansion (RFC 7208 section 7). Knows no DNS and no
 * record. See macro.h.
 */
#include "spf/macro.h"

#include <inttypes.h>
#include <string.h>

/* One piece of a macro-string: a macro-expand or one literal octet. */
struct piece {
	char literal;  /* what it stands for when letter is '\0' */
	bool space;    /* "%-": three octets, "%20" */
	char letter;   /* lower case */
	bool escape;   /* it was upper case: URL escape */
	unsigned keep; /* right-hand parts; 0: all */
	bool reverse;
	struct slice delimiters; /* empty: "." */
};

#define DELIMITERS ".-+,/_="
#define KEEP_ALL 9999 /* no value has so many parts */

/* --- syntax -------------------------------------------------------------- */

/* transformers = *DIGIT [ "r" ]; a number of zero is refused. */
static bool
transformers(struct slice *in, struct piece *out)
{
	bool number = false;

	while (in->len && is_digit(in->ptr[0])) {
		number = true;
		out->keep = out->keep * 10 + (unsigned)(in->ptr[0] - '0');
		if (out->keep > KEEP_ALL)
			out->keep = KEEP_ALL;
		*in = slice_from(*in, 1);
	}
	if (number && out->keep == 0)
		return false;
	if (in->len && ascii_lower(in->ptr[0]) == 'r') {
		out->reverse = true;
		*in = slice_from(*in, 1);
	}
	return true;
}

/* What follows "%{"; *in is moved past the "}". */
static bool
braces(struct slice *in, enum spf_macro_place place, struct piece *out)
{
	const char *letters =
	    place == SPF_IN_EXPLANATION ? "slodipvhcrt" : "slodipvh";
	size_t n = 0;

	if (in->len == 0 || !is_alpha(in->ptr[0]))
		return false;
	out->letter = ascii_lower(in->ptr[0]);
	out->escape = out->letter != in->ptr[0];
	*in = slice_from(*in, 1);
	if (!strchr(letters, out->letter) || !transformers(in, out))
		return false;
	while (n < in->len && in->ptr[n] && strchr(DELIMITERS, in->ptr[n]))
		n++;
	out->delimiters = slice_upto(*in, n);
	if (n == in->len || in->ptr[n] != '}')
		return false;
	*in = slice_from(*in, n + 1);
	return true;
}

/* The next piece of *in, which is not empty. False: a syntax error. */
static bool
next_piece(struct slice *in, enum spf_macro_place place, struct piece *out)
{
	char c = in->ptr[0];

	*out = (struct piece){.literal = c};
	*in = slice_from(*in, 1);
	if (c != '%')
		return is_print(c) && (c != ' ' || place != SPF_IN_TERM);
	if (in->len == 0)
		return false;
	c = in->ptr[0];
	*in = slice_from(*in, 1);
	switch (c) {
	case '%': return true;
	case '_': out->literal = ' '; return true;
	case '-': out->space = true; return true;
	case '{': return braces(in, place, out);
	default: return false;
	}
}

bool
spf_macro_valid(struct slice text, enum spf_macro_place place)
{
	struct piece piece;

	while (text.len)
		if (!next_piece(&text, place, &piece))
			return false;
	return true;
}

/*
 * toplabel = ( *alphanum ALPHA *alphanum ) /
 *            ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
 * That is: letters, digits, hyphens, no hyphen at either end, not all digits.
 */
static bool
top_label(struct slice s)
{
	bool digits = true;

	if (s.len == 0 || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return false;
		digits = digits && is_digit(s.ptr[i]);
	}
	return !digits;
}

bool
spf_macro_target_valid(struct slice spec)
{
	struct slice rest = spec, last = SLICE_EMPTY;
	struct piece piece;
	size_t dot;

	while (rest.len) {
		last = rest;
		if (!next_piece(&rest, SPF_IN_TERM, &piece))
			return false;
	}
	if (last.len && last.ptr[0] == '%') /* domain-end = macro-expand */
		return true;
	if (last.len && last.ptr[0] == '.')
		spec.len--;
	/* No macro can hide in what top_label accepts: it has no "%" or "}". */
	dot = slice_rfind(spec, '.');
	return dot < spec.len && top_label(slice_from(spec, dot + 1));
}

bool
spf_macro_uses(struct slice text, const char *letters)
{
	struct piece piece;

	while (text.len && next_piece(&text, SPF_IN_EXPLANATION, &piece))
		if (piece.letter && strchr(letters, piece.letter))
			return true;
	return false;
}

/* --- expansion ----------------------------------------------------------- */

static bool
is_delimiter(struct slice delimiters, char c)
{
	return delimiters.len ? slice_find(delimiters, c) < delimiters.len
			      : c == '.';
}

/* What is left of v when only keep parts stay: the last, or the first. */
static struct slice
kept(struct slice v, const struct piece *piece)
{
	unsigned left = piece->keep ? piece->keep : KEEP_ALL;
	size_t i;

	if (piece->reverse) {
		for (i = 0; i < v.len; i++)
			if (is_delimiter(piece->delimiters, v.ptr[i]) &&
			    --left == 0)
				break;
		return slice_upto(v, i);
	}
	for (i = v.len; i > 0; i--)
		if (is_delimiter(piece->delimiters, v.ptr[i - 1]) &&
		    --left == 0)
			break;
	return slice_from(v, i);
}

/*
 * Section 7.3: split at each delimiter (parts may be empty), reverse, keep
 * the right-hand parts, join with dots. Reversed and cut is the same as: the
 * first parts, last one first.
 */
static void
transform(struct slice v, const struct piece *piece, struct buf *out)
{
	size_t at;

	v = kept(v, piece);
	for (size_t i = 0; !piece->reverse && i < v.len; i++) {
		char c = v.ptr[i];

		buf_addc(out, is_delimiter(piece->delimiters, c) ? '.' : c);
	}
	while (piece->reverse) {
		at = v.len;
		while (at && !is_delimiter(piece->delimiters, v.ptr[at - 1]))
			at--;
		buf_add(out, slice_from(v, at));
		if (at == 0)
			break;
		buf_addc(out, '.');
		v.len = at - 1;
	}
}

/* RFC 3986 section 2.3: all but the unreserved characters. */
static void
url_escape(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (is_alnum(c) || (c && strchr("-._~", c)))
			buf_addc(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned char)c);
	}
}

/* %{i}: an IPv6 address as 32 nibbles with dots between. */
static void
dotted(const struct ip *ip, struct buf *out)
{
	char text[IP_TEXT_MAX];

	if (ip->family != IP_V6) {
		buf_addz(out, ip_format(ip, text));
		return;
	}
	for (size_t i = 0; i < sizeof(ip->octets); i++)
		buf_addf(out, "%s%X.%X", i ? "." : "", ip->octets[i] >> 4,
		    ip->octets[i] & 15u);
}

static void
add_value(char letter, const struct spf_macro_values *values, struct buf *out)
{
	char text[IP_TEXT_MAX];

	switch (letter) {
	case 's': buf_add(out, values->sender); break;
	case 'l': buf_add(out, values->local); break;
	case 'o': buf_add(out, values->sender_domain); break;
	case 'd': buf_add(out, values->domain); break;
	case 'h': buf_add(out, values->helo); break;
	case 'p': buf_add(out, values->validated); break;
	case 'r': buf_add(out, values->receiver); break;
	case 'i': dotted(&values->ip, out); break;
	case 'c': buf_addz(out, ip_format(&values->ip, text)); break;
	case 't': buf_addf(out, "%" PRId64, values->now_s); break;
	case 'v':
		buf_addz(out, values->ip.family == IP_V6 ? "ip6" : "in-addr");
		break;
	default: break;
	}
}

static void
expand_piece(const struct piece *piece, const struct spf_macro_values *values,
    struct buf *out)
{
	struct buf value = BUF_INIT(out->max), parts = BUF_INIT(out->max);

	add_value(piece->letter, values, &value);
	transform(buf_slice(&value), piece, &parts);
	if (piece->escape)
		url_escape(buf_slice(&parts), out);
	else
		buf_add(out, buf_slice(&parts));
	out->no_mem = out->no_mem || value.no_mem || parts.no_mem;
	out->over = out->over || value.over || parts.over;
	buf_free(&parts);
	buf_free(&value);
}

void
spf_macro_expand(
    struct slice text, const struct spf_macro_values *values, struct buf *out)
{
	struct piece piece;

	while (text.len && next_piece(&text, SPF_IN_EXPLANATION, &piece)) {
		if (piece.letter)
			expand_piece(&piece, values, out);
		else if (piece.space)
			buf_addz(out, "%20");
		else
			buf_addc(out, piece.literal);
	}
}

int
spf_macro_target(struct slice spec, const struct spf_macro_values *values,
    char out[LIMIT_DOMAIN + 1], size_t *len)
{
	struct buf b = BUF_INIT(LIMIT_SPF_EXPANSION);
	struct slice name;
	int rc = -1;

	spf_macro_expand(spec, values, &b);
	if (buf_status(&b))
		goto out;
	name = buf_slice(&b);
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	while (name.len > LIMIT_DOMAIN)
		name = slice_from(name, slice_find(name, '.') + 1);
	if (name.len)
		memcpy(out, name.ptr, name.len);
	out[name.len] = '\0';
	*len = name.len;
	rc = 0;
out:
	buf_free(&b);
	return rc;
}
