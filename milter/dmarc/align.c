/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 9989 section 4.4: strict alignment is equality, relaxed alignment is
 * equality of Organizational Domains, each found by its own walk. Names are
 * compared as they are (in their one form, see mail/domain.h): never
 * rewritten, never by a suffix alone.
 */
#include "dmarc/align.h"

#include "mail/limits.h"

enum verdict { /* of one identifier */
	NO,
	YES,
	PENDING, /* an answer is missing */
	SKIPPED, /* one too many */
};

struct aligner {
	const struct dmarc_request *request;
	const struct dmarc_author *author;
	struct dmarc_tree *tree;
	struct dmarc_alignment *out;
	/* Identifiers whose own organization was looked for. */
	struct {
		const struct domain *domain;
		enum verdict verdict;
	} judged[LIMIT_DMARC_IDENTIFIERS];
	size_t n;
};

enum dmarc_kin
dmarc_kin(const struct domain *author, const struct domain *org,
    const struct domain *identifier, bool strict)
{
	struct domain top = org ? *org : domain_tail(author, 1);

	if (identifier->len == 0 || author->len == 0)
		return DMARC_KIN_NONE;
	/* Section 4.10.2: the same name needs no walk. */
	if (domain_eq(author, identifier))
		return DMARC_KIN_SAME;
	if (strict)
		return DMARC_KIN_NONE;
	/*
	 * A name's Organizational Domain is the name itself or stands above
	 * it. So what is not below the author's can't have the same, and a
	 * stranger's broken name server has no say in the result.
	 */
	return domain_is_under(identifier, &top) ? DMARC_KIN_BY_ORG
						 : DMARC_KIN_NONE;
}

struct domain
dmarc_org_by_psl(const struct dmarc_request *q, const struct domain *d)
{
	struct domain org;

	return q->psl_org(q->psl_ctx, d, &org) ? org : *d;
}

static int
compare_orgs(
    struct aligner *a, const struct domain *identifier, enum verdict *out)
{
	const struct dmarc_node *missing = a->author->broken;
	struct domain org = *identifier;
	struct dmarc_walk walk;

	if (a->request->org_mode == DMARC_ORG_PSL) {
		org = dmarc_org_by_psl(a->request, identifier);
	} else if (!missing) {
		if (dmarc_tree_walk(a->tree, identifier, &walk))
			return -1;
		if (!dmarc_walk_org(&walk, &org))
			missing = walk.nodes[walk.n - 1];
	}
	if (missing && !a->out->pending)
		a->out->pending = missing;
	if (missing)
		*out = PENDING;
	else
		*out = domain_eq(&org, &a->author->org) ? YES : NO;
	return 0;
}

/* Many signatures of one domain are one identifier. */
static int
judge_by_org(
    struct aligner *a, const struct domain *identifier, enum verdict *out)
{
	for (size_t i = 0; i < a->n; i++) {
		if (domain_eq(a->judged[i].domain, identifier)) {
			*out = a->judged[i].verdict;
			return 0;
		}
	}
	*out = SKIPPED;
	if (a->n == LIMIT_DMARC_IDENTIFIERS) {
		if (!a->out->skipped)
			a->out->skipped = identifier;
		return 0;
	}
	if (compare_orgs(a, identifier, out))
		return -1;
	a->judged[a->n].domain = identifier;
	a->judged[a->n++].verdict = *out;
	return 0;
}

/* A passing identifier; without by_org as far as the name itself tells. */
static int
judge(struct aligner *a, const struct domain *identifier, bool strict,
    bool by_org, bool *aligned)
{
	const struct dmarc_author *author = a->author;
	enum verdict verdict = NO;

	switch (dmarc_kin(&author->domain,
	    author->broken ? NULL : &author->org, identifier, strict)) {
	case DMARC_KIN_NONE: break;
	case DMARC_KIN_SAME: verdict = YES; break;
	case DMARC_KIN_BY_ORG:
		if (by_org && judge_by_org(a, identifier, &verdict))
			return -1;
		break;
	}
	*aligned = verdict == YES;
	return 0;
}

/* Section 5.3.5: one that aligns is enough; no other can spoil it. */
static int
judge_dkim(struct aligner *a, bool by_org)
{
	const struct dmarc_request *q = a->request;

	for (size_t i = 0; i < q->ndkim && !a->out->dkim; i++) {
		if (q->dkim[i].word != AR_PASS)
			continue;
		if (judge(a, &q->dkim[i].domain, a->author->strict_dkim,
			by_org, &a->out->dkim))
			return -1;
		a->out->dkim_index = i;
	}
	return 0;
}

int
dmarc_align(const struct dmarc_request *request,
    const struct dmarc_author *author, struct dmarc_tree *tree,
    struct dmarc_alignment *out)
{
	struct aligner a = {
	    .request = request, .author = author, .tree = tree, .out = out};

	*out = (struct dmarc_alignment){.spf = false};
	if (request->spf == AR_PASS &&
	    judge(
		&a, &request->spf_domain, author->strict_spf, true, &out->spf))
		return -1;
	/* First those that need no query: a broken walk may not matter. */
	if (judge_dkim(&a, false) || (!out->dkim && judge_dkim(&a, true)))
		return -1;
	return 0;
}
