/* SPDX-License-Identifier: BSD-2-Clause */
/* Every whole record of a journal, oldest first; also while it is written. */
#ifndef ASSAY_JOURNAL_READER_H
#define ASSAY_JOURNAL_READER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct journal_reader;

struct journal_damage {
	uint64_t octets, stretches; /* passed over: what is no whole record */
	uint64_t files;             /* with such in them */
};

/* path: the directory, or one file of it. NULL and err: not to be read. */
MUST_CHECK struct journal_reader *journal_reader_open(
    const char *path, struct err *);
/* NULL is fine. */
void journal_reader_close(struct journal_reader *);

/*
 * The pairs of the next record, valid until the next call. 1; 0: that was all;
 * -1 and err. A file that is rotated away meanwhile is passed over.
 */
MUST_CHECK int journal_reader_next(
    struct journal_reader *, struct slice *pairs, struct err *);

struct journal_damage journal_reader_damage(const struct journal_reader *);

#endif
