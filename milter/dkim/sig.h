/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One DKIM-Signature field taken apart and checked: RFC 6376 sections 3.5
 * and 6.1.1, RFC 8301, RFC 8463 section 4.1, RFC 8616 section 5.
 */
#ifndef ASSAY_DKIM_SIG_H
#define ASSAY_DKIM_SIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/names.h"
#include "base/slice.h"
#include "dkim/reason.h"
#include "mail/domain.h"

enum dkim_alg {
	DKIM_RSA_SHA256,
	DKIM_ED25519_SHA256,
	DKIM_RSA_SHA1, /* known, never signed with, never passes */
};

enum dkim_canon {
	DKIM_SIMPLE,
	DKIM_RELAXED,
};

extern const struct name dkim_alg_words[];
extern const struct name dkim_canon_words[];

#define DKIM_NO_LENGTH UINT64_MAX /* no l= tag: the whole body */
#define DKIM_NO_TIME INT64_MIN    /* no t= or x= tag */
/* RFC 6376 section 3.5: "any value longer than 12 digits to be infinite" */
#define DKIM_TIME_INFINITE INT64_MAX

struct dkim_sig {
	enum dkim_reason reason; /* DKIM_REASON_NONE: well-formed */

	/*
	 * Set as far as parsing got, each only when it is well-formed by
	 * itself. No octet of these is a blank or a control character.
	 */
	struct domain d;        /* d=, comparable; empty: not known */
	struct domain selector; /* s=, as the DNS is asked */
	struct domain i_domain; /* of i=, or d= when there is no i= */
	struct slice a;         /* as written, "rsa-sha256" */
	struct slice s;         /* as written, maybe U-labels */
	struct slice i; /* as written, still quoted-printable; empty: none */
	struct slice b; /* base64 text */

	/* For the verifier; meaningful only with DKIM_REASON_NONE. */
	enum dkim_alg alg;
	enum dkim_canon header_canon, body_canon;
	struct slice signature; /* octets of b= */
	struct slice body_hash; /* octets of bh=, as many as the hash has */
	struct slice h;         /* list of names as written */
	uint64_t l;             /* UINT64_MAX - 1 stands for more digits */
	int64_t t, x;           /* seconds since 1970 */
	/* Where in the value of the field stands what b= has, with blanks. */
	size_t b_at, b_len;
	size_t value_len;
};

/*
 * value is all that follows the colon, folding as CRLF; slices of *out point
 * into it or into arena. Returns 0 whatever the field holds (see reason), -1
 * without memory.
 */
MUST_CHECK int dkim_sig_parse(
    struct slice value, struct arena *, struct dkim_sig *out, struct err *);

#endif
