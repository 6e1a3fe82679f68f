/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking for a key in DNS; see observe.h. Aliases, the zone cut and the
 * addresses come from the resolver; the record from each server itself.
 */
#include "keys/observe.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "dkim/key.h"
#include "dns/inquiry.h"
#include "dns/rdata.h"

#define QUERIES_MAX 200
#define ARENA_MAX (8u << 20)
#define NAMES_MAX LIMIT_KEY_SERVERS

const struct name check_via_words[] = {
    {CHECK_AUTHORITATIVE, "authoritative"},
    {CHECK_RESOLVER, "resolver"},
    {0, NULL},
};

/* One selector's. */
struct looking {
	struct inquiry *q;
	struct arena *arena;
	EVP_PKEY *pkey;
	struct domain name;
	struct observation *out;
	struct authority_question asked[LIMIT_KEY_SERVERS];
	struct domain names[NAMES_MAX]; /* of the name servers */
	size_t nnames;
	bool more; /* servers than we keep and ask */
};

/* --- one record ---------------------------------------------------------------------- */

static enum key_sight
sight_of_text(struct slice txt, EVP_PKEY *pkey)
{
	struct dkim_key key;
	bool revoked;

	if (pkey && dkim_key_matches(txt, pkey))
		return SIGHT_EQUAL;
	if (dkim_key_parse(txt, &key, NULL))
		return SIGHT_SILENT;
	revoked = key.reason == DKIM_REASON_KEY_REVOKED;
	dkim_key_clear(&key);
	return revoked ? SIGHT_REVOKED : SIGHT_OTHER;
}

static enum key_sight
sight_of(struct looking *l, enum dns_status status, const struct slice *rdata,
    size_t nrr)
{
	struct slice txt;

	if (dns_is_temporary(status))
		return SIGHT_SILENT;
	if (nrr == 0)
		return SIGHT_ABSENT;
	/* With several, a verifier may pick the wrong one: section 3.6.2.2. */
	if (nrr > 1)
		return SIGHT_OTHER;
	if (rdata_txt(rdata[0], l->arena, &txt))
		return SIGHT_SILENT;
	return sight_of_text(txt, l->pkey);
}

static void
note_ttl(struct observation *o, uint32_t ttl_s)
{
	if (ttl_s > LIMIT_KEY_TTL)
		ttl_s = LIMIT_KEY_TTL;
	if (ttl_s > o->ttl_s)
		o->ttl_s = ttl_s;
}

/* --- by the resolver ---------------------------------------------------------------------- */

/* Where the aliases lead. False: DNS did not say, or they never end. */
static bool
follow(struct looking *l)
{
	struct domain *owner = &l->out->owner;
	char target[RDATA_NAME_MAX];

	for (int n = 0; n <= LIMIT_KEY_CNAMES; n++) {
		const struct answer *a =
		    inquiry_ask(l->q, domain_slice(owner), DNS_CNAME);

		if (dns_is_temporary(a->status))
			return false;
		if (a->nrr == 0)
			return true;
		note_ttl(l->out, a->ttl_s);
		if (a->nrr > 1 || !rdata_name(a->rdata[0], target) ||
		    !domain_parse(slice_z(target), owner))
			return false;
	}
	return false;
}

static void
take_name_servers(struct looking *l, const struct answer *a)
{
	char name[RDATA_NAME_MAX];

	for (size_t i = 0; i < a->nrr && l->nnames < NAMES_MAX; i++)
		if (rdata_name(a->rdata[i], name) &&
		    domain_parse(slice_z(name), &l->names[l->nnames]))
			l->nnames++;
	l->more = a->nrr > NAMES_MAX;
}

/* The zone is where the nearest NS records are. */
static bool
find_zone(struct looking *l)
{
	size_t labels = domain_nlabels(&l->out->owner);
	uint32_t minimum;

	for (size_t n = labels; n > 0; n--) {
		struct domain d = domain_tail(&l->out->owner, n);
		const struct answer *a =
		    inquiry_ask(l->q, domain_slice(&d), DNS_NS);

		if (dns_is_temporary(a->status))
			return false;
		if (a->nrr == 0)
			continue;
		l->out->zone = d;
		take_name_servers(l, a);
		a = inquiry_ask(l->q, domain_slice(&d), DNS_SOA);
		if (a->nrr && rdata_soa_minimum(a->rdata[0], &minimum))
			note_ttl(l->out, minimum);
		return l->nnames > 0;
	}
	return false;
}

static enum key_sight
resolver_sight(struct looking *l, const struct domain *name)
{
	const struct answer *a =
	    inquiry_ask(l->q, domain_slice(name), DNS_TXT);

	if (a->nrr)
		note_ttl(l->out, a->ttl_s);
	return sight_of(l, a->status, a->rdata, a->nrr);
}

/* --- by each server -------------------------------------------------------------------------- */

static void
add_address(struct looking *l, const struct domain *name, struct slice rdata)
{
	struct observation *o = l->out;
	struct key_server *s = &o->servers[o->nservers];

	if (o->nservers == LIMIT_KEY_SERVERS)
		l->more = true;
	if (l->more || !rdata_ip(rdata, &s->ip))
		return;
	s->name = *name;
	s->sight = SIGHT_SILENT;
	l->asked[o->nservers] = (struct authority_question){
	    .server = s->ip, .name = domain_slice(&o->owner), .type = DNS_TXT};
	o->nservers++;
}

/* A server whose address nobody tells is one that does not answer. */
static void
add_addresses(struct looking *l, const struct domain *name)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA};
	struct observation *o = l->out;
	size_t before = o->nservers;

	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		const struct answer *a =
		    inquiry_ask(l->q, domain_slice(name), types[t]);

		for (size_t i = 0; i < a->nrr; i++)
			add_address(l, name, a->rdata[i]);
	}
	if (o->nservers > before)
		return;
	l->more |= o->nservers == LIMIT_KEY_SERVERS;
	if (l->more)
		return;
	o->servers[o->nservers] = (struct key_server){
	    .name = *name, .ip = {.family = IP_NONE}, .sight = SIGHT_SILENT};
	l->asked[o->nservers] = (struct authority_question){
	    .name = domain_slice(&o->owner), .type = DNS_TXT};
	o->nservers++;
}

static enum key_sight
server_sight(struct looking *l, const struct authority_question *a)
{
	if (dns_is_temporary(a->status) || !a->authoritative)
		return SIGHT_SILENT;
	if (a->cname)
		return SIGHT_OTHER;
	if (a->nrr)
		note_ttl(l->out, a->ttl_s);
	return sight_of(l, a->status, a->rdata, a->nrr);
}

static bool
has_another_address(const struct looking *l, size_t i)
{
	const struct observation *o = l->out;

	for (size_t j = 0; j < o->nservers; j++)
		if (j != i && !l->asked[j].no_route &&
		    o->servers[j].ip.family != IP_NONE &&
		    domain_eq(&o->servers[j].name, &o->servers[i].name))
			return true;
	return false;
}

/* An IPv6 address says nothing on a host without IPv6. */
static void
drop_unroutable(struct looking *l)
{
	struct observation *o = l->out;

	for (size_t i = 0; i < o->nservers;) {
		if (!l->asked[i].no_route || !has_another_address(l, i)) {
			i++;
			continue;
		}
		o->nservers--;
		memmove(&o->servers[i], &o->servers[i + 1],
		    (o->nservers - i) * sizeof(o->servers[0]));
		memmove(&l->asked[i], &l->asked[i + 1],
		    (o->nservers - i) * sizeof(l->asked[0]));
	}
}

static void
find_servers(struct looking *l)
{
	for (size_t i = 0; i < l->nnames; i++) {
		inquiry_prefetch(l->q, domain_slice(&l->names[i]), DNS_A);
		inquiry_prefetch(l->q, domain_slice(&l->names[i]), DNS_AAAA);
	}
	for (size_t i = 0; i < l->nnames; i++)
		add_addresses(l, &l->names[i]);
}

/* All questions of all selectors at once: a silent server costs its time once. */
static int
ask_servers(struct looking *looks, size_t n, struct authority *authority,
    int64_t deadline_ms)
{
	struct authority_question *all =
	    calloc(n * LIMIT_KEY_SERVERS, sizeof(*all));
	size_t k = 0;

	if (!all)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < looks[i].out->nservers; s++)
			all[k++] = looks[i].asked[s];
	if (k)
		authority->ask(authority, all, k, looks[0].arena, deadline_ms);
	k = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < looks[i].out->nservers; s++)
			looks[i].asked[s] = all[k++];
	free(all);
	return 0;
}

/* --- all of it ---------------------------------------------------------------------------------- */

enum key_look
observe_sum(
    const struct key_server *servers, size_t n, enum key_sight resolver)
{
	size_t equal = 0, other = 0;
	enum key_sight odd = SIGHT_SILENT;

	for (size_t i = 0; i < n; i++) {
		switch (servers[i].sight) {
		case SIGHT_EQUAL: equal++; break;
		case SIGHT_OTHER:
		case SIGHT_REVOKED:
		case SIGHT_ABSENT:
			/* Of several, the one that shows most. */
			if (other++ == 0 || servers[i].sight < odd)
				odd = servers[i].sight;
			break;
		case SIGHT_SILENT: break;
		}
	}
	if (equal && other)
		return LOOK_MIXED;
	if (equal == n && n > 0)
		return LOOK_EQUAL;
	if (equal)
		return resolver == SIGHT_EQUAL ? LOOK_EQUAL_SOME
					       : LOOK_TROUBLE;
	switch (odd) {
	case SIGHT_OTHER: return LOOK_OTHER;
	case SIGHT_REVOKED: return LOOK_REVOKED;
	case SIGHT_ABSENT: return LOOK_ABSENT;
	case SIGHT_SILENT:
	case SIGHT_EQUAL: break;
	}
	return LOOK_TROUBLE;
}

static void
look_by_resolver(struct looking *l)
{
	struct observation *o = l->out;

	/* For publishers: which zone it belongs to. */
	if (follow(l))
		(void)find_zone(l);
	o->servers[0].sight = resolver_sight(l, &l->name);
	o->servers[0].ip = (struct ip){.family = IP_NONE};
	if (domain_parse(SLICE_LIT("resolver"), &o->servers[0].name))
		o->nservers = 1;
	o->look = observe_sum(o->servers, 1, SIGHT_SILENT);
}

static void
judge(struct looking *l)
{
	struct observation *o = l->out;

	for (size_t i = 0; i < o->nservers; i++)
		o->servers[i].sight = server_sight(l, &l->asked[i]);
	drop_unroutable(l);
	o->look = observe_sum(o->servers, o->nservers, SIGHT_EQUAL);
	/* The resolver is asked when it matters: it may remember a "no". */
	if (o->look == LOOK_EQUAL_SOME)
		o->look = observe_sum(
		    o->servers, o->nservers, resolver_sight(l, &l->name));
	/* A server that is not asked is like one that does not answer. */
	if (o->look == LOOK_EQUAL && l->more)
		o->look = resolver_sight(l, &l->name) == SIGHT_EQUAL
		    ? LOOK_EQUAL_SOME
		    : LOOK_TROUBLE;
}

/* False: there is no such name. */
static bool
begin(
    struct looking *l, const struct domain *d, const struct observe_item *item)
{
	char text[DKIM_KEY_NAME_MAX];
	struct domain s;

	l->pkey = item->pkey;
	l->out = item->out;
	memset(l->out, 0, sizeof(*l->out));
	l->out->look = LOOK_TROUBLE;
	if (!domain_parse(slice_z(item->selector), &s) ||
	    !domain_parse(dkim_key_name(&s, d, text), &l->name))
		return false;
	l->out->owner = l->name;
	return true;
}

static void
look(struct looking *looks, size_t n, struct authority *authority,
    enum check_via via, int64_t deadline_ms)
{
	for (size_t i = 0; i < n; i++) {
		if (via == CHECK_RESOLVER)
			look_by_resolver(&looks[i]);
		else if (follow(&looks[i]) && find_zone(&looks[i]))
			find_servers(&looks[i]);
	}
	if (via == CHECK_RESOLVER ||
	    ask_servers(looks, n, authority, deadline_ms))
		return;
	for (size_t i = 0; i < n; i++)
		if (looks[i].out->nservers)
			judge(&looks[i]);
}

void
observe_keys(struct resolver *r, struct authority *authority,
    enum check_via via, const struct domain *d,
    const struct observe_item *items, size_t n, int64_t deadline_ms)
{
	struct looking *looks = calloc(n ? n : 1, sizeof(*looks));
	struct inquiry *q = inquiry_new(r, QUERIES_MAX * (n ? n : 1));
	struct arena *arena = arena_new(ARENA_MAX);
	size_t named = 0;

	for (size_t i = 0; looks && i < n; i++)
		if (begin(&looks[named], d, &items[i])) {
			looks[named].q = q;
			looks[named].arena = arena;
			named++;
		}
	if (looks && q && arena) {
		inquiry_set_deadline(q, deadline_ms);
		look(looks, named, authority, via, deadline_ms);
	}
	for (size_t i = 0; i < n; i++)
		if (!looks || !q || inquiry_failed(q) || inquiry_over(q))
			items[i].out->look = LOOK_TROUBLE;
	inquiry_free(q);
	arena_free(arena);
	free(looks);
}
