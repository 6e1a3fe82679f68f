/* SPDX-License-Identifier: BSD-2-Clause */
/* assay keys: makes signing keys and says what to publish. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/user.h"
#include "keys/make.h"
#include "tools/tools.h"

#define ERRORS_MAX 65536
#define RECORDS_MAX 16384

struct keys_arguments {
	const char *config_path, *key_dir, *domain, *selector;
};

static int
usage(FILE *out)
{
	(void)fprintf(out,
	    "usage: assay keys new [-c FILE] [-k KEYDIR] DOMAIN [SELECTOR]\n"
	    "\n"
	    "Makes an RSA-2048 and an Ed25519 key for DOMAIN and prints the\n"
	    "TXT records to publish. The selectors are rYYYYMM and eYYYYMM,\n"
	    "or SELECTOR with an r and an e after it.\n"
	    "\n"
	    "  -c FILE    configuration that names key_dir and user\n"
	    "             (default " CONFIG_DEFAULT_FILE ")\n"
	    "  -k KEYDIR  use this directory, whatever the configuration\n");
	return out == stderr ? 2 : 0;
}

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
    struct buf *records, struct err *err)
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

static int
keys_new(const struct keys_arguments *a, const struct config *config)
{
	const char *dir = a->key_dir ? a->key_dir : config->daemon.key_dir;
	struct buf records = BUF_INIT(RECORDS_MAX);
	struct err err = ERR_INIT;
	struct domain domain;
	int rc = 1;

	if (!domain_parse(slice_z(a->domain), &domain))
		(void)err_set(&err, "\"%s\" is no domain name", a->domain);
	/* Whatever root makes must be the service user's. */
	else if (user_become(
		     config->daemon.user, config->daemon.group, &err) == 0 &&
	    make_pair(dir, &domain, a->selector, &records, &err) == 0)
		rc = 0;
	if (records.len)
		(void)printf("\npublish in DNS:\n\n%s\n"
			     "assayd signs with each key as soon as it sees "
			     "its record.\n",
		    buf_str(&records));
	if (rc)
		(void)fprintf(stderr, "assay keys: %s\n", err.text);
	buf_free(&records);
	return rc;
}

static int
load_and_run(const struct keys_arguments *a)
{
	struct buf errors = BUF_INIT(ERRORS_MAX);
	struct config *config = NULL;
	int rc = 1;

	if (config_load(a->config_path, &config, &errors))
		(void)fprintf(stderr, "%s", buf_str(&errors));
	else
		rc = keys_new(a, config);
	config_unref(config);
	buf_free(&errors);
	return rc;
}

int
tool_keys(int argc, char **argv)
{
	struct keys_arguments a = {.config_path = CONFIG_DEFAULT_FILE};
	int opt;

	if (argc < 2 || strcmp(argv[1], "new"))
		return usage(
		    argc >= 2 && !strcmp(argv[1], "-h") ? stdout : stderr);
	argc--;
	argv++;
	while ((opt = getopt(argc, argv, "c:hk:")) != -1) {
		switch (opt) {
		case 'c': a.config_path = optarg; break;
		case 'k': a.key_dir = optarg; break;
		case 'h': return usage(stdout);
		default: return usage(stderr);
		}
	}
	if (argc - optind < 1 || argc - optind > 2)
		return usage(stderr);
	a.domain = argv[optind];
	a.selector = argc - optind == 2 ? argv[optind + 1] : NULL;
	return load_and_run(&a);
}
