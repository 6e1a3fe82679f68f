/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The directories that a configuration needs, and for what: the sandbox is
 * made of those of the start, and a later configuration must do with them.
 */
#ifndef ASSAY_DAEMON_ROOTS_H
#define ASSAY_DAEMON_ROOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

/* Bits. */
enum root_use {
	ROOT_READ = 1,
	ROOT_WRITE = 2,  /* make, write and remove files and directories */
	ROOT_REMOVE = 4, /* remove files */
};

struct root {
	char *path; /* without symbolic links */
	unsigned use;
	const char *option; /* what needs it */
};

struct roots {
	struct root *items;
	size_t n, cap;
	bool no_mem;
};

/*
 * What is there of the directories of a configuration; key_dir is made when
 * it is missing and can be made, and counts in any case. File names are resolved as they are now. A
 * key file named by key_table whose directory bears its domain's name brings
 * the one above: domains come and go. 0, or -1: no memory.
 */
MUST_CHECK int roots_of(const struct config *, const char *config_path,
    struct roots *, struct err *err);
void roots_free(struct roots *);

/*
 * Do the roots held have all that is wanted? Else what the first that is
 * missing is for goes to why.
 */
bool roots_cover(
    const struct roots *held, const struct roots *wanted, struct buf *why);

/*
 * Could what may be written to through these roots change this file, which a
 * process with more power believes or runs? "" is no file.
 */
bool roots_expose(const struct roots *, const char *file);

#endif
