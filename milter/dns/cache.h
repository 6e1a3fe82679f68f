/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver that keeps the answers of another for their TTL. libunbound has
 * a cache of its own, but a look into it waits for its turn, and makes and
 * reads a DNS message; a look in here is one lock.
 *
 * Kept are data, no-data and no-such-name; trouble is the other's to
 * remember. A TTL of 0 is never kept.
 */
#ifndef ASSAY_DNS_CACHE_H
#define ASSAY_DNS_CACHE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/cache.h"
#include "base/clock.h"
#include "dns/resolver.h"

/*
 * octets bounds what is kept. It owns the other resolver from now on, also
 * when it fails. NULL: no memory.
 */
MUST_CHECK struct resolver *dns_cache_new(struct resolver *other,
    const struct clock *, size_t octets, const struct hash_key *);

/* Of a resolver made by dns_cache_new. */
struct cache_counts dns_cache_count(const struct resolver *);

#endif
