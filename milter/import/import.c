/* SPDX-License-Identifier: BSD-2-Clause */
/* What is collected, and the configuration that comes of it. See import.h. */
#include "import/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/options.h"
#include "config/show.h"
#include "config/split.h"
#include "import/nets.h"
#include "mail/limits.h"

#define TEXT_MAX (1 << 20)
#define TABLE_MAX LIMIT_TABLE_OCTETS
#define RULES_MAX 500

const struct name import_fates[] = {
    {IMPORT_KEPT, "kept"},
    {IMPORT_TRANSLATED, "translated"},
    {IMPORT_NOT_NEEDED, "not needed"},
    {IMPORT_REFUSED, "refused"},
    {0, NULL},
};

/* --- memory ------------------------------------------------------------------ */

void
import_init(struct import *im, const struct import_source *source)
{
	*im = (struct import){.source = *source,
	    .hostname = "localhost",
	    .key_dir = "/",
	    .key_table = BUF_INIT(TABLE_MAX),
	    .signing_table = BUF_INIT(TABLE_MAX)};
}

void
import_free(struct import *im)
{
	buf_free(&im->key_table);
	buf_free(&im->signing_table);
	config_unref(im->scratch);
}

int
import_status(const struct import *im, struct err *err)
{
	if (im->no_memory || buf_status(&im->key_table) ||
	    buf_status(&im->signing_table))
		return err_no_mem(err);
	return 0;
}

const char *
import_text(struct import *im, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len >= 0 && len < TEXT_MAX)
		text = arena_alloc(im->source.arena, (size_t)len + 1);
	if (!text) {
		im->no_memory = true;
		return "";
	}
	va_start(ap, fmt);
	(void)vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}

/* Room for one more in an array on the arena. */
static void *
grown(struct import *im, void *items, size_t n, size_t *cap, size_t each)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *p;

	if (n < *cap)
		return items;
	p = arena_array(im->source.arena, more, each);
	if (!p) {
		im->no_memory = true;
		return NULL;
	}
	if (n)
		memcpy(p, items, n * each);
	*cap = more;
	return p;
}

/* --- the report ----------------------------------------------------------------- */

void
import_tell(struct import *im, const struct import_entry *e)
{
	struct import_entry *p =
	    grown(im, im->entries, im->nentries, &im->entries_cap, sizeof(*p));

	if (!p)
		return;
	im->entries = p;
	im->entries[im->nentries++] = *e;
}

void
import_refuse(struct importing *i, const char *why)
{
	i->entry.fate = IMPORT_REFUSED;
	i->entry.why = why;
}

void
import_unneeded(struct importing *i, const char *why)
{
	i->entry.fate = IMPORT_NOT_NEEDED;
	i->entry.why = why;
}

static bool
is_list(const struct option *opt)
{
	return opt->type == OPTION_CIDRS || opt->type == OPTION_STRINGS ||
	    opt->type == OPTION_DOMAINS || opt->type == OPTION_FLAGS ||
	    opt->type == OPTION_EXCEPTIONS;
}

/* --- settings --------------------------------------------------------------------- */

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void
push(struct importing *i, const char *name, const char *value)
{
	struct import *im = i->im;
	struct import_setting *p = grown(
	    im, im->settings, im->nsettings, &im->settings_cap, sizeof(*p));

	if (!p)
		return;
	im->settings = p;
	im->settings[im->nsettings++] = (struct import_setting){name, value,
	    i->line ? import_text(im, "%s:%zu", base_name(i->line->file),
			  i->line->number)
		    : ""};
}

static const struct import_setting *
setting(const struct import *im, const char *name, const char *value)
{
	for (size_t i = 0; i < im->nsettings; i++)
		if (!strcmp(im->settings[i].name, name) &&
		    (!value || !strcmp(im->settings[i].value, value)))
			return &im->settings[i];
	return NULL;
}

/* What the reader of assay.conf finds wrong with one line; empty: nothing. */
static void
read_line(struct import *im, const struct option *opt, struct slice text,
    struct buf *errors)
{
	const struct faults f = {"", errors};
	struct statements sts;

	if (!im->scratch &&
	    config_parse(SLICE_EMPTY, "", &im->scratch, errors))
		im->no_memory = true;
	else if (config_split(text, "", im->source.arena, &sts, errors))
		im->no_memory = true;
	else if (sts.n != 1 || sts.items[0].body)
		buf_addz(errors, ":1: value: no single value");
	else if (errors->len == 0)
		(void)!option_set(opt, im->scratch, NULL, sts.items, &f);
}

/* ":1: NAME: what" without what the report has already. */
static struct slice
what_of(const struct buf *errors)
{
	struct slice s = slice_trim(buf_slice(errors));
	bool more;

	for (int i = 0; i < 3; i++)
		(void)slice_cut(&s, ':', &more);
	return slice_trim(s);
}

/*
 * Is it a value that assayd takes? Its own reader is asked, so that what is
 * written is accepted as a whole.
 */
static bool
accepted(struct importing *i, const char *name, const char *value)
{
	const struct option *opt = option_find(slice_z(name));
	struct buf text = BUF_INIT(TEXT_MAX), errors = BUF_INIT(TEXT_MAX);
	bool ok;

	if (!opt) {
		import_refuse(i, "assayd has no such option");
		return false;
	}
	buf_addf(&text, "%s = %s", name, is_list(opt) ? "{ " : "");
	show_text(value, &text);
	buf_addz(&text, is_list(opt) ? " }\n" : "\n");
	if (buf_status(&text))
		i->im->no_memory = true;
	else
		read_line(i->im, opt, buf_slice(&text), &errors);
	ok = errors.len == 0 && !i->im->no_memory;
	if (!ok)
		import_refuse(i,
		    import_text(i->im, "not a value assayd takes: " SLICE_FMT,
			SLICE_ARG(what_of(&errors))));
	buf_free(&text);
	buf_free(&errors);
	return ok;
}

static void
became(struct importing *i, const char *name, const char *value)
{
	i->entry.became = i->entry.became[0]
	    ? import_text(i->im, "%s, %s", i->entry.became, value)
	    : import_text(i->im, "%s = %s", name, value);
}

void
import_set_option(struct importing *i, const char *name, const char *value)
{
	const struct import_setting *s = setting(i->im, name, NULL);

	if (s && strcmp(s->value, value)) {
		import_refuse(i,
		    import_text(i->im, "%s has set %s = %s already", s->origin,
			name, s->value));
		return;
	}
	if (!accepted(i, name, value))
		return;
	if (!s)
		push(i, name, value);
	i->entry.became = import_text(i->im, "%s%s%s = %s", i->entry.became,
	    i->entry.became[0] ? "; " : "", name, value);
}

void
import_add_item(struct importing *i, const char *name, const char *value)
{
	if (!accepted(i, name, value))
		return;
	if (!setting(i->im, name, value))
		push(i, name, value);
	became(i, name, value);
}

void
import_keep(struct importing *i, const char *name)
{
	i->entry.fate = IMPORT_KEPT;
	import_set_option(i, name, i->line->value);
}

void
import_set_path(struct importing *i, const char *name)
{
	const char *path =
	    import_path(i->im->source.arena, i->base, slice_z(i->line->value));

	if (path)
		import_set_option(i, name, path);
	else
		i->im->no_memory = true;
}

/* --- hosts --------------------------------------------------------------------------- */

struct hosts {
	struct net_rule rules[RULES_MAX];
	size_t n;
	bool excludes;
};

/* NULL, or why this entry can't be taken. */
static const char *
read_host(struct hosts *h, struct slice text)
{
	struct net_rule r = {.excluded = false};

	if (text.len && text.ptr[0] == '!') {
		r.excluded = h->excludes = true;
		text = slice_from(text, 1);
	}
	if (text.len && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = slice_upto(slice_from(text, 1), text.len - 2);
	if (slice_find(text, '*') < text.len)
		return "hosts are told by addresses and networks, not by "
		       "patterns";
	if (slice_ieqz(text, "localhost"))
		text = SLICE_LIT("127.0.0.1");
	if (cidr_parse(text, &r.net))
		return "hosts are told by their addresses alone: a name is "
		       "whatever its DNS says";
	if (r.net.bits == 0 && !r.excluded)
		return "that is every host there is: anybody's mail would be "
		       "ours";
	if (h->n == RULES_MAX)
		return "too many entries";
	h->rules[h->n++] = r;
	return NULL;
}

static void
add_host(struct importing *i, const char *option, bool skip_loopback,
    const struct cidr *c)
{
	char text[IP_TEXT_MAX];

	if (skip_loopback && ip_is_loopback(&c->net))
		return;
	(void)ip_format(&c->net, text);
	import_add_item(i, option,
	    c->bits == (c->net.family == IP_V4 ? 32u : 128u)
		? import_text(i->im, "%s", text)
		: import_text(i->im, "%s/%u", text, c->bits));
}

static void
add_hosts(struct importing *i, const char *option, bool skip_loopback,
    const struct hosts *h)
{
	struct cidr *nets =
	    arena_array(i->im->source.arena, LIMIT_IMPORT_NETS, sizeof(*nets));
	size_t n;

	if (!nets) {
		i->im->no_memory = true;
		return;
	}
	/* As it stands, when nothing is taken out of it. */
	for (n = 0; !h->excludes && n < h->n; n++)
		nets[n] = h->rules[n].net;
	if (h->excludes)
		n = nets_resolve(h->rules, h->n, nets, LIMIT_IMPORT_NETS);
	if (n > LIMIT_IMPORT_NETS) {
		import_refuse(i, "its exceptions make too many networks");
		return;
	}
	for (size_t k = 0; k < n; k++)
		add_host(i, option, skip_loopback, &nets[k]);
}

static bool
read_set(struct importing *i, bool patterns, struct import_set *set)
{
	struct err err = ERR_INIT;

	if (import_set_read(
		&i->im->source, i->base, i->line->value, set, &err))
		import_refuse(i, import_text(i->im, "%s", err.text));
	else if (set->kind == IMPORT_OTHER ||
	    (set->kind == IMPORT_REFILE && !patterns))
		import_refuse(i, "no list or flat file: write it as one");
	else
		return true;
	return false;
}

bool
import_list(struct importing *i, struct import_set *set)
{
	return read_set(i, false, set);
}

void
import_add_hosts(struct importing *i, const char *option, bool skip_loopback)
{
	struct import *im = i->im;
	struct hosts h = {.n = 0};
	struct import_set set;

	/* A pattern without * stands for itself, as in a flat file. */
	if (!read_set(i, true, &set))
		return;
	for (size_t k = 0; k < set.n; k++) {
		const char *why = read_host(&h, set.items[k].key);
		struct import_entry e = i->entry;

		if (!why)
			continue;
		if (set.path) {
			e.file = set.path;
			e.line = set.items[k].line;
		}
		e.option = import_text(im, "%s " SLICE_FMT, i->entry.option,
		    SLICE_ARG(set.items[k].key));
		e.fate = IMPORT_REFUSED;
		e.became = "";
		e.why = why;
		import_tell(im, &e);
	}
	add_hosts(i, option, skip_loopback, &h);
	if (i->entry.became[0] || i->entry.fate == IMPORT_REFUSED)
		return;
	if (h.n == 0 && set.n)
		import_refuse(i, "none of its entries can be taken");
	else
		import_unneeded(i, "none but this machine: its mail is ours");
}

void
import_add_socket(struct importing *i)
{
	struct import *im = i->im;
	struct slice v = slice_z(i->line->value), host;
	bool has_host;
	const char **p =
	    arena_array(im->source.arena, im->nsockets + 1, sizeof(*p));

	if (!p) {
		im->no_memory = true;
		return;
	}
	if (im->nsockets)
		memcpy(p, im->sockets, im->nsockets * sizeof(*p));
	im->sockets = p;
	im->sockets[im->nsockets++] = i->line->value;
	(void)slice_cut(&v, '@', &has_host);
	host = slice_trim(v);
	if (!has_host || slice_ieqz(host, "localhost") ||
	    slice_starts(host, SLICE_LIT("127.")) ||
	    slice_istarts(host, SLICE_LIT("[127.")))
		return;
	/* An MTA elsewhere reaches it. */
	if (host.len > 2 && host.ptr[0] == '[')
		host = slice_upto(slice_from(host, 1), host.len - 2);
	import_set_option(i, "socket",
	    import_text(im, "inet%s:8895@" SLICE_FMT,
		slice_find(host, ':') < host.len ? "6" : "", SLICE_ARG(host)));
}

/* --- lines by rows --------------------------------------------------------------------- */

int
import_boolean(const char *value)
{
	if (strchr("tTyY1", value[0]) && value[0])
		return 1;
	return strchr("fFnN0", value[0]) && value[0] ? 0 : -1;
}

const struct import_line *
import_last(const struct import_lines *lines, const char *name)
{
	for (size_t i = lines->n; i-- > 0;)
		if (slice_ieqz(slice_z(lines->items[i].name), name) &&
		    !lines->items[i].fault)
			return &lines->items[i];
	return NULL;
}

static const struct import_row *
find_row(const struct import_row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_ieqz(slice_z(name), rows[i].name))
			return &rows[i];
	return NULL;
}

static void
apply_row(struct importing *i, const struct import_row *row)
{
	int yes = row->flag ? import_boolean(i->line->value) : 1;

	i->entry.option = row->name;
	i->entry.fate = row->fate;
	i->entry.why = row->why;
	if (yes < 0)
		import_refuse(i, "neither yes nor no");
	else if (!yes)
		import_unneeded(i, "off, as it is here");
	else if (row->apply)
		row->apply(i);
}

/* Is it an option's own value that counts, or is it given again below? */
static void
apply_line(struct importing *i, const struct import_row *rows, size_t nrows)
{
	const struct import_row *row = find_row(rows, nrows, i->line->name);
	const struct import_line *last = import_last(i->lines, i->line->name);

	if (i->line->fault)
		import_refuse(i, i->line->fault);
	else if (!row)
		import_refuse(i, "it has no such option");
	else if (last != i->line && !slice_ieqz(slice_z(row->name), "Include"))
		import_unneeded(i,
		    import_text(i->im, "given again: %s:%zu counts",
			base_name(last->file), last->number));
	else
		apply_row(i, row);
}

void
import_apply(struct import *im, const struct import_row *rows, size_t nrows,
    const struct import_lines *lines)
{
	const struct import_line *base = import_last(lines, "BaseDirectory");

	for (size_t k = 0; k < lines->n; k++) {
		const struct import_line *l = &lines->items[k];
		struct importing i = {.im = im,
		    .line = l,
		    .lines = lines,
		    .base = base ? base->value : "",
		    .entry = {.file = l->file,
			.line = l->number,
			.option = l->name,
			.became = "",
			.why = ""}};

		apply_line(&i, rows, nrows);
		if (!i.entry.became[0] && !i.entry.why[0])
			import_unneeded(&i, "it names nothing");
		import_tell(im, &i.entry);
	}
}

/* --- Debian's /etc/default --------------------------------------------------------------- */

int
import_default_file(struct import *im, const char *path, struct err *err)
{
	bool more = true, has;
	struct slice rest;

	if (im->source.open(
		im->source.arg, path, im->source.arena, &rest, err))
		return -1;
	for (size_t number = 1; more; number++) {
		struct slice v = slice_cut(&rest, '\n', &more);
		struct slice name = slice_trim(slice_cut(&v, '=', &has));
		struct import_entry e = {.file = path,
		    .line = number,
		    .fate = IMPORT_NOT_NEEDED,
		    .became = "",
		    .why = "where and as whom that program runs; assayd has "
			   "a socket and a user of its own"};

		v = slice_trim(v);
		if (!has || name.len == 0 || name.ptr[0] == '#' || v.len == 0)
			continue;
		e.option = import_text(im, SLICE_FMT, SLICE_ARG(name));
		if (slice_eqz(name, "DAEMON_OPTS") && !slice_eqz(v, "\"\"")) {
			e.fate = IMPORT_REFUSED;
			e.why = "options of a command line are not read: say "
				"them in the configuration first";
		}
		import_tell(im, &e);
	}
	return 0;
}

/* --- what neither says --------------------------------------------------------------------- */

static void
by_default(struct import *im, const char *file, const char *option,
    const char *name, const char *value, const char *why)
{
	struct importing i = {.im = im,
	    .entry = {.file = file,
		.option = option,
		.fate = IMPORT_TRANSLATED,
		.became = "",
		.why = why}};

	if (setting(im, name, NULL))
		return;
	import_set_option(&i, name, value);
	import_tell(im, &i.entry);
}

void
import_finish(struct import *im)
{
	if (im->have_dmarc)
		by_default(im, "opendmarc.conf", "RejectFailures (not set)",
		    "enforce", "shadow",
		    "nothing was refused; the log tells what would be");
	else if (im->have_dkim)
		by_default(im, "opendkim.conf", "(no DMARC)", "enforce",
		    "shadow",
		    "OpenDKIM refuses nothing for DMARC; the log tells what "
		    "would be");
	if (im->have_dkim) {
		by_default(im, "opendkim.conf", "Canonicalization (not set)",
		    "canonicalization", "simple/simple",
		    "its default; relaxed/relaxed survives more");
		by_default(im, "opendkim.conf", "On-DNSError (not set)",
		    "on_temperror", "tempfail",
		    "its default: mail waits until DNS answers");
	}
}

/* --- writing ----------------------------------------------------------------------------------- */

static void
write_option(
    const struct import *im, const struct option *opt, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < im->nsettings; i++) {
		const struct import_setting *s = &im->settings[i];

		if (strcmp(s->name, opt->name))
			continue;
		if (n == 0 && s->origin[0])
			buf_addf(out, "# %s\n", s->origin);
		if (n == 0)
			buf_addf(
			    out, "%s =%s", s->name, is_list(opt) ? " {" : "");
		buf_addz(out, n ? ", " : " ");
		show_text(s->value, out);
		n++;
	}
	if (n)
		buf_addz(out, is_list(opt) ? " }\n" : "\n");
}

static void
write_table(const char *option, const char *kind, const char *dir,
    const char *file, struct buf *out)
{
	buf_addf(out, "%s = \"%s", option, kind);
	for (const char *p = dir; *p; p++)
		buf_addf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	buf_addf(out, "/%s\"\n", file);
}

void
import_write(const struct import *im, const char *dir, struct buf *out)
{
	for (size_t i = 0; i < noptions; i++)
		write_option(im, &options[i], out);
	if (!dir[0] || im->signing_table.len == 0)
		return;
	write_table("signing_table", im->signing_patterns ? "refile:" : "",
	    dir, "signing.table", out);
	write_table("key_table", "", dir, "key.table", out);
}
