/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two numbers of an RSA public key out of DER: enough ASN.1 for p= and no
 * more, so that sizes are known before any big-number code sees them.
 */
#ifndef ASSAY_DKIM_DER_H
#define ASSAY_DKIM_DER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/slice.h"

/* Big-endian, without leading zeros; point into the DER. */
struct der_rsa {
	struct slice modulus, exponent;
};

/*
 * A SubjectPublicKeyInfo (RFC 5280 section 4.1) of an RSA key, or an
 * RSAPublicKey by itself (RFC 8017 appendix A.1.1). False for anything else,
 * for lengths not in DER's shortest form, and when octets are left over.
 */
MUST_CHECK bool der_rsa_parse(struct slice der, struct der_rsa *out);

#endif
