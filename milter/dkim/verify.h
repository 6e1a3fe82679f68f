/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifying the DKIM signatures of one message: RFC 6376 section 6, RFC 8301,
 * RFC 8463, RFC 8616. Use: new, field for each DKIM-Signature as it arrives,
 * eoh, body as it comes, eom. Key lookups go out while the rest of the
 * message is read.
 *
 * What a peer or a zone does wrong is a result with a reason. -1 with err is
 * our own trouble (memory): there are then no results to go by.
 */
#ifndef ASSAY_DKIM_VERIFY_H
#define ASSAY_DKIM_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authres/words.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "dkim/reason.h"
#include "dkim/sig.h"
#include "dns/inquiry.h"
#include "mail/domain.h"
#include "mail/header.h"

struct dkim_shared;

struct dkim_verify_options {
	struct dkim_shared *shared; /* borrowed; NULL: nothing is shared */
	/*
	 * A valid signature by a smaller RSA key is policy. Below 1024 it is
	 * permerror whatever stands here (RFC 8301 section 3.2).
	 */
	unsigned min_rsa_bits;
	size_t max_sigs;       /* evaluated in one message */
	int64_t expire_skew_s; /* x= may be past by this much */
	int64_t future_skew_s; /* t= may be ahead by this much */
	/* An l= that leaves body unsigned may pass; else it is policy. */
	bool accept_partial_body;
	/* The signing domains (d=) whose l= may, all the same. */
	struct domain_list partial_body;
};

/* 1024 bits, 10 signatures, 300 s, 3600 s, no partial body. */
extern const struct dkim_verify_options dkim_verify_defaults;

struct dkim_result {
	enum ar_word word;
	/* DKIM_REASON_NONE for a pass without reservation. */
	enum dkim_reason reason;
	const struct dkim_sig *sig; /* as far as it was parsed; never NULL */
	struct domain domain;       /* d=; empty when it is malformed */
	unsigned key_bits;          /* 0: no key was had */
	/*
	 * The key record has t=y. RFC 6376 section 3.6.1: a failure is then
	 * to be treated as no signature, as it always is.
	 */
	bool testing;
	uint64_t unsigned_octets; /* of the canonical body, beyond l= */
	size_t field;             /* index in header->fields */
	/*
	 * LIMIT_SIGS only: how many signatures beside this one were not
	 * looked at. They have no result of their own.
	 */
	size_t others;
};

struct dkim_verifier; /* arena object */

/* The options are copied; the domains in them are borrowed. 0, or -1. */
MUST_CHECK int dkim_verifier_new(const struct dkim_verify_options *,
    struct arena *, struct dkim_verifier **out, struct err *);

/*
 * A DKIM-Signature field: value is all that follows its colon, as in the
 * header (field_index is its place there). Parses it and starts the lookup of
 * its key, for the first max_sigs of them. Slices of the results point into
 * value. q must live until eom. Past LIMIT_DKIM_SIGNATURES fields are only
 * counted. Returns 0, or -1.
 */
MUST_CHECK int dkim_verifier_field(struct dkim_verifier *, struct slice value,
    size_t field_index, struct inquiry *q, struct err *);

/*
 * The header is complete: chooses which signatures are evaluated. Those whose
 * d= is related to author (the same, above or below it; the empty domain is
 * related to none) come first, then the other well-formed ones from the top
 * down. The header is not needed afterwards. Returns 0, or -1.
 */
MUST_CHECK int dkim_verifier_eoh(struct dkim_verifier *, const struct header *,
    const struct domain *author, struct err *);

/* Body octets as they come: 1 more is wanted, 0 none is, -1. */
MUST_CHECK int dkim_verifier_body(
    struct dkim_verifier *, const void *octets, size_t len, struct err *);

/*
 * The end of the message; now_s is the time it was received. Waits for keys
 * that are still under way. Results are in the order of the fields, one for
 * each signature evaluated; when there were more, one for the topmost of
 * those left over, LIMIT_SIGS. They live in the arena. 0, or -1.
 */
MUST_CHECK int dkim_verifier_eom(struct dkim_verifier *, struct inquiry *q,
    int64_t now_s, const struct dkim_result **results, size_t *n,
    struct err *);

#endif
