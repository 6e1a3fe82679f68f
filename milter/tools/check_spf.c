/* SPDX-License-Identifier: BSD-2-Clause */
/* assay check: SPF (RFC 7208). */
#include <stdio.h>

#include "dns/rdata.h"
#include "mail/limits.h"
#include "spf/tree.h"
#include "tools/check.h"

#define OCTETS_ANSWER 450
#define LOOKUPS_NEAR 9

/* --- what stands at the domain ---------------------------------------------------- */

static void
texts(struct check *c)
{
	struct check_txt t;

	check_txt(c, domain_slice(&c->domain), &t);
	for (size_t i = 0; i < t.n; i++) {
		struct slice s = t.texts[i];

		if (slice_istarts(s, SLICE_LIT("spf2.0/")))
			check_found(c, FIND_SPF_SENDERID, s, NULL);
		else if (!spf_record_is(s) &&
		    slice_icontains(slice_upto(s, 16), SLICE_LIT("v=spf")))
			check_found(c, FIND_SPF_LOOKS_LIKE, s, NULL);
	}
}

/* RFC 7208 section 3.1: what was tried before TXT. */
static void
type99(struct check *c)
{
	const struct answer *a =
	    check_ask(c, domain_slice(&c->domain), DNS_SPF);

	for (size_t i = 0; i < a->nrr && i < CHECK_TXT_MAX; i++) {
		struct slice text;

		if (rdata_txt(a->rdata[i], c->arena, &text))
			c->no_memory = true;
		else
			check_found(c, FIND_SPF_TYPE99, text, NULL);
	}
}

static void
suggest(struct check *c)
{
	char text[LIMIT_DOMAIN + 64];

	(void)snprintf(text, sizeof(text), "%s. TXT \"v=spf1 %s-all\"",
	    c->domain.text, c->has_mx ? "mx " : "");
	check_found(c, FIND_SPF_NONE, SLICE_EMPTY, text);
}

/* The record itself can't be used. */
static void
root_fault(struct check *c, const struct spf_node *root)
{
	struct slice why = slice_z(spf_reason_text(root->fault));
	struct buf detail = BUF_INIT(4096);

	buf_add(&detail, why);
	if (root->record.at.len)
		buf_addf(&detail, ": " SLICE_FMT, SLICE_ARG(root->record.at));
	if (root->fault == SPF_NO_RECORD || root->fault == SPF_NO_DOMAIN)
		suggest(c);
	else if (root->fault == SPF_SEVERAL_RECORDS)
		check_found(c, FIND_SPF_SEVERAL, SLICE_EMPTY, NULL);
	else if (dns_is_temporary(root->dns))
		check_found(c, FIND_SPF_DNS, why, NULL);
	else
		check_found(c, FIND_SPF_SYNTAX, buf_slice(&detail), NULL);
	buf_free(&detail);
}

/* --- terms ------------------------------------------------------------------------- */

static bool
is_repeated(const struct spf_node *n, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (slice_ieq(
			n->branches[k].term->text, n->branches[i].term->text))
			return true;
	return false;
}

static bool
is_empty(const struct spf_branch *b)
{
	return !b->dead && !b->dynamic && b->nips == 0 &&
	    (b->term->kind == SPF_A || b->term->kind == SPF_MX);
}

/* Of any record in the tree; in what an include lets pass, that is. */
static void
any_record(struct check *c, const struct spf_node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		const struct spf_branch *b = &n->branches[i];
		struct slice text = b->term->text;

		if (b->dead)
			continue;
		if (spf_term_is_broad(b->term))
			check_found(c, FIND_SPF_BROAD, text, NULL);
		if (b->term->kind == SPF_PTR ||
		    spf_macro_uses(b->term->target, "p"))
			check_found(c, FIND_SPF_PTR, text, NULL);
		if (b->term->kind == SPF_ALL && b->term->word == AR_PASS)
			check_found(c, FIND_SPF_PLUS_ALL, n->domain, NULL);
		if (is_empty(b))
			check_found(c, FIND_SPF_EMPTY, text, NULL);
		if (b->node)
			any_record(c, b->node);
	}
}

static void
own_record(struct check *c, const struct spf_node *n)
{
	const struct spf_record *r = &n->record;

	for (size_t i = 0; i < n->n; i++) {
		const struct spf_branch *b = &n->branches[i];
		struct slice text = b->term->text;

		if (is_repeated(n, i))
			check_found(c, FIND_SPF_DUPLICATE, text, NULL);
		if (b->dead)
			check_found(c,
			    b->term->kind == SPF_REDIRECT
				? FIND_SPF_REDIRECT_DEAD
				: FIND_SPF_AFTER_ALL,
			    text, NULL);
	}
	if (!r->all && !r->redirect)
		check_found(c, FIND_SPF_NO_ALL, SLICE_EMPTY, NULL);
	else if (r->all && r->all->word == AR_NEUTRAL)
		check_found(c, FIND_SPF_NEUTRAL_ALL, SLICE_EMPTY, NULL);
	if (r->text.len > OCTETS_ANSWER)
		check_found(c, FIND_SPF_LONG, SLICE_EMPTY, NULL);
}

static void
limits(struct check *c, const struct spf_tree *t)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%u at worst", t->root->lookups);
	if (t->root->lookups > LIMIT_SPF_TERMS)
		check_found(c, FIND_SPF_LOOKUPS, slice_z(text), NULL);
	else if (t->root->lookups >= LOOKUPS_NEAR)
		check_found(c, FIND_SPF_LOOKUPS_NEAR, slice_z(text), NULL);
	(void)snprintf(text, sizeof(text), "%u at worst", t->root->voids);
	if (t->root->voids > LIMIT_SPF_VOIDS)
		check_found(c, FIND_SPF_VOIDS, slice_z(text), NULL);
}

static void
below(struct check *c, const struct spf_node *broken)
{
	struct buf detail = BUF_INIT(4096);

	buf_addf(&detail, SLICE_FMT ": %s", SLICE_ARG(broken->domain),
	    spf_reason_text(broken->fault));
	if (broken->record.at.len)
		buf_addf(
		    &detail, ": " SLICE_FMT, SLICE_ARG(broken->record.at));
	check_found(c, FIND_SPF_BROKEN, buf_slice(&detail), NULL);
	buf_free(&detail);
}

void
check_spf(struct check *c)
{
	struct inquiry *q = env_inquiry(&c->env, LIMIT_SPF_TREE_QUERIES);
	struct spf_tree t = {.root = NULL};

	texts(c);
	type99(c);
	if (!q ||
	    spf_tree_read(domain_slice(&c->domain), NULL, q, c->arena, &t)) {
		c->no_memory = true;
		inquiry_free(q);
		return;
	}
	check_record(c, "record", t.root->record.text);
	c->temporary |= dns_is_temporary(t.root->dns) ||
	    (t.broken && dns_is_temporary(t.broken->dns));
	c->has_spf = t.root->record.text.len > 0;
	if (t.root->n == 0 && t.root->fault != SPF_OK) {
		root_fault(c, t.root);
	} else {
		out_num(&c->env.out, "lookups", t.root->lookups);
		out_num(&c->env.out, "voids", t.root->voids);
		if (t.broken)
			below(c, t.broken);
		limits(c, &t);
		own_record(c, t.root);
		any_record(c, t.root);
	}
	inquiry_free(q);
}
