/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line that says what is under way, on standard error, when that is a
 * terminal and the work takes more than a second. It is gone before anything
 * else is written.
 */
#ifndef ASSAY_TOOLS_PROGRESS_H
#define ASSAY_TOOLS_PROGRESS_H

#include <stddef.h>

#include "base/slice.h"

struct progress;

/* NULL when there is nobody to see it; the others take NULL. */
struct progress *progress_start(void);
/* what: escaped here. total 0: not known, no bar. */
void progress_say(
    struct progress *, struct slice what, size_t done, size_t total);
/* Takes the line away; it comes back with the next half second. */
void progress_clear(struct progress *);
void progress_stop(struct progress *);

#endif
