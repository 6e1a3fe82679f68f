/* SPDX-License-Identifier: BSD-2-Clause */
/* X.690 DER, as far as RFC 8017 appendix A.1.1 and RFC 3279 need it. */
#include "dkim/der.h"

#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_NULL 0x05
#define DER_OID 0x06
#define DER_SEQUENCE 0x30

static bool
take_octet(struct slice *in, unsigned *out)
{
	if (in->len == 0)
		return false;
	*out = (unsigned char)in->ptr[0];
	*in = slice_from(*in, 1);
	return true;
}

/* Definite lengths of up to two octets: p= is bounded far below that. */
static bool
take_length(struct slice *in, size_t *out)
{
	unsigned first, hi = 0, lo;

	if (!take_octet(in, &first))
		return false;
	*out = first;
	if (first < 0x80)
		return true;
	if ((first != 0x81 && first != 0x82) ||
	    (first == 0x82 && !take_octet(in, &hi)) || !take_octet(in, &lo))
		return false;
	*out = hi << 8 | lo;
	return first == 0x81 ? lo >= 0x80 : hi > 0;
}

/* The content of the element of this type at the front of *in. */
static bool
take(struct slice *in, unsigned type, struct slice *content)
{
	struct slice s = *in;
	unsigned got;
	size_t len;

	if (!take_octet(&s, &got) || got != type || !take_length(&s, &len) ||
	    len > s.len)
		return false;
	*content = slice_upto(s, len);
	*in = slice_from(s, len);
	return true;
}

/* A positive INTEGER in its shortest form. */
static bool
take_number(struct slice *in, struct slice *out)
{
	struct slice s;

	if (!take(in, DER_INTEGER, &s) || s.len == 0 || (s.ptr[0] & 0x80))
		return false;
	if (s.ptr[0] == 0) {
		s = slice_from(s, 1);
		if (s.len == 0 || !(s.ptr[0] & 0x80))
			return false;
	}
	*out = s;
	return true;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static bool
take_rsa(struct slice *in, struct der_rsa *out)
{
	struct slice seq;

	return take(in, DER_SEQUENCE, &seq) &&
	    take_number(&seq, &out->modulus) &&
	    take_number(&seq, &out->exponent) && seq.len == 0;
}

/* AlgorithmIdentifier: rsaEncryption, with NULL parameters or none */
static bool
take_rsa_algorithm(struct slice *in)
{
	struct slice seq, oid, null = SLICE_EMPTY;

	return take(in, DER_SEQUENCE, &seq) && take(&seq, DER_OID, &oid) &&
	    slice_eq(oid, SLICE_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")) &&
	    (seq.len == 0 || take(&seq, DER_NULL, &null)) && seq.len == 0 &&
	    null.len == 0;
}

static bool
take_spki(struct slice *in, struct der_rsa *out)
{
	struct slice seq, bits;

	if (!take(in, DER_SEQUENCE, &seq) || !take_rsa_algorithm(&seq) ||
	    !take(&seq, DER_BIT_STRING, &bits) || seq.len)
		return false;
	/* The first octet counts the unused bits of the last. */
	if (bits.len == 0 || bits.ptr[0] != 0)
		return false;
	bits = slice_from(bits, 1);
	return take_rsa(&bits, out) && bits.len == 0;
}

bool
der_rsa_parse(struct slice der, struct der_rsa *out)
{
	struct slice s = der;

	if (take_spki(&s, out))
		return s.len == 0;
	s = der;
	return take_rsa(&s, out) && s.len == 0;
}
