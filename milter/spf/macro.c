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
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		char escaped[3] = {'%', hex[c >> 4], hex[c & 15u]};

		if (is_alnum(s.ptr[i]) || (c && strchr("-._~", c)))
			buf_addc(out, s.ptr[i]);
		else
			buf_add(out, slice_of(escaped, sizeof(escaped)));
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

/* What a piece stands for, onto out. */
static void
add_piece(const struct piece *piece, const struct spf_macro_values *values,
    struct buf *out)
{
	struct buf value = BUF_INIT(LIMIT_SPF_MACRO);
	struct buf parts = BUF_INIT(LIMIT_SPF_MACRO);

	if (piece->space)
		buf_addz(out, "%20");
	if (!piece->letter && !piece->space)
		buf_addc(out, piece->literal);
	if (!piece->letter)
		return;
	add_value(piece->letter, values, &value);
	transform(buf_slice(&value), piece, &parts);
	if (piece->escape)
		url_escape(buf_slice(&parts), out);
	else
		buf_add(out, buf_slice(&parts));
	out->no_mem = out->no_mem || buf_status(&value) || buf_status(&parts);
	buf_free(&parts);
	buf_free(&value);
}

int
spf_macro_expand(
    struct slice text, const struct spf_macro_values *values, struct buf *out)
{
	struct buf one = BUF_INIT(LIMIT_SPF_MACRO);
	struct piece piece;

	while (text.len && out->len < out->max && buf_status(&one) == 0 &&
	    next_piece(&text, SPF_IN_EXPLANATION, &piece)) {
		buf_clear(&one);
		add_piece(&piece, values, &one);
		buf_add(out, slice_upto(buf_slice(&one), out->max - out->len));
	}
	out->no_mem = out->no_mem || buf_status(&one);
	buf_free(&one);
	return buf_status(out);
}

/* --- names ----------------------------------------------------------------- */

/*
 * The end of a name, filled from its right: a dot at the end, and one octet
 * more than fits, to see where the label at the left begins.
 */
struct tail {
	char octets[LIMIT_DOMAIN + 2];
	size_t room;
};

static void
prepend(struct tail *t, struct slice s)
{
	size_t n = s.len < t->room ? s.len : t->room;

	t->room -= n;
	if (n)
		memcpy(t->octets + t->room, s.ptr + s.len - n, n);
}

/*
 * Only the last octets of a name count, so its pieces are expanded from the
 * right, until there is no more room: a record full of macros costs no more
 * than a sound one.
 */
static int
expand_tail(
    struct slice spec, const struct spf_macro_values *values, struct tail *t)
{
	struct buf one = BUF_INIT(LIMIT_SPF_MACRO);
	bool starts[LIMIT_SPF_RECORD] = {false};
	struct slice rest = spec;
	struct piece piece;
	int rc = 0;

	while (rest.len && rc == 0) {
		starts[spec.len - rest.len] = true;
		rc = next_piece(&rest, SPF_IN_TERM, &piece) ? 0 : -1;
	}
	for (size_t i = spec.len; i > 0 && t->room && rc == 0; i--) {
		if (!starts[i - 1])
			continue;
		rest = slice_from(spec, i - 1);
		(void)next_piece(&rest, SPF_IN_TERM, &piece);
		buf_clear(&one);
		add_piece(&piece, values, &one);
		prepend(t, buf_slice(&one));
		rc = buf_status(&one);
	}
	buf_free(&one);
	return rc;
}

int
spf_macro_target(struct slice spec, const struct spf_macro_values *values,
    char out[LIMIT_DOMAIN + 1], size_t *len)
{
	struct tail t = {.room = sizeof(t.octets)};
	struct slice name;

	if (spec.len > LIMIT_SPF_RECORD || expand_tail(spec, values, &t))
		return -1;
	name = slice_of(t.octets + t.room, sizeof(t.octets) - t.room);
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	while (name.len > LIMIT_DOMAIN)
		name = slice_from(name, slice_find(name, '.') + 1);
	if (name.len)
		memcpy(out, name.ptr, name.len);
	out[name.len] = '\0';
	*len = name.len;
	return 0;
}
