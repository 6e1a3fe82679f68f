/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/key.h"

#include "dkim.h"
#include "dkim/base64.h"
#include "dkim/der.h"

#define ED "k=ed25519; p=" ED25519_P
#define RSA "p=" RFC8463_RSA_P
/* The key of RFC 8463 appendix A as SubjectPublicKeyInfo. */
#define ED25519_SPKI \
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

struct row {
	const char *name, *text;
	enum dkim_reason reason;
	unsigned bits;
	const char *flags; /* t testing, s same_domain, 2 sha256 */
};

static const struct row rows[] = {
    {"minimal RSA", RSA, DKIM_REASON_NONE, 1024, "2"},
    {"minimal Ed25519", ED, DKIM_REASON_NONE, 256, "2"},
    {"3.6.1: v= first", "v=DKIM1; " ED, DKIM_REASON_NONE, 256, "2"},
    {"blanks, ; at the end", " v = DKIM1 ; k=ed25519 ; p=" ED25519_P " ; ",
	DKIM_REASON_NONE, 256, "2"},
    /* RFC 6376 3.6.1: v= */
    {"3.6.1: v= not first", ED "; v=DKIM1", DKIM_REASON_KEY_SYNTAX, 0, ""},
    {"3.6.1: v=DKIM2", "v=DKIM2; " ED, DKIM_REASON_KEY_VERSION, 0, ""},
    {"3.6.1: v=DKIM1.0", "v=DKIM1.0; " ED, DKIM_REASON_KEY_VERSION, 0, ""},
    {"3.6.1: v=dkim1", "v=dkim1; " ED, DKIM_REASON_KEY_VERSION, 0, ""},
    {"v= empty", "v=; " ED, DKIM_REASON_KEY_VERSION, 0, ""},
    {"V= is another tag", "V=DKIM2; " ED, DKIM_REASON_NONE, 256, "2"},
    /* RFC 6376 3.6.1, 6.1.2: p= */
    {"3.6.1: p= missing", "v=DKIM1; k=rsa", DKIM_REASON_KEY_SYNTAX, 0, ""},
    {"3.6.1: p= empty", "v=DKIM1; p=", DKIM_REASON_KEY_REVOKED, 0, "2"},
    {"p= blank", "v=DKIM1; t=y; p= ;", DKIM_REASON_KEY_REVOKED, 0, "t2"},
    {"p= empty, type unknown", "v=DKIM1; k=x; p=", DKIM_REASON_KEY_REVOKED, 0,
	"2"},
    /* RFC 6376 3.6.1: k= */
    {"3.6.1: k=rsa", "k=rsa; " RSA, DKIM_REASON_NONE, 1024, "2"},
    {"3.6.1: k= unknown", "k=dsa; " RSA, DKIM_REASON_KEY_TYPE, 0, "2"},
    {"3.2: k=RSA", "k=RSA; " RSA, DKIM_REASON_KEY_TYPE, 0, "2"},
    {"k= empty", "k=; " RSA, DKIM_REASON_KEY_TYPE, 0, "2"},
    {"RSA key as Ed25519", "k=ed25519; " RSA, DKIM_REASON_KEY_DATA, 0, "2"},
    {"Ed25519 key as RSA", "p=" ED25519_P, DKIM_REASON_KEY_DATA, 0, "2"},
    /* RFC 6376 3.6.1: h= */
    {"3.6.1: h=sha256", "h=sha256; " ED, DKIM_REASON_NONE, 256, "2"},
    {"3.6.1: h=sha1", "h=sha1; " ED, DKIM_REASON_NONE, 256, ""},
    {"3.6.1: h=sha1:sha256", "h=sha1 : sha256; " ED, DKIM_REASON_NONE, 256,
	"2"},
    {"h= empty", "h=; " ED, DKIM_REASON_NONE, 256, ""},
    /* RFC 6376 3.6.1: s= */
    {"3.6.1: s=email", "s=email; " ED, DKIM_REASON_NONE, 256, "2"},
    {"3.6.1: s=*", "s=*; " ED, DKIM_REASON_NONE, 256, "2"},
    {"3.6.1: s= unknown and email", "s=foo:email; " ED, DKIM_REASON_NONE, 256,
	"2"},
    {"RFC 8460: s=tlsrpt", "s=tlsrpt; " ED, DKIM_REASON_KEY_SERVICE, 0, "2"},
    {"s= empty", "s=; " ED, DKIM_REASON_KEY_SERVICE, 0, "2"},
    /* RFC 6376 3.6.1: t= */
    {"3.6.1: t=y", "t=y; " ED, DKIM_REASON_NONE, 256, "t2"},
    {"3.6.1: t=s", "t=s; " ED, DKIM_REASON_NONE, 256, "s2"},
    {"3.6.1: t=y:s", "t=y : s; " ED, DKIM_REASON_NONE, 256, "ts2"},
    {"3.6.1: unknown flags", "t=zz:yy; " ED, DKIM_REASON_NONE, 256, "2"},
    /* RFC 6376 3.6.1: n=, and g= of RFC 4871 */
    {"RFC 4871: g=", "g=; " ED, DKIM_REASON_NONE, 256, "2"},
    {"3.6.1: n=", "n=hello =3B world; " ED, DKIM_REASON_NONE, 256, "2"},
    {"unknown tag", "zz=1; " ED, DKIM_REASON_NONE, 256, "2"},
    /* RFC 6376 3.6.1, erratum 3017: two forms of an RSA key */
    {"RSAPublicKey by itself (erratum 3017)",
	"p=MIGJAoGBAOQeU5CgFPNZGIazlXo2k/eJ1jpaTTxrmqF1HrDLlt04pvaMtCJj8nXo"
	"liLRC/H9vJjMI1vdb3XLcW60AIN/PBD8EL97/y4GwJH7LPUvGP48vqUe+owqszesbiG"
	"y1PlCO8c70/OjFnJVgvMF87YR4Lcincb7aSvI5MgpP6X8rjDdAgMBAAE=",
	DKIM_REASON_NONE, 1024, "2"},
    {"base64 in pieces",
	"k=ed25519; p=11qYAYKxCrfVS/7T\r\n yWQHOg7h cvPapiMlrwIaaPcHURo",
	DKIM_REASON_NONE, 256, "2"},
    {"no base64", "p=MIGf!!!!", DKIM_REASON_KEY_SYNTAX, 0, "2"},
    {"quotes left in", "p=\"" RFC8463_RSA_P "\"", DKIM_REASON_KEY_SYNTAX, 0,
	"2"},
    {"not DER", "p=aGVsbG8gd29ybGQ=", DKIM_REASON_KEY_DATA, 0, "2"},
    /* RFC 8463 3, 4.2: Ed25519 */
    {"RFC 8463: SubjectPublicKeyInfo", "k=ed25519; p=" ED25519_SPKI,
	DKIM_REASON_KEY_DATA, 0, "2"},
    {"RFC 8463: 31 octets",
	"k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUQ==",
	DKIM_REASON_KEY_DATA, 0, "2"},
    {"RFC 8463: 33 octets",
	"k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA",
	DKIM_REASON_KEY_DATA, 0, "2"},
    /* junk */
    {"empty", "", DKIM_REASON_KEY_SYNTAX, 0, ""},
    {"SPF record", "v=spf1 -all", DKIM_REASON_KEY_VERSION, 0, ""},
    {"some text", "google-site-verification=abc", DKIM_REASON_KEY_SYNTAX, 0,
	""},
    {"escaped semicolons", "v=DKIM1\\; k=ed25519\\; p=" ED25519_P,
	DKIM_REASON_KEY_VERSION, 0, ""},
    {"3.2: duplicate tag", ED "; k=rsa", DKIM_REASON_KEY_SYNTAX, 0, ""},
    {"RFC 8616: not ASCII", "n=b\xc3\xbc; " ED, DKIM_REASON_KEY_SYNTAX, 0, ""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct dkim_key key;
	char flags[8] = "";

	assert_int_equal(dkim_key_parse(slice_z(r->text), &key, NULL), 0);
	assert_string_equal(
	    dkim_reason_text(key.reason), dkim_reason_text(r->reason));
	assert_int_equal(key.bits, r->bits);
	assert_int_equal(key.pkey != NULL, key.reason == DKIM_REASON_NONE);
	snprintf(flags, sizeof(flags), "%s%s%s", key.testing ? "t" : "",
	    key.same_domain ? "s" : "", key.sha256 ? "2" : "");
	assert_string_equal(flags, r->flags);
	dkim_key_clear(&key);
}

/* --- RSA keys of any size ------------------------------------------------- */

static void
put(unsigned char *der, size_t *n, unsigned type, size_t len)
{
	der[(*n)++] = (unsigned char)type;
	if (len >= 0x100) {
		der[(*n)++] = 0x82;
		der[(*n)++] = (unsigned char)(len >> 8);
	} else if (len >= 0x80) {
		der[(*n)++] = 0x81;
	}
	der[(*n)++] = (unsigned char)len;
}

struct rsa_row {
	const char *name;
	unsigned bits; /* of n */
	const char *e; /* octets of e */
	size_t elen;
	bool spki, even; /* n */
	enum dkim_reason reason;
};

#define E(octets) (octets), sizeof(octets) - 1
#define E65537 E("\x01\x00\x01")

static const struct rsa_row rsa_rows[] = {
    {"RFC 8301 3.2: 512", 512, E65537, true, false, DKIM_REASON_KEY_SMALL},
    {"RFC 8301 3.2: 1023", 1023, E65537, true, false, DKIM_REASON_KEY_SMALL},
    {"RFC 8301 3.2: 1024", 1024, E65537, true, false, DKIM_REASON_NONE},
    {"RFC 8301 3.2: 1024, bare", 1024, E65537, false, false, DKIM_REASON_NONE},
    {"2048", 2048, E65537, true, false, DKIM_REASON_NONE},
    {"2048, bare", 2048, E65537, false, false, DKIM_REASON_NONE},
    {"3072", 3072, E65537, true, false, DKIM_REASON_NONE},
    {"RFC 8301 3.2: 4096", 4096, E65537, true, false, DKIM_REASON_NONE},
    {"8192", 8192, E65537, true, false, DKIM_REASON_NONE},
    {"T15 8193", 8193, E65537, true, false, DKIM_REASON_KEY_LARGE},
    {"T15 more octets than any key", 16384 + 1024, E65537, true, false,
	DKIM_REASON_KEY_LARGE},
    {"e = 3", 2048, E("\x03"), true, false, DKIM_REASON_NONE},
    {"e = 1", 2048, E("\x01"), true, false, DKIM_REASON_KEY_DATA},
    {"e = 2", 2048, E("\x02"), true, false, DKIM_REASON_KEY_DATA},
    {"e of 64 bits", 2048, E("\x00\xff\xff\xff\xff\xff\xff\xff\xff"), true,
	false, DKIM_REASON_NONE},
    {"e of 65 bits", 2048, E("\x01\x01\x01\x01\x01\x01\x01\x01\x01"), true,
	false, DKIM_REASON_KEY_LARGE},
    {"e not in its shortest form", 2048, E("\x00\x03"), true, false,
	DKIM_REASON_KEY_DATA},
    {"e negative", 2048, E("\x83"), true, false, DKIM_REASON_KEY_DATA},
    {"n even", 2048, E65537, true, true, DKIM_REASON_KEY_DATA},
};

/* SubjectPublicKeyInfo or RSAPublicKey with such an n, as a record. */
static void
rsa_record(const struct rsa_row *r, struct buf *text)
{
	static const unsigned char alg[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
	    0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
	unsigned char rsa[4096], all[4096], n[4096];
	size_t nrsa = 0, nall = 0, len = (r->bits + 7) / 8;
	size_t elen = r->elen, inner = 0, nn = 0;
	unsigned char seq[4096];

	if (r->bits % 8 == 0)
		n[nn++] = 0; /* the sign */
	memset(n + nn, 0xa5, len);
	n[nn] = (unsigned char)(1u << (r->bits - 1) % 8);
	nn += len;
	n[nn - 1] = r->even ? 0xa4 : 0xa5;
	put(rsa, &nrsa, 2, nn);
	memcpy(rsa + nrsa, n, nn);
	nrsa += nn;
	put(rsa, &nrsa, 2, elen);
	memcpy(rsa + nrsa, r->e, elen);
	nrsa += elen;
	put(seq, &inner, 0x30, nrsa);
	memcpy(seq + inner, rsa, nrsa);
	inner += nrsa;
	if (r->spki) {
		size_t bits = 0;

		nrsa = 0;
		memcpy(rsa, alg, sizeof(alg));
		nrsa = sizeof(alg);
		put(rsa, &nrsa, 3, inner + 1);
		rsa[nrsa++] = 0;
		memcpy(rsa + nrsa, seq, inner);
		bits = nrsa + inner;
		put(all, &nall, 0x30, bits);
		memcpy(all + nall, rsa, bits);
		nall += bits;
	} else {
		memcpy(all, seq, inner);
		nall = inner;
	}
	buf_addz(text, "v=DKIM1; k=rsa; p=");
	dkim_base64_encode(slice_of(all, nall), text);
}

static void
check_rsa(void **state)
{
	const struct rsa_row *r = *state;
	struct buf text = BUF_INIT(8192), back = BUF_INIT(8192);
	struct dkim_key key;

	rsa_record(r, &text);
	assert_int_equal(dkim_key_parse(buf_slice(&text), &key, NULL), 0);
	assert_string_equal(
	    dkim_reason_text(key.reason), dkim_reason_text(r->reason));
	if (key.reason == DKIM_REASON_NONE) {
		assert_int_equal(key.bits, r->bits);
		assert_int_equal(EVP_PKEY_get_bits(key.pkey), r->bits);
		assert_true(dkim_key_matches(buf_slice(&text), key.pkey));
		assert_int_equal(dkim_key_record(key.pkey, &back), 0);
		if (r->spki)
			assert_slice(buf_slice(&back), buf_slice(&text));
		assert_true(dkim_key_matches(buf_slice(&back), key.pkey));
	}
	dkim_key_clear(&key);
	buf_free(&text);
	buf_free(&back);
}

/* Each octet of a good key changed: no crash, and DER lengths are held. */
static void
test_der_damaged(void **state)
{
	unsigned char der[200];
	size_t len;

	(void)state;
	assert_true(dkim_base64_decode(SLICE_LIT(RFC8463_RSA_P), der, &len));
	for (size_t i = 0; i <= len; i++) {
		for (unsigned x = 1; x < 256; x <<= 1) {
			struct buf text = BUF_INIT(1024);
			struct dkim_key key;

			if (i < len)
				der[i] ^= (unsigned char)x;
			buf_addz(&text, "p=");
			dkim_base64_encode(
			    slice_of(der, i < len ? len : len - x / 2 - 1),
			    &text);
			assert_int_equal(
			    dkim_key_parse(buf_slice(&text), &key, NULL), 0);
			/* Up to the number itself every bit counts. */
			if (i < 27 || i == len)
				assert_null(key.pkey);
			dkim_key_clear(&key);
			buf_free(&text);
			if (i < len)
				der[i] ^= (unsigned char)x;
		}
	}
}

/* Every beginning of a good key is refused. */
static void
test_der_cut(void **state)
{
	unsigned char der[200];
	size_t len;

	(void)state;
	assert_true(dkim_base64_decode(SLICE_LIT(RFC8463_RSA_P), der, &len));
	for (size_t n = 1; n < len; n++) {
		/* Exactly n octets, so that a sanitizer sees one more. */
		char *cut = malloc(n);
		struct der_rsa rsa;

		memcpy(cut, der, n);
		assert_false(der_rsa_parse(slice_of(cut, n), &rsa));
		free(cut);
	}
}

/* DER, not BER: a length has its shortest form. */
static void
test_der_lengths(void **state)
{
	unsigned char der[200];
	struct der_rsa rsa;
	size_t len;

	(void)state;
	assert_true(
	    dkim_base64_decode(SLICE_LIT(RFC8463_RSA_P), der + 1, &len));
	assert_true(der_rsa_parse(slice_of(der + 1, len), &rsa));
	assert_int_equal(der[2], 0x81);
	der[0] = der[1];
	der[1] = 0x82;
	der[2] = 0;
	assert_false(der_rsa_parse(slice_of(der, len + 1), &rsa));
}

static void
test_matches(void **state)
{
	struct dkim_key ed, rsa;

	(void)state;
	assert_int_equal(dkim_key_parse(SLICE_LIT(ED), &ed, NULL), 0);
	assert_int_equal(dkim_key_parse(SLICE_LIT(RSA), &rsa, NULL), 0);
	assert_true(dkim_key_matches(SLICE_LIT("v=DKIM1; t=y; " ED), ed.pkey));
	assert_false(dkim_key_matches(SLICE_LIT(ED), rsa.pkey));
	assert_false(dkim_key_matches(SLICE_LIT(RSA), ed.pkey));
	assert_false(
	    dkim_key_matches(SLICE_LIT("p=" RFC6376_RSA_P), rsa.pkey));
	assert_false(dkim_key_matches(SLICE_LIT("h=sha1; " ED), ed.pkey));
	assert_false(dkim_key_matches(SLICE_LIT("s=tlsrpt; " ED), ed.pkey));
	assert_false(dkim_key_matches(SLICE_LIT("v=DKIM1; p="), ed.pkey));
	assert_false(dkim_key_matches(SLICE_LIT(""), ed.pkey));
	dkim_key_clear(&ed);
	dkim_key_clear(&rsa);
}

static void
test_record(void **state)
{
	struct buf b = BUF_INIT(1024);
	struct dkim_key key;

	(void)state;
	assert_int_equal(dkim_key_parse(SLICE_LIT(ED), &key, NULL), 0);
	assert_int_equal(dkim_key_record(key.pkey, &b), 0);
	assert_string_equal(buf_str(&b), "v=DKIM1; k=ed25519; p=" ED25519_P);
	dkim_key_clear(&key);
	buf_clear(&b);
	assert_int_equal(dkim_key_parse(SLICE_LIT(RSA), &key, NULL), 0);
	assert_int_equal(dkim_key_record(key.pkey, &b), 0);
	assert_string_equal(buf_str(&b), "v=DKIM1; k=rsa; p=" RFC8463_RSA_P);
	dkim_key_clear(&key);
	buf_free(&b);
}

static void
test_other_kinds_of_key(void **state)
{
	EVP_PKEY *x = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL,
	    (const unsigned char *)"0123456789abcdef0123456789abcdef", 32);
	struct buf b = BUF_INIT(1024);
	enum dkim_alg alg;

	(void)state;
	assert_non_null(x);
	assert_false(dkim_key_alg(x, &alg));
	assert_int_equal(dkim_key_record(x, &b), -1);
	EVP_PKEY_free(x);
	buf_free(&b);
}

/* T12: 64 KiB of TXT */
static void
test_long_records(void **state)
{
	struct buf b = BUF_INIT(LIMIT_TXT_OCTETS);
	struct dkim_key key;

	(void)state;
	buf_addz(&b, "v=DKIM1; k=ed25519; p=" ED25519_P "; n=");
	while (b.len < LIMIT_TXT_OCTETS)
		buf_addc(&b, 'x');
	assert_int_equal(dkim_key_parse(buf_slice(&b), &key, NULL), 0);
	assert_int_equal(key.reason, DKIM_REASON_NONE);
	dkim_key_clear(&key);
	buf_clear(&b);
	buf_addz(&b, "v=DKIM1; p=");
	while (b.len < LIMIT_TXT_OCTETS)
		buf_addc(&b, 'A');
	assert_int_equal(dkim_key_parse(buf_slice(&b), &key, NULL), 0);
	assert_int_equal(key.reason, DKIM_REASON_KEY_LARGE);
	buf_free(&b);
}

static void
test_name(void **state)
{
	char name[DKIM_KEY_NAME_MAX];
	struct domain s, d;

	(void)state;
	assert_true(domain_parse(SLICE_LIT("foo.bar"), &s));
	assert_true(domain_parse(SLICE_LIT("b\xc3\xbc"
					   "cher.example"),
	    &d));
	assert_slice(dkim_key_name(&s, &d, name),
	    SLICE_LIT("foo.bar._domainkey.xn--bcher-kva.example"));
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(rsa_rows, check_rsa);
	UNIT_TEST(test_der_damaged);
	UNIT_TEST(test_der_cut);
	UNIT_TEST(test_der_lengths);
	UNIT_TEST(test_matches);
	UNIT_TEST(test_record);
	UNIT_TEST(test_other_kinds_of_key);
	UNIT_TEST(test_long_records);
	UNIT_TEST(test_name);
	return unit_end();
}
