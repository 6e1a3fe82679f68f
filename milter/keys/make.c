/* SPDX-License-Identifier: BSD-2-Clause */
/* Key generation and publication texts. RFC 6376 section 3.6, RFC 8463. */
#include "keys/make.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dkim/key.h"
#include "keys/pem.h"
#include "mail/limits.h"

#define RECORD_MAX 4096

static int
ensure_directory(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return err_errno(err, "%s", path);
	if (stat(path, &st))
		return err_errno(err, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, "%s: not a directory", path);
	return 0;
}

static EVP_PKEY *
generate(enum dkim_alg alg)
{
	switch (alg) {
	case DKIM_RSA_SHA256:
		return EVP_PKEY_Q_keygen(
		    NULL, NULL, "RSA", (size_t)KEYS_RSA_BITS);
	case DKIM_ED25519_SHA256:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case DKIM_RSA_SHA1: /* RFC 8301: never again */ break;
	}
	return NULL;
}

bool
keys_selector_valid(const char *selector)
{
	size_t n = 0;

	for (; selector[n]; n++)
		if (!is_alnum(selector[n]))
			return false;
	return n >= 1 && n <= LIMIT_LABEL;
}

int
keys_make(const char *dir, const struct domain *domain, const char *selector,
    enum dkim_alg alg, EVP_PKEY **key, struct err *err)
{
	char path[4096];

	*key = NULL;
	if (!keys_selector_valid(selector))
		return err_set(
		    err, "selector \"%s\": letters and digits only", selector);
	if (snprintf(path, sizeof(path), "%s/%s", dir, domain->text) >=
	    (int)sizeof(path))
		return err_set(err, "%s: name too long", dir);
	if (ensure_directory(dir, err) || ensure_directory(path, err))
		return -1;
	if (snprintf(path, sizeof(path), "%s/%s/%s.pem", dir, domain->text,
		selector) >= (int)sizeof(path))
		return err_set(err, "%s: name too long", dir);
	*key = generate(alg);
	if (!*key)
		return err_set(err, "OpenSSL makes no key");
	if (pem_write(path, *key, err)) {
		EVP_PKEY_free(*key);
		*key = NULL;
		return -1;
	}
	return 0;
}

int
keys_zone_text(const struct domain *domain, const char *selector,
    EVP_PKEY *key, struct buf *out, struct err *err)
{
	struct buf record = BUF_INIT(RECORD_MAX);
	struct slice rest;
	int rc = -1;

	if (dkim_key_record(key, &record)) {
		(void)err_set(err, "the key has no public half");
		goto out;
	}
	buf_addf(out, "%s._domainkey.%s. IN TXT (", selector, domain->text);
	for (rest = buf_slice(&record); rest.len; rest = slice_from(rest, 255))
		buf_addf(out, " \"" SLICE_FMT "\"",
		    SLICE_ARG(slice_upto(rest, 255)));
	buf_addz(out, " )\n");
	rc = buf_status(out) ? err_no_mem(err) : 0;
out:
	buf_free(&record);
	return rc;
}
