/* SPDX-License-Identifier: BSD-2-Clause */
/* The index of keys and its lazy reading. See store.h. */
#include "keys/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/index.h"
#include "keys/pem.h"
#include "keys/seen.h"

#define SUFFIX ".pem"
#define RSA_BITS_ADVISED 2048

const struct name key_state_words[] = {
    {KEY_BAD, "bad"},
    {KEY_WAITING, "waiting"},
    {KEY_ACTIVE, "active"},
    {0, NULL},
};

/* --- the index -------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	const struct domain_keys *x = a, *y = b;

	return strcmp(x->domain.text, y->domain.text);
}

static int
add_domain(struct keystore *ks, const char *dirname)
{
	struct domain_keys d = {.read = false};

	if (!domain_parse(slice_z(dirname), &d.domain))
		return 0; /* "." and what is no domain */
	if (ks->n == ks->cap) {
		size_t cap = ks->cap ? ks->cap * 2 : 64;
		struct domain_keys *p = realloc(ks->domains, cap * sizeof(*p));

		if (!p)
			return -1;
		ks->domains = p;
		ks->cap = cap;
	}
	d.dirname = strdup(dirname);
	if (!d.dirname)
		return -1;
	ks->domains[ks->n++] = d;
	return 0;
}

static int
read_names(struct keystore *ks, struct err *err)
{
	DIR *dir = opendir(ks->dir);
	const struct dirent *e;
	int rc = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_errno(err, "%s", ks->dir);
	while (rc == 0 && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			rc = add_domain(ks, e->d_name);
	(void)closedir(dir);
	if (rc)
		return err_no_mem(err);
	if (ks->n)
		qsort(ks->domains, ks->n, sizeof(*ks->domains), by_name);
	return 0;
}

struct keystore *
keystore_open(
    const struct keystore_options *o, struct log *lg, struct err *err)
{
	struct keystore *ks = calloc(1, sizeof(*ks));

	if (!ks || !(ks->dir = strdup(o->dir))) {
		free(ks);
		(void)err_no_mem(err);
		return NULL;
	}
	ks->require_published = o->require_published;
	ks->log = lg;
	ks->wants_watch = true;
	(void)pthread_mutex_init(&ks->lock, NULL);
	if (named_init(ks, err) || read_names(ks, err)) {
		keystore_free(ks);
		return NULL;
	}
	return ks;
}

void
keystore_free(struct keystore *ks)
{
	if (!ks)
		return;
	for (size_t i = 0; i < ks->n; i++) {
		for (size_t k = 0; k < ks->domains[i].n; k++)
			EVP_PKEY_free(ks->domains[i].keys[k].info.pkey);
		free(ks->domains[i].keys);
		free(ks->domains[i].dirname);
	}
	named_free(ks);
	free(ks->domains);
	free(ks->dir);
	(void)pthread_mutex_destroy(&ks->lock);
	free(ks);
}

bool
keystore_has(struct keystore *ks, const struct domain *domain)
{
	bool has;

	(void)pthread_mutex_lock(&ks->lock);
	has = index_find(ks, domain) != NULL;
	(void)pthread_mutex_unlock(&ks->lock);
	return has;
}

size_t
keystore_ndomains(const struct keystore *ks)
{
	return ks->n;
}

const struct domain *
keystore_domain(const struct keystore *ks, size_t i)
{
	return i < ks->n ? &ks->domains[i].domain : NULL;
}

struct domain_keys *
index_find(const struct keystore *ks, const struct domain *d)
{
	struct domain_keys key = {.domain = *d};

	if (ks->n == 0)
		return NULL;
	return bsearch(&key, ks->domains, ks->n, sizeof(key), by_name);
}

bool
index_path(const struct keystore *ks, const struct domain_keys *d,
    const char *selector, const char *suffix, char path[KEY_PATH_MAX])
{
	return snprintf(path, KEY_PATH_MAX, "%s/%s/%s%s", ks->dir, d->dirname,
		   selector, suffix) < KEY_PATH_MAX;
}

bool
index_stamp_path(const struct keystore *ks, const struct key_info *k,
    char path[KEY_PATH_MAX])
{
	const struct domain_keys *d = index_find(ks, &k->domain);

	if (!k->path)
		return d && index_path(ks, d, k->selector, ".seen", path);
	return snprintf(path, KEY_PATH_MAX, "%s/.seen/%s._domainkey.%s",
		   ks->dir, k->selector, k->domain.text) < KEY_PATH_MAX;
}

/* --- reading a domain's keys --------------------------------------------------- */

void
index_key_begin(
    struct keystore *ks, struct key_info *info, const struct err *err)
{
	char stamp[KEY_PATH_MAX];

	if (!info->pkey) {
		info->state = KEY_BAD;
		(void)snprintf(
		    info->why, sizeof(info->why), "%.255s", err->text);
		log_event(ks->log, LOG_LEVEL_ERROR, "key_refused", "d",
		    info->domain.text, "s", info->selector, "why", info->why,
		    NULL);
		return;
	}
	/* RFC 8301 section 3.2: "Signers SHOULD use RSA keys of at least 2048". */
	if (info->alg == DKIM_RSA_SHA256 &&
	    EVP_PKEY_get_bits(info->pkey) < RSA_BITS_ADVISED)
		log_event(ks->log, LOG_LEVEL_WARNING, "key_weak", "d",
		    info->domain.text, "s", info->selector, "advice",
		    "an RSA key should have 2048 bits", NULL);
	info->state = KEY_ACTIVE;
	if (!ks->require_published ||
	    (index_stamp_path(ks, info, stamp) &&
		seen_check(stamp, info->pkey)))
		return;
	info->state = KEY_WAITING;
	ks->wants_watch = true;
}

static void
read_key(
    struct keystore *ks, const struct domain_keys *d, struct stored_key *k)
{
	struct key_info *info = &k->info;
	char path[KEY_PATH_MAX];
	struct err err = ERR_INIT;

	if (!index_path(ks, d, info->selector, SUFFIX, path))
		(void)err_set(&err, "path too long");
	else if (pem_read(path, &info->pkey, &info->alg, &err))
		info->pkey = NULL;
	index_key_begin(ks, info, &err);
}

/* Is this the name of a key file? Then its selector goes to k. */
static bool
selector_of(const char *name, struct stored_key *k)
{
	size_t len = strlen(name), slen = sizeof(SUFFIX) - 1;
	struct domain as_name;

	if (name[0] == '.' || len <= slen || strcmp(name + len - slen, SUFFIX))
		return false;
	len -= slen;
	if (len >= sizeof(k->info.selector) ||
	    !domain_parse(slice_of(name, len), &as_name))
		return false;
	memcpy(k->info.selector, name, len);
	k->info.selector[len] = '\0';
	return true;
}

static int
by_selector(const void *a, const void *b)
{
	const struct stored_key *x = a, *y = b;

	return strcmp(x->info.selector, y->info.selector);
}

static void
read_directory(struct keystore *ks, struct domain_keys *d, DIR *dir)
{
	const struct dirent *e;

	while ((e = readdir(dir)) && d->n < KEYS_PER_DOMAIN) {
		struct stored_key k = {.info = {.domain = d->domain}};
		struct stored_key *p;

		if (!selector_of(e->d_name, &k))
			continue;
		p = realloc(d->keys, (d->n + 1) * sizeof(*p));
		if (!p)
			break;
		d->keys = p;
		read_key(ks, d, &k);
		d->keys[d->n++] = k;
	}
	if (d->n)
		qsort(d->keys, d->n, sizeof(*d->keys), by_selector);
}

void
index_read(struct keystore *ks, struct domain_keys *d)
{
	char path[KEY_PATH_MAX];
	DIR *dir;

	if (d->read)
		return;
	d->read = true;
	if (snprintf(path, sizeof(path), "%s/%s", ks->dir, d->dirname) >=
	    (int)sizeof(path))
		return;
	dir = opendir(path);
	if (!dir) {
		log_event(ks->log, LOG_LEVEL_ERROR, "key_directory", "dir",
		    path, "why", "can't be read", NULL);
		return;
	}
	read_directory(ks, d, dir);
	(void)closedir(dir);
}

struct stored_key *
index_key(struct keystore *ks, const struct key_info *k)
{
	struct domain_keys *d = index_find(ks, &k->domain);

	if (k->path)
		return named_key(ks, k);
	for (size_t i = 0; d && i < d->n; i++)
		if (!strcmp(d->keys[i].info.selector, k->selector))
			return &d->keys[i];
	return NULL;
}

size_t
keystore_keys(struct keystore *ks, const struct domain *domain,
    struct key_info *out, size_t max)
{
	struct domain_keys *d;
	size_t n = 0;

	(void)pthread_mutex_lock(&ks->lock);
	d = index_find(ks, domain);
	if (d)
		index_read(ks, d);
	while (d && n < d->n && n < max) {
		out[n] = d->keys[n].info;
		if (out[n].pkey)
			(void)EVP_PKEY_up_ref(out[n].pkey);
		n++;
	}
	(void)pthread_mutex_unlock(&ks->lock);
	return n;
}

void
keys_release(struct key_info *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		EVP_PKEY_free(keys[i].pkey);
}

bool
keystore_wants_watch(struct keystore *ks)
{
	bool wants;

	(void)pthread_mutex_lock(&ks->lock);
	wants = ks->wants_watch;
	(void)pthread_mutex_unlock(&ks->lock);
	return wants;
}
