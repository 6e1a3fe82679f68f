/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers kept for their TTL. See cache.h. */
#include "dns/cache.h"

#include <stdlib.h>
#include <string.h>

#include "mail/limits.h"

struct dns_cache {
	struct resolver base;
	struct resolver *other;
	const struct clock *clock;
	struct cache *answers;
};

/* An answer with all it points to in one piece. */
struct kept {
	struct cached base;
	struct answer answer;
	struct slice rdata[];
};

struct cache_lookup {
	struct lookup base;
	struct dns_cache *cache;
	struct kept *kept;    /* the answer was there */
	struct lookup *other; /* or is asked for */
	bool done;            /* its answer came, and was kept if it could */
	size_t len;
	char key[]; /* type (two octets), name in lower case */
};

/* --- answers ----------------------------------------------------------------- */

static void
kept_free(struct cached *value)
{
	free(value);
}

static size_t
octets_of(const struct answer *a)
{
	size_t octets = sizeof(struct kept) + a->nrr * sizeof(struct slice);

	for (size_t i = 0; i < a->nrr; i++)
		octets += a->rdata[i].len;
	return octets;
}

/* NULL: no memory. */
static struct kept *
kept_new(const struct answer *a, size_t octets)
{
	struct kept *k = calloc(1, octets);
	char *to;

	if (!k)
		return NULL;
	cached_init(&k->base, kept_free);
	k->answer = *a;
	k->answer.rdata = k->rdata;
	to = (char *)&k->rdata[a->nrr];
	for (size_t i = 0; i < a->nrr; i++) {
		size_t len = a->rdata[i].len;

		if (len)
			memcpy(to, a->rdata[i].ptr, len);
		k->rdata[i] = slice_of(to, len);
		to += len;
	}
	return k;
}

static void
keep(struct cache_lookup *l, const struct answer *a)
{
	struct dns_cache *c = l->cache;
	uint32_t ttl_s = a->ttl_s;
	size_t octets;
	struct kept *k;

	if (dns_is_temporary(a->status) || ttl_s == 0)
		return;
	if (ttl_s > LIMIT_CACHE_TTL_S)
		ttl_s = LIMIT_CACHE_TTL_S;
	octets = octets_of(a);
	k = kept_new(a, octets);
	if (!k)
		return;
	cache_put(c->answers, slice_of(l->key, l->len), &k->base, octets,
	    clock_mono_ms(c->clock) + (int64_t)ttl_s * 1000);
	cached_unref(&k->base);
}

/* --- resolver_ops ----------------------------------------------------------------- */

static const struct resolver_ops cache_ops;

static struct lookup *
cache_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct dns_cache *c = (struct dns_cache *)r;
	struct cache_lookup *l = calloc(1, sizeof(*l) + 2 + name.len);

	if (!l)
		return NULL;
	l->base.ops = &cache_ops;
	l->cache = c;
	l->len = 2 + name.len;
	l->key[0] = (char)((unsigned)type >> 8);
	l->key[1] = (char)((unsigned)type & 0xff);
	for (size_t i = 0; i < name.len; i++)
		l->key[2 + i] = ascii_lower(name.ptr[i]);
	l->kept = (struct kept *)cache_get(
	    c->answers, slice_of(l->key, l->len), clock_mono_ms(c->clock));
	if (l->kept)
		return &l->base;
	l->other = c->other->ops->start(c->other, name, type);
	if (l->other)
		return &l->base;
	free(l);
	return NULL;
}

static const struct answer *
cache_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct cache_lookup *l = (struct cache_lookup *)lookup;
	const struct answer *a;

	if (l->kept)
		return &l->kept->answer;
	a = l->other->ops->wait(l->other, deadline_ms);
	if (a && !l->done) {
		l->done = true;
		keep(l, a);
	}
	return a;
}

static void
cache_drop(struct lookup *lookup)
{
	struct cache_lookup *l = (struct cache_lookup *)lookup;

	/* An answer nobody waited for may be there all the same. */
	if (l->other && !l->done)
		(void)cache_wait(lookup, 0);
	if (l->other)
		l->other->ops->drop(l->other);
	cached_unref(l->kept ? &l->kept->base : NULL);
	free(l);
}

static void
cache_resolver_free(struct resolver *r)
{
	struct dns_cache *c = (struct dns_cache *)r;

	resolver_free(c->other);
	cache_free(c->answers);
	free(c);
}

static const struct resolver_ops cache_ops = {
    cache_start, cache_wait, cache_drop, cache_resolver_free};

struct resolver *
dns_cache_new(struct resolver *other, const struct clock *clock, size_t octets,
    const struct hash_key *key)
{
	struct dns_cache *c = calloc(1, sizeof(*c));

	if (c) {
		c->base.ops = &cache_ops;
		c->other = other;
		c->clock = clock;
		c->answers = cache_new(octets, key);
	}
	if (c && c->answers)
		return &c->base;
	resolver_free(other);
	free(c);
	return NULL;
}

struct cache_counts
dns_cache_count(const struct resolver *r)
{
	return cache_count(((const struct dns_cache *)r)->answers);
}
