/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenDKIM's flat files (opendkim(8), DATA SETS): a # begins a comment
 * wherever it stands, the key ends at the first blank.
 */
#include "tables/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "mail/limits.h"

struct table_reader
table_read(const struct table_source *source)
{
	return (struct table_reader){.source = source, .rest = source->text};
}

PRINTF_LIKE(4, 0)
static void
say(struct buf *b, const struct table_source *source, size_t line,
    const char *fmt, va_list ap)
{
	struct err what = ERR_INIT;

	(void)vsnprintf(what.text, sizeof(what.text), fmt, ap);
	buf_addf(b, "%s:%zu: %s\n", source->name, line, what.text);
}

void
table_fault(
    const struct table_source *source, size_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(source->faults, source, line, fmt, ap);
	va_end(ap);
}

void
table_remark(
    const struct table_source *source, size_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(source->remarks, source, line, fmt, ap);
	va_end(ap);
}

size_t
table_lines_most(const struct table_source *source)
{
	size_t n = 1;

	for (size_t i = 0; i < source->text.len; i++)
		n += source->text.ptr[i] == '\n';
	return n;
}

static bool
is_blank(char c)
{
	return is_fws(c) || c == '\v' || c == '\f';
}

static struct slice
trim(struct slice s)
{
	while (s.len && is_blank(s.ptr[0]))
		s = slice_from(s, 1);
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* What is wrong with a line, or NULL. */
static const char *
split(struct slice text, struct table_line *out)
{
	size_t n = 0;

	if (text.len > LIMIT_TABLE_LINE)
		return "the line is too long";
	if (memchr(text.ptr, '\0', text.len))
		return "the line holds a NUL";
	while (n < text.len && !is_blank(text.ptr[n]))
		n++;
	out->key = slice_upto(text, n);
	out->value = trim(slice_from(text, n));
	return out->value.len ? NULL : "a key without a value";
}

bool
table_next(struct table_reader *r, struct table_line *out)
{
	bool more = r->rest.len > 0;

	while (more) {
		struct slice line = slice_cut(&r->rest, '\n', &more);
		const char *what;

		r->number++;
		line = trim(slice_upto(line, slice_find(line, '#')));
		if (line.len == 0)
			continue;
		out->number = r->number;
		what = split(line, out);
		if (!what)
			return true;
		table_fault(r->source, r->number, "%s", what);
	}
	return false;
}
