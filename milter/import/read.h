/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenDKIM's and OpenDMARC's files as lines: "Name value", # begins a comment
 * wherever it stands, Include reads another file (five levels at most). And
 * OpenDKIM's data sets (opendkim(8)), as far as they are text.
 */
#ifndef ASSAY_IMPORT_READ_H
#define ASSAY_IMPORT_READ_H

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

/* A file's text onto the arena. Returns 0, or -1 and why. */
typedef int import_open_fn(
    void *arg, const char *path, struct arena *, struct slice *, struct err *);

struct import_source {
	struct arena *arena;
	import_open_fn *open;
	void *arg;
};

struct import_line {
	const char *file;
	size_t number;
	const char *name;
	const char *value;
	const char *fault; /* why it can't be read, or NULL */
};

struct import_lines {
	struct import_line *items;
	size_t n, cap;
};

/* Appends. Returns 0, or -1: the file can't be read, or no memory. */
MUST_CHECK int import_read(const struct import_source *, const char *path,
    struct import_lines *, struct err *);

enum import_set_kind {
	IMPORT_LIST,   /* csl: "a, b=c" */
	IMPORT_FILE,   /* file: or /path */
	IMPORT_REFILE, /* patterns */
	IMPORT_OTHER,  /* a data base of some kind */
};

struct import_item {
	size_t line; /* 0 in a list */
	struct slice key, value;
};

struct import_set {
	enum import_set_kind kind;
	const char *path; /* of a file */
	struct import_item *items;
	size_t n;
};

/*
 * Reads a data set; base is where relative paths begin. IMPORT_OTHER is not
 * looked into. Returns 0, or -1: a file can't be read, or no memory.
 */
MUST_CHECK int import_set_read(const struct import_source *, const char *base,
    const char *value, struct import_set *, struct err *);

/* path at base unless it is absolute; on the arena, NULL: no memory. */
MUST_CHECK const char *import_path(
    struct arena *, const char *base, struct slice path);

#endif
