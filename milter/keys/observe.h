/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What DNS shows of a key: its record on every authoritative server of the
 * zone where the chain of aliases ends (RFC 6376 section 3.6.2), asked by
 * address, past all caches; or what the resolver says, for sites that can't
 * reach name servers themselves.
 */
#ifndef ASSAY_KEYS_OBSERVE_H
#define ASSAY_KEYS_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "dns/authority.h"
#include "dns/resolver.h"
#include "keys/record.h"
#include "mail/domain.h"

enum check_via {
	CHECK_AUTHORITATIVE,
	CHECK_RESOLVER,
};

extern const struct name check_via_words[];

struct observation {
	enum key_look look;
	uint32_t ttl_s;      /* how long caches may hold what they have seen */
	struct domain owner; /* where the chain of aliases ends */
	struct domain zone;  /* its zone; empty when not known */
	struct key_server servers[LIMIT_KEY_SERVERS];
	size_t nservers;
};

struct observe_item {
	const char *selector;
	EVP_PKEY *pkey; /* NULL: only its end is of interest */
	struct observation *out;
};

/*
 * Looks for the records of some selectors of one domain, all at once. Blocks
 * until deadline_ms at most. authority may be NULL for CHECK_RESOLVER.
 */
void observe_keys(struct resolver *, struct authority *, enum check_via,
    const struct domain *, const struct observe_item *, size_t n,
    int64_t deadline_ms);

/* Many servers' sights as one look; the resolver's own counts for doubt. */
enum key_look observe_sum(
    const struct key_server *, size_t n, enum key_sight resolver);

#endif
