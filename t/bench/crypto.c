/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What OpenSSL alone costs on this machine, so that figures of two machines
 * can be compared.
 *
 *	crypto PEM OCTETS
 *
 * Prints milliseconds of CPU time: sign_ms and verify_ms for one signature
 * with the key, hash_ms for SHA-256 of so many octets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

enum {
	ROUNDS = 300
};

static double
cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
sign(EVP_PKEY *key, unsigned char *sig, size_t *len, const unsigned char *tbs)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	int ok = ctx && EVP_PKEY_sign_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_sign(ctx, sig, len, tbs, 32) > 0;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static int
verify(EVP_PKEY *key, const unsigned char *sig, size_t len,
    const unsigned char *tbs)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	int ok = ctx && EVP_PKEY_verify_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_verify(ctx, sig, len, tbs, 32) > 0;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

int
main(int argc, char **argv)
{
	unsigned char sig[1024], tbs[32] = {1};
	size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0, len = 0;
	FILE *f = size ? fopen(argv[1], "r") : NULL;
	EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
	unsigned char *text = calloc(1, size + 1);
	double start[4];
	int ok = key && text;

	start[0] = cpu_ms();
	for (int i = 0; ok && i < ROUNDS; i++) {
		len = sizeof(sig);
		ok = sign(key, sig, &len, tbs);
	}
	start[1] = cpu_ms();
	for (int i = 0; ok && i < ROUNDS; i++)
		ok = verify(key, sig, len, tbs);
	start[2] = cpu_ms();
	for (int i = 0; ok && i < ROUNDS; i++)
		ok = EVP_Digest(text, size, tbs, NULL, EVP_sha256(), NULL);
	start[3] = cpu_ms();
	if (f)
		(void)fclose(f);
	EVP_PKEY_free(key);
	free(text);
	if (!ok)
		return 1;
	printf("sign_ms=%.4f verify_ms=%.4f hash_ms=%.4f\n",
	    (start[1] - start[0]) / ROUNDS, (start[2] - start[1]) / ROUNDS,
	    (start[3] - start[2]) / ROUNDS);
	return 0;
}
