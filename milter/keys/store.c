/* SPDX-License-Identifier: BSD-2-Clause */
/* The index of keys and its lazy reading. See store.h. */
#include "keys/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/index.h"
#include "keys/pem.h"
#include "keys/seen.h"
#include "keys/vault.h"

#define SUFFIX ".pem"
#define RECHECK_MS 400
#define RSA_BITS_ADVISED 2048

const struct name key_state_words[] = {
    {KEY_BAD, "bad"},
    {KEY_WAITING, "waiting"},
    {KEY_ACTIVE, "active"},
    {KEY_RETIRED, "retired"},
    {0, NULL},
};

/* --- the index -------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	const struct domain_keys *const *x = a, *const *y = b;

	return strcmp((*x)->domain.text, (*y)->domain.text);
}

static void
domain_free(struct domain_keys *d)
{
	for (size_t k = 0; d && k < d->n; k++)
		EVP_PKEY_free(d->keys[k].info.pkey);
	if (d) {
		free(d->keys);
		free(d->dirname);
	}
	free(d);
}

/* Among the first n, which are in order. */
static struct domain_keys *
index_search(const struct keystore *ks, size_t n, const struct domain *d)
{
	struct domain_keys key = {.domain = *d};
	struct domain_keys *p = &key, **found = NULL;

	if (n)
		found = bsearch(
		    &p, ks->domains, n, sizeof(struct domain_keys *), by_name);
	return found ? *found : NULL;
}

static int
add_domain(struct keystore *ks, const char *dirname, size_t known)
{
	struct domain_keys *d = calloc(1, sizeof(*d));

	if (!d)
		return -1;
	if (!domain_parse(slice_z(dirname), &d->domain) ||
	    index_search(ks, known, &d->domain)) {
		free(d); /* what is no domain, or is there already */
		return 0;
	}
	if (ks->n == ks->cap) {
		size_t cap = ks->cap ? ks->cap * 2 : 64;
		struct domain_keys **p =
		    realloc(ks->domains, cap * sizeof(struct domain_keys *));

		if (!p) {
			free(d);
			return -1;
		}
		ks->domains = p;
		ks->cap = cap;
	}
	d->dirname = strdup(dirname);
	if (!d->dirname) {
		free(d);
		return -1;
	}
	ks->domains[ks->n++] = d;
	return 0;
}

static int
read_names(struct keystore *ks, struct err *err)
{
	DIR *dir = opendir(ks->dir);
	size_t known = ks->n;
	const struct dirent *e;
	int rc = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_errno(err, "%s", ks->dir);
	while (rc == 0 && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			rc = add_domain(ks, e->d_name, known);
	(void)closedir(dir);
	if (ks->n > known) {
		qsort(
		    ks->domains, ks->n, sizeof(struct domain_keys *), by_name);
		ks->next_load = 0;
	}
	return rc ? err_no_mem(err) : 0;
}

/* --- noticing changes ------------------------------------------------------------ */

bool
index_changed(const char *path, int64_t *checked_ms, struct timespec *changed,
    bool *unsure)
{
	int64_t now_ms = clock_mono_ms(&clock_system);
	struct timespec before = *changed;
	struct stat st;

	if (*checked_ms && now_ms - *checked_ms < RECHECK_MS)
		return false;
	*checked_ms = now_ms;
	if (stat(path, &st))
		return false;
	*changed = st.st_mtim;
	if (before.tv_sec != changed->tv_sec ||
	    before.tv_nsec != changed->tv_nsec) {
		*unsure = true;
		return true;
	}
	/*
	 * A change in the same tick of the file system's clock as the one
	 * before would go unnoticed: once more, when it has moved on.
	 */
	if (!*unsure)
		return false;
	*unsure = false;
	return true;
}

/* With the lock held: directories of domains that came since. */
static void
refresh_names(struct keystore *ks)
{
	struct err err = ERR_INIT;

	if (!index_changed(
		ks->dir, &ks->checked_ms, &ks->changed, &ks->unsure))
		return;
	if (read_names(ks, &err))
		log_event(ks->log, LOG_LEVEL_ERROR, "key_directory", "why",
		    err.text, NULL);
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
	ks->on_vanished = o->on_vanished;
	ks->on_vanished_arg = o->arg;
	ks->wants_watch = true;
	(void)index_changed(
	    ks->dir, &ks->checked_ms, &ks->changed, &ks->unsure);
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
	for (size_t i = 0; i < ks->n; i++)
		domain_free(ks->domains[i]);
	named_free(ks);
	free(ks->domains);
	free(ks->dir);
	(void)pthread_mutex_destroy(&ks->lock);
	free(ks);
}

size_t
keystore_ndomains(struct keystore *ks)
{
	size_t n;

	(void)pthread_mutex_lock(&ks->lock);
	n = ks->n;
	(void)pthread_mutex_unlock(&ks->lock);
	return n;
}

const struct domain *
keystore_domain(struct keystore *ks, size_t i)
{
	const struct domain *d;

	(void)pthread_mutex_lock(&ks->lock);
	d = i < ks->n ? &ks->domains[i]->domain : NULL;
	(void)pthread_mutex_unlock(&ks->lock);
	return d;
}

struct domain_keys *
index_find(const struct keystore *ks, const struct domain *d)
{
	return index_search(ks, ks->n, d);
}

/* The same, those included that came since. */
static struct domain_keys *
find_now(struct keystore *ks, const struct domain *d)
{
	refresh_names(ks);
	return index_find(ks, d);
}

bool
keystore_has(struct keystore *ks, const struct domain *domain)
{
	bool has;

	(void)pthread_mutex_lock(&ks->lock);
	has = find_now(ks, domain) != NULL;
	(void)pthread_mutex_unlock(&ks->lock);
	return has;
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

static void
refuse(struct keystore *ks, struct key_info *info, const struct err *err)
{
	info->state = KEY_BAD;
	(void)snprintf(info->why, sizeof(info->why), "%.255s", err->text);
	log_event(ks->log, LOG_LEVEL_ERROR, "key_refused", "d",
	    info->domain.text, "s", info->selector, "why", info->why, NULL);
}

void
index_key_begin(
    struct keystore *ks, struct key_info *info, const struct err *err)
{
	char stamp[KEY_PATH_MAX];

	if (!info->pkey) {
		refuse(ks, info, err);
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

/* A managed key signs when its state file and rotation.c say so. */
static void
read_life(struct keystore *ks, const struct domain_keys *d,
    struct stored_key *k, struct err *err)
{
	struct key_record *r = malloc(sizeof(*r));
	char path[KEY_PATH_MAX], hex[65];
	int rc = r ? 1 : err_no_mem(err);

	if (r && index_path(ks, d, k->info.selector, ".state", path))
		rc = record_read(path, r, err);
	if (rc == 0 &&
	    (key_fingerprint(k->info.pkey, hex) || strcmp(hex, r->key.sha256)))
		rc = err_set(err, "%s speaks of another key", path);
	k->managed = rc <= 0;
	if (rc == 0)
		k->life = r->key;
	k->life.usable = rc == 0;
	if (rc < 0)
		refuse(ks, &k->info, err);
	free(r);
}

/* False: it is gone since its directory was read, by a step of rotation. */
static bool
read_key(struct keystore *ks, const struct domain_keys *d,
    struct stored_key *k, const struct err *distrust)
{
	struct key_info *info = &k->info;
	char path[KEY_PATH_MAX];
	struct err err = *distrust;

	if (err.text[0])
		info->pkey = NULL; /* its directory may be anybody's */
	else if (!index_path(ks, d, info->selector, SUFFIX, path))
		(void)err_set(&err, "path too long");
	else if (pem_read(path, &info->pkey, &info->alg, &err)) {
		info->pkey = NULL;
		if (access(path, F_OK) && errno == ENOENT)
			return false;
	}
	index_key_begin(ks, info, &err);
	if (info->pkey)
		read_life(ks, d, k, &err);
	return true;
}

/* A key that was here before has been looked up, or told of, already. */
static void
remember(struct stored_key *k, const struct stored_key *old, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(old[i].info.selector, k->info.selector) ||
		    k->managed || old[i].managed || !k->info.pkey ||
		    !old[i].info.pkey ||
		    EVP_PKEY_eq(k->info.pkey, old[i].info.pkey) != 1)
			continue;
		k->info.looked = old[i].info.looked;
		k->told = old[i].told;
		memcpy(k->info.why, old[i].info.why, sizeof(k->info.why));
		if (old[i].info.state == KEY_ACTIVE)
			k->info.state = KEY_ACTIVE;
	}
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
tell_too_many(const struct keystore *ks, const struct domain_keys *d)
{
	struct event e;

	event_begin(
	    &e, ks->log, LOG_LEVEL_ERROR, "key_directory", SLICE_EMPTY);
	event_z(&e, "d", d->domain.text);
	event_z(&e, "why", "it has more keys than are read");
	event_num(&e, "read", KEYS_PER_DOMAIN);
	event_end(&e);
}

static void
read_directory(struct keystore *ks, struct domain_keys *d, DIR *dir,
    const struct err *distrust)
{
	struct stored_key *old = d->keys;
	size_t nold = d->n;
	const struct dirent *e;

	d->keys = NULL;
	d->n = d->nbad = 0;

	while ((e = readdir(dir))) {
		struct stored_key k = {.info = {.domain = d->domain}};
		struct stored_key *p;

		if (!selector_of(e->d_name, &k))
			continue;
		if (d->n == KEYS_PER_DOMAIN) {
			tell_too_many(ks, d);
			break;
		}
		p = realloc(d->keys, (d->n + 1) * sizeof(*p));
		if (!p)
			break;
		d->keys = p;
		if (!read_key(ks, d, &k, distrust))
			continue;
		remember(&k, old, nold);
		d->nbad += k.info.state == KEY_BAD;
		d->keys[d->n++] = k;
	}
	if (d->n)
		qsort(d->keys, d->n, sizeof(*d->keys), by_selector);
	for (size_t i = 0; i < nold; i++)
		EVP_PKEY_free(old[i].info.pkey);
	free(old);
}

/* --- reading it again ------------------------------------------------------------ */

static void
note_change(const char *path, struct timespec *last)
{
	struct stat st;

	if (lstat(path, &st) == 0 &&
	    (st.st_ctim.tv_sec > last->tv_sec ||
		(st.st_ctim.tv_sec == last->tv_sec &&
		    st.st_ctim.tv_nsec > last->tv_nsec)))
		*last = st.st_ctim;
}

/* When somebody last touched a key that can't be used: by chmod, say. */
static struct timespec
last_touch(const struct keystore *ks, const struct domain_keys *d)
{
	struct timespec last = {0, 0};
	char path[KEY_PATH_MAX];

	note_change(ks->dir, &last);
	if (index_path(ks, d, "", "", path))
		note_change(path, &last);
	for (size_t i = 0; i < d->n; i++) {
		const char *selector = d->keys[i].info.selector;

		if (d->keys[i].info.state != KEY_BAD)
			continue;
		if (index_path(ks, d, selector, SUFFIX, path))
			note_change(path, &last);
		if (index_path(ks, d, selector, ".state", path))
			note_change(path, &last);
	}
	return last;
}

static bool
is_mended(const struct keystore *ks, struct domain_keys *d)
{
	int64_t now_ms = clock_mono_ms(&clock_system);
	struct timespec touched;

	if (d->nbad == 0 || now_ms - d->mended_ms < RECHECK_MS)
		return false;
	d->mended_ms = now_ms;
	touched = last_touch(ks, d);
	return touched.tv_sec != d->touched.tv_sec ||
	    touched.tv_nsec != d->touched.tv_nsec;
}

void
index_read(struct keystore *ks, struct domain_keys *d)
{
	struct err distrust = ERR_INIT;
	char path[KEY_PATH_MAX];
	bool changed;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s/%s", ks->dir, d->dirname) >=
	    (int)sizeof(path))
		return;
	changed = index_changed(path, &d->checked_ms, &d->changed, &d->unsure);
	if (d->read && !changed && !is_mended(ks, d))
		return;
	d->read = true;
	dir = opendir(path);
	if (!dir) {
		log_event(ks->log, LOG_LEVEL_ERROR, "key_directory", "dir",
		    path, "why", "can't be read", NULL);
		return;
	}
	/* Who can write to it could bring back a key that is out of use. */
	if (directory_check(ks->dir, &distrust) == 0)
		(void)!directory_check(path, &distrust);
	read_directory(ks, d, dir, &distrust);
	(void)closedir(dir);
	d->touched = last_touch(ks, d);
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

/* --- who signs ----------------------------------------------------------------------- */

static enum key_state
managed_state(
    const struct rotation_domain *rd, size_t i, enum key_vanished on_vanished)
{
	switch (key_life(&rd->keys[i])) {
	case LIFE_GENERATED:
	case LIFE_WAITING: return KEY_WAITING;
	case LIFE_ACTIVE:
		if (rotation_signs(rd, i, on_vanished))
			return KEY_ACTIVE;
		break;
	case LIFE_RETIRING:
	case LIFE_REVOKED:
	case LIFE_REMOVED: break;
	}
	return KEY_RETIRED;
}

/* The states of managed keys depend on each other. */
static void
decide_states(const struct keystore *ks, struct domain_keys *d)
{
	struct rotation_key lives[KEYS_PER_DOMAIN];
	size_t at[KEYS_PER_DOMAIN] = {0};
	struct rotation_domain rd = {.keys = lives};
	enum key_vanished on_vanished = ks->on_vanished
	    ? ks->on_vanished(ks->on_vanished_arg, &d->domain)
	    : VANISHED_SIGN;

	for (size_t i = 0; i < d->n; i++) {
		const struct stored_key *k = &d->keys[i];

		if (!k->managed && k->info.state == KEY_ACTIVE)
			rd.others_sign = true;
		if (!k->managed || k->info.state == KEY_BAD)
			continue;
		at[rd.n] = i;
		lives[rd.n++] = k->life;
	}
	for (size_t i = 0; i < rd.n; i++) {
		struct key_info *info = &d->keys[at[i]].info;

		info->state = managed_state(&rd, i, on_vanished);
		info->looked = true; /* by rotation, not for a message */
		(void)snprintf(info->why, sizeof(info->why), "%s",
		    key_has(&lives[i], EVENT_VANISHED)
			? "vanished from DNS"
			: names_word(
			      key_life_words, (int)key_life(&lives[i])));
	}
}

static void
copy_keys(const struct domain_keys *d, bool active, struct key_info *out,
    size_t max, size_t *n)
{
	for (size_t i = 0; i < d->n && *n < max; i++) {
		if ((d->keys[i].info.state == KEY_ACTIVE) != active)
			continue;
		out[*n] = d->keys[i].info;
		if (out[*n].pkey)
			(void)EVP_PKEY_up_ref(out[*n].pkey);
		(*n)++;
	}
}

size_t
keystore_keys(struct keystore *ks, const struct domain *domain,
    struct key_info *out, size_t max)
{
	struct domain_keys *d;
	size_t n = 0;

	(void)pthread_mutex_lock(&ks->lock);
	d = find_now(ks, domain);
	if (d) {
		index_read(ks, d);
		decide_states(ks, d);
		copy_keys(d, true, out, max, &n);
		copy_keys(d, false, out, max, &n);
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
