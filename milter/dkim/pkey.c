/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSASSA-PKCS1-v1_5 with SHA-256 (RFC 6376 section 3.3.2) and PureEdDSA over
 * the SHA-256 of the header (RFC 8463 section 3), by OpenSSL 3's EVP.
 */
#include "dkim/pkey.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "dkim/base64.h"
#include "dkim/der.h"
#include "dkim/key.h"
#include "mail/limits.h"

#define ED25519_KEY_OCTETS 32

/*
 * Each entry point below clears the thread's error queue before and after:
 * nobody waits for what is in it, and a stale error must explain nothing.
 */
static int
openssl_failed(struct err *err, const char *what)
{
	char why[160];

	ERR_error_string_n(ERR_peek_last_error(), why, sizeof(why));
	return err_set(err, "%s: %s", what, why);
}

static void
free_md(void *md)
{
	EVP_MD_free(md);
}

static void
free_md_ctx(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

int
dkim_sha256_fetch(struct arena *arena, EVP_MD **out, struct err *err)
{
	*out = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!*out)
		return openssl_failed(err, "SHA-256");
	return arena_defer(arena, free_md, *out) ? err_no_mem(err) : 0;
}

int
dkim_md_ctx(struct arena *arena, EVP_MD_CTX **out, struct err *err)
{
	*out = EVP_MD_CTX_new();
	if (!*out || arena_defer(arena, free_md_ctx, *out))
		return err_no_mem(err);
	return 0;
}

static unsigned
bits_of(struct slice number)
{
	unsigned top = number.len ? (unsigned char)number.ptr[0] : 0;
	unsigned bits = 0;

	for (; top; top >>= 1)
		bits++;
	return number.len ? (unsigned)(number.len - 1) * 8 + bits : 0;
}

static bool
is_odd(struct slice number)
{
	return number.len && (number.ptr[number.len - 1] & 1);
}

/*
 * What costs too much to verify with, or can be no RSA key, is told before
 * any arithmetic: n and e are the zone owner's.
 */
static enum dkim_reason
check_rsa(const struct der_rsa *rsa, unsigned *bits)
{
	*bits = bits_of(rsa->modulus);
	if (*bits > LIMIT_RSA_BITS ||
	    bits_of(rsa->exponent) > LIMIT_RSA_EXPONENT_BITS)
		return DKIM_REASON_KEY_LARGE;
	if (!is_odd(rsa->modulus) || !is_odd(rsa->exponent) ||
	    bits_of(rsa->exponent) < 2)
		return DKIM_REASON_KEY_DATA;
	if (*bits < LIMIT_RSA_BITS_MIN)
		return DKIM_REASON_KEY_SMALL;
	return DKIM_REASON_NONE;
}

static EVP_PKEY *
pkey_from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	/* On failure pkey stays NULL. */
	if (ctx && params && EVP_PKEY_fromdata_init(ctx) > 0)
		(void)EVP_PKEY_fromdata(
		    ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *
rsa_new(const struct der_rsa *rsa)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn((const unsigned char *)rsa->modulus.ptr,
	    (int)rsa->modulus.len, NULL);
	BIGNUM *e = BN_bin2bn((const unsigned char *)rsa->exponent.ptr,
	    (int)rsa->exponent.len, NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (bld && n && e &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e))
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params)
		pkey = pkey_from_params("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(n);
	BN_free(e);
	return pkey;
}

static int
rsa_from_p(struct slice octets, struct dkim_key *key, struct err *err)
{
	struct der_rsa rsa;

	key->reason = DKIM_REASON_KEY_DATA;
	if (!der_rsa_parse(octets, &rsa))
		return 0;
	key->reason = check_rsa(&rsa, &key->bits);
	if (key->reason != DKIM_REASON_NONE)
		return 0;
	key->pkey = rsa_new(&rsa);
	/* Any n and e make a key: a refusal is no judgement of it. */
	return key->pkey ? 0 : openssl_failed(err, "RSA key");
}

/* RFC 8463 section 4.2: the 32 octets themselves, no ASN.1 round them. */
static int
ed25519_from_p(struct slice octets, struct dkim_key *key, struct err *err)
{
	key->reason = DKIM_REASON_KEY_DATA;
	if (octets.len != ED25519_KEY_OCTETS)
		return 0;
	key->reason = DKIM_REASON_NONE;
	key->bits = ED25519_KEY_OCTETS * 8;
	key->pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
	    (const unsigned char *)octets.ptr, octets.len);
	return key->pkey ? 0 : openssl_failed(err, "Ed25519 key");
}

int
dkim_pkey_from_p(struct slice octets, struct dkim_key *key, struct err *err)
{
	int rc;

	if (octets.len > LIMIT_DKIM_KEY_OCTETS) {
		key->reason = DKIM_REASON_KEY_LARGE;
		return 0;
	}
	ERR_clear_error();
	if (key->alg == DKIM_ED25519_SHA256)
		rc = ed25519_from_p(octets, key, err);
	else
		rc = rsa_from_p(octets, key, err);
	ERR_clear_error();
	return rc;
}

static int
rsa_to_p(EVP_PKEY *pkey, struct buf *b)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	if (len <= 0)
		return -1;
	dkim_base64_encode(slice_of(der, (size_t)len), b);
	OPENSSL_free(der);
	return 0;
}

int
dkim_pkey_to_p(EVP_PKEY *pkey, struct buf *b)
{
	unsigned char raw[ED25519_KEY_OCTETS];
	size_t len = sizeof(raw);
	int rc = 0;

	ERR_clear_error();
	if (EVP_PKEY_is_a(pkey, "RSA"))
		rc = rsa_to_p(pkey, b);
	else if (EVP_PKEY_get_raw_public_key(pkey, raw, &len) > 0)
		dkim_base64_encode(slice_of(raw, len), b);
	else
		rc = -1;
	ERR_clear_error();
	return rc;
}

/* A context ready to sign or verify a SHA-256 digest, or NULL. */
static EVP_PKEY_CTX *
rsa_ctx(EVP_PKEY *pkey, const EVP_MD *sha256, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	if (ctx &&
	    (init(ctx) <= 0 ||
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) <= 0 ||
		EVP_PKEY_CTX_set_signature_md(ctx, sha256) <= 0)) {
		EVP_PKEY_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

/*
 * OpenSSL says 0 or less for a wrong signature and for its own trouble alike;
 * the latter is told by the reason it leaves.
 */
static int
verified(int rc, struct err *err)
{
	unsigned long code = ERR_peek_last_error();

	if (rc == 1)
		return 1;
	if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		return err_no_mem(err);
	return 0;
}

static int
rsa_verify(EVP_PKEY *pkey, const EVP_MD *sha256, EVP_PKEY_CTX **spare,
    const struct dkim_digest *d, struct slice sig, struct err *err)
{
	EVP_PKEY_CTX *ctx = spare ? *spare : NULL;
	int rc;

	if (!ctx)
		ctx = rsa_ctx(pkey, sha256, EVP_PKEY_verify_init);
	if (!ctx)
		return openssl_failed(err, "RSA verify");
	rc = EVP_PKEY_verify(ctx, (const unsigned char *)sig.ptr, sig.len,
	    d->octets, sizeof(d->octets));
	if (spare)
		*spare = ctx;
	else
		EVP_PKEY_CTX_free(ctx);
	return verified(rc, err);
}

static int
ed25519_verify(EVP_PKEY *pkey, const struct dkim_digest *d, struct slice sig,
    struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc;

	if (!ctx ||
	    EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) <=
		0) {
		EVP_MD_CTX_free(ctx);
		return openssl_failed(err, "Ed25519 verify");
	}
	rc = EVP_DigestVerify(ctx, (const unsigned char *)sig.ptr, sig.len,
	    d->octets, sizeof(d->octets));
	EVP_MD_CTX_free(ctx);
	return verified(rc, err);
}

int
dkim_pkey_verify(EVP_PKEY *pkey, enum dkim_alg alg, const EVP_MD *sha256,
    EVP_PKEY_CTX **spare, const struct dkim_digest *d, struct slice sig,
    struct err *err)
{
	int rc;

	ERR_clear_error();
	if (alg == DKIM_ED25519_SHA256)
		rc = ed25519_verify(pkey, d, sig, err);
	else
		rc = rsa_verify(pkey, sha256, spare, d, sig, err);
	ERR_clear_error();
	return rc;
}

static int
rsa_sign(EVP_PKEY *pkey, const EVP_MD *sha256, const struct dkim_digest *d,
    unsigned char *out, size_t *len)
{
	EVP_PKEY_CTX *ctx = rsa_ctx(pkey, sha256, EVP_PKEY_sign_init);
	int ok = ctx &&
	    EVP_PKEY_sign(ctx, out, len, d->octets, sizeof(d->octets)) > 0;

	EVP_PKEY_CTX_free(ctx);
	return ok ? 0 : -1;
}

static int
ed25519_sign(EVP_PKEY *pkey, const struct dkim_digest *d, unsigned char *out,
    size_t *len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx &&
	    EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) >
		0 &&
	    EVP_DigestSign(ctx, out, len, d->octets, sizeof(d->octets)) > 0;

	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -1;
}

int
dkim_pkey_sign(EVP_PKEY *pkey, enum dkim_alg alg, const EVP_MD *sha256,
    const struct dkim_digest *d, struct arena *arena, struct slice *signature,
    struct err *err)
{
	int size = EVP_PKEY_get_size(pkey), rc;
	size_t len = size > 0 ? (size_t)size : 0;
	unsigned char *out = arena_alloc(arena, len);

	if (!out)
		return err_no_mem(err);
	ERR_clear_error();
	if (alg == DKIM_ED25519_SHA256)
		rc = ed25519_sign(pkey, d, out, &len);
	else
		rc = rsa_sign(pkey, sha256, d, out, &len);
	if (rc)
		(void)openssl_failed(err, "signing");
	ERR_clear_error();
	*signature = slice_of(out, len);
	return rc;
}
