/* SPDX-License-Identifier: BSD-2-Clause */
/* "sha256 HEX seen SECONDS": bound to the key, so a swapped file is new. */
#include "keys/seen.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "keys/pem.h"

#define HEX_MAX 65
#define STAMP_MAX 256

int
key_fingerprint(EVP_PKEY *key, char hex[HEX_MAX])
{
	unsigned char *der = NULL, md[EVP_MAX_MD_SIZE];
	int len = i2d_PUBKEY(key, &der);
	size_t n = 0;
	int rc = -1;

	if (len > 0 &&
	    EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)len, md, &n)) {
		for (size_t i = 0; i < n; i++)
			(void)snprintf(hex + 2 * i, 3, "%02x", md[i]);
		rc = 0;
	}
	OPENSSL_free(der);
	return rc;
}

bool
seen_check(const char *path, EVP_PKEY *key)
{
	char hex[HEX_MAX], want[STAMP_MAX], text[STAMP_MAX];

	/* One that others could write is looked for in DNS again. */
	if (key_fingerprint(key, hex) ||
	    file_read_own(path, text, sizeof(text), NULL) <= 0)
		return false;
	(void)snprintf(want, sizeof(want), "sha256 %s seen ", hex);
	return !strncmp(text, want, strlen(want));
}

int
seen_write(const char *path, EVP_PKEY *key, int64_t now_s, struct err *err)
{
	char hex[HEX_MAX], text[STAMP_MAX];
	int len;

	if (key_fingerprint(key, hex))
		return err_set(err, "%s: no fingerprint", path);
	len = snprintf(
	    text, sizeof(text), "sha256 %s seen %" PRId64 "\n", hex, now_s);
	return file_replace(path, text, (size_t)len, err);
}
