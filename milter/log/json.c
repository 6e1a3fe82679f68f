/* SPDX-License-Identifier: BSD-2-Clause */
/* See json.h. Numbers and words are taken as they come: nobody computes. */
#include "log/json.h"

#define DEPTH_MAX 16

static void
skip_blanks(struct slice *s)
{
	while (s->len && is_fws(s->ptr[0]))
		*s = slice_from(*s, 1);
}

static int
take(struct slice *s, char c)
{
	skip_blanks(s);
	if (s->len == 0 || s->ptr[0] != c)
		return -1;
	*s = slice_from(*s, 1);
	return 0;
}

/* --- strings ------------------------------------------------------------------- */

/* Four digits; -1: they are none. */
static long
read_hex4(struct slice s)
{
	long n = 0;

	if (s.len < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int d = hex_digit(s.ptr[i]);

		if (d < 0)
			return -1;
		n = n * 16 + d;
	}
	return n;
}

/*
 * Below 256 an octet, since those are what the writer could not show; else
 * UTF-8. Surrogates are refused: nobody here writes them. The octets written.
 */
static size_t
put_code(long code, char *to)
{
	if (code < 0x100) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code >= 0xd800 && code <= 0xdfff)
		return 0;
	to[0] = (char)(0xe0 | code >> 12);
	to[1] = (char)(0x80 | (code >> 6 & 0x3f));
	to[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

/* An escape at the front of s: the octets it takes, 0: it is none. */
static size_t
read_escape(struct slice s, char *to, size_t *n)
{
	static const struct slice letters = {"\"\\/bfnrt", 8};
	static const char meant[] = "\"\\/\b\f\n\r\t";
	long code;
	size_t i;

	if (s.len < 2)
		return 0;
	*n = 1;
	i = slice_find(letters, s.ptr[1]);
	if (i < letters.len) {
		to[0] = meant[i];
		return 2;
	}
	code = s.ptr[1] == 'u' ? read_hex4(slice_from(s, 2)) : -1;
	*n = code >= 0 ? put_code(code, to) : 0;
	return *n ? 6 : 0;
}

/* After the first quote. */
static int
read_string(struct slice *rest, char **room, struct slice *value)
{
	struct slice s = *rest;
	char *to = *room;
	bool escaped = false;
	size_t n = 0, i = 0;

	while (i < s.len && s.ptr[i] != '"') {
		size_t len = 1, more = 1;

		if ((unsigned char)s.ptr[i] < 0x20)
			return -1;
		to[n] = s.ptr[i];
		if (s.ptr[i] == '\\') {
			len = read_escape(slice_from(s, i), to + n, &more);
			escaped = true;
		}
		if (len == 0)
			return -1;
		n += more;
		i += len;
	}
	if (i == s.len)
		return -1;
	*value = escaped ? slice_of(to, n) : slice_upto(s, i);
	*room = escaped ? to + n : to;
	*rest = slice_from(s, i + 1);
	return 0;
}

/* --- other values ----------------------------------------------------------------- */

static int
read_word(struct slice *rest, struct slice *value)
{
	size_t n = 0;

	while (n < rest->len &&
	    (is_alnum(rest->ptr[n]) || rest->ptr[n] == '-' ||
		rest->ptr[n] == '+' || rest->ptr[n] == '.'))
		n++;
	*value = slice_upto(*rest, n);
	*rest = slice_from(*rest, n);
	return n ? 0 : -1;
}

/* An array or object, by its brackets alone. */
static int
skip_nested(struct slice *rest, char *room)
{
	size_t depth = 0;

	while (rest->len) {
		char c = rest->ptr[0];
		struct slice value;
		char *to = room;

		*rest = slice_from(*rest, 1);
		if (c == '"' && read_string(rest, &to, &value))
			return -1;
		if ((c == '[' || c == '{') && ++depth > DEPTH_MAX)
			return -1;
		if ((c == ']' || c == '}') && --depth == 0)
			return 0;
	}
	return -1;
}

static int
read_value(struct slice *rest, char **room, struct slice *value)
{
	skip_blanks(rest);
	if (rest->len == 0)
		return -1;
	if (rest->ptr[0] == '"') {
		*rest = slice_from(*rest, 1);
		return read_string(rest, room, value);
	}
	*value = SLICE_EMPTY;
	if (rest->ptr[0] == '[' || rest->ptr[0] == '{')
		return skip_nested(rest, *room);
	return read_word(rest, value);
}

/* --- the object ---------------------------------------------------------------------- */

int
json_begin(struct slice *rest)
{
	return take(rest, '{');
}

int
json_next(struct slice *rest, char **room, struct pair *out)
{
	if (take(rest, '}') == 0) {
		skip_blanks(rest);
		return rest->len ? -1 : 0;
	}
	if (take(rest, '"') || read_string(rest, room, &out->key) ||
	    take(rest, ':') || read_value(rest, room, &out->value))
		return -1;
	/* A comma, or the end, which the next call takes. */
	skip_blanks(rest);
	if (rest->len && rest->ptr[0] == '}')
		return 1;
	if (take(rest, ','))
		return -1;
	skip_blanks(rest);
	return rest->len && rest->ptr[0] == '"' ? 1 : -1;
}
