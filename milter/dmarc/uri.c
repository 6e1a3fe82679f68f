/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 3986 section 3 as far as "syntactically valid" goes: the scheme, and
 * the characters of each part. An authority is not taken apart. RFC 9989
 * section 4.8 for lists and the obsolete size.
 */
#include "dmarc/uri.h"

#include <string.h>

static bool
is_hex(char c)
{
	return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/* unreserved, pct-encoded, sub-delims but "!" and ",", and one of more. */
static bool
lex_uri_char(struct slice *in, const char *more)
{
	char c = in->len ? in->ptr[0] : '\0';

	if (c == '\0')
		return false;
	if (c == '%') {
		if (in->len < 3 || !is_hex(in->ptr[1]) || !is_hex(in->ptr[2]))
			return false;
		*in = slice_from(*in, 3);
		return true;
	}
	if (!is_alnum(c) && !strchr("-._~$&'()*+;=", c) && !strchr(more, c))
		return false;
	*in = slice_from(*in, 1);
	return true;
}

static bool
lex_scheme(struct slice *in)
{
	size_t n = 0;

	if (in->len == 0 || !is_alpha(in->ptr[0]))
		return false;
	while (n < in->len &&
	    (is_alnum(in->ptr[n]) || memchr("+-.", in->ptr[n], 3)))
		n++;
	if (n == in->len || in->ptr[n] != ':')
		return false;
	*in = slice_from(*in, n + 1);
	return true;
}

static bool
lex_part(struct slice *in, const char *begin, const char *chars)
{
	if (!slice_starts(*in, slice_z(begin)))
		return false;
	*in = slice_from(*in, strlen(begin));
	while (lex_uri_char(in, chars))
		;
	return true;
}

bool
dmarc_uri_valid(struct slice s)
{
	if (!lex_scheme(&s))
		return false;
	if (lex_part(&s, "//", ":@[]") && s.len && !memchr("/?#", s.ptr[0], 3))
		return false;
	(void)lex_part(&s, "", ":@/");
	(void)lex_part(&s, "?", ":@/?");
	(void)lex_part(&s, "#", ":@/?");
	return s.len == 0;
}

struct slice
dmarc_uri_next(struct slice *list, bool *more)
{
	struct slice item = slice_trim(slice_cut(list, ',', more));
	size_t bang = slice_rfind(item, '!');
	struct slice size = slice_from(item, bang + 1);
	size_t digits = 0;

	/* obs-dmarc-report-size = "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] */
	while (digits < size.len && is_digit(size.ptr[digits]))
		digits++;
	if (digits + 1 == size.len &&
	    memchr("kmgt", ascii_lower(size.ptr[digits]), 4))
		size.len--;
	return digits > 0 && digits == size.len ? slice_upto(item, bang)
						: item;
}
