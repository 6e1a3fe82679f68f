/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signing and key tables, written anew with keys where assayd will have them:
 * a line for each line there was, so that what our reader says of one is said
 * of the other. Domain, Selector and KeyFile become tables of the same sense.
 */
#include <stdio.h>
#include <string.h>

#include "config/options.h"
#include "import/import.h"
#include "mail/limits.h"
#include "tables/keytable.h"
#include "tables/signtable.h"

#define FAULTS_MAX LIMIT_TABLE_TOLD

struct row {
	struct slice key, value;
	const char *file;
	size_t line;
	const char *why; /* it is left out; NULL: it is not */
};

struct table {
	struct row *rows;
	size_t n;
	const char *option;
	enum table_kind kind;
};

/* --- the text of a table ---------------------------------------------------------- */

static void
write_rows(const struct table *t, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < t->n; i++) {
		const struct row *r = &t->rows[i];

		buf_addf(out, "%s" SLICE_FMT "\t" SLICE_FMT "\n",
		    r->why ? "# left out: " : "", SLICE_ARG(r->key),
		    SLICE_ARG(r->value));
	}
}

static void
tell_refused(struct import *im, const struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct row *r = &t->rows[i];
		struct import_entry e = {.file = r->file,
		    .line = r->line,
		    .option = import_text(
			im, "%s " SLICE_FMT, t->option, SLICE_ARG(r->key)),
		    .fate = IMPORT_REFUSED,
		    .became = "",
		    .why = r->why};

		if (r->why)
			import_tell(im, &e);
	}
}

/* "T:NUMBER: what" of our reader, to the rows. Returns how many. */
static size_t
take_faults(struct import *im, struct table *t, const struct buf *faults)
{
	struct slice rest = buf_slice(faults);
	bool more = rest.len > 0;
	size_t n = 0;

	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);
		uint64_t number;
		bool has;

		(void)slice_cut(&line, ':', &has);
		if (slice_u64(slice_cut(&line, ':', &has), t->n, &number) ||
		    number == 0)
			continue;
		t->rows[number - 1].why =
		    import_text(im, SLICE_FMT, SLICE_ARG(slice_trim(line)));
		n++;
	}
	return n;
}

/* --- both tables as our reader sees them -------------------------------------------- */

struct reading {
	struct import *im;
	struct table *keys, *signs;
	struct buf key_faults, sign_faults, remarks;
};

/* Reads what is written so far. Returns the number of faults, or -1. */
static long
read_both(struct reading *r)
{
	struct import *im = r->im;
	struct arena *a = arena_new(LIMIT_TABLE_ARENA);
	struct table_source ks = {.text = buf_slice(&im->key_table),
	    .name = "T",
	    .kind = TABLE_FILE,
	    .faults = &r->key_faults,
	    .remarks = &r->remarks};
	struct table_source ss = ks;
	struct signtable *st;
	struct keytable *kt;
	long n = -1;

	ss.text = buf_slice(&im->signing_table);
	ss.kind = r->signs->kind;
	ss.faults = &r->sign_faults;
	buf_clear(&r->key_faults);
	buf_clear(&r->sign_faults);
	if (a && keytable_parse(&ks, a, &kt, NULL) == 0 &&
	    signtable_parse(&ss, kt, a, &st, NULL) == 0)
		n = (long)(take_faults(im, r->keys, &r->key_faults) +
		    take_faults(im, r->signs, &r->sign_faults));
	else
		im->no_memory = true;
	arena_free(a);
	return n;
}

/*
 * Leaves out what our reader does not take, until it takes all: a key that is
 * left out takes the lines with it that name it.
 */
static void
settle(struct import *im, struct table *keys, struct table *signs)
{
	struct reading r = {im, keys, signs, BUF_INIT(FAULTS_MAX),
	    BUF_INIT(FAULTS_MAX), BUF_INIT(FAULTS_MAX)};
	long faults;

	do {
		write_rows(keys, &im->key_table);
		write_rows(signs, &im->signing_table);
		faults = read_both(&r);
	} while (faults > 0);
	buf_free(&r.key_faults);
	buf_free(&r.sign_faults);
	buf_free(&r.remarks);
	im->signing_patterns = signs->kind == TABLE_REFILE;
	tell_refused(im, keys);
	tell_refused(im, signs);
}

/* --- keys ------------------------------------------------------------------------------ */

/* Of a file name: what is no letter, digit, dot or dash becomes "_". */
static const char *
key_name(
    struct import *im, struct slice domain, struct slice selector, size_t line)
{
	char *name =
	    arena_alloc(im->source.arena, domain.len + selector.len + 32);
	size_t n;

	if (!name) {
		im->no_memory = true;
		return "";
	}
	for (size_t i = 0; i < domain.len + selector.len + 1; i++) {
		char c = i < domain.len ? domain.ptr[i]
		    : i == domain.len   ? '.'
					: selector.ptr[i - domain.len - 1];

		bool plain = is_alnum(c) || c == '-' || (c == '.' && i > 0);

		name[i] = plain ? ascii_lower(c) : '_';
	}
	n = domain.len + selector.len + 1;
	/* One key a line: two lines may have the same domain and selector. */
	(void)snprintf(name + n, 32, ".%zu.pem", line);
	return name;
}

static bool
is_path(struct slice s)
{
	return slice_starts(s, SLICE_LIT("/")) ||
	    slice_starts(s, SLICE_LIT("./")) ||
	    slice_starts(s, SLICE_LIT("../"));
}

/* DOMAIN:SELECTOR:KEY[:ALGORITHM] with the key where it will be. */
static void
move_key(struct importing *i, struct row *r, size_t line)
{
	struct import *im = i->im;
	struct slice rest = r->value, source, alg = SLICE_EMPTY;
	struct slice domain, selector;
	struct err err = ERR_INIT;
	const char *name, *path;
	bool more, has_alg = false;

	domain = slice_trim(slice_cut(&rest, ':', &more));
	selector = slice_trim(slice_cut(&rest, ':', &more));
	source = slice_trim(slice_cut(&rest, ':', &has_alg));
	if (has_alg)
		alg = slice_trim(rest);
	if (!more || source.len == 0) {
		r->why = "not DOMAIN:SELECTOR:KEY";
		return;
	}
	path = import_path(im->source.arena, i->base, source);
	/* Which files a % stands for is not known here: they stay. */
	if (is_path(source) && slice_find(source, '%') < source.len) {
		r->value = slice_z(import_text(im,
		    SLICE_FMT ":" SLICE_FMT ":%s", SLICE_ARG(domain),
		    SLICE_ARG(selector), path ? path : ""));
		return;
	}
	name = key_name(im, domain, selector, line);
	if (is_path(source))
		source = slice_z(path);
	if (im->key(im->arg, source, source.ptr == path, name, &err)) {
		r->why = import_text(im, "%s", err.text);
		return;
	}
	r->value = slice_z(
	    import_text(im, SLICE_FMT ":" SLICE_FMT ":%s/%s%s" SLICE_FMT,
		SLICE_ARG(domain), SLICE_ARG(selector), im->key_dir, name,
		has_alg ? ":" : "", SLICE_ARG(alg)));
}

/* Keys of a program that only verifies signed nothing, and will not. */
static bool
never_signs(struct importing *i)
{
	const struct import_line *mode = import_last(i->lines, "Mode");

	if (!mode || strchr(mode->value, 's'))
		return false;
	import_unneeded(i, "Mode says that nothing is signed");
	return true;
}

/* --- KeyTable and SigningTable ------------------------------------------------------------ */

static bool
has_blank(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_print(s.ptr[i]) || s.ptr[i] == ' ')
			return true;
	return false;
}

/* A data set as rows; NULL rows: it was refused, and that was said. */
static struct table
table_of(struct importing *i, const struct import_line *l, const char *option)
{
	struct table t = {.option = option};
	struct err err = ERR_INIT;
	struct import_set set;

	if (import_set_read(&i->im->source, i->base, l->value, &set, &err)) {
		import_refuse(i, import_text(i->im, "%s", err.text));
		return t;
	}
	if (set.kind == IMPORT_OTHER) {
		import_refuse(i,
		    import_text(i->im, "%s is a data base: write it to a file",
			option));
		return t;
	}
	t.kind = set.kind == IMPORT_REFILE ? TABLE_REFILE : TABLE_FILE;
	t.rows = arena_array(i->im->source.arena, set.n + 1, sizeof(*t.rows));
	if (!t.rows) {
		i->im->no_memory = true;
		return t;
	}
	for (t.n = 0; t.n < set.n; t.n++)
		t.rows[t.n] = (struct row){.why = has_blank(set.items[t.n].key)
			? "a name with a blank in it"
			: NULL,
		    .key = set.items[t.n].key,
		    .value = set.items[t.n].value,
		    .file = set.path ? set.path : l->file,
		    .line = set.path ? set.items[t.n].line : l->number};
	return t;
}

/* A pattern that fits everybody signs for everybody. */
static void
warn_of_all(struct importing *i, const struct table *signs)
{
	for (size_t k = 0; k < signs->n; k++) {
		struct slice key = signs->rows[k].key;

		if (slice_eqz(key, "*") || slice_eqz(key, "*@*"))
			i->entry.why =
			    "beware: a line for all authors signs whatever "
			    "domain a user writes";
	}
}

void
import_tables(struct importing *i)
{
	const struct import_line *l = import_last(i->lines, "SigningTable");
	struct table keys, signs;

	if (never_signs(i))
		return;
	if (!l) {
		import_refuse(i, "without a SigningTable nothing names a key");
		return;
	}
	keys = table_of(i, i->line, "KeyTable");
	signs = table_of(i, l, "SigningTable");
	if (!keys.rows || !signs.rows)
		return;
	if (keys.kind == TABLE_REFILE) {
		import_refuse(i, "names of keys are no patterns: file:");
		return;
	}
	for (size_t k = 0; k < keys.n; k++)
		if (!keys.rows[k].why)
			move_key(i, &keys.rows[k], k + 1);
	settle(i->im, &keys, &signs);
	i->entry.became = "key_table and signing_table";
	warn_of_all(i, &signs);
}

/* --- one key for some domains ---------------------------------------------------------------- */

/* Its signatures are the domain's, also those for a subdomain. */
static void
add_domain(struct importing *i, const char *domain, const char *key,
    bool subdomains, struct table *keys, struct table *signs)
{
	struct import *im = i->im;
	struct row r = {.file = i->line->file, .line = i->line->number};

	r.key = slice_z(domain);
	r.value = slice_z(import_text(im, "%s:%s", domain, key));
	keys->rows[keys->n++] = r;
	r.value = slice_z(domain);
	signs->rows[signs->n++] = r;
	if (!subdomains)
		return;
	r.key = slice_z(import_text(im, ".%s", domain));
	r.value = slice_z(import_text(im, "%s:@%s", domain, domain));
	signs->rows[signs->n++] = r;
}

/* Patterns, and "*": the author's domain signs, whatever it is. */
static void
add_any(struct importing *i, struct slice pattern, const char *key,
    struct table *keys, struct table *signs)
{
	struct row r = {.file = i->line->file, .line = i->line->number};

	r.key = SLICE_LIT("any");
	r.value = slice_z(import_text(i->im, "%%:%s", key));
	if (keys->n == 0 || !slice_eqz(keys->rows[keys->n - 1].key, "any"))
		keys->rows[keys->n++] = r;
	r.key = signs->kind == TABLE_REFILE
	    ? slice_z(import_text(i->im, "*@" SLICE_FMT, SLICE_ARG(pattern)))
	    : pattern;
	r.value = SLICE_LIT("any");
	signs->rows[signs->n++] = r;
}

static void
add_domains(struct importing *i, const struct import_set *set, const char *key,
    struct table *keys, struct table *signs)
{
	const struct import_line *sub = import_last(i->lines, "SubDomains");
	bool subdomains = sub && import_boolean(sub->value) == 1;

	for (size_t k = 0; k < set->n; k++) {
		struct slice d = set->items[k].key;

		if (signs->kind == TABLE_REFILE || slice_eqz(d, "*"))
			add_any(i, d, key, keys, signs);
		else
			add_domain(i,
			    import_text(i->im, SLICE_FMT, SLICE_ARG(d)), key,
			    subdomains, keys, signs);
	}
	warn_of_all(i, signs);
}

static void
import_set_of_domains(struct importing *i, const struct import_set *set,
    const char *selector, const char *file)
{
	struct import *im = i->im;
	struct arena *a = im->source.arena;
	struct table keys = {.option = "Domain"}, signs = {.option = "Domain"};
	const char *path = import_path(a, i->base, slice_z(file));
	struct err err = ERR_INIT;
	const char *name =
	    key_name(im, SLICE_LIT("key"), slice_z(selector), 1);

	keys.rows = arena_array(a, set->n + 1, sizeof(*keys.rows));
	signs.rows = arena_array(a, 2 * set->n + 1, sizeof(*signs.rows));
	signs.kind = set->kind == IMPORT_REFILE ? TABLE_REFILE : TABLE_FILE;
	if (!keys.rows || !signs.rows || !path) {
		im->no_memory = true;
		return;
	}
	if (im->key(im->arg, slice_z(path), true, name, &err)) {
		import_refuse(i, import_text(im, "%s", err.text));
		return;
	}
	add_domains(i, set,
	    import_text(im, "%s:%s/%s", selector, im->key_dir, name), &keys,
	    &signs);
	settle(im, &keys, &signs);
	i->entry.became = "key_table and signing_table";
}

void
import_one_key(struct importing *i)
{
	const struct import_line *selector = import_last(i->lines, "Selector");
	const struct import_line *file = import_last(i->lines, "KeyFile");
	struct err err = ERR_INIT;
	struct import_set set;

	if (never_signs(i))
		return;
	if (import_last(i->lines, "KeyTable")) {
		import_unneeded(i, "KeyTable counts instead");
	} else if (!selector || !file) {
		import_refuse(i, "without Selector and KeyFile nothing signs");
	} else if (import_set_read(
		       &i->im->source, i->base, i->line->value, &set, &err)) {
		import_refuse(i, import_text(i->im, "%s", err.text));
	} else if (set.kind == IMPORT_OTHER) {
		import_refuse(i, "a data base: write it to a file");
	} else {
		import_set_of_domains(i, &set, selector->value, file->value);
	}
}
