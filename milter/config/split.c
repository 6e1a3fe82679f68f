/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statements out of a configuration file. libconfuse reads each value (its
 * quoting, escapes and lists); it stops at its first error, loses count of
 * lines and silently drops a leading '*' or '+', so it is handed one
 * statement at a time, and only what we have looked at first.
 */
#include "config/split.h"

#include <stdarg.h>
#include <string.h>

#include <confuse.h>

#define STATEMENT_MAX (1u << 20)
#define VALUES_MAX 100000

struct splitter {
	struct slice rest;
	size_t line; /* of rest */
	const char *file;
	struct arena *arena;
	struct statements *out;
	struct buf *errors;
	bool inside; /* a section */
	struct {
		size_t *items;
		size_t n, cap;
	} lines; /* of the values of the statement being read */
};

static void
fault(struct splitter *s, size_t line, const char *what)
{
	buf_addf(s->errors, "%s:%zu: %s\n", s->file, line, what);
}

/* --- finding the statements ------------------------------------------------ */

static void
skip_comment(struct splitter *s)
{
	s->rest = slice_from(s->rest, slice_find(s->rest, '\n'));
}

/* To the next statement; false at the end of the text. */
static bool
skip_blank(struct splitter *s)
{
	while (s->rest.len) {
		char c = s->rest.ptr[0];

		if (c == '#') {
			skip_comment(s);
			continue;
		}
		if (!is_fws(c))
			return true;
		s->line += c == '\n';
		s->rest = slice_from(s->rest, 1);
	}
	return false;
}

/* What may stand outside quotes without libconfuse reading it as more. */
static bool
plain(char c)
{
	return is_alnum(c) || is_fws(c) || strchr("._-/:@[],{}%!~<>", c);
}

/* A quoted string with its quotes, onto b. NULL, or what is wrong. */
static const char *
copy_quoted(struct splitter *s, struct buf *b)
{
	char quote = s->rest.ptr[0];
	size_t n = 1;

	while (n < s->rest.len && s->rest.ptr[n] != quote) {
		if (s->rest.ptr[n] == '\n')
			return "a quoted value does not end on its line";
		if (s->rest.ptr[n] == '\\' && quote == '"' &&
		    n + 1 < s->rest.len)
			n++;
		n++;
	}
	if (n >= s->rest.len)
		return "a quoted value does not end";
	buf_add(b, slice_upto(s->rest, n + 1));
	s->rest = slice_from(s->rest, n + 1);
	return NULL;
}

static void
note_line(struct splitter *s)
{
	if (s->lines.n == s->lines.cap) {
		size_t cap = s->lines.cap ? s->lines.cap * 2 : 16;
		size_t *p = arena_array(s->arena, cap, sizeof(*p));

		/* Without memory the reading ends in a moment anyway. */
		if (!p)
			return;
		if (s->lines.n)
			memcpy(p, s->lines.items, s->lines.n * sizeof(*p));
		s->lines.items = p;
		s->lines.cap = cap;
	}
	s->lines.items[s->lines.n++] = s->line;
}

/* Outside braces: the line's end, or that of the section. */
static bool
ends_value(const struct splitter *s, char c)
{
	return c == '\n' || (c == '}' && s->inside);
}

/* The value up to its end: the line's, or that of the braces. */
static const char *
copy_value(struct splitter *s, struct buf *b)
{
	bool fresh = true; /* the next value begins */
	int depth = 0;

	s->lines.n = 0;
	while (s->rest.len) {
		char c = s->rest.ptr[0];

		if (c == '{' || c == ',') {
			fresh = true;
		} else if (fresh && !is_fws(c) && c != '#' && c != '}') {
			note_line(s);
			fresh = false;
		}
		if (c == '"' || c == '\'') {
			const char *what = copy_quoted(s, b);

			if (what)
				return what;
			continue;
		}
		if (c == '#') {
			skip_comment(s);
			continue;
		}
		if (depth == 0 && ends_value(s, c))
			break;
		if (!plain(c) || c == '\0')
			return "a value with this character needs quotes";
		depth += (c == '{') - (c == '}');
		if (depth < 0 || depth > 1)
			return "braces do not match";
		s->line += c == '\n';
		buf_addc(b, c);
		s->rest = slice_from(s->rest, 1);
	}
	return depth ? "a list in braces does not end" : NULL;
}

static struct slice
take_name(struct splitter *s)
{
	struct slice name = s->rest;

	for (name.len = 0; name.len < s->rest.len; name.len++) {
		char c = s->rest.ptr[name.len];

		if (!is_alnum(c) && c != '_')
			break;
	}
	s->rest = slice_from(s->rest, name.len);
	while (s->rest.len && is_wsp(s->rest.ptr[0]))
		s->rest = slice_from(s->rest, 1);
	return name;
}

/* --- reading a value --------------------------------------------------------- */

/* libconfuse's own complaint is less clear than ours and goes to stderr. */
static void
no_report(cfg_t *cfg, const char *fmt, va_list ap)
{
	(void)cfg;
	(void)fmt;
	(void)ap;
}

static int
store_values(struct splitter *s, cfg_t *cfg, struct statement *st)
{
	size_t n = cfg_size(cfg, "v");

	st->values = arena_array(s->arena, n ? n : 1, sizeof(*st->values));
	st->lines = arena_array(s->arena, n ? n : 1, sizeof(*st->lines));
	if (!st->values || !st->lines || n > VALUES_MAX)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *v = cfg_getnstr(cfg, "v", (unsigned)i);

		/* libconfuse and we count alike; if ever not, the first line. */
		st->lines[i] = s->lines.n == n ? s->lines.items[i] : st->line;
		if (arena_copy(s->arena, slice_z(v), &st->values[i]))
			return -1;
	}
	st->nvalues = n;
	return 0;
}

/* 0, 1: the value can't be read, -1: no memory. */
static int
read_value(struct splitter *s, struct slice text, struct statement *st)
{
	cfg_opt_t scalar[] = {CFG_STR("v", NULL, CFGF_NODEFAULT), CFG_END()};
	cfg_opt_t list[] = {
	    CFG_STR_LIST("v", NULL, CFGF_NODEFAULT), CFG_END()};
	struct buf b = BUF_INIT(STATEMENT_MAX + 16);
	cfg_t *cfg;
	int rc = -1;

	text = slice_trim(text);
	st->list = text.len && text.ptr[0] == '{';
	cfg = cfg_init(st->list ? list : scalar, CFGF_NONE);
	buf_addz(&b, "v = ");
	buf_add(&b, text);
	buf_addc(&b, '\n');
	if (!cfg || buf_status(&b))
		goto out;
	(void)cfg_set_error_function(cfg, no_report);
	rc = 1;
	if (text.len && cfg_parse_buf(cfg, buf_str(&b)) == CFG_SUCCESS)
		rc = store_values(s, cfg, st);
out:
	if (cfg)
		(void)cfg_free(cfg);
	buf_free(&b);
	return rc;
}

static int
push(struct statements *out, struct arena *arena, struct statement st)
{
	if (out->n == out->cap) {
		size_t cap = out->cap ? out->cap * 2 : 4;
		struct statement *p = arena_array(arena, cap, sizeof(*p));

		if (!p)
			return -1;
		if (out->n)
			memcpy(p, out->items, out->n * sizeof(*p));
		out->items = p;
		out->cap = cap;
	}
	out->items[out->n++] = st;
	return 0;
}

/* "name = value". Returns 0 (faults or not), or -1: no memory. */
static int
one_value(struct splitter *s, struct statement *st, struct buf *value)
{
	const char *what;

	s->rest = slice_from(s->rest, 1);
	what = copy_value(s, value);
	if (what) {
		fault(s, st->line, what);
		skip_comment(s);
		return 0;
	}
	switch (read_value(s, buf_slice(value), st)) {
	case 0: return push(s->out, s->arena, *st);
	case 1:
		fault(s, st->line,
		    "the value can't be read (missing, or more "
		    "than one without braces and commas)");
		return 0;
	}
	return -1;
}

/* --- sections ------------------------------------------------------------------ */

static int statements(struct splitter *s);

/* The title up to the brace, which is passed. NULL, or what is wrong. */
static const char *
copy_title(struct splitter *s, struct buf *title)
{
	s->lines.n = 0;
	while (s->rest.len && s->rest.ptr[0] != '{') {
		char c = s->rest.ptr[0];

		if (c == '"' || c == '\'') {
			const char *what = copy_quoted(s, title);

			if (what)
				return what;
			continue;
		}
		if (c == '\n' || c == '#')
			break;
		if (!plain(c) || c == '}' || c == '\0')
			return "a title with this character needs quotes";
		buf_addc(title, c);
		s->rest = slice_from(s->rest, 1);
	}
	if (s->rest.len == 0 || s->rest.ptr[0] != '{')
		return "expected \"=\" after the option's name, or a title and "
		       "{ for a section";
	s->rest = slice_from(s->rest, 1);
	return NULL;
}

/* Statements up to the closing brace, into st->body. */
static int
read_body(struct splitter *s, struct statement *st)
{
	struct statements *outer = s->out;
	int rc = -1;

	st->body = arena_alloc(s->arena, sizeof(*st->body));
	if (!st->body)
		return -1;
	s->out = st->body;
	s->inside = true;
	rc = statements(s);
	s->inside = false;
	s->out = outer;
	if (rc)
		return -1;
	if (s->rest.len == 0) {
		fault(s, st->line, "the section does not end");
		return 0;
	}
	s->rest = slice_from(s->rest, 1);
	return 0;
}

static int
one_section(struct splitter *s, struct statement *st, struct buf *title)
{
	const char *what = copy_title(s, title);
	int rc;

	if (!what && s->inside)
		what = "a section in a section";
	if (what) {
		fault(s, st->line, what);
		skip_comment(s);
		return 0;
	}
	rc = read_value(s, buf_slice(title), st);
	if (rc < 0 || read_body(s, st))
		return -1;
	if (rc == 0 && !st->list)
		return push(s->out, s->arena, *st);
	fault(s, st->line, "the title of the section can't be read");
	return 0;
}

/* --- statements ---------------------------------------------------------------- */

static int
one_statement(struct splitter *s, struct buf *text)
{
	struct statement st = {.line = s->line, .name = take_name(s)};

	if (st.name.len == 0) {
		fault(s, st.line, "expected an option's name");
		skip_comment(s);
		return 0;
	}
	if (s->rest.len && s->rest.ptr[0] == '=')
		return one_value(s, &st, text);
	return one_section(s, &st, text);
}

/* Up to the end of the text, or to the brace that ends a section. */
static int
statements(struct splitter *s)
{
	struct buf text = BUF_INIT(STATEMENT_MAX);
	int rc = 0;

	while (rc == 0 && skip_blank(s)) {
		if (s->inside && s->rest.ptr[0] == '}')
			break;
		buf_clear(&text);
		rc = one_statement(s, &text);
	}
	buf_free(&text);
	return rc;
}

int
config_split(struct slice text, const char *file, struct arena *arena,
    struct statements *out, struct buf *errors)
{
	struct splitter s = {.rest = text,
	    .line = 1,
	    .file = file,
	    .arena = arena,
	    .out = out,
	    .errors = errors};

	*out = (struct statements){0};
	return statements(&s);
}
