/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bounded cache. See cache.h. It is divided by hash into shards, each with
 * its lock, its table and its share of the octets, so that threads seldom
 * wait for each other; under the lock nothing is computed or freed.
 */
#include "base/cache.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SHARDS 16
#define RELAXED memory_order_relaxed
#define BUCKETS_MIN 64
/* Octets an entry is taken to occupy when the tables are made. */
#define ENTRY_TYPICAL 1024

struct entry {
	struct entry *chain;         /* of its bucket */
	struct entry *newer, *older; /* by last use */
	struct cached *value;
	uint64_t hash;
	int64_t expires_ms;
	size_t octets; /* all it occupies */
	size_t len;
	char key[];
};

struct shard {
	pthread_mutex_t lock;
	struct entry **buckets;
	struct entry *newest, *oldest;
	/* Changed under the lock, read without it. */
	atomic_size_t octets, entries;
	atomic_uint_fast64_t hits, misses;
};

struct cache {
	struct hash_key key;
	size_t nbuckets; /* of a shard; a power of two */
	size_t max;      /* octets of a shard */
	struct shard shards[SHARDS];
};

/* --- values ------------------------------------------------------------------ */

void
cached_init(struct cached *value, void (*free_value)(struct cached *))
{
	atomic_init(&value->refs, 1);
	value->free = free_value;
}

void
cached_ref(struct cached *value)
{
	atomic_fetch_add_explicit(&value->refs, 1, memory_order_relaxed);
}

void
cached_unref(struct cached *value)
{
	if (value &&
	    atomic_fetch_sub_explicit(&value->refs, 1, memory_order_acq_rel) ==
		1)
		value->free(value);
}

/* --- a shard, locked ------------------------------------------------------------ */

static struct entry **
find(const struct cache *c, struct shard *s, uint64_t hash, struct slice key)
{
	struct entry **at = &s->buckets[(hash / SHARDS) & (c->nbuckets - 1)];

	while (*at &&
	    ((*at)->hash != hash ||
		!slice_eq(slice_of((*at)->key, (*at)->len), key)))
		at = &(*at)->chain;
	return at;
}

static void
unlink_use(struct shard *s, struct entry *e)
{
	*(e->newer ? &e->newer->older : &s->newest) = e->older;
	*(e->older ? &e->older->newer : &s->oldest) = e->newer;
}

static void
link_newest(struct shard *s, struct entry *e)
{
	e->newer = NULL;
	e->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = e;
	s->newest = e;
}

/* Takes an entry out; it goes to the head of *gone, to be freed unlocked. */
static void
take_out(struct shard *s, struct entry **at, struct entry **gone)
{
	struct entry *e = *at;

	*at = e->chain;
	unlink_use(s, e);
	atomic_fetch_sub_explicit(&s->octets, e->octets, RELAXED);
	atomic_fetch_sub_explicit(&s->entries, 1, RELAXED);
	e->chain = *gone;
	*gone = e;
}

static void
make_room(
    const struct cache *c, struct shard *s, size_t octets, struct entry **gone)
{
	while (s->oldest &&
	    atomic_load_explicit(&s->octets, RELAXED) + octets > c->max) {
		struct entry *e = s->oldest;

		take_out(
		    s, find(c, s, e->hash, slice_of(e->key, e->len)), gone);
	}
}

static void
free_entries(struct entry *e)
{
	while (e) {
		struct entry *next = e->chain;

		cached_unref(e->value);
		free(e);
		e = next;
	}
}

/* --- the whole ---------------------------------------------------------------------- */

struct cache *
cache_new(size_t octets, const struct hash_key *key)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->key = *key;
	c->max = octets / SHARDS;
	c->nbuckets = BUCKETS_MIN;
	while (c->nbuckets < c->max / ENTRY_TYPICAL)
		c->nbuckets *= 2;
	for (size_t i = 0; i < SHARDS; i++) {
		(void)pthread_mutex_init(&c->shards[i].lock, NULL);
		c->shards[i].buckets =
		    calloc(c->nbuckets, sizeof(*c->shards[i].buckets));
		if (!c->shards[i].buckets) {
			cache_free(c);
			return NULL;
		}
	}
	return c;
}

void
cache_free(struct cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *s = &c->shards[i];

		for (struct entry *e = s->newest; e; e = e->older)
			e->chain = e->older;
		free_entries(s->newest);
		free(s->buckets);
		(void)pthread_mutex_destroy(&s->lock);
	}
	free(c);
}

struct cached *
cache_get(struct cache *c, struct slice key, int64_t now_ms)
{
	uint64_t hash = hash_octets(&c->key, key);
	struct shard *s = &c->shards[hash % SHARDS];
	struct cached *value = NULL;
	struct entry **at, *gone = NULL;

	(void)pthread_mutex_lock(&s->lock);
	at = find(c, s, hash, key);
	if (*at && (*at)->expires_ms <= now_ms)
		take_out(s, at, &gone);
	if (!gone && *at) {
		value = (*at)->value;
		cached_ref(value);
		unlink_use(s, *at);
		link_newest(s, *at);
	}
	atomic_fetch_add_explicit(value ? &s->hits : &s->misses, 1, RELAXED);
	(void)pthread_mutex_unlock(&s->lock);
	free_entries(gone);
	return value;
}

static struct entry *
entry_new(const struct cache *c, struct slice key, struct cached *value,
    size_t octets)
{
	size_t own = sizeof(struct entry) + key.len;
	struct entry *e;

	/* Half a shard at most: one value may not empty it. */
	if (octets > c->max / 2 || own > c->max / 2 - octets)
		return NULL;
	e = calloc(1, own);
	if (!e)
		return NULL;
	e->hash = hash_octets(&c->key, key);
	e->octets = own + octets;
	e->len = key.len;
	if (key.len)
		memcpy(e->key, key.ptr, key.len);
	e->value = value;
	return e;
}

void
cache_put(struct cache *c, struct slice key, struct cached *value,
    size_t octets, int64_t expires_ms)
{
	struct entry *e = entry_new(c, key, value, octets);
	struct entry **at, *gone = NULL;
	struct shard *s;

	if (!e)
		return;
	e->expires_ms = expires_ms;
	cached_ref(value);
	s = &c->shards[e->hash % SHARDS];
	(void)pthread_mutex_lock(&s->lock);
	at = find(c, s, e->hash, key);
	if (*at)
		take_out(s, at, &gone);
	make_room(c, s, e->octets, &gone);
	at = &s->buckets[(e->hash / SHARDS) & (c->nbuckets - 1)];
	e->chain = *at;
	*at = e;
	link_newest(s, e);
	atomic_fetch_add_explicit(&s->octets, e->octets, RELAXED);
	atomic_fetch_add_explicit(&s->entries, 1, RELAXED);
	(void)pthread_mutex_unlock(&s->lock);
	free_entries(gone);
}

struct cache_counts
cache_count(const struct cache *c)
{
	struct cache_counts sum = {0};

	for (size_t i = 0; i < SHARDS; i++) {
		const struct shard *s = &c->shards[i];

		sum.octets += atomic_load_explicit(&s->octets, RELAXED);
		sum.entries += atomic_load_explicit(&s->entries, RELAXED);
		sum.hits += atomic_load_explicit(&s->hits, RELAXED);
		sum.misses += atomic_load_explicit(&s->misses, RELAXED);
	}
	return sum;
}
