/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hashes of one body: RFC 6376 section 3.7, step 1. The body passes once;
 * it is canonicalized once for each canonicalization somebody wants and
 * hashed once for each distinct pair of canonicalization and length, however
 * many signatures share them. (The hash is SHA-256 for all that may pass.)
 */
#ifndef ASSAY_DKIM_BODYHASH_H
#define ASSAY_DKIM_BODYHASH_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "dkim/pkey.h"
#include "dkim/sig.h"

struct dkim_bodyhash; /* arena object */

/* The md is borrowed. Returns 0, or -1. */
MUST_CHECK int dkim_bodyhash_new(
    const EVP_MD *, struct arena *, struct dkim_bodyhash **out, struct err *);

/*
 * Before the first octet: somebody wants the hash of the first length octets
 * (DKIM_NO_LENGTH: of all). *id names it from then on. Returns 0, or -1.
 */
MUST_CHECK int dkim_bodyhash_want(struct dkim_bodyhash *, enum dkim_canon,
    uint64_t length, size_t *id, struct err *);
/* How many different hashes are wanted. */
size_t dkim_bodyhash_count(const struct dkim_bodyhash *);

MUST_CHECK int dkim_bodyhash_add(
    struct dkim_bodyhash *, struct slice, struct err *);
/* The body is complete. */
MUST_CHECK int dkim_bodyhash_end(struct dkim_bodyhash *, struct err *);

/* After the end. */
const struct dkim_digest *dkim_bodyhash_digest(
    const struct dkim_bodyhash *, size_t id);
/* Octets of the whole canonical body, whatever length was wanted. */
uint64_t dkim_bodyhash_octets(const struct dkim_bodyhash *, size_t id);

#endif
