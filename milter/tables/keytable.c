/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenDKIM's KeyTable (opendkim.conf(5)), with the algorithm its development
 * version knows as a fourth part. Keys inside the table are refused: a private
 * key has a file of its own, whose owner and mode are checked.
 */
#include "tables/keytable.h"

#include <string.h>

#include "tables/index.h"

struct entry {
	struct slice given;  /* as it stands; "%" for the author's */
	struct slice domain; /* as A-labels; empty for "%" */
	struct slice selector, path;
	bool has_alg;
	enum dkim_alg alg;
	size_t line;
};

struct keytable {
	struct entry *entries;
	size_t n;
	struct table_index index;
};

struct loading {
	struct keytable *table;
	const struct table_source *source;
	struct arena *arena;
	bool no_mem;
};

/* --- one entry -------------------------------------------------------------- */

static const char *
read_domain(struct loading *l, struct slice text, struct entry *e)
{
	struct domain d;

	e->given = text;
	if (slice_eqz(text, "%"))
		return NULL;
	if (!domain_parse(text, &d) || domain_nlabels(&d) < 2)
		return "the first part must be a domain name, or %";
	e->domain = text;
	if (!slice_eq(text, domain_slice(&d)) &&
	    arena_copy(l->arena, domain_slice(&d), &e->domain))
		l->no_mem = true;
	return NULL;
}

static const char *
read_algorithm(struct slice text, struct entry *e)
{
	int alg;

	if (names_value(dkim_alg_words, text, &alg))
		return "the fourth part must be rsa-sha256 or ed25519-sha256";
	if (alg == DKIM_RSA_SHA1)
		return "rsa-sha1 must not be used (RFC 8301)";
	e->has_alg = true;
	e->alg = (enum dkim_alg)alg;
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
read_entry(struct loading *l, struct slice value, struct entry *e)
{
	bool more, has_alg = false;
	struct slice domain = slice_cut(&value, ':', &more);
	struct domain as_name;
	const char *what = read_domain(l, domain, e);

	if (what)
		return what;
	e->selector = slice_cut(&value, ':', &more);
	if (!domain_parse(e->selector, &as_name))
		return "the second part must be a selector";
	if (more)
		e->path = slice_cut(&value, ':', &has_alg);
	if (e->path.len == 0 || e->path.ptr[0] != '/')
		return "the third part must be the path of a key file, "
		       "beginning with /";
	return has_alg ? read_algorithm(value, e) : NULL;
}

/*
 * Key names are taken as they stand. But a signing table may say "%", the
 * author's domain, so one that is a domain in U-labels goes by its A-labels.
 */
static struct slice
normal_name(struct slice name, struct domain *room)
{
	if (slice_is_ascii(name) || !domain_parse(name, room))
		return name;
	return domain_slice(room);
}

static int
add_name(struct loading *l, const struct table_line *line, uint32_t entry)
{
	struct keytable *t = l->table;
	struct slice name = line->key;
	struct domain d;
	uint32_t first;

	if (l->source->kind == TABLE_REFILE &&
	    slice_find(name, '*') < name.len) {
		table_index_add_pattern(&t->index, name, entry);
		return 0;
	}
	name = normal_name(name, &d);
	if (name.ptr == d.text && arena_copy(l->arena, name, &name))
		return -1;
	if (table_index_add(&t->index, name, entry, &first))
		return -1;
	if (first != entry)
		table_remark(l->source, line->number,
		    "never used: line %zu has the same name",
		    t->entries[first].line);
	return 0;
}

int
keytable_parse(const struct table_source *source, struct arena *arena,
    struct keytable **out, struct err *err)
{
	struct keytable *t = arena_alloc(arena, sizeof(*t));
	size_t most = table_lines_most(source);
	struct loading l = {t, source, arena, false};
	struct table_reader r = table_read(source);
	struct table_line line;

	if (!t)
		return err_no_mem(err);
	t->entries = arena_array(arena, most, sizeof(*t->entries));
	if (!t->entries || table_index_init(&t->index, most, arena))
		return err_no_mem(err);
	while (table_next(&r, &line)) {
		struct entry *e = &t->entries[t->n];
		const char *what;

		*e = (struct entry){.line = line.number};
		what = read_entry(&l, line.value, e);
		if (what)
			table_fault(source, line.number, "%s", what);
		else if (add_name(&l, &line, (uint32_t)t->n++) || l.no_mem)
			return err_no_mem(err);
	}
	*out = t;
	return 0;
}

/* --- looking up --------------------------------------------------------------- */

static const struct entry *
find(const struct keytable *t, struct slice name)
{
	struct table_hits hits = {.max = 1};
	struct domain d;

	name = normal_name(name, &d);
	table_index_find(&t->index, name, &hits);
	table_index_find_patterns(&t->index, name, &hits);
	return hits.n ? &t->entries[hits.entries[0]] : NULL;
}

/* The path with each % as the signing domain. */
static const char *
expand(struct slice path, const struct domain *d, struct arena *arena)
{
	size_t n = 0, len = path.len;
	char *text;

	for (size_t i = 0; i < path.len; i++)
		len += path.ptr[i] == '%' ? d->len : 0;
	text = arena_alloc(arena, len + 1);
	if (!text)
		return NULL;
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] != '%') {
			text[n++] = path.ptr[i];
			continue;
		}
		memcpy(text + n, d->text, d->len);
		n += d->len;
	}
	return text;
}

int
keytable_find(const struct keytable *t, struct slice name,
    const struct domain *author, struct arena *arena, struct key_spec *out,
    struct err *err)
{
	const struct entry *e = find(t, name);

	if (!e)
		return 0;
	*out = (struct key_spec){.given = e->given,
	    .selector = e->selector,
	    .has_alg = e->has_alg,
	    .alg = e->alg,
	    .domain = *author};
	if (e->domain.len == 0)
		out->given = domain_slice(author);
	else if (!domain_parse(e->domain, &out->domain))
		return 0; /* it was one when the table was read */
	out->path = expand(e->path, &out->domain, arena);
	return out->path ? 1 : err_no_mem(err);
}

bool
keytable_has(const struct keytable *t, struct slice name)
{
	return find(t, name) != NULL;
}

bool
keytable_follows_author(const struct keytable *t, struct slice name)
{
	const struct entry *e = find(t, name);

	return e && e->domain.len == 0;
}

void
keytable_each_file(const struct keytable *t,
    void (*each)(void *, struct slice, struct slice), void *arg)
{
	for (size_t i = 0; i < t->n; i++)
		each(arg, t->entries[i].path, t->entries[i].domain);
}

size_t
keytable_entries(const struct keytable *t)
{
	return t->n;
}
