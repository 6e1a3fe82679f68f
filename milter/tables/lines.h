/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of a table: "key value # comment". */
#ifndef ASSAY_TABLES_LINES_H
#define ASSAY_TABLES_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

enum table_kind {
	TABLE_FILE,   /* keys are looked up as they stand */
	TABLE_REFILE, /* a * in a key is any text; the first line that fits */
};

struct table_source {
	struct slice text; /* must stay as long as what is made of it */
	const char *name;  /* for messages */
	enum table_kind kind;
	/* Lines "NAME:NUMBER: what": what is wrong, and what is strange. */
	struct buf *faults, *remarks;
};

struct table_line {
	size_t number;
	struct slice key, value;
};

struct table_reader {
	const struct table_source *source;
	struct slice rest;
	size_t number;
};

struct table_reader table_read(const struct table_source *);

/*
 * The next line that holds anything; false at the end. A line that is too
 * long, holds a NUL, or has a key alone is a fault and left out.
 */
MUST_CHECK bool table_next(struct table_reader *, struct table_line *);

/* No more lines than this. */
size_t table_lines_most(const struct table_source *);

void table_fault(const struct table_source *, size_t line, const char *fmt,
    ...) PRINTF_LIKE(3, 4);
/* Remarks past the ceiling of their buffer are dropped. */
void table_remark(const struct table_source *, size_t line, const char *fmt,
    ...) PRINTF_LIKE(3, 4);

#endif
