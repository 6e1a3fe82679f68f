/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The directory of the journal: NUMBER.journal, of which the highest is
 * written. Mode 0700 and 0600, of whoever writes. Not safe from any thread.
 */
#ifndef ASSAY_JOURNAL_FILE_H
#define ASSAY_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "mail/limits.h"

struct journal_bounds {
	uint64_t octets; /* of all files together */
	size_t files;    /* at most */
};

struct journal_file {
	const char *dir;
	struct journal_bounds bounds;
	int dir_fd, lock_fd, fd; /* -1: not open */
	uint64_t number;         /* of the file that is open */
	uint64_t size;           /* of it */
	uint64_t begun, removed; /* files, since journal_file_init */
	bool torn;               /* it ends amid a record */
	uint64_t torn_octets;    /* found so when it was opened; for the log */
};

/* dir is borrowed. Opens nothing yet. */
void journal_file_init(
    struct journal_file *, const char *dir, const struct journal_bounds *);
/* Closes all of it; it can be written to again. */
void journal_file_close(struct journal_file *);
/*
 * Other bounds. They hold from the next write on, which removes what is too
 * much and begins a new file when the one that is open is too large.
 */
void journal_file_bound(struct journal_file *, const struct journal_bounds *);

/*
 * Appends whole records (each ended by LF) to the newest file, or to a new one
 * when it has no room for them; makes room by removing the oldest. What is
 * missing is opened first. *done is how many octets need not be written again,
 * always whole records. Returns 0 when that is all of them, or -1 and why.
 */
MUST_CHECK int journal_file_write(
    struct journal_file *, struct slice records, size_t *done, struct err *);

/* Hands it to the disk; notices that the file was taken away. 0, or -1. */
MUST_CHECK int journal_file_sync(struct journal_file *, struct err *);

/*
 * The numbers of the files in the directory, ascending. Returns how many, at
 * most LIMIT_JOURNAL_FILES (the newest), or -1.
 */
MUST_CHECK long journal_file_list(
    int dir_fd, uint64_t numbers[LIMIT_JOURNAL_FILES], struct err *);
#define JOURNAL_NAME_MAX 40
const char *journal_file_name(uint64_t number, char name[JOURNAL_NAME_MAX]);

#endif
