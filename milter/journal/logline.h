/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A verdict out of a line of a mail log: as rsyslog writes it (traditional, RFC
 * 3339 or RFC 5424), as journalctl shows it (also -o json), as assayd itself
 * writes to standard error; text or log_format = json.
 */
#ifndef ASSAY_JOURNAL_LOGLINE_H
#define ASSAY_JOURNAL_LOGLINE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"
#include "journal/entry.h"

/*
 * Traditional lines have local time and no year: it is taken to be the last
 * one that is not after now_s. The rest is what was found out last.
 */
struct logline_clock {
	int64_t now_s;
	char hour[9]; /* "Nov 21 17" */
	int64_t hour_s;
};

#define LOGLINE_ROOM(len) (2 * (len) + 1)

/*
 * line without its end; room has LOGLINE_ROOM(line.len) octets. 1: a verdict,
 * whose values lie in line and room; 0: a line of somebody else's or about
 * something else; -1: it should be a verdict and can't be read.
 */
MUST_CHECK int logline_read(
    struct logline_clock *, struct slice line, char *room, struct entry *);

/* When a day began in UTC, seconds since 1970. */
int64_t logline_utc(int year, int month, int day);

#endif
