/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an administrator reads. The keys of the verdict event are documented
 * in assayd(8); they are an interface and are not renamed.
 */
#include "engine/report.h"

#include <stdio.h>

#include "base/buf.h"
#include "engine/compat.h"
#include "engine/record.h"
#include "journal/journal.h"
#include "mail/limits.h"

static void
event_word(
    struct event *e, const char *key, const struct name *table, int value)
{
	const char *word = names_word(table, value);

	if (word && word[0])
		event_z(e, key, word);
}

/* --- inbound ------------------------------------------------------------------- */

static void
report_spf(struct event *e, const struct verdict *v)
{
	const struct spf_result *r = &v->mfrom;

	if (r->word == AR_NOT_RUN)
		return;
	event_z(e, "spf", ar_word(r->word));
	if (r->domain.len)
		event_str(e, "spf_d", domain_slice(&r->domain));
	if (r->path.len)
		event_peer(e, "spf_term", r->path);
	if (r->reason != SPF_MATCHED)
		event_z(e, "spf_why", spf_reason_text(r->reason));
	if (v->helo.word != AR_NOT_RUN)
		event_z(e, "spf_helo", ar_word(v->helo.word));
	event_num(e, "spf_lookups", r->terms);
	event_num(e, "spf_voids", r->voids);
	/* What somebody will want to read who asks why. */
	if (r->record.len && r->word != AR_PASS)
		event_peer(e, "spf_record", r->record);
}

/* The signature a reader asks about first: aligned, else passing, else top. */
static size_t
main_signature(const struct verdict *v)
{
	if (v->dmarc.aligned_dkim && v->dmarc.aligned_dkim_index < v->ndkim)
		return v->dmarc.aligned_dkim_index;
	for (size_t i = 0; i < v->ndkim; i++)
		if (v->dkim[i].word == AR_PASS)
			return i;
	return 0;
}

static void
report_dkim(struct event *e, const struct verdict *v)
{
	const struct dkim_result *r;

	if (v->ndkim == 0) {
		event_z(e, "dkim", "none");
		return;
	}
	r = &v->dkim[main_signature(v)];
	event_z(e, "dkim", ar_word(r->word));
	event_str(e, "dkim_d", domain_slice(&r->domain));
	event_peer(e, "dkim_s", r->sig->s);
	event_peer(e, "dkim_a", r->sig->a);
	if (r->reason != DKIM_REASON_NONE)
		event_z(e, "dkim_why", dkim_reason_text(r->reason));
	if (r->unsigned_octets)
		event_num(e, "dkim_unsigned", (int64_t)r->unsigned_octets);
	if (v->ndkim > 1) {
		struct buf all = BUF_INIT(2000);

		for (size_t i = 0; i < v->ndkim; i++)
			buf_addf(&all, "%s%s:%s", i ? "," : "",
			    ar_word(v->dkim[i].word), v->dkim[i].domain.text);
		event_str(e, "dkim_all", buf_slice(&all));
		buf_free(&all);
	}
}

static void
report_dmarc(struct event *e, const struct verdict *v)
{
	const struct dmarc_result *r = &v->dmarc;

	event_z(e, "dmarc", ar_word(r->word));
	if (r->effective != DMARC_UNSET)
		event_z(e, "policy",
		    names_word(dmarc_policy_words, (int)r->effective));
	if (r->record_domain.len)
		event_str(e, "policy_d", domain_slice(&r->record_domain));
	if (r->aligned_spf || r->aligned_dkim)
		event_z(e, "aligned",
		    !r->aligned_dkim     ? "spf"
			: r->aligned_spf ? "spf,dkim"
					 : "dkim");
	if (r->reason != DMARC_REASON_NONE)
		event_word(e, "dmarc_why", dmarc_reason_words, (int)r->reason);
	if (r->detail.len)
		event_peer(e, "dmarc_at", r->detail);
	if (r->reason != DMARC_REASON_NONE && r->record.len)
		event_peer(e, "dmarc_record", r->record);
	if (r->psl_differs)
		event_z(e, "psl", "differs");
}

static void
report_decision(struct event *e, const struct message *m)
{
	const struct disposition *d = &m->disposition;

	event_word(e, "action", action_words, (int)d->action);
	event_z(e, "rule", d->rule);
	if (d->would != d->action)
		event_word(e, "would", action_words, (int)d->would);
	event_word(e, "override", policy_override_words, (int)d->override);
	if (d->exception[0])
		event_z(e, "exception", d->exception);
	event_word(e, "forward", forward_sign_words, (int)m->forward);
	if (m->differences.len)
		event_peer(e, "differs", m->differences);
}

static void
report_inbound(struct event *e, const struct message *m)
{
	const struct verdict *v = &m->verdict;

	if (v->iprev.word != AR_NOT_RUN)
		event_z(e, "iprev", ar_word(v->iprev.word));
	report_spf(e, v);
	report_dkim(e, v);
	report_dmarc(e, v);
	report_decision(e, m);
}

/* --- outbound ------------------------------------------------------------------- */

static void
report_outbound(struct event *e, const struct message *m)
{
	const struct signing *sg = m->signing;
	struct buf all = BUF_INIT(2000);

	for (size_t i = 0; i < sg->n; i++)
		buf_addf(&all, "%s%s:%s:%s", i ? "," : "",
		    sg->keys[i].domain.text, sg->keys[i].selector,
		    names_word(dkim_alg_words, (int)sg->keys[i].alg));
	if (m->session->options->policy.observe && sg->n)
		event_str(e, "would_sign", buf_slice(&all));
	else
		event_str(
		    e, "signed", sg->n ? buf_slice(&all) : SLICE_LIT("no"));
	if (sg->n == 0 && sg->why)
		event_z(e, "why", sg->why);
	if (m->verdict.auth.user.len)
		event_peer(e, "user", m->verdict.auth.user);
	event_z(
	    e, "action", names_word(action_words, (int)m->disposition.action));
	if (m->disposition.action != ACTION_ACCEPT)
		event_z(e, "rule", m->disposition.rule);
	buf_free(&all);
}

/* --- what is told of a domain once an hour ------------------------------------------ */

/* RFC 7208 sections 5.1, 5.5 and 11.4: what lets nearly anybody pass. */
static void
tell_weak_spf(const struct message *m, const struct spf_result *r)
{
	const struct engine *engine = m->session->engine;
	const struct {
		bool is;
		const char *what;
	} flags[] = {
	    {r->all_pass, "+all"},
	    {r->all_neutral, "?all"},
	    {r->broad, "broad network"},
	    {r->ptr, "ptr"},
	};
	struct buf what = BUF_INIT(100);
	uint64_t untold;
	struct event e;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (flags[i].is)
			buf_addf(
			    &what, "%s%s", what.len ? "," : "", flags[i].what);
	if (what.len && engine->tells &&
	    quota_ask(engine->tells, domain_slice(&r->domain),
		clock_mono_ms(engine->clock), &untold)) {
		event_begin(
		    &e, engine->log, LOG_LEVEL_INFO, "spf_weak", SLICE_EMPTY);
		event_str(&e, "d", domain_slice(&r->domain));
		event_str(&e, "what", buf_slice(&what));
		event_peer(&e, "record", r->record);
		if (untold)
			event_num(&e, "untold", (int64_t)untold);
		event_end(&e);
	}
	buf_free(&what);
}

/* --- the line ----------------------------------------------------------------------- */

static void
tell_who(struct event *e, const struct message *m)
{
	const struct session *s = m->session;
	char ip[IP_TEXT_MAX];

	event_z(e, "direction", m->outbound ? "outbound" : "inbound");
	if (m->verdict.from.status == FROM_OK)
		event_str(e, "from", domain_slice(&m->verdict.from.domain));
	else
		event_word(e, "from_why", from_status_words,
		    (int)m->verdict.from.status);
	event_peer(e, "mfrom",
	    m->verdict.mailfrom.valid ? m->verdict.mailfrom.address
				      : m->verdict.mailfrom.given);
	event_z(e, "client", ip_format(&s->ip, ip));
	event_peer(e, "name", slice_z(s->client_name));
	event_peer(e, "helo", slice_z(s->helo));
}

/* Last, since nothing else must be cut for their sake. */
static void
tell_texts(struct event *e, const struct message *m)
{
	const struct disposition *d = &m->disposition;
	size_t at = header_last(&m->header, SLICE_LIT("Message-ID"));
	char reply[DISPOSITION_TEXT_MAX + 20];
	struct slice mid;

	if (at != FIELD_NONE &&
	    field_unfold(&m->header.fields[at], m->arena, &mid) == 0)
		event_peer(e, "mid", slice_upto(mid, LIMIT_MESSAGE_ID));
	if (d->action != ACTION_REJECT && d->action != ACTION_TEMPFAIL)
		return;
	(void)snprintf(
	    reply, sizeof(reply), "%s %s %s", d->code, d->xcode, d->text);
	event_peer(e, "reply", slice_z(reply));
}

/* What log and journal have in common. */
static void
tell_all(struct event *e, const struct message *m)
{
	const struct engine *engine = m->session->engine;

	tell_who(e, m);
	if (m->outbound)
		report_outbound(e, m);
	else
		report_inbound(e, m);
	if (strip_count(&m->strip))
		event_num(e,
		    m->session->options->policy.observe ? "would_strip"
							: "stripped",
		    (int64_t)strip_count(&m->strip));
	if (m->authres_dropped)
		event_num(e, "ar_dropped", (int64_t)m->authres_dropped);
	event_num(e, "ms", clock_mono_ms(engine->clock) - m->begun_ms);
	if (m->deadline_ms)
		event_num(e, "wait_ms",
		    clock_mono_ms(engine->clock) -
			(m->deadline_ms -
			    m->session->options->deadline_s * 1000));
	tell_texts(e, m);
}

/* As JSON, or where it must be cut, value by value. */
static void
add_common(struct event *e, struct slice common, const struct message *m)
{
	if (!event_pairs(e, common))
		tell_all(e, m);
}

static void
keep_record(const struct message *m, struct slice common, const char *qid)
{
	const struct engine *engine = m->session->engine;
	struct event e;

	if (!engine->journal)
		return;
	event_collect(&e, LIMIT_JOURNAL_RECORD);
	event_num(&e, "time", clock_now_s(engine->clock));
	event_z(&e, "qid", qid);
	add_common(&e, common, m);
	record_details(&e, m);
	journal_put(engine->journal, buf_slice(&e.text));
	buf_free(&e.text);
}

void
report_message(const struct message *m, const char *qid)
{
	struct event common, e;
	struct slice pairs;

	event_collect(&common, LIMIT_JOURNAL_RECORD);
	tell_all(&common, m);
	pairs =
	    buf_status(&common.text) ? SLICE_EMPTY : buf_slice(&common.text);
	event_begin(&e, m->session->engine->log, LOG_LEVEL_INFO, "verdict",
	    slice_z(qid));
	add_common(&e, pairs, m);
	event_end(&e);
	keep_record(m, pairs, qid);
	buf_free(&common.text);
	compat_message(m, qid);
	tell_weak_spf(m, &m->verdict.mfrom);
	tell_weak_spf(m, &m->verdict.helo);
}

void
report_error(const struct message *m, const char *qid, const struct err *err,
    const char *answer)
{
	struct event e;

	event_begin(&e, m->session->engine->log, LOG_LEVEL_ERROR,
	    "internal_error", slice_z(qid));
	tell_who(&e, m);
	event_z(&e, "why", err->text);
	event_z(&e, "answer", answer);
	event_end(&e);
}
