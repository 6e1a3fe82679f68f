/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lexical rules of RFC 8601 section 2.2 and what it refers to: MIME token
 * (RFC 2045 section 5.1), quoted-string and CFWS (RFC 5322 section 3.2).
 * See lex.h. Judges nothing: that is for match.c and parse.c.
 */
#include "authres/lex.h"

#include <string.h>

#include "mail/limits.h"

/* RFC 2045 section 5.1: neither SPACE, CTLs nor tspecials. */
static bool
token_char(char c)
{
	unsigned char u = (unsigned char)c;

	return u > 0x20 && u != 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static bool
keyword_char(char c)
{
	return is_alnum(c) || c == '-' || c == '_';
}

static bool
atext_char(char c)
{
	return is_print(c) && c != ' ' && !strchr("()<>[]:;@\\,.\"", c);
}

/* Takes the longest run of octets that are ok off *in. */
static bool
run(struct slice *in, bool (*ok)(char), struct slice *out)
{
	size_t n = 0;

	while (n < in->len && ok(in->ptr[n]))
		n++;
	if (n == 0)
		return false;
	*out = slice_upto(*in, n);
	*in = slice_from(*in, n);
	return true;
}

static bool
all(struct slice s, bool (*ok)(char))
{
	struct slice part;

	return run(&s, ok, &part) && s.len == 0;
}

bool
ar_lex_token(struct slice *in, struct slice *out)
{
	return run(in, token_char, out);
}

bool
ar_lex_keyword(struct slice *in, struct slice *out)
{
	return run(in, keyword_char, out);
}

bool
ar_lex_number(struct slice *in, uint32_t *out)
{
	struct slice digits;
	uint64_t n;

	if (!run(in, is_digit, &digits))
		return false;
	*out = slice_u64(digits, UINT32_MAX, &n) ? UINT32_MAX : (uint32_t)n;
	return true;
}

bool
ar_lex_char(struct slice *in, char c)
{
	if (in->len == 0 || in->ptr[0] != c)
		return false;
	*in = slice_from(*in, 1);
	return true;
}

bool
ar_lex_quoted(struct slice *in, struct slice *out)
{
	if (in->len == 0 || in->ptr[0] != '"')
		return false;
	for (size_t i = 1; i < in->len; i++) {
		if (in->ptr[i] == '"') {
			*out = slice_upto(*in, i + 1);
			*in = slice_from(*in, i + 1);
			return true;
		}
		if (in->ptr[i] == '\\')
			i++;
	}
	return false;
}

/* Counts the depth, so nesting costs no stack however deep it goes. */
bool
ar_lex_comment(struct slice *in)
{
	size_t depth = 0;

	if (in->len == 0 || in->ptr[0] != '(')
		return false;
	for (size_t i = 0; i < in->len; i++) {
		if (in->ptr[i] == '\\')
			i++;
		else if (in->ptr[i] == '(')
			depth++;
		else if (in->ptr[i] == ')' && --depth == 0) {
			*in = slice_from(*in, i + 1);
			return true;
		}
	}
	return false;
}

bool
ar_lex_cfws(struct slice *in)
{
	for (;;) {
		while (in->len && is_fws(in->ptr[0]))
			*in = slice_from(*in, 1);
		if (in->len == 0 || in->ptr[0] != '(')
			return true;
		if (!ar_lex_comment(in))
			return false;
	}
}

size_t
ar_lex_unquote(struct slice quoted, char *out)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < quoted.len; i++) {
		char c = quoted.ptr[i];

		if (c == '\r' || c == '\n')
			continue;
		if (c == '\\' && i + 2 < quoted.len)
			c = quoted.ptr[++i];
		out[n++] = c;
	}
	return n;
}

bool
ar_lex_is_token(struct slice s)
{
	return all(s, token_char);
}

bool
ar_lex_is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

/* Non-empty parts between dots. */
static bool
dotted(struct slice s, bool (*ok)(char))
{
	bool more = true;

	while (more)
		if (!all(slice_cut(&s, '.', &more), ok))
			return false;
	return true;
}

bool
ar_lex_is_dot_atom(struct slice s)
{
	return dotted(s, atext_char);
}

bool
ar_lex_is_domain(struct slice s)
{
	return s.len <= LIMIT_DOMAIN && dotted(s, keyword_char);
}
