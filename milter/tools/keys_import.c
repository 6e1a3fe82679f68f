/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay keys import and repair: keys that others made become managed ones,
 * starting where they are; owners and modes are mended.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/user.h"
#include "keys/make.h"
#include "keys/pem.h"
#include "keys/seen.h"
#include "tools/keys.h"

#define LOOK_MS 20000
#define TABLE_MAX (1 << 20)

static enum key_type
type_of(EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);

	if (!EVP_PKEY_is_a(pkey, "RSA"))
		return KEY_ED25519;
	/* Its successors are what the configuration says. */
	if (bits <= 2048)
		return KEY_RSA2048;
	return bits <= 3072 ? KEY_RSA3072 : KEY_RSA4096;
}

/* --- one key ------------------------------------------------------------------------- */

/* A key that was read, as root if need be, and is to be taken on. */
struct importing {
	struct keys_tool *t;
	struct domain domain;
	char selector[LIMIT_LABEL + 1];
	EVP_PKEY *pkey;
	bool here; /* its file is in the key directory */
	struct importing *next;
};

static void
tell_import(const struct importing *im, const char *type, bool active)
{
	char line[500];

	(void)snprintf(line, sizeof(line), "%s %s: %s, %s", im->domain.text,
	    im->selector, type,
	    active ? "active" : "waits until its record is seen");
	im->t->env.tell(im->t->env.arg, line);
}

static bool
is_stamped(const struct importing *im)
{
	char path[4096];

	return im->here &&
	    vault_path(&im->t->vault, &im->domain, im->selector, ".seen",
		path) == 0 &&
	    access(path, F_OK) == 0;
}

/* Seen by all servers, it signs already, somewhere. */
static bool
is_active(struct importing *im, struct key_record *r)
{
	struct keys_tool *t = im->t;
	struct observation o = {.look = LOOK_NONE};
	struct observe_item item = {
	    .selector = im->selector, .pkey = im->pkey, .out = &o};

	/* Then no key waits to be seen, and this one has not either. */
	if (!t->env.require_published)
		return true;
	observe_keys(t->env.resolver, t->env.authority,
	    keys_env_options(&t->env, &im->domain)->check_via, &im->domain,
	    &item, 1, clock_mono_ms(&clock_system) + LOOK_MS);
	r->key.ttl_s = o.ttl_s;
	return o.look == LOOK_EQUAL || o.look == LOOK_EQUAL_SOME ||
	    is_stamped(im);
}

static int
set_out(struct importing *im, struct key_record *r, struct err *err)
{
	bool active = is_active(im, r);

	tell_import(im, names_word(key_type_words, (int)r->key.type), active);
	if (!active)
		return 0;
	r->key.at[EVENT_PUBLISHED] = r->key.at[EVENT_GENERATED];
	r->key.at[EVENT_ACTIVE] = r->key.at[EVENT_GENERATED];
	r->handed = WANT_KEY;
	r->handed_at = r->key.at[EVENT_GENERATED];
	return key_fingerprint(im->pkey, r->key.sha256)
	    ? err_set(err, "%s: no fingerprint", im->selector)
	    : 0;
}

static bool
is_named(const struct vault_domain *vd, const char *selector)
{
	for (size_t i = 0; i < vd->n; i++)
		if (!strcmp(vd->records[i].key.selector, selector))
			return true;
	return false;
}

/* No name is used again, be it one whose key is destroyed already. */
static int
check_name(const struct importing *im, struct err *err)
{
	struct vault_domain vd;
	int rc = 0;

	if (!keys_selector_imported(im->selector))
		return keys_no(im->t,
		    err_set(err, "selector %s can't be kept", im->selector));
	if (vault_read(&im->t->vault, &im->domain, &vd, err))
		return -1;
	if (is_named(&vd, im->selector))
		rc = keys_no(im->t,
		    err_set(err, "%s: selector %s is a managed key's already",
			im->domain.text, im->selector));
	else if (vd.tombstones &&
	    tombstone_has(
		slice_of(vd.tombstones, vd.tombstones_len), im->selector))
		rc = keys_no(im->t,
		    err_set(err,
			"%s: selector %s was another key's; a new key needs "
			"a new one",
			im->domain.text, im->selector));
	vault_domain_clear(&vd);
	return rc;
}

static int
import_key(struct importing *im, struct err *err)
{
	struct keys_tool *t = im->t;
	struct key_record r = {.key = {.type = type_of(im->pkey)}};

	if (check_name(im, err))
		return -1;
	(void)snprintf(
	    r.key.selector, sizeof(r.key.selector), "%s", im->selector);
	r.key.at[EVENT_GENERATED] = vault_now(&t->vault);
	if (key_fingerprint(im->pkey, r.key.sha256))
		return err_set(err, "%s: no fingerprint", im->selector);
	if (set_out(im, &r, err))
		return -1;
	if (t->dry)
		return 0;
	log_event(t->log, LOG_LEVEL_INFO, "key_imported", "d", im->domain.text,
	    "s", im->selector, "by", "assay", NULL);
	return im->here ? vault_write(&t->vault, &im->domain, &r, err)
			: vault_add(&t->vault, &im->domain, &r, im->pkey, err);
}

/* --- where they come from ------------------------------------------------------------------ */

static int
import_here(struct keys_tool *t, const struct domain *d, struct err *err)
{
	struct vault_domain vd;
	int rc = vault_read(&t->vault, d, &vd, err);

	if (rc == 0 && vd.nothers == 0)
		rc = keys_no(
		    t, err_set(err, "%s has no unmanaged keys", d->text));
	for (size_t i = 0; rc == 0 && i < vd.nothers; i++) {
		struct importing im = {.t = t, .domain = *d, .here = true};
		enum dkim_alg alg;
		char path[4096];

		memcpy(im.selector, vd.others[i], sizeof(im.selector));
		rc = vault_path(&t->vault, d, im.selector, ".pem", path);
		rc = rc || pem_read(path, &im.pkey, &alg, err);
		rc = rc || import_key(&im, err);
		EVP_PKEY_free(im.pkey);
	}
	vault_domain_clear(&vd);
	return rc ? -1 : 0;
}

static int
read_file(struct keys_tool *t, const struct domain *d, struct slice selector,
    const char *path, struct err *err)
{
	struct importing *im = calloc(1, sizeof(*im));
	struct domain lower;

	if (!im)
		return err_no_mem(err);
	im->t = t;
	im->domain = *d;
	if (!domain_parse(selector, &lower) || lower.len > LIMIT_LABEL) {
		free(im);
		return err_set(err, "\"" SLICE_FMT "\" is no selector",
		    SLICE_ARG(selector));
	}
	memcpy(im->selector, lower.text, lower.len + 1);
	if (pem_read_any(path, &im->pkey, err)) {
		free(im);
		return -1;
	}
	im->next = t->imports;
	t->imports = im;
	return 0;
}

static int
read_line(struct keys_tool *t, struct slice line, struct err *err)
{
	struct slice domain, selector;
	char path[4096];
	struct domain d;
	bool more;

	line = slice_trim(slice_upto(line, slice_find(line, '#')));
	if (line.len == 0)
		return 0;
	/* NAME DOMAIN:SELECTOR:FILE */
	while (line.len && !is_wsp(line.ptr[0]))
		line = slice_from(line, 1);
	line = slice_trim(line);
	domain = slice_cut(&line, ':', &more);
	selector = slice_cut(&line, ':', &more);
	if (!more || line.len >= sizeof(path) || line.ptr[0] != '/' ||
	    !domain_parse(domain, &d))
		return err_set(err,
		    "not NAME DOMAIN:SELECTOR:/FILE with a domain of its own");
	memcpy(path, line.ptr, line.len);
	path[line.len] = '\0';
	return read_file(t, &d, selector, path, err);
}

static int
read_table(struct keys_tool *t, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), failed = 0;
	char *text = malloc(TABLE_MAX);
	struct slice rest;
	size_t number = 0;
	bool more = true;
	long len = -1;

	if (fd < 0)
		(void)err_errno(err, "%s", path);
	else if (text)
		len = file_read(fd, text, TABLE_MAX, err);
	rest = slice_of(text, len > 0 ? (size_t)len : 0);
	while (len >= 0 && more) {
		struct err why = ERR_INIT;

		number++;
		if (read_line(t, slice_cut(&rest, '\n', &more), &why)) {
			failed++;
			(void)fprintf(
			    stderr, "%s:%zu: %s\n", path, number, why.text);
		}
	}
	if (fd >= 0)
		(void)close(fd);
	free(text);
	if (failed)
		return keys_no(
		    t, err_set(err, "%d lines were not taken", failed));
	return len < 0 ? -1 : 0;
}

/*
 * A KeyTable, or a domain? What has a slash is a file. key.table is a domain
 * by its shape: then it is what is there. 1, 0, or -1 and err.
 */
static int
is_table(const struct keys_tool *t, struct err *err)
{
	const char *name = t->args[0];
	char path[4096];
	struct domain d;
	struct stat st;
	bool file = stat(name, &st) == 0 && !S_ISDIR(st.st_mode);

	if (strchr(name, '/'))
		return 1;
	if (!domain_parse(slice_z(name), &d))
		return file
		    ? 1
		    : err_set(err, "%s: neither a file nor a domain", name);
	if (snprintf(path, sizeof(path), "%s/%s", t->key_dir, d.text) >=
	    (int)sizeof(path))
		return err_set(err, "%s: name too long", t->key_dir);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return !file
		    ? 0
		    : err_set(err,
			  "%s: a file here and a domain in %s; ./%s is the "
			  "file",
			  name, t->key_dir, name);
	return file ? 1
		    : err_set(err, "%s: no such file, and no domain in %s",
			  name, t->key_dir);
}

/* The last of the ways to say what to import. */
static int
read_argument(struct keys_tool *t, struct err *err)
{
	int table = is_table(t, err);

	return table > 0 ? read_table(t, t->args[0], err) : table;
}

int
keys_import_read(struct keys_tool *t)
{
	struct err err = ERR_INIT;
	struct domain d;
	int rc = 0;

	if (t->nargs == 2) {
		(void)err_set(&err, "import: DOMAIN, or DOMAIN SELECTOR FILE");
		(void)keys_fail(t, &err);
		return EXIT_USAGE;
	}
	if (t->nargs == 1)
		rc = read_argument(t, &err);
	else if (keys_domain_argument(t, 0, &d, &err))
		rc = -1;
	else if (t->nargs == 3)
		rc = read_file(t, &d, slice_z(t->args[1]), t->args[2], &err);
	return rc ? keys_fail(t, &err) : 0;
}

int
keys_import(struct keys_tool *t)
{
	struct err err = ERR_INIT;
	struct domain d;
	int status = 0;

	keys_heading(t, t->dry ? "plan" : "done", t->dry ? "plan" : "done");
	if (!t->imports &&
	    (keys_domain_argument(t, 0, &d, &err) || import_here(t, &d, &err)))
		status = keys_fail(t, &err);
	while (t->imports) {
		struct importing *im = t->imports;

		err = ERR_INIT;
		if (import_key(im, &err)) {
			int now = keys_fail(t, &err);

			/* Trouble outweighs an answer. */
			status = now > status ? now : status;
		}
		t->imports = im->next;
		EVP_PKEY_free(im->pkey);
		free(im);
	}
	keys_end(t);
	return status;
}

/* --- repair ----------------------------------------------------------------------------------- */

struct repair {
	struct keys_tool *t;
	uid_t uid;
	int changed, refused;
};

static void
repair_one(struct repair *r, int dir, const char *name, const char *shown)
{
	int fd =
	    openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char line[4096 + 100];
	struct stat st;
	mode_t mode;

	if (fd < 0 || fstat(fd, &st)) {
		r->refused++;
		(void)fprintf(stderr, "%s: %s\n", shown,
		    errno == ELOOP ? "a symbolic link, left alone"
				   : "can't be opened");
		goto out;
	}
	mode = S_ISDIR(st.st_mode) ? 0700 : 0600;
	/* Another name of it may be anybody's file. */
	if (!S_ISDIR(st.st_mode) &&
	    (!S_ISREG(st.st_mode) || st.st_nlink > 1)) {
		r->refused++;
		(void)fprintf(stderr,
		    "%s: no plain file with one name, left "
		    "alone\n",
		    shown);
		goto out;
	}
	if (st.st_uid == r->uid && (st.st_mode & 07777) == mode)
		goto out;
	(void)snprintf(line, sizeof(line), "%s: uid %ld, mode %04o", shown,
	    (long)r->uid, (unsigned)mode);
	keys_tell(r->t, line);
	r->changed++;
	if (!r->t->dry &&
	    (fchown(fd, r->uid, (gid_t)-1) || fchmod(fd, mode))) {
		r->refused++;
		(void)fprintf(stderr, "%s: can't be changed\n", shown);
	}
out:
	if (fd >= 0)
		(void)close(fd);
}

static void
repair_directory(struct repair *r, int parent, const char *name,
    const char *shown, bool deeper)
{
	int fd;
	const struct dirent *e;
	DIR *dir;

	repair_one(r, parent, name, shown);
	fd = openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (e = readdir(dir))) {
		char path[4096];
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    snprintf(path, sizeof(path), "%s/%s", shown, e->d_name) >=
			(int)sizeof(path) ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (deeper && S_ISDIR(st.st_mode))
			repair_directory(r, fd, e->d_name, path, false);
		else
			repair_one(r, fd, e->d_name, path);
	}
	if (dir)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
}

/*
 * The secret of nsupdate_key. Another program's file of that name stays as it
 * is: root and the service user are whom we may take it from.
 */
static void
repair_secret(struct repair *r, const char *path)
{
	struct stat st;

	if (!path[0])
		return;
	if (lstat(path, &st) == 0 && st.st_uid != 0 && st.st_uid != r->uid) {
		r->refused++;
		(void)fprintf(stderr,
		    "%s: of uid %ld, left alone; nsupdate_key wants a copy\n",
		    path, (long)st.st_uid);
		return;
	}
	repair_one(r, AT_FDCWD, path, path);
}

static void
repair_secrets(struct repair *r)
{
	const struct rules *rules = &r->t->config->engine.rules;

	repair_secret(r, rules->all.keys.publish_tsig_file);
	for (size_t i = 0; i < rules->nsections; i++) {
		const char *path =
		    rules->sections[i].rules.keys.publish_tsig_file;

		if (strcmp(path, rules->all.keys.publish_tsig_file) != 0)
			repair_secret(r, path);
	}
}

int
keys_repair(struct keys_tool *t)
{
	const char *user = t->config->daemon.user;
	struct repair r = {.t = t, .uid = geteuid()};
	struct err err = ERR_INIT;

	if (user[0])
		r.uid = user_id(user);
	if (r.uid == (uid_t)-1) {
		(void)err_set(&err, "user = %s: no such user", user);
		return keys_fail(t, &err);
	}
	if (geteuid() != 0 && r.uid != geteuid()) {
		(void)err_set(&err, "only root can give files to %s", user);
		return keys_fail(t, &err);
	}
	if (t->json)
		keys_heading(t, "", t->dry ? "plan" : "done");
	repair_directory(&r, AT_FDCWD, t->key_dir, t->key_dir, true);
	repair_secrets(&r);
	keys_end(t);
	if (r.changed == 0 && r.refused == 0 && !t->json)
		(void)printf("%s: nothing to mend\n", t->key_dir);
	return r.refused ? EXIT_BAD : EXIT_GOOD;
}
