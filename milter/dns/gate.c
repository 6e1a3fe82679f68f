/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is asked next; see gate.h. What is known of domains is a table with one
 * entry a hash. Where two meet, what is under way stays, and what has answered
 * goes only for what has, too: no crowd of silent names drives it out.
 */
#include "dns/gate.h"

#include <stdlib.h>

#include "mail/limits.h"

/* What a failure takes away, in answers; a broken name costs a domain little. */
#define FAILURE 8
#define CREDIT_MAX LIMIT_DNS_DOMAIN
/* Each octet as four, at worst. */
#define NAME_MAX_OCTETS (4 * LIMIT_DOMAIN)

struct place {
	uint32_t domain;
	uint16_t under_way;
	int16_t credit; /* so many at a time are taken to be answered */
};

struct gate {
	struct hash_key key;
	struct gated *newest, *oldest;
	size_t waiting, under_way, unproven;
	struct place places[LIMIT_DNS_PLACES];
};

/* --- domains -------------------------------------------------------------- */

/*
 * Labels that names of one domain have in common, as far as that can be told
 * without asking: two; three below co.uk or com.br; a /16 or a /32 of
 * addresses.
 */
static size_t
labels_of(struct slice name)
{
	size_t dot = slice_rfind(name, '.'), before;
	struct slice second;

	if (slice_iends(name, slice_z(".in-addr.arpa")))
		return 4;
	if (slice_iends(name, slice_z(".ip6.arpa")))
		return 10;
	if (dot == name.len || name.len - dot != 3)
		return 2;
	second = slice_upto(name, dot);
	before = slice_rfind(second, '.');
	return before < second.len && second.len - before <= 4 ? 3 : 2;
}

static uint32_t
domain_of(const struct gate *g, struct slice name)
{
	size_t labels = labels_of(name), from = name.len, len;
	char lower[NAME_MAX_OCTETS];

	while (from > 0 && (name.ptr[from - 1] != '.' || --labels > 0))
		from--;
	len = name.len - from;
	if (len > sizeof(lower))
		len = sizeof(lower);
	for (size_t i = 0; i < len; i++)
		lower[i] = ascii_lower(name.ptr[from + i]);
	return (uint32_t)hash_octets(&g->key, slice_of(lower, len));
}

/* NULL: another has its entry, and better reasons. */
static struct place *
place_of(struct gate *g, uint32_t domain, bool answered)
{
	struct place *p = &g->places[domain % LIMIT_DNS_PLACES];

	if (p->domain == domain)
		return p;
	if (p->under_way || (p->credit > 0 && !answered))
		return NULL;
	*p = (struct place){.domain = domain};
	return p;
}

/* --- the queue ------------------------------------------------------------- */

static void
unlink_(struct gate *g, struct gated *q)
{
	if (q->newer)
		q->newer->older = q->older;
	else
		g->newest = q->older;
	if (q->older)
		q->older->newer = q->newer;
	else
		g->oldest = q->newer;
	g->waiting--;
}

struct gated *
gate_enter(struct gate *g, struct gated *q, struct slice name)
{
	struct gated *out = NULL;

	if (g->waiting >= LIMIT_DNS_WAITING) {
		out = g->oldest;
		unlink_(g, out);
	}
	q->domain = domain_of(g, name);
	q->newer = NULL;
	q->older = g->newest;
	if (q->older)
		q->older->newer = q;
	else
		g->oldest = q;
	g->newest = q;
	g->waiting++;
	return out;
}

/* --- the places ------------------------------------------------------------- */

/* True: it is under way now. */
static bool
let_in(struct gate *g, struct gated *q)
{
	struct place *p = place_of(g, q->domain, false);

	if (p && p->under_way >= LIMIT_DNS_DOMAIN)
		return false;
	q->unproven = !p || p->credit <= (int)p->under_way;
	if (q->unproven && g->unproven >= LIMIT_DNS_UNPROVEN)
		return false;
	q->counted = p != NULL;
	if (p)
		p->under_way++;
	g->unproven += q->unproven;
	g->under_way++;
	q->under_way = true;
	return true;
}

struct gated *
gate_next(struct gate *g)
{
	struct gated *q = g->newest;

	if (g->under_way >= LIMIT_DNS_UNDER_WAY)
		return NULL;
	while (q && !atomic_load(&q->given_up) && !let_in(g, q))
		q = q->older;
	if (q)
		unlink_(g, q);
	return q;
}

void
gate_leave(struct gate *g, const struct gated *q, bool answered)
{
	struct place *p = place_of(g, q->domain, answered);

	g->under_way--;
	g->unproven -= q->unproven;
	if (!p)
		return;
	p->under_way -= q->counted;
	if (!answered)
		p->credit = p->credit > FAILURE - CREDIT_MAX
		    ? (int16_t)(p->credit - FAILURE)
		    : -CREDIT_MAX;
	else if (p->credit < CREDIT_MAX)
		p->credit++;
}

/* --- life --------------------------------------------------------------------- */

struct gate *
gate_new(const struct hash_key *key)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (g)
		g->key = *key;
	return g;
}

void
gate_free(struct gate *g)
{
	free(g);
}
