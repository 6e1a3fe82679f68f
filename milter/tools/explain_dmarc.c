/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the DMARC result was made from: the tree walk (RFC 9989 section 4.10)
 * and, for each identifier, its organization and whether it aligns.
 */
#include "dmarc/align.h"
#include "dmarc/discover.h"
#include "dmarc/psl.h"
#include "tools/verify.h"

struct explaining {
	const struct run *run;
	struct dmarc_tree tree;
	struct out *out;
	struct err *err;
};

static int
show_walk(struct explaining *x, const struct domain *author)
{
	struct dmarc_walk walk;

	if (dmarc_tree_walk(&x->tree, author, &walk))
		return err_no_mem(x->err);
	out_array(x->out, "walk");
	for (size_t i = 0; i < walk.n; i++) {
		const struct dmarc_node *n = walk.nodes[i];
		char name[DMARC_QUERY_NAME];

		out_object(x->out, NULL);
		out_str(x->out, "asked", dmarc_query_name(&n->name, name));
		if (n->dns != DNS_OK)
			out_z(x->out, "dns",
			    names_word(dns_status_words, (int)n->dns));
		if (n->found)
			out_str(x->out, "record", n->record.text);
		else if (n->record.reason != DMARC_REASON_NONE)
			out_z(x->out, "skipped",
			    names_word(
				dmarc_reason_words, (int)n->record.reason));
		out_close(x->out);
	}
	out_close(x->out);
	return 0;
}

/* The Organizational Domain of d as the configuration has it found. 0, -1. */
static int
org_of(struct explaining *x, const struct domain *d, struct domain *org)
{
	const struct session *s = x->run->session;
	struct dmarc_walk walk;

	*org = *d;
	if (s->options->org_domain == DMARC_ORG_PSL) {
		(void)dmarc_psl_org(s->engine->psl, d, org);
		return 0;
	}
	if (dmarc_tree_walk(&x->tree, d, &walk))
		return err_no_mem(x->err);
	if (!dmarc_walk_org(&walk, org))
		*org = (struct domain){.len = 0};
	return 0;
}

static int
show_identifier(struct explaining *x, const char *method, enum ar_word word,
    const struct domain *id, bool strict)
{
	const struct dmarc_result *d = &x->run->message->verdict.dmarc;
	struct domain org;
	bool aligned = false;

	if (id->len == 0 || word == AR_NOT_RUN)
		return 0;
	if (org_of(x, id, &org))
		return -1;
	switch (
	    dmarc_kin(&d->author, d->org.len ? &d->org : NULL, id, strict)) {
	case DMARC_KIN_SAME: aligned = true; break;
	case DMARC_KIN_BY_ORG: aligned = domain_eq(&org, &d->org); break;
	case DMARC_KIN_NONE: break;
	}
	out_object(x->out, NULL);
	out_z(x->out, "method", method);
	out_str(x->out, "identifier", domain_slice(id));
	out_result(x->out, "result", word);
	out_str(x->out, "org", domain_slice(&org));
	out_z(x->out, "mode", strict ? "strict" : "relaxed");
	out_tone(x->out, "aligned", aligned ? "yes" : "no",
	    aligned ? OUT_GOOD : OUT_BAD);
	out_tone(x->out, "counts", aligned && word == AR_PASS ? "yes" : "no",
	    aligned && word == AR_PASS ? OUT_GOOD : OUT_PLAIN);
	out_close(x->out);
	return 0;
}

int
explain_dmarc(const struct run *r, struct out *o, struct err *err)
{
	const struct verdict *v = &r->message->verdict;
	const struct dmarc_result *d = &v->dmarc;
	struct explaining x = {.run = r,
	    .tree = DMARC_TREE(r->message->inquiry, r->arena),
	    .out = o,
	    .err = err};
	int rc;

	out_str(o, "author_org", domain_slice(&d->org));
	out_z(o, "author_exists",
	    names_word(dmarc_existence_words, (int)d->author_exists));
	rc = show_walk(&x, &d->author);
	out_array(o, "alignment");
	if (rc == 0)
		rc = show_identifier(
		    &x, "spf", v->mfrom.word, &v->mfrom.domain, d->strict_spf);
	for (size_t i = 0; i < v->ndkim && rc == 0; i++)
		rc = show_identifier(&x, "dkim", v->dkim[i].word,
		    &v->dkim[i].domain, d->strict_dkim);
	out_close(o);
	return rc;
}
