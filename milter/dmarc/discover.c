/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DNS Tree Walk: RFC 9989 sections 4.10 (the steps) and 4.10.2 (which
 * name is the Organizational Domain). It asks in order and stops where the
 * RFC stops; whoever wants the answers sooner prefetches the names, which
 * changes nothing here.
 */
#include "dmarc/discover.h"

#include <stdio.h>

#include "dns/rdata.h"

struct slice
dmarc_query_name(const struct domain *d, char out[DMARC_QUERY_NAME])
{
	(void)snprintf(out, DMARC_QUERY_NAME, "_dmarc.%s", d->text);
	return slice_z(out);
}

bool
dmarc_walk_next(const struct domain *d, struct domain *next)
{
	size_t x = domain_nlabels(d);

	if (x <= 1)
		return false;
	/*
	 * Section 4.10 step 4: "If x < 8, remove the left-most label [...] If
	 * x >= 8, remove the left-most labels [...] until 7 labels remain."
	 */
	*next = domain_tail(
	    d, x < LIMIT_DMARC_WALK ? x - 1 : LIMIT_DMARC_WALK - 1);
	return true;
}

/*
 * Steps 2 and 6: "Records that do not start with a "v" tag that identifies
 * the current version of DMARC are discarded. If multiple DMARC Policy
 * Records are returned for a single target, they are all discarded."
 */
static int
take_answer(
    struct dmarc_tree *tree, const struct answer *a, struct dmarc_node *node)
{
	enum dmarc_reason skipped = DMARC_REASON_NONE;
	struct slice detail = SLICE_EMPTY, name = domain_slice(&node->name);
	size_t n = 0;

	for (size_t i = 0; i < a->nrr && i < LIMIT_ANSWER_RECORDS; i++) {
		struct dmarc_record r;
		struct slice text;

		if (rdata_txt(a->rdata[i], tree->arena, &text))
			return -1;
		if (dmarc_record_parse(text, &r)) {
			node->record = r;
			n++;
		} else if (r.reason > skipped) {
			skipped = r.reason;
			detail = r.detail;
		}
	}
	node->found = n == 1;
	if (n > 1) {
		skipped = DMARC_REASON_SEVERAL_RECORDS;
		detail = name;
	}
	if (a->nrr > LIMIT_ANSWER_RECORDS) { /* one more may be beyond */
		node->found = false;
		skipped = DMARC_REASON_RECORD_LIMIT;
		detail = name;
	}
	if (!node->found)
		node->record =
		    (struct dmarc_record){.reason = skipped, .detail = detail};
	return 0;
}

int
dmarc_tree_get(struct dmarc_tree *tree, const struct domain *d,
    const struct dmarc_node **out)
{
	char query[DMARC_QUERY_NAME];
	const struct answer *a;
	struct dmarc_node *node = tree->nodes;

	while (node && !domain_eq(&node->name, d))
		node = node->next;
	*out = node;
	if (node)
		return 0;
	node = arena_alloc(tree->arena, sizeof(*node));
	if (!node)
		return -1;
	a = inquiry_ask(tree->inquiry, dmarc_query_name(d, query), DNS_TXT);
	if (inquiry_failed(tree->inquiry))
		return -1;
	node->name = *d;
	node->dns = a->status;
	if (take_answer(tree, a, node))
		return -1;
	node->next = tree->nodes;
	tree->nodes = node;
	*out = node;
	return 0;
}

int
dmarc_tree_walk(struct dmarc_tree *tree, const struct domain *start,
    struct dmarc_walk *walk)
{
	struct domain d = *start;
	bool more = true;

	*walk = (struct dmarc_walk){.start = *start};
	while (more && walk->n < LIMIT_DMARC_WALK) {
		const struct dmarc_node *node;
		struct domain next;

		if (dmarc_tree_get(tree, &d, &node))
			return -1;
		walk->nodes[walk->n++] = node;
		walk->broken = dns_is_temporary(node->dns);
		/* "contains a "psd=n" or "psd=y" tag, stop" */
		more = !walk->broken &&
		    !(node->found && node->record.psd != DMARC_PSD_UNKNOWN) &&
		    dmarc_walk_next(&d, &next);
		if (more)
			d = next;
	}
	return 0;
}

const struct dmarc_node *
dmarc_walk_node(const struct dmarc_walk *walk, const struct domain *d)
{
	for (size_t i = 0; i < walk->n; i++)
		if (domain_eq(&walk->nodes[i]->name, d))
			return walk->nodes[i];
	return NULL;
}

bool
dmarc_walk_org(const struct dmarc_walk *walk, struct domain *out)
{
	/* "then the initial target domain is the Organizational Domain" */
	*out = walk->start;
	for (size_t i = 0; i < walk->n; i++) {
		const struct dmarc_node *node = walk->nodes[i];
		size_t labels = domain_nlabels(&node->name);

		if (!node->found)
			continue;
		/* 3: the fewest labels, unless a later node says otherwise */
		*out = node->name;
		if (node->record.psd == DMARC_PSD_NO) /* 1 */
			break;
		/*
		 * 2: "a valid DMARC Policy Record, other than the one for the
		 * domain where the tree walk started, contains [psd=y]":
		 * "the domain one label below this one".
		 */
		if (node->record.psd == DMARC_PSD_YES && i > 0) {
			*out = domain_tail(&walk->start, labels + 1);
			break;
		}
	}
	return !walk->broken;
}
