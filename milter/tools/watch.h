/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a command has seen, kept in a file, so that the next run can tell what
 * has changed. A file of lines "PART\tTEXT", sorted, all printable ASCII.
 */
#ifndef ASSAY_TOOLS_WATCH_H
#define ASSAY_TOOLS_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "tools/out.h"

struct watch_lines {
	struct slice *items;
	size_t n, cap;
};

struct watch {
	char path[1024];
	bool first; /* there was no file */
	struct buf old_text, new_text;
	struct watch_lines old, now; /* old is sorted */
	bool no_memory;
};

/*
 * Reads what the last run has left. path NULL: "NAME" in the state directory,
 * $XDG_STATE_HOME/assay or ~/.local/state/assay, which is made. 0, or -1.
 * End with watch_free.
 */
MUST_CHECK int watch_open(
    struct watch *, const char *path, const char *name, struct err *);
void watch_free(struct watch *);

/* Something seen now. The same text twice counts once. */
void watch_add(struct watch *, struct slice part, struct slice text);
/*
 * This part could not be looked at: what the last run saw of it holds, in
 * place of what was added of it now.
 */
void watch_keep(struct watch *, struct slice part);

/*
 * Writes the file anew, by way of a temporary one, and shows what differs.
 * Returns how many lines do, 0 the first time; -1 with err.
 */
MUST_CHECK long watch_end(struct watch *, struct out *, struct err *);

#endif
