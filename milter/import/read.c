/* SPDX-License-Identifier: BSD-2-Clause */
/* See read.h. */
#include "import/read.h"

#include <string.h>

#include "mail/limits.h"

#define INCLUDE_DEPTH 5

/* --- lines ------------------------------------------------------------------ */

static struct import_line *
line_new(const struct import_source *s, struct import_lines *lines)
{
	if (lines->n == lines->cap) {
		size_t cap = lines->cap ? lines->cap * 2 : 64;
		struct import_line *p = arena_array(s->arena, cap, sizeof(*p));

		if (!p)
			return NULL;
		if (lines->n)
			memcpy(p, lines->items, lines->n * sizeof(*p));
		lines->items = p;
		lines->cap = cap;
	}
	return &lines->items[lines->n++];
}

static bool
is_blank(char c)
{
	return is_fws(c) || c == '\v' || c == '\f';
}

/* What ends at the first blank; moves *rest to what is after it. */
static struct slice
word(struct slice *rest)
{
	struct slice w = *rest;
	size_t n = 0;

	while (n < w.len && !is_blank(w.ptr[n]))
		n++;
	*rest = slice_trim(slice_from(w, n));
	return slice_upto(w, n);
}

static int read_file(const struct import_source *, const char *path, int depth,
    struct import_lines *, struct err *);

/* An Include that fails is a fault of its line alone. -1: no memory. */
static int
include(const struct import_source *s, const struct import_line *at, int depth,
    struct import_lines *lines)
{
	size_t index = lines->n - 1;
	struct err err = ERR_INIT;
	const char *why = NULL;

	if (depth == INCLUDE_DEPTH)
		why = "included more than five levels deep";
	else if (read_file(s, at->value, depth + 1, lines, &err))
		why = arena_strdup(s->arena, slice_z(err.text));
	else
		return 0;
	lines->items[index].fault = why;
	return why ? 0 : -1;
}

static int
add_line(const struct import_source *s, const char *file, size_t number,
    struct slice text, struct import_lines *lines)
{
	struct import_line *l;
	struct slice name;

	text = slice_trim(slice_upto(text, slice_find(text, '#')));
	if (text.len == 0)
		return 0;
	name = word(&text);
	l = line_new(s, lines);
	if (!l)
		return -1;
	*l = (struct import_line){.file = file,
	    .number = number,
	    .name = arena_strdup(s->arena, name),
	    .value = arena_strdup(s->arena, text)};
	if (memchr(text.ptr, '\0', text.len) ||
	    memchr(name.ptr, '\0', name.len))
		l->fault = "the line holds a NUL";
	else if (text.len == 0)
		l->fault = "a name without a value";
	return l->name && l->value ? 0 : -1;
}

static int
read_file(const struct import_source *s, const char *path, int depth,
    struct import_lines *lines, struct err *err)
{
	const char *file = arena_strdup(s->arena, slice_z(path));
	struct slice rest;
	bool more = true;

	if (!file)
		return err_no_mem(err);
	if (s->open(s->arg, path, s->arena, &rest, err))
		return -1;
	for (size_t number = 1; more; number++) {
		size_t before = lines->n;
		struct slice line = slice_cut(&rest, '\n', &more);
		const struct import_line *l;

		if (before >= LIMIT_IMPORT_LINES)
			return err_set(err, "%s: too many lines", path);
		if (add_line(s, file, number, line, lines))
			return err_no_mem(err);
		if (lines->n == before)
			continue;
		l = &lines->items[before];
		if (slice_ieqz(slice_z(l->name), "Include") && !l->fault &&
		    include(s, &(struct import_line){.value = l->value}, depth,
			lines))
			return err_no_mem(err);
	}
	return 0;
}

int
import_read(const struct import_source *s, const char *path,
    struct import_lines *lines, struct err *err)
{
	return read_file(s, path, 0, lines, err);
}

/* --- data sets ---------------------------------------------------------------- */

const char *
import_path(struct arena *a, const char *base, struct slice path)
{
	size_t n = strlen(base);
	char *out;

	if (n == 0 || (path.len && path.ptr[0] == '/'))
		return arena_strdup(a, path);
	out = arena_alloc(a, n + path.len + 2);
	if (!out)
		return NULL;
	memcpy(out, base, n);
	out[n] = '/';
	if (path.len)
		memcpy(out + n + 1, path.ptr, path.len);
	return out;
}

static enum import_set_kind
set_kind(struct slice *value)
{
	static const struct {
		struct slice prefix;
		enum import_set_kind kind;
	} kinds[] = {
	    {{"file:", 5}, IMPORT_FILE},
	    {{"refile:", 7}, IMPORT_REFILE},
	    {{"csl:", 4}, IMPORT_LIST},
	    {{"db:", 3}, IMPORT_OTHER},
	    {{"dsn:", 4}, IMPORT_OTHER},
	    {{"ldap:", 5}, IMPORT_OTHER},
	    {{"ldaps:", 6}, IMPORT_OTHER},
	    {{"ldapi:", 6}, IMPORT_OTHER},
	    {{"lua:", 4}, IMPORT_OTHER},
	    {{"memcache:", 9}, IMPORT_OTHER},
	    {{"erlang:", 7}, IMPORT_OTHER},
	    {{"mdb:", 4}, IMPORT_OTHER},
	    {{"socket:", 7}, IMPORT_OTHER},
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (slice_istarts(*value, kinds[i].prefix)) {
			*value = slice_from(*value, kinds[i].prefix.len);
			return kinds[i].kind;
		}
	if (slice_iends(*value, SLICE_LIT(".db")))
		return IMPORT_OTHER;
	if (value->len && value->ptr[0] == '/')
		return IMPORT_FILE;
	return IMPORT_LIST;
}

static size_t
count(struct slice s, char c)
{
	size_t n = 1;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return n;
}

static int
set_of_list(
    const struct import_source *s, struct slice text, struct import_set *out)
{
	bool more = true, has;

	out->items = arena_array(
	    s->arena, count(text, ','), sizeof(struct import_item));
	if (!out->items)
		return -1;
	while (more) {
		struct slice v = slice_trim(slice_cut(&text, ',', &more));
		struct slice key = slice_trim(slice_cut(&v, '=', &has));

		if (key.len)
			out->items[out->n++] =
			    (struct import_item){0, key, slice_trim(v)};
	}
	return 0;
}

static int
set_of_file(
    const struct import_source *s, struct slice text, struct import_set *out)
{
	bool more = true;

	out->items = arena_array(
	    s->arena, count(text, '\n'), sizeof(struct import_item));
	if (!out->items)
		return -1;
	for (size_t number = 1; more; number++) {
		struct slice v = slice_cut(&text, '\n', &more);
		struct slice key;

		v = slice_trim(slice_upto(v, slice_find(v, '#')));
		key = word(&v);
		if (key.len)
			out->items[out->n++] =
			    (struct import_item){number, key, v};
	}
	return 0;
}

int
import_set_read(const struct import_source *s, const char *base,
    const char *value, struct import_set *out, struct err *err)
{
	struct slice rest = slice_z(value), text;

	*out = (struct import_set){.kind = set_kind(&rest)};
	if (out->kind == IMPORT_OTHER)
		return 0;
	if (out->kind == IMPORT_LIST)
		return set_of_list(s, rest, out) ? err_no_mem(err) : 0;
	out->path = import_path(s->arena, base, rest);
	if (!out->path)
		return err_no_mem(err);
	if (s->open(s->arg, out->path, s->arena, &text, err))
		return -1;
	return set_of_file(s, text, out) ? err_no_mem(err) : 0;
}
