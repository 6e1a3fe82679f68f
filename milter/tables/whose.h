/* SPDX-License-Identifier: BSD-2-Clause */
/* The first column of a signing table. For signtable.c only. */
#ifndef ASSAY_TABLES_WHOSE_H
#define ASSAY_TABLES_WHOSE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"
#include "tables/lines.h"

struct whose {
	/*
	 * In lower case, domains as A-labels: a name to look up, or a pattern.
	 * In a refile: table all addresses of a domain are "*@domain", and all
	 * below it "*.domain"; nothing else to look up there holds a *.
	 */
	struct slice text;
	bool pattern;
	bool anybody;       /* fits authors of any domain */
	const char *remark; /* what is strange about it, or NULL */
};

/* Returns 0, or -1: no memory. */
MUST_CHECK int whose_read(
    struct slice text, enum table_kind, struct arena *, struct whose *out);

#endif
