/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a domain's directory, and what a crash left there. See vault.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/make.h"
#include "keys/pem.h"
#include "keys/seen.h"
#include "keys/vault.h"

int
record_read(const char *path, struct key_record *r, struct err *err)
{
	char text[RECORD_FILE_MAX];
	struct err why = ERR_INIT;
	long len;

	len = file_read_own(path, text, sizeof(text), err);
	if (len < 0)
		return access(path, F_OK) && errno == ENOENT ? 1 : -1;
	if (record_parse(slice_of(text, (size_t)len), r, &why))
		return err_set(err, "%s: %s", path, why.text);
	return 0;
}

/* --- one entry --------------------------------------------------------------------- */

static bool
ends(const char *name, const char *suffix, char stem[LIMIT_LABEL + 1])
{
	size_t len = strlen(name), slen = strlen(suffix);

	if (len <= slen || len - slen > LIMIT_LABEL ||
	    strcmp(name + len - slen, suffix))
		return false;
	memcpy(stem, name, len - slen);
	stem[len - slen] = '\0';
	return true;
}

/* A temporary name of file_write_new's: NAME.XXXXXX */
static bool
is_leftover(const char *name)
{
	static const char *const kinds[] = {".pem.", ".state.", "tombstones."};
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t klen = strlen(kinds[i]);

		if (len >= klen + 6 &&
		    !strncmp(name + len - 6 - klen, kinds[i], klen) &&
		    !strchr(name + len - 6, '.'))
			return true;
	}
	return false;
}

static int
add_record(struct vault_domain *vd, const char *path, const char *selector,
    struct err *err)
{
	struct key_record *p;

	if (vd->n == VAULT_KEYS_MAX)
		return err_set(err, "%s: more than %d managed keys",
		    vd->domain.text, VAULT_KEYS_MAX);
	p = realloc(vd->records, (vd->n + 1) * sizeof(*p));
	if (!p)
		return err_no_mem(err);
	vd->records = p;
	if (record_read(path, &p[vd->n], err))
		return err_set(err, "%s: is gone", path);
	if (strcmp(p[vd->n].key.selector, selector))
		return err_set(err, "%s: speaks of selector %s", path,
		    p[vd->n].key.selector);
	vd->n++;
	return 0;
}

static int
add_other(
    struct vault *v, struct vault_domain *vd, const char *name, struct err *e)
{
	char(*p)[LIMIT_LABEL + 1];
	char path[4096];

	/* With a state file it is managed, whatever the order of reading. */
	if (vault_path(v, &vd->domain, name, ".state", path) == 0 &&
	    access(path, F_OK) == 0)
		return 0;
	if (!keys_selector_imported(name) || vd->nothers == VAULT_KEYS_MAX)
		return 0;
	p = realloc(vd->others, (vd->nothers + 1) * sizeof(*p));
	if (!p)
		return err_no_mem(e);
	vd->others = p;
	memcpy(p[vd->nothers++], name, strlen(name) + 1);
	if (vault_path(v, &vd->domain, name, ".seen", path) == 0 &&
	    access(path, F_OK) == 0)
		vd->others_sign = true;
	return 0;
}

static int
read_entry(struct vault *v, struct vault_domain *vd, const char *name,
    struct err *err)
{
	char path[4096], stem[LIMIT_LABEL + 1];

	if (vault_path(v, &vd->domain, name, "", path))
		return err_set(err, "%s: name too long", vd->domain.text);
	/* We hold the lock: nobody is writing it just now. */
	if (is_leftover(name)) {
		if (!v->peeking)
			(void)unlink(path);
		return 0;
	}
	if (ends(name, ".state", stem))
		return add_record(vd, path, stem, err);
	if (ends(name, ".pem", stem))
		return add_other(v, vd, stem, err);
	return 0;
}

/* --- all of it ------------------------------------------------------------------------ */

static int
read_tombstones(struct vault *v, struct vault_domain *vd, struct err *err)
{
	char path[4096];
	long len;

	if (vault_path(v, &vd->domain, "tombstones", "", path))
		return err_set(err, "%s: name too long", vd->domain.text);
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	vd->tombstones = malloc(TOMBSTONES_MAX);
	len = vd->tombstones
	    ? file_read_own(path, vd->tombstones, TOMBSTONES_MAX, err)
	    : err_no_mem(err);
	if (len < 0)
		return -1;
	vd->tombstones_len = (size_t)len;
	return 0;
}

static void
load_pkey(struct vault *v, const struct domain *d, struct key_record *r,
    EVP_PKEY **pkey)
{
	char path[4096], hex[65];
	enum dkim_alg alg;

	*pkey = NULL;
	if (vault_path(v, d, r->key.selector, ".pem", path))
		return;
	r->key.lost = access(path, F_OK) != 0 && errno == ENOENT;
	if (r->key.lost || pem_read(path, pkey, &alg, NULL))
		return;
	r->key.usable =
	    key_fingerprint(*pkey, hex) == 0 && !strcmp(hex, r->key.sha256);
	if (r->key.usable)
		return;
	EVP_PKEY_free(*pkey);
	*pkey = NULL;
}

static int
by_age(const void *a, const void *b)
{
	const struct key_record *x = a, *y = b;
	int64_t s = x->key.at[EVENT_GENERATED].own_s,
		t = y->key.at[EVENT_GENERATED].own_s;

	if (s != t)
		return s < t ? -1 : 1;
	return strcmp(x->key.selector, y->key.selector);
}

/* A .time that was lost, or older than the keys, takes theirs. */
static void
catch_up(struct vault *v, const struct vault_domain *vd)
{
	for (size_t i = 0; i < vd->n; i++)
		for (int e = 0; e < KEY_EVENTS; e++) {
			int64_t ms = vd->records[i].key.at[e].own_s * 1000 + 1;

			if (ms > v->time.own_ms)
				v->time.own_ms = ms;
		}
}

static int
read_entries(
    struct vault *v, struct vault_domain *vd, DIR *dir, struct err *err)
{
	const struct dirent *e;
	int rc = 0;

	while (rc == 0 && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			rc = read_entry(v, vd, e->d_name, err);
	return rc;
}

int
vault_read(struct vault *v, const struct domain *d, struct vault_domain *vd,
    struct err *err)
{
	char path[4096];
	DIR *dir;
	int rc;

	*vd = (struct vault_domain){.domain = *d};
	if (snprintf(path, sizeof(path), "%s/%s", v->dir, d->text) >=
	    (int)sizeof(path))
		return err_set(err, "%s: name too long", v->dir);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : err_errno(err, "%s", path);
	rc = read_entries(v, vd, dir, err);
	(void)closedir(dir);
	if (rc || read_tombstones(v, vd, err))
		goto fail;
	if (vault_domain_managed(vd) && directory_ensure(path, err))
		goto fail;
	if (vd->n == 0)
		return 0;
	vd->pkeys = calloc(vd->n, sizeof(*vd->pkeys));
	if (!vd->pkeys) {
		(void)err_no_mem(err);
		goto fail;
	}
	qsort(vd->records, vd->n, sizeof(*vd->records), by_age);
	catch_up(v, vd);
	for (size_t i = 0; i < vd->n; i++)
		load_pkey(v, d, &vd->records[i], &vd->pkeys[i]);
	return 0;
fail:
	vault_domain_clear(vd);
	return -1;
}

void
vault_domain_clear(struct vault_domain *vd)
{
	for (size_t i = 0; vd->pkeys && i < vd->n; i++)
		EVP_PKEY_free(vd->pkeys[i]);
	free(vd->pkeys);
	free(vd->records);
	free(vd->tombstones);
	free(vd->others);
	*vd = (struct vault_domain){.domain = vd->domain};
}

bool
vault_domain_managed(const struct vault_domain *vd)
{
	return vd->n > 0 || vd->tombstones;
}
