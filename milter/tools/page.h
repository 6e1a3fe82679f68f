/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tally as one HTML page: charts in SVG, tables, nothing fetched and nothing
 * run (Content-Security-Policy), light or dark as the reader has it.
 */
#ifndef ASSAY_TOOLS_PAGE_H
#define ASSAY_TOOLS_PAGE_H

#include "base/attr.h"
#include "base/err.h"
#include "tools/feed.h"
#include "tools/tally.h"

/* Sorts the tally's tables. path "-" is standard output. 0, or -1. */
MUST_CHECK int page_write(const char *path, struct tally *,
    const struct feed_counts *, struct err *);

/* Between page.c and chart.c. */
void page_text(struct buf *, struct slice); /* escaped */
void chart_hours(struct buf *, struct tally_table *hours);
void chart_methods(struct buf *, const struct tally_table *methods);

#endif
