/* SPDX-License-Identifier: BSD-2-Clause */
/* assay keys new: a pair of keys that nobody manages. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

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

/* Its file is told of, its records collected, as text or as JSON. */
static int
tell_key(struct keys_tool *t, const struct domain *domain,
    const char *selector, enum key_type type, EVP_PKEY *key,
    struct buf *records, struct err *err)
{
	struct key_record r = {.key = {.type = type}};
	struct publication p;
	int rc;

	(void)snprintf(r.key.selector, sizeof(r.key.selector), "%s", selector);
	if (!t->json)
		return keys_zone_text(domain, selector, key, records, err);
	rc = publication_fill(&p,
	    &rules_of(&t->config->engine.rules, domain)->keys, domain, &r, key,
	    NULL, err);
	if (rc == 0) {
		buf_addz(records, records->len ? ", " : "");
		publication_json(&p, records);
	}
	publication_clear(&p);
	return rc;
}

static int
make_key(struct keys_tool *t, const struct domain *domain,
    const char *selector, enum key_type type, struct buf *records,
    struct err *err)
{
	char line[4096 + 300];
	EVP_PKEY *key;
	int rc;

	(void)snprintf(line, sizeof(line), "%s/%s/%s.pem", t->key_dir,
	    domain->text, selector);
	if (access(line, F_OK) == 0)
		return keys_no(t, err_set(err, "%s: exists", line));
	if (!t->dry &&
	    keys_make(t->key_dir, domain, selector, type, &key, err))
		return -1;
	keys_tell(t, line);
	if (t->dry)
		return 0;
	rc = tell_key(t, domain, selector, type, key, records, err);
	EVP_PKEY_free(key);
	return rc;
}

static int
make_pair(struct keys_tool *t, const struct domain *domain,
    struct buf *records, struct err *err)
{
	static const struct {
		char kind;
		enum key_type type;
	} pair[] = {{'r', KEY_RSA2048}, {'e', KEY_ED25519}};
	const char *given = t->nargs == 2 ? t->args[1] : NULL;

	for (size_t i = 0; i < ARRAY_LEN(pair); i++) {
		char selector[LIMIT_LABEL + 1];

		if (selector_name(given, pair[i].kind, selector))
			return err_set(err, "selector too long");
		if (make_key(t, domain, selector, pair[i].type, records, err))
			return -1;
	}
	return 0;
}

static void
tell_records(struct keys_tool *t, const struct buf *records)
{
	if (t->json) {
		keys_heading(t, "", "records");
		(void)printf("%s", buf_str(records));
	} else if (records->len) {
		(void)printf("\npublish in DNS:\n\n%s\n"
			     "assayd signs with each key as soon as it sees "
			     "its record.\n",
		    buf_str(records));
	}
}

int
keys_new(struct keys_tool *t)
{
	struct buf records = BUF_INIT(RECORDS_MAX);
	struct err err = ERR_INIT;
	struct domain domain;
	int rc;

	if (keys_domain_argument(t, 0, &domain, &err))
		return keys_fail(t, &err);
	keys_heading(t, t->dry ? "to make" : "made", t->dry ? "plan" : "done");
	rc = make_pair(t, &domain, &records, &err);
	/* One of them may be there. */
	tell_records(t, &records);
	keys_end(t);
	buf_free(&records);
	return rc ? keys_fail(t, &err) : 0;
}
