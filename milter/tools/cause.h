/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a signature fails: what mailers are known to do to a message, undone
 * one by one until the hash fits. A cause that is named is proved: with that
 * change undone the signature holds.
 */
#ifndef ASSAY_TOOLS_CAUSE_H
#define ASSAY_TOOLS_CAUSE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "dkim/hdrhash.h"
#include "dkim/verify.h"
#include "tools/run.h"

/* One signature's header, to be hashed in variations. */
struct cause_signed {
	struct dkim_hdrhash *hh;
	const struct dkim_sig *sig;
	size_t field;
	struct slice before, after; /* of what b= has */
	struct dkim_digest digest;  /* of the last cause_signed_hash */
};

/* Lives in the run's arena. 0, or -1. */
MUST_CHECK int cause_signed_init(struct cause_signed *, const struct run *,
    const struct dkim_result *, struct err *);
/* Over these names instead of h=; copy gets the octets, or is NULL. 0, -1. */
MUST_CHECK int cause_signed_hash(
    struct cause_signed *, struct slice names, struct buf *copy, struct err *);

/* The body's hash differs. Appends the cause, or what to look at. 0, -1. */
MUST_CHECK int cause_body(const struct run *, const struct dkim_sig *,
    struct buf *why, struct err *);
/* The body is as it was, the header is not. The same. */
MUST_CHECK int cause_header(const struct run *, const struct dkim_result *,
    struct buf *why, struct err *);

#endif
