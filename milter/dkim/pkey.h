/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that this room does with OpenSSL's keys: in from p= and out to it, sign
 * and verify a header hash. EVP only.
 */
#ifndef ASSAY_DKIM_PKEY_H
#define ASSAY_DKIM_PKEY_H

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "dkim/sig.h"

struct dkim_key;

/* A header or body hash. */
struct dkim_digest {
	unsigned char octets[SHA256_DIGEST_LENGTH];
};

/* Freed with the arena. Returns 0, or -1. */
MUST_CHECK int dkim_sha256_fetch(struct arena *, EVP_MD **out, struct err *);
/* A context for it, likewise. */
MUST_CHECK int dkim_md_ctx(struct arena *, EVP_MD_CTX **out, struct err *);

/*
 * Makes key->pkey out of the octets of p=, for key->alg, and sets bits and
 * reason: sizes are checked before the key is made. Returns 0, or -1.
 */
MUST_CHECK int dkim_pkey_from_p(
    struct slice octets, struct dkim_key *key, struct err *);
/* Appends the base64 of p=. Returns 0, or -1. */
MUST_CHECK int dkim_pkey_to_p(EVP_PKEY *, struct buf *);

/*
 * Is signature that of the digest? Returns 1, or 0, or -1 for trouble of our
 * own (memory), which says nothing of the signature. *spare is NULL or what
 * an earlier call with the same key has left there: setting up a context
 * costs half as much as the verification it serves. The caller frees it
 * (EVP_PKEY_CTX_free); two calls at once may not share it. spare may be NULL.
 */
MUST_CHECK int dkim_pkey_verify(EVP_PKEY *, enum dkim_alg, const EVP_MD *,
    EVP_PKEY_CTX **spare, const struct dkim_digest *, struct slice signature,
    struct err *);
/* The signature, from the arena. Returns 0, or -1. */
MUST_CHECK int dkim_pkey_sign(EVP_PKEY *, enum dkim_alg, const EVP_MD *,
    const struct dkim_digest *, struct arena *, struct slice *signature,
    struct err *);

#endif
