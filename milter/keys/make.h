/* SPDX-License-Identifier: BSD-2-Clause */
/* New keys, and the records that publish them. */
#ifndef ASSAY_KEYS_MAKE_H
#define ASSAY_KEYS_MAKE_H

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "keys/rotate.h"
#include "mail/domain.h"

/* A new key by OpenSSL's own randomness; the caller frees it. NULL: no. */
MUST_CHECK EVP_PKEY *key_generate(enum key_type);

/*
 * Generates a key and stores it as
 * DIR/DOMAIN/SELECTOR.pem; DIR and DIR/DOMAIN are made (0700) when missing.
 * An existing file of this name is an error. The public half is returned in
 * *key (the caller frees). Returns 0, or -1.
 */
MUST_CHECK int keys_make(const char *dir, const struct domain *,
    const char *selector, enum key_type, EVP_PKEY **key, struct err *err);

/*
 * Is this a selector we make? Letters and digits, 1 to 63: what every log
 * reader's pattern for "s=" takes (RFC 6376 section 3.1 allows more).
 */
bool keys_selector_valid(const char *selector);
/* Is this one we can go on with? Any of RFC 6376 section 3.1, dots as well. */
bool keys_selector_imported(const char *selector);

/*
 * The record as zone file text: owner, TXT and its strings of at most 255
 * octets, with a newline. Appends to out.
 */
MUST_CHECK int keys_zone_text(const struct domain *, const char *selector,
    EVP_PKEY *key, struct buf *out, struct err *err);

#endif
