/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict on one signature whose hashes are known: RFC 6376 sections
 * 6.1.1 (what depends on the time), 6.1.2 and 6.1.3. For verify.c only.
 */
#ifndef ASSAY_DKIM_JUDGE_H
#define ASSAY_DKIM_JUDGE_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "dkim/pkey.h"
#include "dkim/verify.h"
#include "dns/inquiry.h"

struct dkim_evidence {
	const struct dkim_digest *header; /* hash of the signed fields */
	const struct dkim_digest *body;   /* hash of the body up to l= */
	uint64_t body_octets;             /* of the whole canonical body */
};

struct dkim_court {
	const struct dkim_verify_options *options;
	struct inquiry *q;
	struct arena *arena;
	const EVP_MD *sha256;
	int64_t now_s;
};

/*
 * sig is well-formed. Fills word, reason, key_bits, testing and
 * unsigned_octets of *r. Returns 0, or -1.
 */
MUST_CHECK int dkim_judge(const struct dkim_court *, const struct dkim_sig *,
    const struct dkim_evidence *, struct dkim_result *r, struct err *);

#endif
