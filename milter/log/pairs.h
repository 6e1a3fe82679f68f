/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key=value key="any value": how a line of the log and a record of the journal
 * are written, and how they are read again. A key is [a-z0-9_.-]+; a value in
 * quotes has \", \\ and \xHH, and everything is printable ASCII.
 */
#ifndef ASSAY_LOG_PAIRS_H
#define ASSAY_LOG_PAIRS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

struct pair {
	struct slice key, value; /* value as it was before it was written */
};

/* Appends one, after a blank unless the buffer is empty. */
void pair_add(struct buf *, const char *key, struct slice value);
/* The same without a value, which needs no quotes. */
void pair_add_key(struct buf *, const char *key);

/*
 * Takes one off the front of *rest, and the blank after it. A value that is
 * not in the text as it is goes to *room, which has as many octets left as
 * *rest and is moved past it. Returns 1; 0 when nothing is left; -1 when what
 * stands there is no pair.
 */
MUST_CHECK int pair_next(struct slice *rest, char **room, struct pair *out);

#endif
