/* SPDX-License-Identifier: BSD-2-Clause */
/* Key generation and publication texts. RFC 6376 section 3.6, RFC 8463. */
#include "keys/make.h"

#include <stdio.h>
#include <string.h>

#include "dkim/key.h"
#include "keys/pem.h"
#include "mail/limits.h"

#define RECORD_MAX 4096

EVP_PKEY *
key_generate(enum key_type type)
{
	switch (type) {
	case KEY_RSA2048:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	case KEY_RSA3072:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)3072);
	case KEY_RSA4096:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)4096);
	case KEY_ED25519: return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
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

bool
keys_selector_imported(const char *selector)
{
	struct domain as_name;

	return strlen(selector) <= LIMIT_LABEL &&
	    domain_parse(slice_z(selector), &as_name) &&
	    !strcmp(as_name.text, selector);
}

int
keys_make(const char *dir, const struct domain *domain, const char *selector,
    enum key_type type, EVP_PKEY **key, struct err *err)
{
	char path[4096];

	*key = NULL;
	if (!keys_selector_valid(selector))
		return err_set(
		    err, "selector \"%s\": letters and digits only", selector);
	if (snprintf(path, sizeof(path), "%s/%s", dir, domain->text) >=
	    (int)sizeof(path))
		return err_set(err, "%s: name too long", dir);
	if (directory_ensure(dir, err) || directory_ensure(path, err))
		return -1;
	if (snprintf(path, sizeof(path), "%s/%s/%s.pem", dir, domain->text,
		selector) >= (int)sizeof(path))
		return err_set(err, "%s: name too long", dir);
	*key = key_generate(type);
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
