/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: one line an event. A line is "QID: event key=value ..." or one
 * JSON object with the same keys. Any thread may log at any time.
 */
#ifndef ASSAY_LOG_LOG_H
#define ASSAY_LOG_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/names.h"
#include "base/slice.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON,
};

enum log_sink {
	LOG_SINK_SYSLOG,
	LOG_SINK_STDERR,
	LOG_SINK_CAPTURE, /* kept in memory: tests */
};

/* Bits of log_options.compat: historical lines to write as well. */
enum log_compat {
	LOG_COMPAT_OPENDKIM = 1,
	LOG_COMPAT_OPENDMARC = 2,
};

extern const struct name log_level_words[];
extern const struct name log_format_words[];
extern const struct name log_sink_words[];
extern const struct name log_compat_words[];
extern const struct name log_facility_words[];

struct log_options {
	enum log_sink sink;
	enum log_level level;
	enum log_format format;
	unsigned compat;           /* of enum log_compat */
	int facility;              /* syslog facility number, mail is 2 */
	const char *syslog_socket; /* "/dev/log" as a rule */
	const char *ident;         /* the program; NULL: assayd */
};

struct log;

/* options are copied. NULL and err: no memory. */
MUST_CHECK struct log *log_new(const struct log_options *, struct err *);
/* NULL is fine. */
void log_free(struct log *);
/* Takes over new options (reload); lines of before and after mix. */
MUST_CHECK int log_set(struct log *, const struct log_options *, struct err *);

bool log_wants(const struct log *, enum log_level);
bool log_wants_compat(const struct log *, enum log_compat);
/* What LOG_SINK_CAPTURE holds, a line each; valid until the next line. */
struct slice log_captured(struct log *);

/*
 * An event under construction. On the caller's stack:
 *	struct event e;
 *	event_begin(&e, lg, LOG_LEVEL_INFO, "verdict", qid);
 *	event_str(&e, "from", domain);
 *	event_end(&e);
 * Keys are fixed words of ours ([a-z0-9_.-]); values may hold any octet.
 * When the level is not wanted, all of it does nothing.
 */
struct event {
	struct log *log;
	enum log_level level;
	bool wanted, json;
	struct buf text;
};

/* qid may be empty. */
void event_begin(struct event *, struct log *, enum log_level,
    const char *name, struct slice qid);
void event_str(struct event *, const char *key, struct slice value);
/*
 * A value whose length a peer chooses: cut, with "..." at its end, so that no
 * value keeps those after it out of the line.
 */
void event_peer(struct event *, const char *key, struct slice value);
void event_z(struct event *, const char *key, const char *value);
void event_num(struct event *, const char *key, int64_t value);
/*
 * What was collected before (event_collect), all of it. False: nothing was
 * added, as it does not fit or the log is JSON.
 */
bool event_pairs(struct event *, struct slice pairs);
void event_end(struct event *);

/*
 * An event that goes nowhere: its pairs (pairs.h), max octets at most, are in
 * its text for whoever began it, and buf_free takes the place of event_end.
 */
void event_collect(struct event *, size_t max);

/* An event in one call: key, value ... of C strings, NULL at the end. */
void log_event(
    struct log *, enum log_level, const char *name, ...) NULL_TERMINATED;

/*
 * A line under another program's name ("opendkim"), as its readers know it.
 * text is ours but for values that went through log_escape.
 */
void log_compat_line(struct log *, const char *ident, const char *text);

/*
 * A line for a process that is about to be killed: takes no lock, so it may be
 * called from a signal handler, whatever the thread was doing. text is ours.
 */
void log_last_words(const struct log *, const char *text);

/* Appends value with all but printable ASCII as \xHH, also '\\' and '"'. */
void log_escape(struct buf *, struct slice value);
/* Appends value as a JSON string, its quotes included; see event.c. */
void log_json_string(struct buf *, struct slice value);

#endif
