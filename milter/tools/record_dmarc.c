/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay record dmarc (RFC 9989 section 4.7): tags that it knows, no historic
 * one; and a way to p=reject in stages.
 */
#include <stdio.h>
#include <string.h>

#include "dmarc/uri.h"
#include "tools/record.h"

struct dmarc_choice {
	const char *p, *sp, *np, *adkim, *aspf, *psd, *fo, *stage;
	bool testing;
	struct arg_list rua, ruf;
};

/* t=y asks for one policy less than p= (RFC 9989 section 4.7). */
static const struct stage {
	const char *p, *np, *text;
	bool testing;
} stages[] = {
    {"none", NULL,
	"watch: two to four weeks of reports, until every sender "
	"of yours passes",
	false},
    {"quarantine", "reject",
	"announce: receivers still deliver, forwarders "
	"begin to rewrite; two weeks",
	true},
    {"quarantine", "reject",
	"quarantine: what fails goes to spam folders; "
	"a month, with an eye on reports",
	false},
    {"reject", "reject", "announce: receivers still quarantine; two weeks",
	true},
    {"reject", "reject", "reject: what fails is refused", false},
};

/* --- one record ---------------------------------------------------------------------- */

static void
add_word(struct record_tool *t, struct buf *b, const char *tag,
    const char *value, const char *const *words)
{
	if (!value)
		return;
	for (; *words; words++) {
		if (!strcmp(*words, value)) {
			buf_addf(b, "; %s=%s", tag, value);
			return;
		}
	}
	record_refuse(t, "\"%.100s\" is no value of %s=", value, tag);
}

static void
add_list(struct record_tool *t, struct buf *b, const char *tag,
    const struct arg_list *list, const char *otherwise)
{
	struct buf uris = BUF_INIT(LIMIT_DMARC_RECORD);

	for (size_t i = 0; i < list->n; i++)
		if (!record_add_uri(&uris, list->items[i], false))
			record_refuse(t, "\"%.100s\" is no mail address",
			    list->items[i]);
	if (list->n == 0 && otherwise &&
	    record_add_uri(&uris, otherwise, false))
		record_remark(t,
		    "reports go to %s: make that mailbox, or say --rua",
		    otherwise);
	if (uris.len)
		buf_addf(b, "; %s=%s", tag, buf_str(&uris));
	buf_free(&uris);
}

/* Any of 0, 1, d, s with ":" between; without ruf it would mean nothing. */
static void
add_fo(struct record_tool *t, struct buf *b, const struct dmarc_choice *o)
{
	struct slice rest = slice_z(o->fo), one;
	bool more = rest.len > 0, good = more;

	if (!o->fo)
		return;
	while (more) {
		one = slice_cut(&rest, ':', &more);
		good &= one.len == 1 && strchr("01ds", one.ptr[0]);
	}
	if (!good)
		record_refuse(t, "--fo is one or more of 0:1:d:s");
	else if (o->ruf.n == 0)
		record_refuse(t, "--fo means nothing without --ruf");
	else
		buf_addf(b, "; fo=%s", o->fo);
}

static void
build(struct record_tool *t, const struct dmarc_choice *o, struct buf *b)
{
	static const char *const policies[] = {
	    "none", "quarantine", "reject", NULL};
	static const char *const ways[] = {"r", "s", NULL};
	static const char *const psds[] = {"y", "n", NULL};
	char reports[LIMIT_DOMAIN + 16];

	(void)snprintf(
	    reports, sizeof(reports), "dmarc@%s", t->check.domain.text);
	buf_addz(b, "v=DMARC1");
	add_word(t, b, "p", o->p, policies);
	add_word(t, b, "sp", o->sp, policies);
	add_word(t, b, "np", o->np, policies);
	add_word(t, b, "adkim", o->adkim, ways);
	add_word(t, b, "aspf", o->aspf, ways);
	if (o->testing)
		buf_addz(b, "; t=y");
	add_word(t, b, "psd", o->psd, psds);
	add_list(t, b, "rua", &o->rua, reports);
	add_list(t, b, "ruf", &o->ruf, NULL);
	add_fo(t, b, o);
}

/* --- who else publishes ---------------------------------------------------------------- */

/* RFC 9990 section 4: a host elsewhere says that it takes the reports. */
static void
add_permission(struct record_tool *t, const char *address)
{
	size_t at = slice_rfind(slice_z(address), '@');
	struct slice rest = slice_from(slice_z(address), at + 1);
	char name[2 * LIMIT_DOMAIN + 32];
	struct domain host;

	if (!domain_parse(slice_upto(rest, slice_find(rest, '?')), &host) ||
	    domain_is_under(&host, &t->check.domain) ||
	    domain_is_under(&t->check.domain, &host))
		return;
	(void)snprintf(name, sizeof(name), "%s._report._dmarc.%s",
	    t->check.domain.text, host.text);
	for (size_t i = 0; i < t->n; i++)
		if (slice_eqz(t->entries[i].name, name))
			return;
	record_add_for(t, slice_z(name),
	    arena_strdup(t->check.arena, domain_slice(&host)),
	    SLICE_LIT("v=DMARC1"));
}

static void
add_permissions(struct record_tool *t, const struct dmarc_choice *o)
{
	for (size_t i = 0; i < o->rua.n; i++)
		add_permission(t, o->rua.items[i]);
	for (size_t i = 0; i < o->ruf.n; i++)
		add_permission(t, o->ruf.items[i]);
}

/* --- stages ------------------------------------------------------------------------------ */

static void
take_stage(struct dmarc_choice *o, const struct stage *s)
{
	o->p = s->p;
	o->testing = s->testing;
	if (!o->np && s->np && (!o->sp || !strcmp(o->sp, s->p)))
		o->np = s->np;
}

static void
show_plan(struct record_tool *t, const struct dmarc_choice *o)
{
	struct out *out = &t->check.env.out;

	out_array(out, "plan");
	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		struct dmarc_choice one = *o;
		struct buf b = BUF_INIT(LIMIT_DMARC_RECORD);

		take_stage(&one, &stages[i]);
		build(t, &one, &b);
		out_object(out, NULL);
		out_num(out, "stage", (int64_t)i + 1);
		out_z(out, "what", stages[i].text);
		out_str(out, "record", buf_slice(&b));
		out_close(out);
		buf_free(&b);
	}
	out_close(out);
	if (!t->refused)
		buf_clear(&t->remarks);
	out_line(out, OUT_PLAIN, "Stage 1, to be published now:");
}

static void
make(struct record_tool *t, struct dmarc_choice *o)
{
	struct buf b = BUF_INIT(LIMIT_DMARC_RECORD);
	bool plan = o->stage && !strcmp(o->stage, "all");
	uint64_t n = 1;

	if (o->stage && (o->p || o->testing))
		record_refuse(t,
		    "--stage says what --policy and --testing "
		    "would: leave these out");
	else if (o->stage && !plan &&
	    (slice_u64(slice_z(o->stage), ARRAY_LEN(stages), &n) || n == 0))
		record_refuse(t, "--stage is 1 to 5, or all");
	else if (plan)
		show_plan(t, o);
	if (t->refused)
		return;
	if (o->stage) {
		take_stage(o, &stages[n - 1]);
		record_remark(t, "stage %d: %s", (int)n, stages[n - 1].text);
	} else if (!o->p) {
		o->p = "none";
		record_remark(t,
		    "p=none only watches; --stage all shows the "
		    "way to p=reject");
	}
	build(t, o, &b);
	if (buf_status(&b))
		record_refuse(t, "the record is too long");
	record_add(t, "_dmarc", DNS_TXT, buf_slice(&b));
	add_permissions(t, o);
	buf_free(&b);
}

/* Whether there is a DKIM key is not this record's question. */
static void
check_policy(struct check *c)
{
	c->has_key = true;
	check_dmarc(c);
}

static const char about[] =
    "Makes the DMARC record of DOMAIN. --stage all shows a way to p=reject in\n"
    "five steps, with the record of each; --stage N makes that record. Where\n"
    "reports go to another domain, its record is shown as well. Exit status 1:\n"
    "refused.\n";

int
tool_record_dmarc(int argc, char **argv)
{
	/* Misplaced by somebody before: not of what is made here. */
	static const enum finding others[] = {FIND_DMARC_AT_DOMAIN};
	struct record_tool t = {.n = 0};
	struct dmarc_choice o = {.p = NULL};
	const struct arg args[] = {
	    {"policy", 'p', ARG_TEXT, (void *)&o.p, "WORD",
		"none, quarantine, reject"},
	    {"sp", 0, ARG_TEXT, (void *)&o.sp, "WORD", "of subdomains"},
	    {"np", 0, ARG_TEXT, (void *)&o.np, "WORD",
		"of subdomains that do not exist"},
	    {"stage", 0, ARG_TEXT, (void *)&o.stage, "N",
		"of the way to reject: 1 to 5, all"},
	    {"rua", 0, ARG_LIST, &o.rua, "ADDRESS",
		"daily reports (dmarc@DOMAIN)"},
	    {"ruf", 0, ARG_LIST, &o.ruf, "ADDRESS", "failure reports"},
	    {"fo", 0, ARG_TEXT, (void *)&o.fo, "WHEN",
		"failures to report: 0, 1, d, s"},
	    {"adkim", 0, ARG_TEXT, (void *)&o.adkim, "WAY",
		"DKIM alignment: r, s (strict)"},
	    {"aspf", 0, ARG_TEXT, (void *)&o.aspf, "WAY",
		"SPF alignment: r, s (strict)"},
	    {"psd", 0, ARG_TEXT, (void *)&o.psd, "WORD",
		"a public suffix: y, n"},
	    {"testing", 't', ARG_FLAG, &o.testing, NULL,
		"t=y: apply the next weaker policy"},
	    RECORD_ARGS(&t),
	};
	const struct command c = {
	    "record dmarc", "DOMAIN", 1, 1, about, args, ARRAY_LEN(args)};
	int status;

	if (!record_open(&t, &c, argc, argv, &status))
		return status;
	make(&t, &o);
	return record_close(&t, &c, check_policy, others, ARRAY_LEN(others));
}
