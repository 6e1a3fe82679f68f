/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay log: what happened to mail, counted. The same tally becomes tables for
 * people, JSON, or a page.
 */
#include <inttypes.h>
#include <stdio.h>

#include "mail/domain.h"
#include "tools/feed.h"
#include "tools/page.h"
#include "tools/tally.h"
#include "tools/tools.h"

#define TOP 10

struct logging {
	struct env env;
	struct feed_options feed;
	struct feed_counts counts;
	struct arg_list own;
	const char *html;
	int64_t top;
	struct tally *tally;
};

/* --- tables ---------------------------------------------------------------------------- */

/* A column: its key in JSON, its heading, what it counts. */
struct column {
	const char *key, *title;
	enum tally_count count;
};

struct shown {
	enum tally_kind kind;
	const char *key, *title, *of; /* of: key of a row's name in JSON */
	const char *note;             /* the same of its note, or NULL */
	bool whole;                   /* by its keys, every row */
	struct column columns[7];
};

#define ACTIONS \
	{"quarantined", "quar.", TALLY_QUARANTINE}, \
	    {"rejected", "reject", TALLY_REJECT}, \
	{ \
		"tempfailed", "tempf.", TALLY_TEMPFAIL \
	}
#define MAIL \
	{ \
		"messages", "mail", TALLY_ALL \
	}
#define DMARC \
	{"dmarc_pass", "pass", TALLY_PASS}, \
	{ \
		"dmarc_fail", "fail", TALLY_FAIL \
	}

static const struct shown shown[] = {
    {TALLY_METHODS, "results", "Results", "result", NULL, true,
	{MAIL, ACTIONS}},
    {TALLY_RULES, "rules", "Rules that decided", "rule", NULL, false,
	{MAIL, ACTIONS}},
    {TALLY_WOULD, "withheld", "Decided, and not done (would=)", "rule",
	"would", false,
	{{"quarantine", "quar.", TALLY_WOULD_QUARANTINE},
	    {"reject", "reject", TALLY_WOULD_REJECT},
	    {"tempfail", "tempf.", TALLY_WOULD_TEMPFAIL}}},
    {TALLY_DOMAINS, "domains", "Author domains", "domain", NULL, false,
	{MAIL, DMARC, ACTIONS}},
    {TALLY_SOURCES, "sources", "Sources", "client", "name", false,
	{MAIL, DMARC, ACTIONS}},
    {TALLY_FAILING, "own_failing", "Our domains, failing DMARC from",
	"domain_client", "name", false, {MAIL, ACTIONS}},
    {TALLY_SIGNERS, "outbound_domains", "Outbound author domains", "domain",
	NULL, false,
	{MAIL, {"signed", "signed", TALLY_PASS},
	    {"unsigned", "not", TALLY_FAIL}}},
    {TALLY_UNSIGNED, "unsigned", "Why outbound mail was not signed", "why",
	NULL, false, {MAIL}},
};

#define NAME_COLUMNS 44

static void
row_text(struct out *o, const struct shown *s, const struct tally_row *r)
{
	struct buf name = BUF_INIT(4096), line = BUF_INIT(8192);

	out_escape(&name, r->key.len ? r->key : SLICE_LIT("(none)"));
	for (const struct column *c = s->columns; c->key; c++)
		buf_addf(&line, "%7" PRIu64 " ", r->n[c->count]);
	buf_addf(
	    &line, " %-*s", r->note.len ? NAME_COLUMNS : 0, buf_str(&name));
	if (r->note.len) {
		buf_addc(&line, ' ');
		out_escape(&line, r->note);
	}
	out_line(o, OUT_PLAIN, "%s", buf_str(&line));
	buf_free(&name);
	buf_free(&line);
}

static void
row_json(struct out *o, const struct shown *s, const struct tally_row *r)
{
	struct slice client = r->key;
	bool more;

	out_object(o, NULL);
	if (s->kind == TALLY_FAILING) {
		out_str(o, "domain", slice_cut(&client, ' ', &more));
		out_str(o, "client", client);
	} else {
		out_str(o, s->of, r->key);
	}
	if (s->note)
		out_str(o, s->note, r->note);
	for (const struct column *c = s->columns; c->key; c++)
		out_num(o, c->key, (int64_t)r->n[c->count]);
	out_close(o);
}

static void
heading(struct out *o, const struct shown *s)
{
	struct buf line = BUF_INIT(200);

	out_line(o, OUT_PLAIN, "%s", "");
	out_line(o, OUT_BOLD, "%s", s->title);
	for (const struct column *c = s->columns; c->key; c++)
		buf_addf(&line, "%7s ", c->title);
	out_line(o, OUT_PLAIN, "%s", buf_str(&line));
	buf_free(&line);
}

static void
show_table(struct logging *l, const struct shown *s)
{
	struct tally_table *t = &l->tally->tables[s->kind];
	bool all = l->top == 0 || s->whole || (size_t)l->top > t->n;
	size_t n = all ? t->n : (size_t)l->top;
	struct out *o = &l->env.out;

	if (t->n == 0)
		return;
	if (s->whole)
		tally_sort_keys(t);
	else
		tally_sort(t, TALLY_ALL);
	heading(o, s);
	if (o->json)
		out_array(o, s->key);
	for (size_t i = 0; i < n; i++)
		(o->json ? row_json : row_text)(o, s, &t->rows[i]);
	if (o->json)
		out_close(o);
	else if (t->n > n || t->others.n[TALLY_ALL])
		out_line(o, OUT_PLAIN, "         ... and %zu%s more", t->n - n,
		    t->others.n[TALLY_ALL] ? " and many" : "");
}

/* --- the head ----------------------------------------------------------------------------- */

static void
show_head(struct logging *l)
{
	const struct tally *t = l->tally;
	char first[FEED_TIME_MAX], last[FEED_TIME_MAX];
	struct out *o = &l->env.out;

	out_z(o, "from", feed_time(t->first_s, first));
	out_z(o, "to", feed_time(t->last_s, last));
	out_num(o, "inbound", (int64_t)t->inbound);
	out_num(o, "outbound", (int64_t)t->outbound);
	out_num(o, "quarantined", (int64_t)t->total.n[TALLY_QUARANTINE]);
	out_num(o, "rejected", (int64_t)t->total.n[TALLY_REJECT]);
	out_num(o, "tempfailed", (int64_t)t->total.n[TALLY_TEMPFAIL]);
	out_num(o, "unreadable", (int64_t)l->counts.unreadable);
	if (t->waited) {
		out_num(o, "wait_ms_half", tally_wait_ms(t, 50));
		out_num(o, "wait_ms_95", tally_wait_ms(t, 95));
		out_num(o, "wait_ms_99", tally_wait_ms(t, 99));
	}
}

static int
count_one(void *arg, const struct entry *e, struct err *err)
{
	struct logging *l = arg;

	return tally_add(l->tally, e, err);
}

static int
report(struct logging *l, struct err *err)
{
	if (l->html && l->env.json)
		return err_set(err, "--html and --json exclude each other");
	tally_keep_own(l->tally);
	if (l->html)
		return page_write(l->html, l->tally, &l->counts, err);
	show_head(l);
	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		show_table(l, &shown[i]);
	return 0;
}

/* What is no domain would be nobody's, and its mail not counted as ours. */
static int
own_domains(struct logging *l, struct err *err)
{
	struct domain d;

	for (size_t i = 0; i < l->own.n; i++)
		if (!domain_parse(slice_z(l->own.items[i]), &d))
			return env_wrong(
			    &l->env, l->own.items[i], "domain name", err);
	return 0;
}

static const char about[] =
    "Counts the verdicts of assayd by result, rule, domain and source: from\n"
    "log files (also .gz), - for standard input, or directories of a journal.\n"
    "Without any it reads assayd's own journal, else /var/log/mail.log, else\n"
    "what journalctl has. A domain is ours when assayd signed for it, or when\n"
    "--own names it.\n"
    "Exit status 1: there was no verdict.\n";

int
tool_log(int argc, char **argv)
{
	struct logging l = {.top = TOP};
	const struct arg args[] = {
	    FEED_ARGS(&l.feed),
	    {"own", 0, ARG_LIST, &l.own, "DOMAIN",
		"is ours as well; may be given again"},
	    {"top", 'n', ARG_NUMBER, &l.top, "N",
		"rows of a table (10; 0: all)"},
	    {"html", 0, ARG_TEXT, &l.html, "FILE",
		"write a page with charts, - for standard output"},
	};
	const struct command c = {"log", "[FILE ...]", 0, ARG_REST_MAX, about,
	    args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	struct args_rest rest;
	int status, rc = -1;

	if (!env_open_offline(&l.env, &c, argc, argv, &rest, &status))
		return status;
	if (own_domains(&l, &err) == 0)
		l.tally = tally_new(&l.own, &err);
	if (l.tally)
		rc = feed_read(
		    &l.env, &l.feed, &rest, count_one, &l, &l.counts, &err);
	if (rc == 0)
		rc = report(&l, &err);
	feed_complain(&c, &l.counts);
	status = l.counts.verdicts ? EXIT_GOOD : EXIT_BAD;
	if (rc)
		status = env_fail(&c, &err);
	else if (!l.counts.verdicts)
		(void)fprintf(stderr, "assay log: no verdict was found\n");
	tally_free(l.tally);
	return env_close(&l.env, status);
}
