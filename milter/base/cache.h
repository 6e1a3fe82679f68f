/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is costly and was made once, kept for a while: values by key, bounded
 * in octets, for all threads. What was least lately used goes first. A value
 * is refcounted: one that is in use outlives its place in the cache.
 *
 * Keys are compared octet by octet and hashed with a secret key: what a peer
 * chooses as a name finds its own value or none.
 */
#ifndef ASSAY_BASE_CACHE_H
#define ASSAY_BASE_CACHE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/slice.h"

/* The first member of what is kept. */
struct cached {
	atomic_uint refs;
	void (*free)(struct cached *);
};

struct cache;

struct cache_counts {
	size_t octets, entries; /* now */
	uint64_t hits, misses;  /* since it was made */
};

/*
 * octets bounds the entries: keys, values as cache_put is told, and what it
 * takes to find them. The tables beside them are a hundredth of it and never
 * grow. NULL: no memory.
 */
MUST_CHECK struct cache *cache_new(size_t octets, const struct hash_key *);
/* Gives up its references. NULL is fine. */
void cache_free(struct cache *);

/* One reference, the caller's. */
void cached_init(struct cached *, void (*free)(struct cached *));
void cached_ref(struct cached *);
/* The last one frees it. NULL is fine. */
void cached_unref(struct cached *);

/*
 * The value under key, with a reference for the caller, or NULL when there is
 * none or its time is over. now_ms and expires_ms are on one clock.
 */
MUST_CHECK struct cached *cache_get(
    struct cache *, struct slice key, int64_t now_ms);

/*
 * Keeps value under key until expires_ms (INT64_MAX: until there is no more
 * room), instead of what was there. octets is what the value occupies. It
 * takes a reference of its own; one too large for the cache is not kept, nor
 * is anything when memory is short.
 */
void cache_put(struct cache *, struct slice key, struct cached *value,
    size_t octets, int64_t expires_ms);

/* Waits for nobody: each number is right, if not all of one moment. */
struct cache_counts cache_count(const struct cache *);

#endif
