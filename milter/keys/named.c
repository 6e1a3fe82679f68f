/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys that a table names by their files, in the store beside those of the
 * directory. Their stamps stand in DIR/.seen, since their own directories may
 * be anybody's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "keys/index.h"
#include "keys/pem.h"

static void
free_key(struct named_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key.info.pkey);
	free(k->name);
	free(k);
}

/* Authors choose the domains of keys that follow them. */
int
named_init(struct keystore *ks, struct err *err)
{
	struct hash_key *key = &ks->named_by_name.hash;

	if (RAND_bytes((unsigned char *)key->k, sizeof(key->k)) != 1)
		return err_set(err, "no random numbers");
	ks->named_by_path.hash = *key;
	return 0;
}

void
named_free(struct keystore *ks)
{
	for (size_t i = 0; i < ks->nnamed; i++)
		free_key(ks->named[i]);
	free(ks->named);
	map_free(&ks->named_by_name);
	map_free(&ks->named_by_path);
}

static char *
make_name(const struct domain *d, const char *selector, const char *path,
    size_t *path_at)
{
	size_t len = d->len + strlen(selector) + strlen(path) + 16;
	char *name = malloc(len);
	int n = -1;

	if (name)
		n = snprintf(
		    name, len, "%s._domainkey.%s %s", selector, d->text, path);
	if (n < 0) {
		free(name);
		return NULL;
	}
	*path_at = (size_t)n - strlen(path);
	return name;
}

static struct named_key *
new_key(const struct key_name *want)
{
	struct named_key *k = calloc(1, sizeof(*k));
	struct key_info *info = &k->key.info;
	size_t path_at;

	if (!k)
		return NULL;
	k->name =
	    make_name(want->domain, want->selector, want->path, &path_at);
	if (!k->name || strlen(want->selector) >= sizeof(info->selector)) {
		free_key(k);
		return NULL;
	}
	k->name_len = strlen(k->name);
	info->domain = *want->domain;
	memcpy(info->selector, want->selector, strlen(want->selector) + 1);
	info->path = k->name + path_at;
	return k;
}

/* Room for one more, in the array and in both maps. */
static int
grow(struct keystore *ks)
{
	size_t cap = ks->named_cap ? 2 * ks->named_cap : 64;
	struct named_key **p;

	if (ks->nnamed < ks->named_cap)
		return 0;
	p = realloc(ks->named, cap * sizeof(struct named_key *));
	if (!p)
		return -1;
	ks->named = p;
	ks->named_cap = cap;
	return 0;
}

/* The key material: another name's when that has read the file. */
static void
read_file(struct keystore *ks, struct key_info *info, uint32_t same_path)
{
	struct err err = ERR_INIT;

	if (same_path != MAP_NONE) {
		const struct key_info *other = &ks->named[same_path]->key.info;

		info->alg = other->alg;
		info->pkey = other->pkey;
		(void)err_set(&err, "%s", other->why);
		if (info->pkey)
			(void)EVP_PKEY_up_ref(info->pkey);
	} else if (pem_read(info->path, &info->pkey, &info->alg, &err)) {
		info->pkey = NULL;
	}
	index_key_begin(ks, info, &err);
}

static void
look_at(const char *path, struct stat *st)
{
	if (lstat(path, st))
		memset(st, 0, sizeof(*st));
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode &&
	    a->st_uid == b->st_uid && a->st_size == b->st_size &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A file that could not be used is read again when somebody touched it. */
static void
read_again(struct keystore *ks, struct named_key *k)
{
	struct stat now;

	if (k->key.info.state != KEY_BAD)
		return;
	look_at(k->key.info.path, &now);
	if (same_file(&now, &k->found))
		return;
	k->found = now;
	k->key.info.why[0] = '\0';
	read_file(ks, &k->key.info, MAP_NONE);
}

static struct named_key *
add(struct keystore *ks, const struct key_name *want)
{
	struct named_key *k = new_key(want);
	uint32_t *by_name, *by_path;

	if (!k || grow(ks))
		goto no_mem;
	by_path = map_at(&ks->named_by_path, slice_z(k->key.info.path));
	if (!by_path)
		goto no_mem;
	look_at(k->key.info.path, &k->found);
	if (*by_path != MAP_NONE)
		read_again(ks, ks->named[*by_path]);
	read_file(ks, &k->key.info, *by_path);
	ks->named[ks->nnamed] = k;
	/* Its text is in the map: from here on the key stays. */
	if (*by_path == MAP_NONE)
		*by_path = (uint32_t)ks->nnamed;
	by_name = map_at(&ks->named_by_name, slice_of(k->name, k->name_len));
	if (by_name)
		*by_name = (uint32_t)ks->nnamed;
	ks->nnamed++;
	return by_name ? k : NULL;
no_mem:
	free_key(k);
	return NULL;
}

static struct named_key *
find(const struct keystore *ks, const struct key_info *like)
{
	size_t path_at;
	char *name =
	    make_name(&like->domain, like->selector, like->path, &path_at);
	uint32_t at = MAP_NONE;

	if (name)
		at = map_get(&ks->named_by_name, slice_z(name));
	free(name);
	return at == MAP_NONE ? NULL : ks->named[at];
}

struct stored_key *
named_key(struct keystore *ks, const struct key_info *like)
{
	struct named_key *k = find(ks, like);

	return k ? &k->key : NULL;
}

static struct stored_key *
find_or_add(struct keystore *ks, const struct key_name *want)
{
	struct key_info like = {.domain = *want->domain, .path = want->path};
	struct named_key *found;

	(void)snprintf(
	    like.selector, sizeof(like.selector), "%s", want->selector);
	found = find(ks, &like);
	if (found)
		read_again(ks, found);
	else if (ks->nnamed < LIMIT_NAMED_KEYS)
		found = add(ks, want);
	return found ? &found->key : NULL;
}

int
keystore_named(struct keystore *ks, const struct key_name *want,
    struct key_info *out, struct err *err)
{
	const struct stored_key *k;
	bool full;

	(void)pthread_mutex_lock(&ks->lock);
	k = find_or_add(ks, want);
	full = !k && ks->nnamed >= LIMIT_NAMED_KEYS;
	if (k)
		*out = k->info;
	if (k && out->pkey)
		(void)EVP_PKEY_up_ref(out->pkey);
	(void)pthread_mutex_unlock(&ks->lock);
	if (full)
		*out = (struct key_info){.domain = *want->domain,
		    .state = KEY_BAD,
		    .why = "too many keys in use"};
	return k || full ? 0 : err_no_mem(err);
}
