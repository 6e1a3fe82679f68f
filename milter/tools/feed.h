/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where verdicts come from: log files (also compressed by gzip), standard
 * input, journald, or assayd's own journal.
 */
#ifndef ASSAY_TOOLS_FEED_H
#define ASSAY_TOOLS_FEED_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "journal/entry.h"
#include "tools/args.h"
#include "tools/env.h"

/* As the options say. */
struct feed_options {
	bool journal, journald;
	const char *since, *until; /* NULL: no bound */
};

/* The same for every command that reads them. */
#define FEED_ARGS(o) \
	{"journal", 'j', ARG_FLAG, &(o)->journal, NULL, \
	    "read assayd's own journal"}, \
	    {"journald", 0, ARG_FLAG, &(o)->journald, NULL, \
		"read the log of systemd"}, \
	    {"since", 0, ARG_TEXT, &(o)->since, "TIME", \
		"2026-11-21, 2026-11-21T10:00, 24h, 7d"}, \
	{ \
		"until", 0, ARG_TEXT, &(o)->until, "TIME", "likewise" \
	}

/* What was read, to be told. */
struct feed_counts {
	uint64_t lines, verdicts;
	uint64_t unreadable; /* should be verdicts */
	uint64_t undated;    /* passed over: a bound was given */
	uint64_t damaged;    /* octets of the journal */
};

/* Returns 0 to go on, or -1. The entry is gone after the call. */
typedef int feed_fn(void *arg, const struct entry *, struct err *err);

/*
 * Reads all of it: the operands are files, "-" is standard input; with none
 * and no option it is the journal where there is one, else /var/log/mail.log,
 * else journald. 0, or -1 and err.
 */
MUST_CHECK int feed_read(const struct env *, const struct feed_options *,
    const struct args_rest *, feed_fn *, void *arg, struct feed_counts *,
    struct err *);

/* "2026-11-21T10:00:00Z"; "-" for 0. */
#define FEED_TIME_MAX 32
const char *feed_time(int64_t time_s, char text[FEED_TIME_MAX]);
/* What of it could not be read, on standard error. */
void feed_complain(const struct command *, const struct feed_counts *);

#endif
