/* SPDX-License-Identifier: BSD-2-Clause */
/* assay keys new: a pair of keys that nobody manages. */
#include <stdio.h>
#include <time.h>

#include "keys/make.h"
#include "tools/keys.h"

#define RECORDS_MAX 16384

static int
selector_name(const char *given, char kind, char out[LIMIT_LABEL + 1])
{
	time_t now = time(NULL);
	char month[16];
	struct tm tm;
	int n;

	if (given) {
		n = snprintf(out, LIMIT_LABEL + 1, "%s%c", given, kind);
	} else {
		if (!gmtime_r(&now, &tm) ||
		    strftime(month, sizeof(month), "%Y%m", &tm) == 0)
			return -1;
		n = snprintf(out, LIMIT_LABEL + 1, "%c%s", kind, month);
	}
	return n > 0 && n <= LIMIT_LABEL ? 0 : -1;
}

static int
make_pair(const char *dir, const struct domain *domain, const char *given,
    bool dry, struct buf *records, struct err *err)
{
	static const struct {
		char kind;
		enum key_type type;
	} pair[] = {{'r', KEY_RSA2048}, {'e', KEY_ED25519}};

	for (size_t i = 0; i < ARRAY_LEN(pair); i++) {
		char selector[LIMIT_LABEL + 1];
		EVP_PKEY *key;
		int rc;

		if (selector_name(given, pair[i].kind, selector))
			return err_set(err, "selector too long");
		if (dry) {
			(void)printf("to make: %s/%s/%s.pem\n", dir,
			    domain->text, selector);
			continue;
		}
		if (keys_make(dir, domain, selector, pair[i].type, &key, err))
			return -1;
		(void)printf(
		    "made %s/%s/%s.pem\n", dir, domain->text, selector);
		rc = keys_zone_text(domain, selector, key, records, err);
		EVP_PKEY_free(key);
		if (rc)
			return -1;
	}
	return 0;
}

int
keys_new(struct keys_tool *t)
{
	struct buf records = BUF_INIT(RECORDS_MAX);
	struct err err = ERR_INIT;
	struct domain domain;
	struct vault v;
	int status = 1;

	if (keys_domain_argument(t, 0, &domain, &err) ||
	    vault_open(&v, t->key_dir, &clock_system, 30000, &err))
		return keys_fail(&err);
	if (make_pair(t->key_dir, &domain, t->nargs == 2 ? t->args[1] : NULL,
		t->dry, &records, &err) == 0)
		status = 0;
	vault_close(&v);
	if (records.len)
		(void)printf("\npublish in DNS:\n\n%s\n"
			     "assayd signs with each key as soon as it sees "
			     "its record.\n",
		    buf_str(&records));
	if (status)
		status = keys_fail(&err);
	buf_free(&records);
	return status;
}
