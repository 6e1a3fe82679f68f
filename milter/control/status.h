/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of assay status: sections of keys and values (see request.h). */
#ifndef ASSAY_CONTROL_STATUS_H
#define ASSAY_CONTROL_STATUS_H

#include "base/buf.h"
#include "control/facts.h"

/*
 * Sections that may come more than once (status_repeats) have a line a row.
 * Keys end in _at (seconds since 1970), _s, _us, _octets where they have a
 * unit; whole numbers are written as such.
 */
void status_write(const struct facts *, struct buf *);

bool status_repeats(struct slice section);

/* One line: a section; then pairs of key and value. */
struct status_line {
	struct slice section, rest;
};

/* The next line of a reply's body; false at its end. */
bool status_next_line(struct slice *body, struct status_line *);
/* The next pair of a line; false at its end. */
bool status_next_pair(
    struct status_line *, struct slice *key, struct slice *value);

#endif
