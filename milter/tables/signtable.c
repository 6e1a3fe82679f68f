/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's SigningTable (opendkim.conf(5)). See signtable.h. */
#include "tables/signtable.h"

#include <string.h>

#include "tables/whose.h"

struct entry {
	struct slice key, identity; /* as they stand, with % */
	size_t line;
};

struct signtable {
	enum table_kind kind;
	struct entry *entries;
	size_t n;
	struct table_index index;
};

struct loading {
	struct signtable *table;
	const struct keytable *keys;
	const struct table_source *source;
	struct arena *arena;
};

/* --- reading ---------------------------------------------------------------- */

static bool
follows_author(const struct loading *l, struct slice key)
{
	return slice_eqz(key, "%") || keytable_follows_author(l->keys, key);
}

/* The key and the identity; false after a fault. */
static bool
read_value(
    const struct loading *l, const struct table_line *line, struct entry *e)
{
	struct slice rest = line->value;
	bool more;

	*e = (struct entry){.line = line->number};
	e->key = slice_cut(&rest, ':', &more);
	e->identity = rest;
	if (!slice_eqz(e->key, "%") && !keytable_has(l->keys, e->key)) {
		table_fault(l->source, line->number,
		    "the key table has no key \"" SLICE_FMT "\"",
		    SLICE_ARG(e->key));
		return false;
	}
	if (rest.len && slice_find(rest, '@') == rest.len)
		table_remark(l->source, line->number,
		    "the identity \"" SLICE_FMT "\" has no @: it is not "
		    "written (i=)",
		    SLICE_ARG(rest));
	return true;
}

static int
add_name(const struct loading *l, struct slice name, uint32_t entry)
{
	struct signtable *t = l->table;
	uint32_t first;

	if (table_index_add(&t->index, name, entry, &first))
		return -1;
	if (first != entry && t->kind == TABLE_FILE)
		table_remark(l->source, t->entries[entry].line,
		    "never used: line %zu has the same name; a refile: table "
		    "may have several",
		    t->entries[first].line);
	return 0;
}

static int
add_entry(const struct loading *l, const struct table_line *line)
{
	struct signtable *t = l->table;
	uint32_t entry = (uint32_t)t->n++;
	struct whose w;

	if (whose_read(line->key, t->kind, l->arena, &w))
		return -1;
	if (w.anybody && !follows_author(l, t->entries[entry].key))
		table_remark(l->source, line->number,
		    "\"" SLICE_FMT "\" has one domain sign for authors of "
		    "every domain",
		    SLICE_ARG(line->key));
	if (w.remark)
		table_remark(l->source, line->number, "\"" SLICE_FMT "\": %s",
		    SLICE_ARG(line->key), w.remark);
	if (!w.pattern)
		return add_name(l, w.text, entry);
	table_index_add_pattern(&t->index, w.text, entry);
	return 0;
}

int
signtable_parse(const struct table_source *source, const struct keytable *keys,
    struct arena *arena, struct signtable **out, struct err *err)
{
	struct signtable *t = arena_alloc(arena, sizeof(*t));
	size_t most = table_lines_most(source);
	struct loading l = {t, keys, source, arena};
	struct table_reader r = table_read(source);
	struct table_line line;

	if (!t)
		return err_no_mem(err);
	t->kind = source->kind;
	t->entries = arena_array(arena, most, sizeof(*t->entries));
	if (!t->entries || table_index_init(&t->index, most, arena))
		return err_no_mem(err);
	while (table_next(&r, &line))
		if (read_value(&l, &line, &t->entries[t->n]) &&
		    add_entry(&l, &line))
			return err_no_mem(err);
	*out = t;
	return 0;
}

/* --- looking up ----------------------------------------------------------------- */

struct looking {
	const struct signtable *table;
	const struct domain *domain;
	struct buf name; /* what is looked up, put together here */
	size_t user;     /* octets of "user@" at its start */
	struct table_hits hits;
};

/* Looks up a name of a table of kind file; true when that is enough. */
static bool
step(struct looking *l, bool with_user, const char *dot, struct slice host)
{
	uint32_t entry;
	struct slice name;

	buf_cut(&l->name, l->user);
	buf_addz(&l->name, dot);
	buf_add(&l->name, host);
	name = slice_from(buf_slice(&l->name), with_user ? 0 : l->user);
	entry = table_index_get(&l->table->index, name);
	if (entry != MAP_NONE && l->hits.n < l->hits.max)
		l->hits.entries[l->hits.n++] = entry;
	return l->hits.n == l->hits.max;
}

/* The order stands in signtable.h. */
static void
look_up_steps(struct looking *l)
{
	struct slice host = domain_slice(l->domain);
	bool more;

	if (step(l, true, "", host) || step(l, false, "", host))
		return;
	(void)slice_cut(&host, '.', &more);
	while (more) {
		if (step(l, true, ".", host) || step(l, false, ".", host))
			return;
		(void)slice_cut(&host, '.', &more);
	}
	if (!step(l, true, "", SLICE_LIT("*")))
		(void)step(l, false, "", SLICE_LIT("*"));
}

static void
find_form(struct looking *l, const char *prefix, struct slice host)
{
	struct buf name = BUF_INIT(LIMIT_DOMAIN + 8);

	buf_addz(&name, prefix);
	buf_add(&name, host);
	if (buf_status(&name) == 0)
		table_index_find(&l->table->index, buf_slice(&name), &l->hits);
	else
		l->name.no_mem = true;
	buf_free(&name);
}

static void
look_up_patterns(struct looking *l)
{
	struct slice host = domain_slice(l->domain);
	bool more;

	buf_add(&l->name, host);
	/* An author's own * is no pattern: no name in the table holds one. */
	if (slice_find(buf_slice(&l->name), '*') == l->name.len)
		table_index_find(
		    &l->table->index, buf_slice(&l->name), &l->hits);
	find_form(l, "*@", host);
	(void)slice_cut(&host, '.', &more);
	while (more) {
		find_form(l, "*.", host);
		(void)slice_cut(&host, '.', &more);
	}
	table_index_find_patterns(
	    &l->table->index, buf_slice(&l->name), &l->hits);
}

/* Each % as the author's domain. */
static int
expand(struct slice text, const struct domain *d, struct arena *arena,
    struct slice *out)
{
	struct buf b = BUF_INIT(LIMIT_TABLE_LINE * LIMIT_DOMAIN);
	int rc;

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '%')
			buf_add(&b, domain_slice(d));
		else
			buf_addc(&b, text.ptr[i]);
	rc = buf_status(&b) || arena_copy(arena, buf_slice(&b), out) ? -1 : 0;
	buf_free(&b);
	return rc;
}

static int
fill(const struct looking *l, struct arena *arena, struct sign_matches *out)
{
	out->n = 0;
	for (size_t i = 0; i < l->hits.n; i++) {
		const struct entry *e = &l->table->entries[l->hits.entries[i]];
		struct sign_match *m = &out->items[out->n++];

		*m = (struct sign_match){.key = e->key, .line = e->line};
		if (slice_eqz(e->key, "%"))
			m->key = domain_slice(l->domain);
		if (expand(e->identity, l->domain, arena, &m->identity))
			return -1;
	}
	return 0;
}

int
signtable_find(const struct signtable *t, struct slice local,
    const struct domain *domain, bool all, struct arena *arena,
    struct sign_matches *out, struct err *err)
{
	struct looking l = {.table = t,
	    .domain = domain,
	    .name = BUF_INIT(local.len + LIMIT_DOMAIN + 8),
	    .hits = {.max = all ? TABLE_HITS_MAX : 1}};
	int rc = -1;

	for (size_t i = 0; i < local.len; i++)
		buf_addc(&l.name, ascii_lower(local.ptr[i]));
	buf_addc(&l.name, '@');
	l.user = l.name.len;
	switch (t->kind) {
	case TABLE_FILE: look_up_steps(&l); break;
	case TABLE_REFILE: look_up_patterns(&l); break;
	}
	if (buf_status(&l.name) || fill(&l, arena, out))
		(void)err_no_mem(err);
	else
		rc = 0;
	buf_free(&l.name);
	return rc;
}

size_t
signtable_entries(const struct signtable *t)
{
	return t->n;
}

size_t
signtable_patterns(const struct signtable *t)
{
	return t->index.npatterns;
}
