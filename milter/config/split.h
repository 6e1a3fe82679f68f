/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration file as statements and sections:
 *	# comment, to the end of the line
 *	name = value
 *	name = "quoted value"
 *	name = { one, "two",
 *	    three }
 *	name "title" {
 *	    name = value
 *	}
 * Each statement knows its line. A fault ends its statement, not the reading.
 * There are no sections in sections.
 */
#ifndef ASSAY_CONFIG_SPLIT_H
#define ASSAY_CONFIG_SPLIT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct statements {
	struct statement *items;
	size_t n, cap;
};

struct statement {
	size_t line;
	struct slice name;
	/* One for a plain value or a title, any number in braces. */
	struct slice *values;
	size_t nvalues;
	size_t *lines;           /* of each value */
	bool list;               /* it was in braces */
	struct statements *body; /* of a section; NULL for all else */
};

/*
 * Splits text; everything is allocated from arena. Faults are appended to
 * errors, a line each ("FILE:LINE: what"). Returns 0 (faults or not), or -1:
 * no memory.
 */
MUST_CHECK int config_split(struct slice text, const char *file,
    struct arena *, struct statements *out, struct buf *errors);

#endif
