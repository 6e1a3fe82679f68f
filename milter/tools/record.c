/* SPDX-License-Identifier: BSD-2-Clause */
/* assay record: what its subcommands share: checking, showing. */
#include "tools/record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dmarc/uri.h"
#include "tools/platforms.h"
#include "tools/tools.h"

#define ARENA (64u << 20)
#define QUERIES 5000
#define STRING_MAX 255 /* RFC 1035 section 3.3: a character-string */
#define REMARKS_MAX 65536
#define ZONE_TEXT_MAX (4u << 20)

static const struct args_sub subs[] = {
    {"bimi", tool_record_bimi, "where the logo is"},
    {"dkim", tool_record_dkim, "a key, or a platform's CNAMEs"},
    {"dmarc", tool_record_dmarc, "the policy, by itself or in stages"},
    {"mta-sts", tool_record_mta_sts, "the TXT record and the policy file"},
    {"senders", tool_record_senders, "the platforms that --sender knows"},
    {"spf", tool_record_spf, "who sends for the domain"},
    {"tls-rpt", tool_record_tls_rpt, "where reports about TLS go"},
};

int
tool_record(int argc, char **argv)
{
	return args_group("record", subs, ARRAY_LEN(subs), argc, argv);
}

/* --- adding ----------------------------------------------------------------------- */

static void
add(struct record_tool *t, struct slice name, enum dns_type type,
    struct slice text, const char *by)
{
	struct record_entry *e = &t->entries[t->n];

	if (t->n == RECORD_ENTRIES) {
		t->check.no_memory = true;
		return;
	}
	if (arena_copy(t->check.arena, name, &e->name) ||
	    arena_copy(t->check.arena, text, &e->text))
		t->check.no_memory = true;
	e->type = type;
	e->by = by;
	t->n++;
}

void
record_add(struct record_tool *t, const char *label, enum dns_type type,
    struct slice text)
{
	char name[CHECK_NAME_MAX];

	add(t,
	    label[0] ? check_name(&t->check, label, name)
		     : domain_slice(&t->check.domain),
	    type, text, NULL);
}

void
record_add_for(struct record_tool *t, struct slice name, const char *by,
    struct slice text)
{
	add(t, name, DNS_TXT, text, by);
}

static void remark(struct record_tool *, const char *fmt, va_list)
    PRINTF_LIKE(2, 0);

static void
remark(struct record_tool *t, const char *fmt, va_list ap)
{
	char text[1024];
	struct buf line = BUF_INIT(8192);

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	out_escape(&line, slice_z(text));
	buf_addf(&t->remarks, "%s\n", buf_str(&line));
	buf_free(&line);
}

void
record_remark(struct record_tool *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	remark(t, fmt, ap);
	va_end(ap);
}

void
record_refuse(struct record_tool *t, const char *fmt, ...)
{
	va_list ap;

	if (!t->refused)
		buf_clear(&t->remarks);
	t->refused = true;
	va_start(ap, fmt);
	remark(t, fmt, ap);
	va_end(ap);
}

/* RFC 6068: what an address may hold that a list of URIs can't. */
static void
add_mailto(struct buf *b, struct slice address)
{
	buf_addz(b, "mailto:");
	for (size_t i = 0; i < address.len; i++) {
		char c = address.ptr[i];

		if (is_alnum(c) || (c && strchr("-._~@+=$*'", c)))
			buf_addc(b, c);
		else
			buf_addf(b, "%%%02X", (unsigned char)c);
	}
}

bool
record_add_uri(struct buf *b, const char *address, bool https_too)
{
	static const struct slice scheme = {"mailto:", 7};
	struct slice s = slice_z(address);
	struct buf uri = BUF_INIT(4096);
	size_t at;
	struct domain d;
	bool good;

	if (slice_istarts(s, SLICE_LIT("https:"))) {
		buf_add(&uri, s);
		good = https_too;
	} else {
		if (slice_istarts(s, scheme)) {
			s = slice_from(s, scheme.len);
			buf_addz(&uri, "mailto:");
			buf_add(&uri, s);
		} else {
			add_mailto(&uri, s);
		}
		at = slice_rfind(s, '@');
		good = at > 0 && at < s.len &&
		    domain_parse(slice_from(s, at + 1), &d);
	}
	good &= buf_status(&uri) == 0 && dmarc_uri_valid(buf_slice(&uri)) &&
	    slice_find(buf_slice(&uri), ';') == uri.len;
	if (good) {
		if (b->len)
			buf_addc(b, ',');
		buf_add(b, buf_slice(&uri));
	}
	buf_free(&uri);
	return good;
}

/* --- checking ---------------------------------------------------------------------- */

static const char *
type_word(enum dns_type type)
{
	return type == DNS_CNAME ? "CNAME" : "TXT";
}

static void
add_quoted(struct buf *b, struct slice s)
{
	buf_addz(b, " \"");
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			buf_addc(b, '\\');
		if (is_print(s.ptr[i]))
			buf_addc(b, s.ptr[i]);
		else
			buf_addf(b, "\\%03u", (unsigned char)s.ptr[i]);
	}
	buf_addc(b, '"');
}

void
record_zone_line(struct buf *b, struct slice name, int64_t ttl_s,
    enum dns_type type, struct slice text)
{
	out_escape(b, name);
	buf_addf(b, ". %" PRId64 " IN %s", ttl_s, type_word(type));
	if (type == DNS_CNAME) {
		buf_addf(b, " " SLICE_FMT ".", SLICE_ARG(text));
		return;
	}
	do {
		add_quoted(b, slice_upto(text, STRING_MAX));
		text = slice_from(text, STRING_MAX);
	} while (text.len);
}

static int
lay_over(struct record_tool *t, struct err *err)
{
	struct buf zone = BUF_INIT(ZONE_TEXT_MAX);
	int rc;

	for (size_t i = 0; i < t->n; i++) {
		const struct record_entry *e = &t->entries[i];

		/* Where a platform's CNAME leads is the platform's affair. */
		if (e->type == DNS_CNAME)
			continue;
		record_zone_line(&zone, e->name, t->ttl_s, e->type, e->text);
		buf_addc(&zone, '\n');
	}
	rc = buf_status(&zone)
	    ? err_no_mem(err)
	    : env_overlay(&t->check.env, buf_slice(&zone), err);
	buf_free(&zone);
	return rc;
}

static bool
is_other(enum finding which, const enum finding *others, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (others[i] == which)
			return true;
	return false;
}

static void
judge(struct record_tool *t, const enum finding *others, size_t n)
{
	const struct check *c = &t->check;

	for (size_t i = 0; i < c->nfound; i++) {
		const struct found *f = &c->found[i];
		const struct finding_row *row = &findings[f->which];
		bool grave = row->severity == SEVERITY_ERROR &&
		    !is_other(f->which, others, n) && !c->temporary;
		struct slice d = slice_upto(f->detail, 300);

		(grave ? record_refuse : record_remark)(t,
		    "%s (%s): %s%s" SLICE_FMT, severity_words[row->severity],
		    row->id, row->what, d.len ? ": " : "", SLICE_ARG(d));
	}
	if (c->temporary)
		record_remark(t,
		    "DNS gave no answer to all of it: check "
		    "once more with assay check");
}

static int
check_it(struct record_tool *t, void (*part)(struct check *),
    const enum finding *others, size_t n, struct err *err)
{
	struct check *c = &t->check;
	struct out kept = c->env.out;

	if (!part || t->offline || t->n == 0)
		return 0;
	if (lay_over(t, err))
		return -1;
	c->inquiry = env_inquiry(&c->env, QUERIES);
	if (!c->inquiry)
		return err_no_mem(err);
	c->part = "record";
	c->temporary = false;
	c->nfound = 0;
	out_begin(&c->env.out, false, false);
	part(c);
	buf_free(&c->env.out.text);
	c->env.out = kept;
	if (inquiry_failed(c->inquiry))
		c->no_memory = true;
	inquiry_free(c->inquiry);
	c->inquiry = NULL;
	judge(t, others, n);
	return err->text[0] ? -1 : 0;
}

/* --- showing ----------------------------------------------------------------------- */

static void
show_json(struct record_tool *t)
{
	struct out *o = &t->check.env.out;

	out_array(o, "records");
	for (size_t i = 0; i < t->n; i++) {
		const struct record_entry *e = &t->entries[i];
		struct slice rest = e->text;

		out_object(o, NULL);
		out_str(o, "name", e->name);
		out_z(o, "type", type_word(e->type));
		out_num(o, "ttl", t->ttl_s);
		out_str(o, "value", e->text);
		out_array(o, "strings");
		for (; rest.len && e->type == DNS_TXT;
		     rest = slice_from(rest, STRING_MAX))
			out_str(o, NULL, slice_upto(rest, STRING_MAX));
		out_close(o);
		if (e->by)
			out_z(o, "published_by", e->by);
		out_close(o);
	}
	out_close(o);
}

static void
show_zone(struct record_tool *t)
{
	struct out *o = &t->check.env.out;

	for (size_t i = 0; i < t->n; i++) {
		const struct record_entry *e = &t->entries[i];
		struct buf line = BUF_INIT(65536);

		if (e->by)
			out_line(
			    o, OUT_WARN, "; to be published by %s:", e->by);
		record_zone_line(&line, e->name, t->ttl_s, e->type, e->text);
		out_line(o, OUT_PLAIN, "%s", buf_str(&line));
		buf_free(&line);
	}
}

/* As panels want it: no quotes, in one piece. */
static void
show_panel(struct record_tool *t)
{
	struct out *o = &t->check.env.out;

	for (size_t i = 0; i < t->n; i++) {
		const struct record_entry *e = &t->entries[i];
		struct slice zone = domain_slice(&t->check.domain);
		struct slice host = e->name;

		if (e->by)
			continue;
		if (slice_ieq(host, zone))
			host = SLICE_LIT("@");
		else if (host.len > zone.len)
			host = slice_upto(host, host.len - zone.len - 1);
		if (o->text.len)
			out_line(o, OUT_PLAIN, "%s", "");
		out_str(o, "name", host);
		out_z(o, "type", type_word(e->type));
		out_str(o, "value", e->text);
	}
}

/* A zone file takes it as a comment. */
static void
show_file(struct record_tool *t)
{
	struct out *o = &t->check.env.out;
	bool is_zone = !strcmp(t->form, "zone");
	struct slice rest = t->file;
	bool more = rest.len > 0;

	if (t->refused || t->file.len == 0)
		return;
	out_str(o, is_zone && !o->json ? ";" : "file", t->file_url);
	if (o->json || !is_zone) {
		out_lines(o, "text", t->file);
		return;
	}
	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);
		struct buf text = BUF_INIT(8192);

		out_escape(&text, line);
		if (line.len)
			out_line(o, OUT_PLAIN, ";   %s", buf_str(&text));
		buf_free(&text);
	}
}

static void
show(struct record_tool *t)
{
	struct out *o = &t->check.env.out;
	bool both = !strcmp(t->form, "both");
	struct slice rest = buf_slice(&t->remarks);
	bool more = rest.len > 0;

	if (t->refused)
		out_tone(
		    o, "refused", "assay check would find faults", OUT_BAD);
	else if (o->json)
		show_json(t);
	else if (both || !strcmp(t->form, "zone"))
		show_zone(t);
	if (o->json)
		out_array(o, "remarks");
	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);

		if (line.len && o->json)
			out_str(o, NULL, line);
		else if (line.len)
			out_line(o, t->refused ? OUT_PLAIN : OUT_WARN,
			    "%s" SLICE_FMT, t->refused ? "  " : "; ",
			    SLICE_ARG(slice_upto(line, 4000)));
	}
	if (o->json)
		out_close(o);
	else if (!t->refused && (both || !strcmp(t->form, "panel")))
		show_panel(t);
	show_file(t);
}

/* --- opening, closing ---------------------------------------------------------------- */

bool
record_open(struct record_tool *t, const struct command *c, int argc,
    char **argv, int *status)
{
	struct err err = ERR_INIT;

	t->form = "both";
	t->ttl_s = RECORD_TTL_S;
	t->remarks = BUF_INIT(REMARKS_MAX);
	if (!env_open(&t->check.env, c, argc, argv, &t->rest, status))
		return false;
	t->check.arena = arena_new(ARENA);
	if (!t->check.arena)
		(void)err_no_mem(&err);
	else if (!domain_parse(slice_z(t->rest.items[0]), &t->check.domain))
		(void)err_set(
		    &err, "\"%.200s\" is no domain name", t->rest.items[0]);
	else if (strcmp(t->form, "zone") && strcmp(t->form, "panel") &&
	    strcmp(t->form, "both"))
		(void)err_set(&err, "--form is zone, panel or both");
	else if (t->ttl_s > INT32_MAX)
		(void)err_set(&err, "--ttl is too large");
	if (!err.text[0])
		return true;
	*status = env_close(&t->check.env, env_fail(c, &err));
	arena_free(t->check.arena);
	return false;
}

int
record_close(struct record_tool *t, const struct command *c,
    void (*part)(struct check *), const enum finding *others, size_t nothers)
{
	struct err err = ERR_INIT;
	int status;

	t->check.err = &err;
	t->check.no_fetch = true;
	if (!t->refused && check_it(t, part, others, nothers, &err) == 0 &&
	    (t->check.no_memory || t->remarks.no_mem))
		(void)err_no_mem(&err);
	if (err.text[0]) {
		status = env_fail(c, &err);
	} else {
		show(t);
		status = t->refused ? EXIT_BAD : EXIT_GOOD;
	}
	buf_free(&t->remarks);
	status = env_close(&t->check.env, status);
	arena_free(t->check.arena);
	return status;
}

/* --- senders ------------------------------------------------------------------------- */

static void
show_platform(struct out *o, const struct platform *p)
{
	out_object(o, NULL);
	out_z(o, "name", p->name);
	out_z(o, "title", p->title);
	out_z(o, "spf_include", p->spf);
	out_array(o, "selectors");
	for (size_t i = 0; i < PLATFORM_KEYS_MAX && p->keys[i].selector; i++)
		out_z(o, NULL, p->keys[i].selector);
	out_close(o);
	out_z(o, "note", p->note);
	out_close(o);
}

int
tool_record_senders(int argc, char **argv)
{
	static const char about[] =
	    "Lists the platforms that --sender of record spf and record dkim "
	    "knows.\nWhat a platform's own settings show goes before this.\n";
	const struct command c = {"record senders", "", 0, 0, about, NULL, 0};
	struct args_rest rest;
	struct env e = {.json = false};
	int status;

	if (!env_open(&e, &c, argc, argv, &rest, &status))
		return status;
	out_flat_array(&e.out, "senders");
	for (size_t i = 0; i < nplatforms; i++)
		show_platform(&e.out, &platforms[i]);
	out_close(&e.out);
	return env_close(&e, EXIT_GOOD);
}
