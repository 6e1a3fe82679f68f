/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Key records, RFC 6376 section 3.6.1 and RFC 8463 section 4.2: from the text
 * of a TXT record to a public key, and back.
 */
#ifndef ASSAY_DKIM_KEY_H
#define ASSAY_DKIM_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "dkim/reason.h"
#include "dkim/sig.h"
#include "mail/limits.h"

struct dkim_key {
	enum dkim_reason reason; /* DKIM_REASON_NONE: pkey is there */
	EVP_PKEY *pkey;          /* owned */
	enum dkim_alg alg;       /* the one algorithm this key is for */
	unsigned bits;           /* 0: not known */
	bool testing;            /* t=y */
	bool same_domain;        /* t=s: i= may not be below d= */
	bool sha256;             /* h= is absent or lists it */
};

/*
 * Parses the text of one record (character-strings joined). Returns 0
 * whatever it holds, -1 without memory. End with dkim_key_clear.
 */
MUST_CHECK int dkim_key_parse(
    struct slice text, struct dkim_key *out, struct err *);
void dkim_key_clear(struct dkim_key *);

/*
 * Is this parsed key meant for that signature? DKIM_REASON_NONE or why not:
 * RFC 6376 section 6.1.2 steps 6 and 8, section 3.6.1 on t=s.
 */
enum dkim_reason dkim_key_check(
    const struct dkim_key *, const struct dkim_sig *);

/* Appends "v=DKIM1; k=rsa; p=..." or "...k=ed25519...". 0, or -1. */
MUST_CHECK int dkim_key_record(EVP_PKEY *, struct buf *);

/*
 * Does this record show exactly the public half of the key, and may mail
 * signed with it pass?
 */
bool dkim_key_matches(struct slice record_text, EVP_PKEY *);

/* The type of a key; false when it is none DKIM knows. */
MUST_CHECK bool dkim_key_alg(EVP_PKEY *, enum dkim_alg *out);

/* "selector._domainkey.domain" with its NUL; longer names do not exist. */
#define DKIM_KEY_NAME_MAX (2 * LIMIT_DOMAIN + 16)
/* Where the record of a selector is: RFC 6376 section 3.6.2.1. */
struct slice dkim_key_name(const struct domain *selector,
    const struct domain *, char name[DKIM_KEY_NAME_MAX]);

#endif
