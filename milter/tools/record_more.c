/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay record mta-sts (RFC 8461), tls-rpt (RFC 8460), bimi (its draft).
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dns/rdata.h"
#include "tools/http.h"
#include "tools/record.h"

/* --- MTA-STS ----------------------------------------------------------------------------- */

struct sts_choice {
	struct arg_list mx;
	const char *mode, *id;
	int64_t max_age_s;
};

/* Without --mx: what DNS has. */
static void
find_mx(struct record_tool *t, struct sts_policy *p)
{
	struct check *c = &t->check;
	const struct answer *a =
	    check_ask(c, domain_slice(&c->domain), DNS_MX);

	for (size_t i = 0; i < a->nrr && p->nmx < STS_MX_MAX; i++) {
		char host[RDATA_NAME_MAX];
		uint16_t preference;

		if (rdata_mx(a->rdata[i], &preference, host) && host[0] &&
		    arena_copy(c->arena, slice_z(host), &p->mx[p->nmx]) == 0)
			p->nmx++;
	}
	if (p->nmx == 0)
		record_refuse(t,
		    "DNS shows no MX host of %s: name them "
		    "with --mx",
		    c->domain.text);
}

/* "20261121180000": one that was not there before. */
static void
make_id(const struct record_tool *t, char out[32])
{
	time_t now = (time_t)clock_now_s(t->check.env.engine.clock);
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&now, &tm))
		(void)strftime(out, 32, "%Y%m%d%H%M%S", &tm);
}

static void
add_id(struct record_tool *t, const struct sts_choice *o)
{
	char made[32], text[128];
	const char *id = o->id ? o->id : made;

	make_id(t, made);
	(void)snprintf(text, sizeof(text), "v=STSv1; id=%.64s", id);
	record_add(t, "_mta-sts", DNS_TXT, slice_z(text));
}

static void
make_sts(struct record_tool *t, const struct sts_choice *o)
{
	struct sts_policy p = {.max_age_s = (uint64_t)o->max_age_s};
	struct sts_policy again;
	struct buf file = BUF_INIT(STS_OCTETS_MAX);
	char url[LIMIT_DOMAIN + 64];
	int mode;

	if (names_value(sts_modes, slice_z(o->mode), &mode)) {
		record_refuse(t, "--mode is enforce, testing or none");
		return;
	}
	p.mode = (enum sts_mode)mode;
	for (size_t i = 0; i < o->mx.n; i++)
		p.mx[p.nmx++] = slice_z(o->mx.items[i]);
	if (p.nmx == 0 && p.mode != STS_NONE)
		find_mx(t, &p);
	sts_policy_write(&p, &file);
	sts_policy_parse(buf_slice(&file), &again);
	if (again.fault != STS_OK && !t->refused)
		record_refuse(t, "%s: " SLICE_FMT,
		    names_word(sts_faults, (int)again.fault),
		    SLICE_ARG(slice_upto(again.at, 200)));
	add_id(t, o);
	(void)snprintf(url, sizeof(url),
	    "https://mta-sts.%s/.well-known/mta-sts.txt",
	    t->check.domain.text);
	if (arena_copy(t->check.arena, buf_slice(&file), &t->file) ||
	    arena_copy(t->check.arena, slice_z(url), &t->file_url))
		t->check.no_memory = true;
	if (!t->refused)
		record_remark(t,
		    "a new id= whenever the file changes; assay record "
		    "tls-rpt has failures reported");
	buf_free(&file);
}

static const char sts_about[] =
    "Makes the MTA-STS record of DOMAIN and the policy file for\n"
    "https://mta-sts.DOMAIN/.well-known/mta-sts.txt. Exit status 1: refused.\n";

int
tool_record_mta_sts(int argc, char **argv)
{
	static const enum finding others[] = {FIND_STS_HOST};
	struct record_tool t = {.n = 0};
	struct sts_choice o = {.mode = "testing", .max_age_s = 604800};
	const struct arg args[] = {
	    {"mx", 0, ARG_LIST, &o.mx, "HOST",
		"or *.NAME (those that DNS has)"},
	    {"mode", 0, ARG_TEXT, (void *)&o.mode, "MODE",
		"testing, enforce, none"},
	    {"max-age", 0, ARG_NUMBER, &o.max_age_s, "SECONDS",
		"how long senders keep it (604800)"},
	    {"id", 0, ARG_TEXT, (void *)&o.id, "ID",
		"letters and digits (the time)"},
	    RECORD_ARGS(&t),
	};
	const struct command c = {"record mta-sts", "DOMAIN", 1, 1, sts_about,
	    args, ARRAY_LEN(args)};
	int status;

	if (!record_open(&t, &c, argc, argv, &status))
		return status;
	t.check.inquiry = env_inquiry(&t.check.env, 10);
	if (t.check.inquiry)
		make_sts(&t, &o);
	else
		t.check.no_memory = true;
	inquiry_free(t.check.inquiry);
	return record_close(&t, &c, check_sts, others, ARRAY_LEN(others));
}

/* --- TLS-RPT ------------------------------------------------------------------------------- */

static const char tlsrpt_about[] =
    "Makes the TLS-RPT record of DOMAIN: where reports about TLS go.\n"
    "Exit status 1: refused.\n";

int
tool_record_tls_rpt(int argc, char **argv)
{
	struct record_tool t = {.n = 0};
	struct arg_list rua = {.n = 0};
	const struct arg args[] = {
	    {"rua", 0, ARG_LIST, &rua, "ADDRESS",
		"or https: address (tls-rpt@DOMAIN)"},
	    RECORD_ARGS(&t),
	};
	const struct command c = {"record tls-rpt", "DOMAIN", 1, 1,
	    tlsrpt_about, args, ARRAY_LEN(args)};
	struct buf uris = BUF_INIT(8000), text = BUF_INIT(8192);
	char otherwise[LIMIT_DOMAIN + 16];
	int status;

	if (!record_open(&t, &c, argc, argv, &status))
		return status;
	(void)snprintf(
	    otherwise, sizeof(otherwise), "tls-rpt@%s", t.check.domain.text);
	if (rua.n == 0) {
		rua.items[rua.n++] = otherwise;
		record_remark(&t,
		    "reports go to %s: make that mailbox, or say --rua",
		    otherwise);
	}
	for (size_t i = 0; i < rua.n; i++)
		if (!record_add_uri(&uris, rua.items[i], true))
			record_refuse(&t,
			    "\"%.100s\" is no mail or https: address",
			    rua.items[i]);
	buf_addf(&text, "v=TLSRPTv1; rua=%s", buf_str(&uris));
	record_add(&t, "_smtp._tls", DNS_TXT, buf_slice(&text));
	buf_free(&uris);
	buf_free(&text);
	return record_close(&t, &c, check_tlsrpt, NULL, 0);
}

/* --- BIMI ----------------------------------------------------------------------------------- */

struct bimi_choice {
	const char *logo, *evidence, *selector;
	bool decline;
};

static bool
is_url(const char *text)
{
	struct slice host, path;

	/* "," and ";" would end it. */
	return http_url_split(slice_z(text), &host, &path) &&
	    !strchr(text, ',') && !strchr(text, ';');
}

static void
make_bimi(struct record_tool *t, const struct bimi_choice *o)
{
	struct buf text = BUF_INIT(8192);
	char label[128];
	struct domain d;

	if (!domain_parse(slice_z(o->selector), &d) || d.len > 63)
		record_refuse(t, "\"%.100s\" is no selector", o->selector);
	if (o->decline == (o->logo || o->evidence))
		record_refuse(t, "say --logo URL, or --decline");
	else if (!o->decline && (!o->logo || !is_url(o->logo)))
		record_refuse(t, "--logo is an https: address");
	else if (o->evidence && !is_url(o->evidence))
		record_refuse(t, "--evidence is an https: address");
	buf_addf(&text, "v=BIMI1; l=%s; a=%s", o->logo ? o->logo : "",
	    o->evidence ? o->evidence : "");
	(void)snprintf(label, sizeof(label), "%.63s._bimi", o->selector);
	record_add(t, label, DNS_TXT, buf_slice(&text));
	if (strcmp(o->selector, "default") != 0)
		record_remark(t,
		    "messages must name this selector in a "
		    "BIMI-Selector field");
	buf_free(&text);
}

/* check_bimi looks at the policy that check_dmarc finds. */
static void
check_both(struct check *c)
{
	c->has_key = true;
	check_dmarc(c);
	c->nfound = 0;
	check_bimi(c);
}

static const char bimi_about[] =
    "Makes the BIMI record of DOMAIN. The logo itself is looked at by assay\n"
    "check. Exit status 1: refused.\n";

int
tool_record_bimi(int argc, char **argv)
{
	static const enum finding others[] = {FIND_BIMI_POLICY};
	struct record_tool t = {.n = 0};
	struct bimi_choice o = {.selector = "default"};
	const struct arg args[] = {
	    {"logo", 0, ARG_TEXT, (void *)&o.logo, "URL",
		"of an SVG Tiny PS file"},
	    {"evidence", 0, ARG_TEXT, (void *)&o.evidence, "URL",
		"of its certificate (VMC, CMC)"},
	    {"selector", 's', ARG_TEXT, (void *)&o.selector, "NAME",
		"of the record (default)"},
	    {"decline", 0, ARG_FLAG, &o.decline, NULL,
		"say that there is no logo"},
	    RECORD_ARGS(&t),
	};
	const struct command c = {
	    "record bimi", "DOMAIN", 1, 1, bimi_about, args, ARRAY_LEN(args)};
	int status;

	if (!record_open(&t, &c, argc, argv, &status))
		return status;
	make_bimi(&t, &o);
	return record_close(&t, &c, check_both, others, ARRAY_LEN(others));
}
