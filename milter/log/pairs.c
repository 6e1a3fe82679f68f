/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing is lenient about values, reading about nothing. See pairs.h. */
#include "log/pairs.h"

#include "log/log.h"

/* --- writing ------------------------------------------------------------------ */

static bool
is_plain(char c)
{
	return is_print(c) && c != ' ' && c != '"' && c != '\\' && c != '=';
}

static bool
needs_quotes(struct slice v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_plain(v.ptr[i]))
			return true;
	return v.len == 0;
}

void
pair_add_key(struct buf *b, const char *key)
{
	if (b->len)
		buf_addc(b, ' ');
	buf_addz(b, key);
	buf_addc(b, '=');
}

void
pair_add(struct buf *b, const char *key, struct slice value)
{
	pair_add_key(b, key);
	if (!needs_quotes(value)) {
		buf_add(b, value);
		return;
	}
	buf_addc(b, '"');
	log_escape(b, value);
	buf_addc(b, '"');
}

/* --- reading ------------------------------------------------------------------- */

static bool
is_key(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '.' ||
	    c == '-';
}

/* The octets that one escape takes, 0 when it is none; *c is what it means. */
static size_t
escape_length(struct slice s, char *c)
{
	int high = s.len > 3 ? hex_digit(s.ptr[2]) : -1;
	int low = s.len > 3 ? hex_digit(s.ptr[3]) : -1;

	if (s.len < 2)
		return 0;
	*c = s.ptr[1];
	if (*c == '"' || *c == '\\')
		return 2;
	if (*c != 'x' || high < 0 || low < 0)
		return 0;
	*c = (char)(high * 16 + low);
	return 4;
}

/* After its first quote: the value, and *rest behind its last one. */
static int
read_quoted(struct slice *rest, char **room, struct slice *value)
{
	struct slice s = *rest;
	char *to = *room;
	bool escaped = false;
	size_t n = 0, i = 0;

	while (i < s.len && s.ptr[i] != '"') {
		size_t len = 1;

		to[n] = s.ptr[i];
		if (s.ptr[i] == '\\') {
			len = escape_length(slice_from(s, i), &to[n]);
			escaped = true;
		} else if (!is_print(s.ptr[i])) {
			len = 0;
		}
		if (len == 0)
			return -1;
		n++;
		i += len;
	}
	if (i == s.len)
		return -1;
	*value = escaped ? slice_of(to, n) : slice_upto(s, i);
	*room = escaped ? to + n : to;
	*rest = slice_from(s, i + 1);
	return 0;
}

static int
read_value(struct slice *rest, char **room, struct slice *value)
{
	size_t n = 0;

	if (rest->len && rest->ptr[0] == '"') {
		*rest = slice_from(*rest, 1);
		return read_quoted(rest, room, value);
	}
	while (n < rest->len && is_plain(rest->ptr[n]))
		n++;
	*value = slice_upto(*rest, n);
	*rest = slice_from(*rest, n);
	return n ? 0 : -1;
}

int
pair_next(struct slice *rest, char **room, struct pair *out)
{
	struct slice s = *rest;
	size_t n = 0;

	if (s.len == 0)
		return 0;
	while (n < s.len && is_key(s.ptr[n]))
		n++;
	if (n == 0 || n == s.len || s.ptr[n] != '=')
		return -1;
	out->key = slice_upto(s, n);
	s = slice_from(s, n + 1);
	if (read_value(&s, room, &out->value))
		return -1;
	/* One blank between two, none at the end. */
	if (s.len && (s.ptr[0] != ' ' || s.len == 1))
		return -1;
	*rest = slice_from(s, 1);
	return 1;
}
