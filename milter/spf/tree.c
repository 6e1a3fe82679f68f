/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Follows includes, redirects and names without a client (RFC 7208 sections
 * 4.5, 5, 6.1). Decides nothing. See tree.h.
 */
#include "spf/tree.h"

#include "dns/rdata.h"
#include "mail/limits.h"

struct walk {
	struct inquiry *inquiry;
	struct arena *arena;
	struct spf_tree *tree;
	const struct spf_macro_values *client; /* NULL: nobody */
	size_t nodes;
	/* The records on the way here: a record that includes itself. */
	const struct spf_node *path[LIMIT_SPF_TREE_DEPTH];
	size_t depth;
};

static const struct answer *
ask(struct walk *w, struct slice name, enum dns_type type)
{
	const struct answer *a = inquiry_ask(w->inquiry, name, type);

	if (!dns_is_temporary(a->status) && a->ttl_s < w->tree->ttl_s)
		w->tree->ttl_s = a->ttl_s;
	w->tree->over |= inquiry_over(w->inquiry);
	return a;
}

/* --- one record -------------------------------------------------------------- */

static enum spf_reason
trouble(enum dns_status s)
{
	return s == DNS_TIMEOUT ? SPF_DNS_TIMEOUT : SPF_DNS_ERROR;
}

/* Section 4.5: exactly one. Returns 0, or -1. */
static int
select_record(struct walk *w, const struct answer *a, struct spf_node *node)
{
	size_t found = 0;

	for (size_t i = 0; i < a->nrr && i < LIMIT_ANSWER_RECORDS; i++) {
		struct slice text;

		if (rdata_txt(a->rdata[i], w->arena, &text))
			return -1;
		if (!spf_record_is(text))
			continue;
		if (found++ == 0 &&
		    spf_record_parse(text, w->arena, &node->record))
			return -1;
	}
	if (found == 0)
		node->fault =
		    a->status == DNS_NXDOMAIN ? SPF_NO_DOMAIN : SPF_NO_RECORD;
	else if (found > 1)
		node->fault = SPF_SEVERAL_RECORDS;
	else
		node->fault = node->record.fault;
	return 0;
}

static bool
on_path(const struct walk *w, struct slice domain)
{
	for (size_t i = 0; i < w->depth; i++)
		if (slice_ieq(w->path[i]->domain, domain))
			return true;
	return false;
}

static int
fetch(struct walk *w, struct slice domain, struct spf_node *node)
{
	const struct answer *a;

	node->domain = domain;
	node->dns = DNS_NXDOMAIN;
	node->fault = SPF_BAD_DOMAIN;
	if (!dns_name_valid(domain) || slice_find(domain, '.') == domain.len)
		return 0;
	/* A loop costs lookups until there are none left. */
	node->fault = SPF_MANY_TERMS;
	if (on_path(w, domain))
		return 0;
	if (w->nodes++ == LIMIT_SPF_TREE || w->depth == LIMIT_SPF_TREE_DEPTH) {
		w->tree->over = true;
		return 0;
	}
	a = ask(w, domain, DNS_TXT);
	node->dns = a->status;
	if (!dns_is_temporary(a->status))
		return select_record(w, a, node);
	node->fault = trouble(a->status);
	return 0;
}

/* --- addresses ------------------------------------------------------------------ */

/* Adds those of one family; 1 when there is none, -1: no memory. */
static int
add_ips(struct walk *w, struct spf_branch *b, struct slice name,
    enum dns_type type)
{
	const struct answer *a = ask(w, name, type);
	enum ip_family family = type == DNS_A ? IP_V4 : IP_V6;
	struct ip *ips =
	    arena_array(w->arena, b->nips + a->nrr + 1, sizeof(*ips));
	size_t before = b->nips;

	if (!ips)
		return -1;
	for (size_t i = 0; i < b->nips; i++)
		ips[i] = b->ips[i];
	b->ips = ips;
	if (dns_is_temporary(a->status))
		b->dns = a->status;
	for (size_t i = 0; i < a->nrr && i < LIMIT_ANSWER_RECORDS; i++) {
		struct ip ip;

		if (rdata_ip(a->rdata[i], &ip) && ip.family == family)
			b->ips[b->nips++] = ip;
	}
	/* A name that can't be asked costs nothing (spf/README). */
	return b->nips == before && dns_name_valid(name) ? 1 : 0;
}

/*
 * A client asks for one family: of the two counts of void lookups the larger
 * one is the worst.
 */
static int
host(
    struct walk *w, struct spf_branch *b, struct slice name, unsigned voids[2])
{
	int v4 = add_ips(w, b, name, DNS_A);
	int v6 = v4 < 0 ? -1 : add_ips(w, b, name, DNS_AAAA);

	if (v6 < 0)
		return -1;
	voids[0] += (unsigned)v4;
	voids[1] += (unsigned)v6;
	return 0;
}

static int
exchanges(struct walk *w, struct spf_branch *b, unsigned voids[2])
{
	const struct answer *a = ask(w, b->target, DNS_MX);
	char name[RDATA_NAME_MAX];
	uint16_t preference;

	if (dns_is_temporary(a->status))
		b->dns = a->status;
	if (dns_is_void(a->status) && dns_name_valid(b->target)) {
		voids[0]++;
		voids[1]++;
	}
	b->nhosts = a->nrr;
	for (size_t i = 0; i < a->nrr && a->nrr <= LIMIT_SPF_MX; i++) {
		struct slice copy;

		if (!rdata_mx(a->rdata[i], &preference, name) || !name[0])
			continue;
		if (arena_copy(w->arena, slice_z(name), &copy) ||
		    host(w, b, copy, voids))
			return -1;
	}
	return 0;
}

/* --- terms --------------------------------------------------------------------------- */

static int
expand(struct walk *w, const struct spf_node *node, struct spf_branch *b)
{
	struct spf_macro_values values = {.domain = node->domain};
	struct slice spec = b->term->target;
	char text[LIMIT_DOMAIN + 1];
	size_t len;

	b->target = node->domain; /* section 4.8 */
	if (spec.len == 0)
		return 0;
	if (w->client) {
		values = *w->client;
		values.domain = node->domain;
	}
	b->dynamic = spf_macro_uses(spec, w->client ? "p" : "slohipvcrt");
	if (b->dynamic)
		return arena_copy(w->arena, spec, &b->target);
	if (spf_macro_target(spec, &values, text, &len))
		return -1;
	return arena_copy(w->arena, slice_of(text, len), &b->target);
}

static int read_node(
    struct walk *, struct slice domain, const struct spf_node **out);

static int
follow(struct walk *w, struct spf_branch *b)
{
	unsigned voids[2] = {0, 0};
	int rc = 0;

	switch (b->term->kind) {
	case SPF_INCLUDE:
	case SPF_REDIRECT:
		if (read_node(w, b->target, &b->node))
			return -1;
		b->lookups += b->node->lookups;
		b->voids += b->node->voids + dns_is_void(b->node->dns);
		break;
	case SPF_A: rc = host(w, b, b->target, voids); break;
	case SPF_MX: rc = exchanges(w, b, voids); break;
	case SPF_EXISTS:
		rc = add_ips(w, b, b->target, DNS_A);
		voids[0] = rc > 0;
		break;
	case SPF_ALL:
	case SPF_PTR:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_MODIFIER: break;
	}
	b->voids += voids[0] > voids[1] ? voids[0] : voids[1];
	return rc < 0 ? -1 : 0;
}

static int
branch(struct walk *w, struct spf_node *node, struct spf_branch *b)
{
	const struct spf_term *t = b->term;

	if (!spf_term_is_lookup(t))
		return 0;
	b->lookups = 1;
	if (expand(w, node, b))
		return -1;
	b->dynamic |=
	    t->kind == SPF_PTR || (t->kind == SPF_EXISTS && !w->client);
	b->dead |= t->kind == SPF_REDIRECT && node->record.all;
	if (b->dead || b->dynamic)
		return 0;
	return follow(w, b);
}

static int
branches(struct walk *w, struct spf_node *node)
{
	bool ended = false;

	node->branches =
	    arena_array(w->arena, node->record.n + 1, sizeof(*node->branches));
	if (!node->branches)
		return -1;
	for (node->n = 0; node->n < node->record.n; node->n++) {
		struct spf_branch *b = &node->branches[node->n];

		b->term = &node->record.terms[node->n];
		b->dead = ended && b->term->word != AR_NOT_RUN;
		ended |= b->term->kind == SPF_ALL;
		if (branch(w, node, b))
			return -1;
		if (b->dead)
			continue;
		node->lookups += b->lookups;
		node->voids += b->voids;
	}
	return 0;
}

/* What of its own terms makes a check that comes to it end. */
static enum spf_reason
term_fault(const struct spf_node *node)
{
	for (size_t i = 0; i < node->n; i++) {
		const struct spf_branch *b = &node->branches[i];

		if (b->dead || b->dynamic)
			continue;
		if (b->term->kind == SPF_MX && b->nhosts > LIMIT_SPF_MX)
			return SPF_MANY_MX;
		if (dns_is_temporary(b->dns))
			return trouble(b->dns);
	}
	return SPF_OK;
}

static int
read_node(struct walk *w, struct slice domain, const struct spf_node **out)
{
	struct spf_node *node = arena_alloc(w->arena, sizeof(*node));

	if (!node || fetch(w, domain, node))
		return -1;
	*out = node;
	if (node->fault == SPF_OK) {
		w->path[w->depth++] = node;
		if (branches(w, node))
			return -1;
		w->depth--;
		node->fault = term_fault(node);
	}
	/* What is below has been read first, and is told first. */
	if (node->fault != SPF_OK && !w->tree->broken)
		w->tree->broken = node;
	return 0;
}

int
spf_tree_read(struct slice domain, const struct spf_macro_values *client,
    struct inquiry *inquiry, struct arena *arena, struct spf_tree *out)
{
	struct walk w = {
	    .inquiry = inquiry, .arena = arena, .tree = out, .client = client};

	*out = (struct spf_tree){.ttl_s = UINT32_MAX};
	if (read_node(&w, domain, &out->root))
		return -1;
	return inquiry_failed(inquiry) ? -1 : 0;
}
