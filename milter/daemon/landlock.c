/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock by its system calls: no C library has them yet, and Debian 12's
 * header ends with the third version. landlock(7). Does not decide what is
 * allowed: roots.c and sandbox.c do.
 */
#define _DEFAULT_SOURCE /* syscall */
#include "daemon/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bits of the file system that later versions brought. */
#define FS_FIRST ((UINT64_C(1) << 13) - 1)
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_BIND_TCP UINT64_C(1)
#define NET_CONNECT_TCP UINT64_C(2)
#define SCOPE_ABSTRACT_UNIX UINT64_C(1)
#define SCOPE_SIGNAL UINT64_C(2)
#define RULE_NET_PORT 2

/* Older kernels take a shorter one. */
struct ruleset {
	uint64_t fs;
	uint64_t net;    /* version 4 */
	uint64_t scoped; /* version 6 */
};

struct port_rule {
	uint64_t allowed, port;
};

static const uint64_t fs_read =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t fs_write = LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_DIR | FS_TRUNCATE;

static struct ruleset
all_of(int version)
{
	struct ruleset r = {.fs = FS_FIRST};

	if (version >= 2)
		r.fs |= FS_REFER;
	if (version >= 3)
		r.fs |= FS_TRUNCATE;
	if (version >= 4)
		r.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (version >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		r.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	return r;
}

static size_t
size_of(int version)
{
	if (version >= 6)
		return sizeof(struct ruleset);
	return version >= 4 ? offsetof(struct ruleset, scoped)
			    : offsetof(struct ruleset, net);
}

/* -1 and errno. */
static int
allow_path(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};
	struct stat st;
	long rc;
	int saved;

	/* glibc's name for it without its extensions. */
	rule.parent_fd = open(path, __O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return -1;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_WRITE_FILE;
	rc = syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	saved = errno;
	(void)close(rule.parent_fd);
	errno = saved;
	return rc ? -1 : 0;
}

static int
allow_roots(int ruleset, const struct landlock_plan *plan, uint64_t handled,
    struct err *err)
{
	for (size_t i = 0; i < plan->roots->n; i++) {
		const struct root *r = &plan->roots->items[i];
		uint64_t access = 0;

		if (r->use & ROOT_READ)
			access |= fs_read;
		if (r->use & ROOT_WRITE)
			access |= fs_write;
		if (r->use & ROOT_REMOVE)
			access |= LANDLOCK_ACCESS_FS_REMOVE_FILE;
		/* A key directory yet to come. */
		if (allow_path(ruleset, r->path, access & handled) &&
		    errno != ENOENT)
			return err_errno(err, "sandbox: %s", r->path);
	}
	for (size_t i = 0; i < plan->nfiles; i++)
		if (allow_path(ruleset, plan->files[i], fs_read) &&
		    errno != ENOENT && errno != EACCES)
			return err_errno(err, "sandbox: %s", plan->files[i]);
	return 0;
}

static int
allow_ports(int ruleset, const struct landlock_plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->nports; i++) {
		struct port_rule rule = {NET_CONNECT_TCP, plan->ports[i]};

		if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT,
			&rule, 0))
			return err_errno(
			    err, "sandbox: port %u", plan->ports[i]);
	}
	return 0;
}

int
landlock_enter(const struct landlock_plan *plan, struct err *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all = all_of((int)version);
	int fd, rc = -1;

	if (version < 1) {
		(void)err_errno(err, "Landlock");
		return 0;
	}
	fd = (int)syscall(
	    SYS_landlock_create_ruleset, &all, size_of((int)version), 0);
	if (fd < 0)
		return err_errno(err, "Landlock");
	if (allow_roots(fd, plan, all.fs, err) ||
	    (all.net && allow_ports(fd, plan, err)))
		goto out;
	if (syscall(SYS_landlock_restrict_self, fd, 0))
		(void)err_errno(err, "Landlock");
	else
		rc = (int)version;
out:
	(void)close(fd);
	return rc;
}
