/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all messages may share: the fetched SHA-256, and keys made from
 * records. Making an RSA key of its record costs seven times the verification
 * it serves. Keys are found by the very octets of the record, not by its
 * name: no name's key can answer for another's, and what DNS shows decides
 * anew for each message.
 */
#ifndef ASSAY_DKIM_SHARED_H
#define ASSAY_DKIM_SHARED_H

#include <stdatomic.h>

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/cache.h"
#include "base/err.h"
#include "dkim/key.h"

struct dkim_shared;

/* octets bounds the keys kept. NULL, and err says why. */
MUST_CHECK struct dkim_shared *dkim_shared_new(
    size_t octets, const struct hash_key *, struct err *);
/* Nothing may use it any more. NULL is fine. */
void dkim_shared_free(struct dkim_shared *);

/* SHA-256; without a shared one it is fetched, for the arena's life. */
MUST_CHECK int dkim_shared_sha256(
    struct dkim_shared *, struct arena *, const EVP_MD **out, struct err *);

/* A key and its record's attributes. cached_unref(&k->base) when done. */
struct dkim_shared_key {
	struct cached base;
	struct dkim_key key;
	/* For dkim_pkey_verify: taken out for its time, then put back. */
	_Atomic(EVP_PKEY_CTX *) spare;
};

/* Of the keys kept. */
struct cache_counts dkim_shared_count(const struct dkim_shared *);

/*
 * dkim_key_parse, or what it said of the same text before. shared may be
 * NULL. Returns 0, or -1 without memory.
 */
MUST_CHECK int dkim_shared_key_get(struct dkim_shared *, struct slice text,
    struct dkim_shared_key **out, struct err *);

#endif
