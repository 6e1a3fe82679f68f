/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keys are those of journal/entry.h. A report names each domain whole, so
 * these are never cut as values of the log are: they are domains, and short.
 */
#include "engine/record.h"

#include "base/buf.h"
#include "mail/limits.h"

#define SIGNATURE_MAX 2000

static void
add_policy(struct event *e, const char *key, enum dmarc_policy published)
{
	if (published != DMARC_UNSET)
		event_z(
		    e, key, names_word(dmarc_policy_words, (int)published));
}

/* RFC 9990's policy_published. */
static void
add_published(struct event *e, const struct message *m)
{
	const struct dmarc_result *r = &m->verdict.dmarc;

	if (r->org.len)
		event_str(e, "org", domain_slice(&r->org));
	if (r->record.len == 0)
		return;
	add_policy(e, "p", r->p);
	add_policy(e, "sp", r->sp);
	add_policy(e, "np", r->np);
	event_z(e, "adkim", r->strict_dkim ? "s" : "r");
	event_z(e, "aspf", r->strict_spf ? "s" : "r");
	if (r->testing)
		event_z(e, "testing", "y");
	event_z(e, "discovery",
	    names_word(dmarc_org_words, (int)m->session->options->org_domain));
	event_str(e, "record", slice_upto(r->record, LIMIT_JOURNAL_POLICY));
}

static void
add_spf(struct event *e, const struct verdict *v)
{
	if (v->mfrom.word != AR_NOT_RUN)
		event_z(e, "spf_scope",
		    v->mfrom.identity == SPF_HELO ? "helo" : "mfrom");
	if (v->helo.word != AR_NOT_RUN && v->helo.domain.len)
		event_str(e, "spf_helo_d", domain_slice(&v->helo.domain));
}

/* Pairs within the pair. False: there is no room for it. */
static bool
add_signature(struct event *e, const struct dkim_result *r)
{
	size_t before = e->text.len;
	struct event sig;

	event_collect(&sig, SIGNATURE_MAX);
	event_z(&sig, "result", ar_word(r->word));
	event_str(&sig, "d", domain_slice(&r->domain));
	event_peer(&sig, "s", r->sig->s);
	event_peer(&sig, "a", r->sig->a);
	if (r->key_bits)
		event_num(&sig, "bits", r->key_bits);
	if (r->reason != DKIM_REASON_NONE)
		event_z(&sig, "why", dkim_reason_text(r->reason));
	event_str(e, "sig", buf_slice(&sig.text));
	buf_free(&sig.text);
	if (!e->text.over)
		return true;
	buf_cut(&e->text, before);
	return false;
}

void
record_details(struct event *e, const struct message *m)
{
	const struct verdict *v = &m->verdict;
	size_t n = 0;

	if (m->outbound)
		return;
	add_published(e, m);
	add_spf(e, v);
	if (v->ndkim > LIMIT_ENTRY_SIGNATURES)
		event_num(e, "sigs_more",
		    (int64_t)(v->ndkim - LIMIT_ENTRY_SIGNATURES));
	while (n < v->ndkim && n < LIMIT_ENTRY_SIGNATURES &&
	    add_signature(e, &v->dkim[n]))
		n++;
}
