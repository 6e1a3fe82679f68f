/* SPDX-License-Identifier: BSD-2-Clause */
/* Lock, time, and the writes of the store. See vault.h; reading is scan.c. */
#include "keys/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keys/pem.h"
#include "keys/seen.h"

#define TIME_FILE ".time"
#define LOCK_FILE ".lock"
#define TIME_FILE_MAX 256
#define LOCK_TICK_MS 50
/* How much of the store's time a crash may cost. */
#define SAVE_EVERY_MS 60000

static int
path_in(const char *dir, const char *name, char path[4096], struct err *err)
{
	if (snprintf(path, 4096, "%s/%s", dir, name) < 4096)
		return 0;
	return err_set(err, "%s: name too long", dir);
}

int
directory_ensure(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) &&
	    (errno != ENOENT || mkdir(path, 0700) || lstat(path, &st)))
		return err_errno(err, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, "%s: not a directory", path);
	if (st.st_uid != geteuid())
		return err_set(err,
		    "%s: owned by uid %ld, not by the service user (uid "
		    "%ld); assay keys repair mends it",
		    path, (long)st.st_uid, (long)geteuid());
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err,
		    "%s: mode %04o lets others write; assay keys repair "
		    "mends it",
		    path, (unsigned)(st.st_mode & 07777));
	return 0;
}

/* --- stamp ------------------------------------------------------------------------- */

void
vault_stamp_read(const char *dir, struct vault_stamp *out)
{
	char path[4096];
	struct stat st;

	*out = (struct vault_stamp){.ino = 0};
	if (path_in(dir, TIME_FILE, path, NULL) || lstat(path, &st))
		return;
	out->ino = (uint64_t)st.st_ino;
	out->changed = st.st_mtim;
}

bool
vault_stamp_eq(const struct vault_stamp *a, const struct vault_stamp *b)
{
	return a->ino == b->ino && a->changed.tv_sec == b->changed.tv_sec &&
	    a->changed.tv_nsec == b->changed.tv_nsec;
}

/* --- lock -------------------------------------------------------------------------- */

static int
try_lock(int fd)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_SETLK, &l) == 0)
		return 0;
	return errno == EACCES || errno == EAGAIN ? 1 : -1;
}

static long
holder_of(int fd)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	/* Of another machine, or not to be seen from here: not known. */
	return fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK &&
		l.l_pid > 0
	    ? (long)l.l_pid
	    : 0;
}

static int
take_lock(struct vault *v, int64_t wait_ms, struct err *err)
{
	static const struct timespec tick = {0, LOCK_TICK_MS * 1000000};
	char path[4096];
	int rc;

	if (path_in(v->dir, LOCK_FILE, path, err))
		return -1;
	v->lock_fd = open(path,
	    O_RDWR | (v->peeking ? 0 : O_CREAT) | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (v->lock_fd < 0 && v->peeking && errno == ENOENT)
		return 0;
	if (v->lock_fd < 0)
		return err_errno(err, "%s", path);
	while ((rc = try_lock(v->lock_fd)) == 1 && wait_ms > 0) {
		(void)nanosleep(&tick, NULL);
		wait_ms -= LOCK_TICK_MS;
	}
	if (rc < 0)
		(void)err_errno(err, "%s", path);
	if (rc == 1) {
		v->holder = holder_of(v->lock_fd);
		(void)err_set(err, "%s: another process (%ld) is at work",
		    v->dir, v->holder);
	}
	return rc;
}

/* --- time --------------------------------------------------------------------------- */

static void
load_time(struct vault *v)
{
	char path[4096], text[TIME_FILE_MAX];
	long len = -1;
	int fd;

	elapse_begin(&v->time, clock_now_s(v->clock), clock_mono_ms(v->clock));
	if (path_in(v->dir, TIME_FILE, path, NULL))
		return;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	len = file_read(fd, text, sizeof(text), NULL);
	(void)close(fd);
	/* Without it time stands still until it catches up with the keys. */
	if (len > 0)
		(void)!elapse_parse(slice_of(text, (size_t)len), &v->time);
}

static int
save_time(struct vault *v, struct err *err)
{
	struct buf b = BUF_INIT(TIME_FILE_MAX);
	char path[4096];
	int rc = -1;

	elapse_format(&v->time, &b);
	if (buf_status(&b) == 0 && path_in(v->dir, TIME_FILE, path, err) == 0)
		rc = file_replace(path, buf_str(&b), b.len, err);
	if (rc == 0)
		v->saved_own_ms = v->time.own_ms;
	buf_free(&b);
	return rc;
}

struct key_time
vault_now(struct vault *v)
{
	struct key_time t;

	elapse_advance(
	    &v->time, clock_now_s(v->clock), clock_mono_ms(v->clock));
	t.own_s = elapse_own_s(&v->time);
	t.wall_s = v->time.wall_s;
	return t;
}

/* --- open and close -------------------------------------------------------------------- */

static int
begin(struct vault *v, bool peeking, const char *dir,
    const struct clock *clock, int64_t wait_ms, struct err *err)
{
	int rc;

	*v = (struct vault){.lock_fd = -1, .clock = clock, .peeking = peeking};
	if (snprintf(v->dir, sizeof(v->dir), "%s", dir) >= (int)sizeof(v->dir))
		return err_set(err, "%s: name too long", dir);
	if ((!peeking || access(dir, F_OK) == 0) && directory_ensure(dir, err))
		return -1;
	rc = take_lock(v, wait_ms, err);
	if (rc == 0) {
		vault_stamp_read(v->dir, &v->stamp);
		load_time(v);
		v->saved_own_ms = v->time.own_ms;
		(void)vault_now(v);
	} else if (v->lock_fd >= 0) {
		(void)close(v->lock_fd);
		v->lock_fd = -1;
	}
	return rc;
}

int
vault_open(struct vault *v, const char *dir, const struct clock *clock,
    int64_t wait_ms, struct err *err)
{
	return begin(v, false, dir, clock, wait_ms, err);
}

int
vault_peek(struct vault *v, const char *dir, const struct clock *clock,
    int64_t wait_ms, struct err *err)
{
	return begin(v, true, dir, clock, wait_ms, err);
}

void
vault_close(struct vault *v)
{
	char path[4096];
	bool missing = path_in(v->dir, TIME_FILE, path, NULL) == 0 &&
	    access(path, F_OK) != 0;

	/* A full disk costs time, no more. */
	if (!v->peeking &&
	    (missing || v->wrote ||
		v->time.own_ms - v->saved_own_ms >= SAVE_EVERY_MS))
		(void)!save_time(v, NULL);
	vault_stamp_read(v->dir, &v->stamp);
	if (v->lock_fd >= 0)
		(void)close(v->lock_fd); /* and with it the lock */
	v->lock_fd = -1;
}

/* --- writing ------------------------------------------------------------------------------ */

int
vault_path(const struct vault *v, const struct domain *d, const char *selector,
    const char *suffix, char path[4096])
{
	return snprintf(path, 4096, "%s/%s/%s%s", v->dir, d->text, selector,
		   suffix) < 4096
	    ? 0
	    : -1;
}

int
vault_write(struct vault *v, const struct domain *d,
    const struct key_record *r, struct err *err)
{
	struct buf b = BUF_INIT(RECORD_FILE_MAX);
	char path[4096];
	int rc = -1;

	v->wrote = true;
	/* No file may speak of a time that the store has not come to. */
	if (v->time.own_ms - v->saved_own_ms >= 1000 && save_time(v, err))
		return -1;
	record_format(r, &b);
	if (buf_status(&b) ||
	    vault_path(v, d, r->key.selector, ".state", path))
		(void)err_set(err, "%s: name too long", d->text);
	else
		rc = file_replace(path, buf_str(&b), b.len, err);
	buf_free(&b);
	return rc;
}

int
vault_add(struct vault *v, const struct domain *d, struct key_record *r,
    EVP_PKEY *pkey, struct err *err)
{
	char dir[4096], path[4096];

	if (path_in(v->dir, d->text, dir, err) || directory_ensure(dir, err))
		return -1;
	if (vault_path(v, d, r->key.selector, ".pem", path))
		return err_set(err, "%s: name too long", d->text);
	if (access(path, F_OK) == 0)
		return err_set(err, "%s: exists", path);
	if (key_fingerprint(pkey, r->key.sha256))
		return err_set(err, "%s: no fingerprint", path);
	if (vault_write(v, d, r, err))
		return -1;
	if (pem_write(path, pkey, err) == 0)
		return 0;
	/* It may be there all the same, and only not be synced. */
	(void)unlink(path);
	if (vault_path(v, d, r->key.selector, ".state", path) == 0)
		(void)unlink(path);
	return -1;
}

int
vault_destroy(struct vault *v, const struct domain *d,
    const struct key_record *r, struct err *err)
{
	char path[4096];

	if (vault_path(v, d, r->key.selector, ".pem", path))
		return err_set(err, "%s: name too long", d->text);
	if (unlink(path) == 0)
		v->wrote = true;
	else if (errno != ENOENT)
		return err_errno(err, "%s", path);
	if (vault_path(v, d, r->key.selector, ".seen", path) == 0)
		(void)unlink(path);
	return 0;
}

int
vault_bury(struct vault *v, const struct vault_domain *vd,
    const struct key_record *r, struct err *err)
{
	struct buf b = BUF_INIT(TOMBSTONES_MAX);
	char path[4096];
	int rc = -1;

	v->wrote = true;
	if (vault_path(v, &vd->domain, "tombstones", "", path))
		return err_set(err, "%s: name too long", vd->domain.text);
	/* The last crash may have come between the two. */
	buf_add(&b, slice_of(vd->tombstones, vd->tombstones_len));
	if (r->key.slot || !tombstone_has(buf_slice(&b), r->key.selector))
		tombstone_add(&b, &r->key, v->time.wall_s);
	if (buf_status(&b))
		(void)err_set(err, "%s: too large", path);
	else if (file_replace(path, buf_str(&b), b.len, err) == 0 &&
	    vault_path(v, &vd->domain, r->key.selector, ".state", path) == 0)
		rc = unlink(path) ? err_errno(err, "%s", path) : 0;
	buf_free(&b);
	return rc;
}
