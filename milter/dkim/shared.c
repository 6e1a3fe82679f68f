/* SPDX-License-Identifier: BSD-2-Clause */
/* What all messages share. See shared.h. */
#include "dkim/shared.h"

#include <stdlib.h>

#include "dkim/pkey.h"

/* An EVP_PKEY and its context occupy about this much, whatever its type. */
#define PKEY_OCTETS 5120

struct dkim_shared {
	EVP_MD *sha256;
	struct cache *keys;
};

struct dkim_shared *
dkim_shared_new(size_t octets, const struct hash_key *key, struct err *err)
{
	struct dkim_shared *s = calloc(1, sizeof(*s));

	if (s) {
		s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
		s->keys = cache_new(octets, key);
	}
	if (s && s->sha256 && s->keys)
		return s;
	if (s && !s->sha256)
		(void)err_set(err, "OpenSSL has no SHA-256");
	dkim_shared_free(s);
	(void)err_no_mem(err);
	return NULL;
}

void
dkim_shared_free(struct dkim_shared *s)
{
	if (!s)
		return;
	EVP_MD_free(s->sha256);
	cache_free(s->keys);
	free(s);
}

struct cache_counts
dkim_shared_count(const struct dkim_shared *s)
{
	return cache_count(s->keys);
}

int
dkim_shared_sha256(struct dkim_shared *s, struct arena *arena,
    const EVP_MD **out, struct err *err)
{
	EVP_MD *own;

	if (!s && dkim_sha256_fetch(arena, &own, err))
		return -1;
	*out = s ? s->sha256 : own;
	return 0;
}

static void
shared_key_free(struct cached *value)
{
	struct dkim_shared_key *k = (struct dkim_shared_key *)value;

	EVP_PKEY_CTX_free(atomic_load(&k->spare));
	dkim_key_clear(&k->key);
	free(k);
}

int
dkim_shared_key_get(struct dkim_shared *s, struct slice text,
    struct dkim_shared_key **out, struct err *err)
{
	struct dkim_shared_key *k = NULL;

	/* No time of its own: the same octets always make the same key. */
	if (s)
		k = (struct dkim_shared_key *)cache_get(s->keys, text, 0);
	if (!k) {
		k = calloc(1, sizeof(*k));
		if (!k)
			return err_no_mem(err);
		cached_init(&k->base, shared_key_free);
		atomic_init(&k->spare, NULL);
		if (dkim_key_parse(text, &k->key, err)) {
			cached_unref(&k->base);
			return -1;
		}
		/* What is no key is told as fast as it is found. */
		if (s && k->key.pkey)
			cache_put(s->keys, text, &k->base,
			    sizeof(*k) + PKEY_OCTETS, INT64_MAX);
	}
	*out = k;
	return 0;
}
