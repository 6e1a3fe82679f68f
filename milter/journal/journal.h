/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The journal as mail sees it: put a record and go on. A thread of its own
 * writes; a full disk, a slow one or none at all costs records, never mail.
 */
#ifndef ASSAY_JOURNAL_JOURNAL_H
#define ASSAY_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "log/log.h"

/* What an operator decides. */
struct journal_options {
	bool on;
	const char *dir;
	size_t megabytes; /* of all files together */
	size_t files;     /* at most */
	int64_t tick_ms;  /* what failed is tried again; 0: each second */
};

struct journal;

/*
 * Starts the thread. What is wrong with the directory is told in the log and
 * tried again each second; the options are copied. NULL and err: no memory, no
 * thread.
 */
MUST_CHECK struct journal *journal_new(const struct journal_options *,
    const struct clock *, struct log *, struct err *);
/* Writes what waits, if it can be written, and ends. NULL is fine. */
void journal_free(struct journal *);

/*
 * A record: pairs (log/pairs.h) of at most LIMIT_JOURNAL_RECORD octets. Copied
 * into the queue; never waits. Any thread. NULL: no journal.
 */
void journal_put(struct journal *, struct slice pairs);

/* Waits until what was put is written, limit_ms at most. NULL is fine. */
void journal_flush(struct journal *, int64_t limit_ms);

/*
 * Megabytes and files of these options hold from the next record on; whether,
 * where and how often does not change. NULL is fine.
 */
void journal_bound(struct journal *, const struct journal_options *);

struct journal_counts {
	uint64_t put, dropped, written; /* records since the start */
	uint64_t waiting;               /* records, to be written */
	uint64_t begun, removed;        /* files */
	bool stopped;                   /* as the log was told */
};

struct journal_counts journal_count(struct journal *);

#endif
