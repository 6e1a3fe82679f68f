/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay verify: the daemon's verdict on messages in files. The message goes
 * the daemon's own way (run.h); what is explained was either kept by it or is
 * made again by the same functions.
 */
#include "tools/verify.h"

#include <string.h>

#include "tools/source.h"
#include "tools/tools.h"

struct verifying {
	struct env env;
	struct envelope_given given;
	bool explain;
	size_t total, accepted;
};

static const char *
word(const struct name *table, int value)
{
	const char *w = names_word(table, value);

	return w ? w : "";
}

/* --- parts of a verdict ------------------------------------------------------------ */

static void
show_envelope(const struct run *r, struct out *o)
{
	const struct envelope *e = &r->envelope;
	char ip[IP_TEXT_MAX], where[64];

	(void)snprintf(where, sizeof(where),
	    e->ip_given       ? "as given"
		: e->received ? "Received field %zu"
			      : "not known (--ip tells)",
	    e->received);
	out_object(o, "envelope");
	out_z(o, "client", ip_format(&e->ip, ip));
	out_z(o, "client_from", where);
	out_z(o, "name", e->name);
	out_z(o, "helo", e->helo);
	out_z(o, "mail_from", e->mail_from);
	if (!e->mail_from_given)
		out_z(o, "from_where",
		    e->mail_from[0] ? "Return-Path" : "no Return-Path: null");
	out_close(o);
}

static void
show_from(const struct run *r, struct out *o)
{
	const struct from *f = &r->message->verdict.from;

	out_object(o, "author");
	out_str(o, "domain", domain_slice(&f->domain));
	out_str(o, "address", f->address);
	if (f->status != FROM_OK)
		out_tone(o, "fault", word(from_status_words, (int)f->status),
		    OUT_BAD);
	out_close(o);
}

static void
show_iprev(const struct iprev_result *r, struct out *o)
{
	if (r->word == AR_NOT_RUN)
		return;
	out_object(o, "iprev");
	out_result(o, "result", r->word);
	out_str(o, "name", domain_slice(&r->name));
	if (r->word != AR_PASS)
		out_z(o, "why", word(iprev_reason_words, (int)r->reason));
	out_close(o);
}

static void
show_spf(const char *key, const struct spf_result *r, struct out *o)
{
	if (r->word == AR_NOT_RUN)
		return;
	out_object(o, key);
	out_result(o, "result", r->word);
	out_str(o, "domain", domain_slice(&r->domain));
	out_str(o, "matched", r->path);
	if (r->reason != SPF_MATCHED)
		out_z(o, "why", spf_reason_text(r->reason));
	out_str(o, "record", r->record);
	if (r->record.len) {
		out_num(o, "lookups", r->terms);
		out_num(o, "voids", r->voids);
	}
	out_close(o);
}

static int
show_dkim(const struct verifying *v, const struct run *r, struct out *o,
    struct err *err)
{
	const struct verdict *vd = &r->message->verdict;
	int rc = 0;

	out_array(o, "dkim");
	if (vd->ndkim == 0)
		out_line(o, OUT_PLAIN, "no signature");
	for (size_t i = 0; i < vd->ndkim && rc == 0; i++) {
		const struct dkim_result *d = &vd->dkim[i];

		out_object(o, NULL);
		out_result(o, "result", d->word);
		out_z(o, "why", dkim_reason_text(d->reason));
		out_str(o, "domain", domain_slice(&d->domain));
		out_str(o, "selector", d->sig->s);
		out_str(o, "algorithm", d->sig->a);
		if (d->key_bits)
			out_num(o, "key_bits", d->key_bits);
		if (d->testing)
			out_bool(o, "test_mode", true);
		if (v->explain && d->sig->reason == DKIM_REASON_NONE)
			rc = explain_dkim(r, o, d, err);
		out_close(o);
	}
	out_close(o);
	return rc;
}

static int
show_dmarc(const struct verifying *v, const struct run *r, struct out *o,
    struct err *err)
{
	const struct dmarc_result *d = &r->message->verdict.dmarc;
	const char *aligned = d->aligned_spf && d->aligned_dkim ? "spf, dkim"
	    : d->aligned_spf                                    ? "spf"
	    : d->aligned_dkim                                   ? "dkim"
								: "none";
	int rc = 0;

	out_object(o, "dmarc");
	out_result(o, "result", d->word);
	if (d->reason != DMARC_REASON_NONE)
		out_z(o, "why", word(dmarc_reason_words, (int)d->reason));
	out_str(o, "detail", d->detail);
	out_z(o, "policy", word(dmarc_policy_words, (int)d->effective));
	out_str(o, "record_at", domain_slice(&d->record_domain));
	out_str(o, "record", d->record);
	if (d->record.len)
		out_z(o, "aligned", aligned);
	if (v->explain && d->author.len)
		rc = explain_dmarc(r, o, err);
	out_close(o);
	return rc;
}

static enum out_tone
action_tone(enum action a)
{
	switch (a) {
	case ACTION_ACCEPT: return OUT_GOOD;
	case ACTION_QUARANTINE: return OUT_WARN;
	case ACTION_TEMPFAIL:
	case ACTION_REJECT: break;
	}
	return OUT_BAD;
}

static void
show_decision(const struct run *r, struct out *o)
{
	const struct disposition *d = &r->message->disposition;

	out_object(o, "decision");
	out_tone(o, "action", word(action_words, (int)d->action),
	    action_tone(d->action));
	if (d->would != d->action)
		out_z(o, "would", word(action_words, (int)d->would));
	out_z(o, "rule", d->rule);
	out_z(o, "exception", d->exception);
	out_z(o, "code", d->code);
	out_z(o, "xcode", d->xcode);
	out_z(o, "text", d->text);
	out_z(o, "more", d->more);
	out_close(o);
}

static void
show_edits(const struct run *r, struct out *o)
{
	const struct edits *edits = &r->message->edits;

	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == EDIT_INSERT &&
		    slice_ieqz(slice_z(edits->items[i].name),
			"Authentication-Results"))
			out_lines(o, "field",
			    slice_trim(slice_z(edits->items[i].value)));
	out_num(o, "forged_fields", (int64_t)strip_count(&r->message->strip));
}

/* --- one message ------------------------------------------------------------------------ */

static int
show(const struct verifying *v, const struct run *r, struct out *o,
    struct err *err)
{
	const struct verdict *vd = &r->message->verdict;

	show_envelope(r, o);
	show_from(r, o);
	show_iprev(&vd->iprev, o);
	show_spf("spf_helo", &vd->helo, o);
	show_spf("spf", &vd->mfrom, o);
	if (show_dkim(v, r, o, err) || show_dmarc(v, r, o, err))
		return -1;
	show_decision(r, o);
	show_edits(r, o);
	return 0;
}

static int
verify_one(void *arg, const struct source_message *m, struct err *err)
{
	struct verifying *v = arg;
	struct out *o = &v->env.out;
	struct run run;
	int rc = -1;

	if (run_open(&run, m->text, err) ||
	    envelope_find(&v->given, &run.header,
		&v->env.config->engine.internal_networks, run.arena,
		&run.envelope, err) ||
	    run_message(
		&run, &v->env, &(struct run_as){.outbound = false}, err))
		goto out;
	v->total++;
	if (run.message->disposition.action == ACTION_ACCEPT)
		v->accepted++;
	out_object(o, NULL);
	out_z(o, "file", m->name);
	if (m->number)
		out_num(o, "number", (int64_t)m->number);
	rc = show(v, &run, o, err);
	out_close(o);
	if (rc == 0 && out_flush(o))
		rc = err_set(err, "the output was cut short");
out:
	run_close(&run);
	return rc;
}

static const char about[] =
    "Judges messages as assayd would, had they just arrived, and says what it\n"
    "would do with each. MSG is a file, an mbox, a Maildir or - (also when\n"
    "there is none). Client and sender are those of the topmost Received field\n"
    "from beyond internal_networks and of Return-Path, unless they are given.\n"
    "Exit status 1: not all of them would be accepted.\n";

int
tool_verify(int argc, char **argv)
{
	struct verifying v = {.explain = false};
	const struct arg args[] = {
	    {"explain", 'e', ARG_FLAG, &v.explain, NULL,
		"show what each result was made from"},
	    {"ip", 0, ARG_TEXT, &v.given.ip, "ADDRESS", "of the client"},
	    {"helo", 0, ARG_TEXT, &v.given.helo, "NAME", "of the client"},
	    {"from", 'f', ARG_TEXT, &v.given.mail_from, "ADDRESS",
		"the envelope's sender; <> for none"},
	};
	const struct command c = {"verify", "[MSG ...]", 0, ARG_REST_MAX,
	    about, args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	struct args_rest rest;
	int status, rc = 0;

	if (!env_open(&v.env, &c, argc, argv, &rest, &status))
		return status;
	if (v.given.ip && ip_parse(slice_z(v.given.ip), &(struct ip){0}))
		rc = env_wrong(&v.env, v.given.ip, "IP address", &err);
	if (rest.n == 0)
		rest.items[rest.n++] = "-";
	out_flat_array(&v.env.out, "messages");
	for (size_t i = 0; i < rest.n && rc == 0; i++)
		rc = source_each(rest.items[i], verify_one, &v, &err);
	out_close(&v.env.out);
	status = v.accepted == v.total ? EXIT_GOOD : EXIT_BAD;
	if (rc)
		status = env_fail(&c, &err);
	return env_close(&v.env, status);
}
