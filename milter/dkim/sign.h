/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signing one message: RFC 6376 section 5, RFC 8301, RFC 8463, RFC 8616. Any
 * number of keys sign the same message in one pass. Use: new, add for each
 * key, eoh, body as it comes, eom.
 */
#ifndef ASSAY_DKIM_SIGN_H
#define ASSAY_DKIM_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "dkim/reason.h"
#include "dkim/sig.h"
#include "mail/domain.h"
#include "mail/header.h"

struct dkim_sign_key {
	struct slice domain;   /* d=, A-labels or U-labels */
	struct slice selector; /* s=, likewise */
	struct slice identity; /* i=, not encoded; empty: none is written */
	enum dkim_alg alg;     /* not DKIM_RSA_SHA1 */
	EVP_PKEY *pkey;        /* borrowed */
	size_t group;          /* whose options; 0: those of the signer */
};

struct dkim_shared;

struct dkim_sign_options {
	struct dkim_shared *shared; /* borrowed; NULL: nothing is shared */
	enum dkim_canon header_canon, body_canon;
	/* Names signed when present, every instance of them. */
	const struct slice *sign;
	size_t nsign;
	/* Names listed once more than present, so that none can be added. */
	const struct slice *oversign;
	size_t noversign;
	/*
	 * Of those, the names not to be listed while the field is absent:
	 * Sendmail adds Date, Message-ID and From after the milter.
	 */
	const struct slice *never_absent;
	size_t nnever_absent;
	/*
	 * Names not to be listed at all, From excepted: what an MTA changes or
	 * drops after the milter.
	 */
	const struct slice *omit;
	size_t nomit;
	/* Octets of a line that the MTA leaves whole; 0: 998. */
	size_t max_line;
	int64_t expire_s; /* x= is now and this; 0: no x= */
	/*
	 * Sign also what is malformed in ways that other programs mend or
	 * cut on the way: NUL, CR or LF alone, lines over max_line, a
	 * second Subject, Date, To ... Signatures of such mail often break,
	 * and a second Subject may be an attack (RFC 6376 section 8.15). A
	 * message must have one From field in any case.
	 */
	bool sign_malformed;
};

/* What RFC 6376 section 5.4.1 and RFC 8058 want signed; ended by its count. */
extern const struct slice dkim_default_sign_fields[];
extern const size_t dkim_default_sign_fields_n;
/* The fields that readers go by and of which there is one at most. */
extern const struct slice dkim_default_oversign[];
extern const size_t dkim_default_oversign_n;

struct dkim_signer; /* arena object */

/* What the options point to is borrowed. Returns 0, or -1. */
MUST_CHECK int dkim_signer_new(const struct dkim_sign_options *,
    struct arena *, struct dkim_signer **, struct err *);

/*
 * Other options, for keys of this *group, of the same pass. Before eoh. 0, -1.
 */
MUST_CHECK int dkim_signer_group(struct dkim_signer *,
    const struct dkim_sign_options *, size_t *group, struct err *);

/*
 * May i= be this under d=? An address or "@domain" at d or below it (RFC 6376
 * section 3.5); the empty one may: none is written.
 */
bool dkim_identity_fits(struct slice identity, const struct domain *d);

/*
 * Adds a key, whose slices are borrowed, at any time before eom. -1 and err
 * when it cannot sign: bad names, an identity that does not fit the domain,
 * another kind of key than alg says, RSA below 1024 bits.
 */
MUST_CHECK int dkim_signer_add(
    struct dkim_signer *, const struct dkim_sign_key *, struct err *);

/* The header is complete, and not needed afterwards. Returns 0, or -1. */
MUST_CHECK int dkim_signer_eoh(
    struct dkim_signer *, const struct header *, struct err *);
MUST_CHECK int dkim_signer_body(
    struct dkim_signer *, const void *octets, size_t len, struct err *);

/*
 * The values of the DKIM-Signature fields to insert, in the order the keys
 * were added: a leading blank, folded at 78 columns with CRLF SP, no CRLF at
 * the end. They live in the arena. The value is empty where the options of
 * the key's group do not let it sign this message, and there are no values at
 * all when no group does: dkim_signer_refusal tells why. Returns 0, or -1.
 */
MUST_CHECK int dkim_signer_eom(struct dkim_signer *, int64_t now_s,
    struct slice **values, size_t *n, struct err *);

/*
 * Why the first group that cannot sign the message cannot, or
 * DKIM_REASON_NONE; known after eom.
 */
enum dkim_reason dkim_signer_refusal(const struct dkim_signer *);

#endif
