/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hash a signature is made over: RFC 6376 section 3.7, step 2. First the
 * fields that h= names, then the signature field itself without what b= has.
 */
#ifndef ASSAY_DKIM_HDRHASH_H
#define ASSAY_DKIM_HDRHASH_H

#include <stddef.h>

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "dkim/pkey.h"
#include "dkim/sig.h"
#include "mail/header.h"

struct dkim_hdrhash; /* arena object; one for any number of signatures */

/* Header and md are borrowed. Returns 0, or -1. */
MUST_CHECK int dkim_hdrhash_new(const struct header *, const EVP_MD *,
    struct arena *, struct dkim_hdrhash **out, struct err *);

/*
 * Hashes the fields of a colon-separated list of names, in its order, the
 * same name again taking the next instance above; names no field is left for
 * add nothing (sections 5.4 and 5.4.2). own is the index of the signature
 * under test, which is never such an instance, or FIELD_NONE. The cost is
 * linear in the list and the fields taken. Returns 0, or -1.
 */
MUST_CHECK int dkim_hdrhash_fields(struct dkim_hdrhash *, enum dkim_canon,
    struct slice names, size_t own, struct err *);

/*
 * The digest of those fields and of a signature field, "Name: value" in two
 * parts: before and after what b= has. Any number of times after
 * dkim_hdrhash_fields. Returns 0, or -1.
 */
MUST_CHECK int dkim_hdrhash_digest(struct dkim_hdrhash *, struct slice before,
    struct slice after, struct dkim_digest *out, struct err *);

/*
 * From now on all that is hashed is appended to copy as well: for tools that
 * show it. NULL ends that.
 */
void dkim_hdrhash_copy(struct dkim_hdrhash *, struct buf *copy);

#endif
