/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From results to a verdict: RFC 9989 sections 4.10.1 (which record, which of
 * its policies), 4.10.2 (alignment), 5.3.5 (pass or fail), 4.7 (t=y).
 *
 * A temporary error spoils only what depends on it: identical names align
 * without a walk, a name that can't have the author's Organizational Domain
 * is not walked at all, and what failed counts only when nothing aligned.
 */
#include "dmarc/evaluate.h"

#include "dmarc/align.h"
#include "dmarc/discover.h"
#include "mail/limits.h"

struct judge {
	const struct dmarc_request *request;
	struct arena *arena;
	struct dmarc_tree tree;
	struct dmarc_result *out;
	const struct dmarc_node *policy; /* whose record applies; or NULL */
	const struct dmarc_node *slip; /* skipped on the way to it; or NULL */
	const struct dmarc_node *broken; /* why org is not known; or NULL */
	const struct domain *skipped;    /* an identifier beyond the limit */
};

/* --- reasons ------------------------------------------------------------ */

/* Other people's octets for a log: printable, and not too many of them. */
static int
give_reason(struct judge *j, enum dmarc_reason reason, struct slice detail)
{
	char text[LIMIT_DMARC_DETAIL];
	size_t n = 0;

	for (; n < detail.len && n < sizeof(text); n++)
		text[n] = is_print(detail.ptr[n]) ? detail.ptr[n] : '?';
	j->out->reason = reason;
	return arena_copy(j->arena, slice_of(text, n), &j->out->detail);
}

static int
give_temperror(struct judge *j, struct slice name)
{
	j->out->word = AR_TEMPERROR;
	return give_reason(j,
	    inquiry_over(j->tree.inquiry) ? DMARC_REASON_BUDGET
					  : DMARC_REASON_DNS,
	    name);
}

static int
give_broken(struct judge *j, const struct dmarc_node *node)
{
	char name[DMARC_QUERY_NAME];

	return give_temperror(j, dmarc_query_name(&node->name, name));
}

/* --- which record (section 4.10.1) -------------------------------------- */

/* In order of preference: the author, its organization, the PSD above. */
static int
discover_by_walk(struct judge *j)
{
	const struct dmarc_node *last, *org;
	struct domain name;
	struct dmarc_walk walk;

	if (dmarc_tree_walk(&j->tree, &j->out->author, &walk))
		return -1;
	last = walk.nodes[walk.n - 1];
	if (dmarc_walk_org(&walk, &name))
		j->out->org = name;
	else
		j->broken = last;
	org = dmarc_walk_node(&walk, &name);
	if (walk.nodes[0]->found)
		j->policy = walk.nodes[0];
	else if (j->broken)
		return give_broken(j, last);
	else if (org && org->found)
		j->policy = org;
	else if (last->found) /* psd=y, or it were the organization */
		j->policy = last;
	return 0;
}

static int
discover_by_psl(struct judge *j)
{
	const struct dmarc_node *node;

	j->out->org = dmarc_org_by_psl(j->request, &j->out->author);
	if (dmarc_tree_get(&j->tree, &j->out->author, &node))
		return -1;
	if (!node->found && !dns_is_temporary(node->dns) &&
	    dmarc_tree_get(&j->tree, &j->out->org, &node))
		return -1;
	if (dns_is_temporary(node->dns))
		return give_broken(j, node);
	if (node->found)
		j->policy = node;
	return 0;
}

/* The first name asked that had something like a record and none in use. */
static void
find_slip(struct judge *j)
{
	size_t below = j->policy ? domain_nlabels(&j->policy->name) : 0;

	for (const struct dmarc_node *n = j->tree.nodes; n; n = n->next)
		if (!n->found && n->record.reason != DMARC_REASON_NONE &&
		    domain_nlabels(&n->name) > below)
			j->slip = n;
}

static int
discover(struct judge *j)
{
	int rc = j->request->org_mode == DMARC_ORG_PSL ? discover_by_psl(j)
						       : discover_by_walk(j);

	if (rc || j->out->word == AR_TEMPERROR)
		return rc;
	find_slip(j);
	if (j->policy)
		return 0;
	j->out->word = AR_NONE;
	if (j->slip)
		return give_reason(
		    j, j->slip->record.reason, j->slip->record.detail);
	return give_reason(
	    j, DMARC_REASON_NO_RECORD, domain_slice(&j->out->author));
}

static int
take_record(struct judge *j)
{
	const struct dmarc_record *r = &j->policy->record;
	struct dmarc_result *out = j->out;

	out->record_domain = j->policy->name;
	out->record = r->text;
	out->p = r->p;
	out->sp = r->sp;
	out->np = r->np;
	out->testing = r->testing;
	out->strict_dkim = r->strict_dkim;
	out->strict_spf = r->strict_spf;
	if (dmarc_record_use(r) != DMARC_USE_NOT)
		return 0;
	out->word = AR_PERMERROR;
	return give_reason(j, DMARC_REASON_NO_POLICY, r->detail);
}

/* --- pass or fail (section 5.3.5) --------------------------------------- */

static int
pass_or_fail(struct judge *j)
{
	struct dmarc_result *out = j->out;
	struct dmarc_author author = {
	    .domain = out->author,
	    .org = out->org,
	    .broken = j->broken,
	    .strict_spf = out->strict_spf,
	    .strict_dkim = out->strict_dkim,
	};
	struct dmarc_alignment found;

	if (dmarc_align(j->request, &author, &j->tree, &found))
		return -1;
	out->aligned_spf = found.spf;
	out->aligned_dkim = found.dkim;
	out->aligned_dkim_index = found.dkim ? found.dkim_index : 0;
	j->skipped = found.skipped;
	if (!found.spf && !found.dkim) {
		out->word = AR_FAIL;
		return found.pending ? give_broken(j, found.pending) : 0;
	}
	out->word = AR_PASS;
	/*
	 * Section 4.10.2: "this common domain is treated as the Organizational
	 * Domain". Nothing else can have aligned without knowing it.
	 */
	if (j->broken)
		out->org = out->author;
	return 0;
}

/* --- which policy (sections 4.10.1 and 4.7) ----------------------------- */

/*
 * Section 3.2.13: NXDOMAIN for any type is non-existence, a name without
 * this type exists.
 */
static enum dmarc_existence
ask_existence(struct judge *j)
{
	const struct answer *a =
	    inquiry_ask(j->tree.inquiry, domain_slice(&j->out->author), DNS_A);

	if (dns_is_temporary(a->status))
		return DMARC_EXISTENCE_UNKNOWN;
	return a->status == DNS_NXDOMAIN ? DMARC_EXISTS_NOT : DMARC_EXISTS;
}

static enum dmarc_policy
policy_or(enum dmarc_policy p, enum dmarc_policy instead)
{
	return p == DMARC_UNSET ? instead : p;
}

static enum dmarc_policy
one_level_below(enum dmarc_policy p)
{
	return p == DMARC_REJECT ? DMARC_QUARANTINE : DMARC_NONE;
}

static int
choose_policy(struct judge *j)
{
	const struct dmarc_record *r = &j->policy->record;
	bool as_none = dmarc_record_use(r) == DMARC_USE_AS_NONE;
	enum dmarc_policy p = as_none ? DMARC_NONE : r->p;
	enum dmarc_policy sp = as_none ? p : policy_or(r->sp, p);
	enum dmarc_policy np = as_none ? p : policy_or(r->np, sp);
	struct dmarc_result *out = j->out;

	if (domain_eq(&j->policy->name, &out->author)) {
		out->author_exists = DMARC_EXISTS;
		out->policy = p;
	} else {
		/*
		 * Of a fail it is asked even when np is not another policy: a
		 * sender that does not exist is a ground for rejecting where
		 * section 7.4 wants more than p=reject.
		 */
		if (np != sp || out->word == AR_FAIL)
			out->author_exists = ask_existence(j);
		if (np != sp && out->word == AR_FAIL &&
		    out->author_exists == DMARC_EXISTENCE_UNKNOWN)
			return give_temperror(j, domain_slice(&out->author));
		out->policy = out->author_exists == DMARC_EXISTS_NOT ? np : sp;
	}
	out->effective =
	    out->testing ? one_level_below(out->policy) : out->policy;
	return 0;
}

/* --- the whole ----------------------------------------------------------- */

static int
compare_with_psl(struct judge *j)
{
	struct domain by_walk = j->out->org, by_psl;
	struct dmarc_walk walk;

	if (!j->request->psl_org)
		return 0;
	by_psl = dmarc_org_by_psl(j->request, &j->out->author);
	if (dmarc_tree_walk(&j->tree, &j->out->author, &walk))
		return -1;
	if (dmarc_walk_org(&walk, &by_walk))
		j->out->psl_differs = !domain_eq(&by_walk, &by_psl);
	return 0;
}

static int
remark(struct judge *j)
{
	const struct dmarc_node *node = j->slip ? j->slip : j->policy;

	if (j->skipped && j->out->word == AR_FAIL)
		return give_reason(
		    j, DMARC_REASON_IDENTIFIERS, domain_slice(j->skipped));
	return give_reason(j, node->record.reason, node->record.detail);
}

static int
evaluate(struct judge *j)
{
	struct dmarc_result *out = j->out;

	if (discover(j))
		return -1;
	if (!j->policy)
		return 0;
	if (take_record(j))
		return -1;
	if (out->word == AR_PERMERROR)
		return 0;
	if (pass_or_fail(j))
		return -1;
	if (out->word != AR_TEMPERROR && choose_policy(j))
		return -1;
	if (out->word == AR_TEMPERROR)
		return 0;
	return compare_with_psl(j) || remark(j) ? -1 : 0;
}

int
dmarc_judge(const struct dmarc_request *request, struct inquiry *inquiry,
    struct arena *arena, struct dmarc_result *out, struct err *err)
{
	struct judge j = {
	    .request = request,
	    .arena = arena,
	    .tree = DMARC_TREE(inquiry, arena),
	    .out = out,
	};
	int rc;

	*out = (struct dmarc_result){
	    .word = AR_NONE, .author = request->from.domain};
	if (request->org_mode == DMARC_ORG_PSL && !request->psl_org)
		return err_set(err, "dmarc: no public suffix list is loaded");
	if (request->from.status != FROM_OK) {
		out->word = AR_PERMERROR;
		rc = give_reason(&j, DMARC_REASON_FROM,
		    slice_z(names_word(
			from_status_words, (int)request->from.status)));
	} else {
		rc = evaluate(&j);
	}
	return rc || inquiry_failed(inquiry) ? err_no_mem(err) : 0;
}

void
dmarc_prefetch(const struct domain *author, struct inquiry *inquiry)
{
	struct domain d = *author, next;
	char name[DMARC_QUERY_NAME];
	bool more = d.len > 0;

	while (more) {
		inquiry_prefetch(inquiry, dmarc_query_name(&d, name), DNS_TXT);
		more = dmarc_walk_next(&d, &next);
		if (more)
			d = next;
	}
}
