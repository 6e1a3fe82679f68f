/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the daemon alive? A thread looks at what the others have got done, and
 * knocks at the milter socket as an MTA would: connect, negotiate, quit. What
 * makes no progress for longer than it may has a name, and systemd's watchdog
 * is then not fed.
 */
#ifndef ASSAY_CONTROL_PULSE_H
#define ASSAY_CONTROL_PULSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/err.h"

struct pulse;

/* One thing that must go on. */
struct pulse_watch {
	const char *name;
	/* A number that changes when it does; *idle: it has nothing to do. */
	uint64_t (*progress)(void *arg, bool *idle);
	void *arg;
	int64_t allowed_ms; /* how long it may stand still, beside a period */
};

#define PULSE_WATCHES 8

struct pulse_options {
	const struct pulse_watch *watches; /* copied; PULSE_WATCHES at most */
	size_t n;
	/* Where to knock; salen 0: nowhere. */
	struct sockaddr_storage milter;
	socklen_t salen;
	int64_t period_ms; /* looks four times in this */
};

/* NULL and err: no memory, no thread. */
MUST_CHECK struct pulse *pulse_new(const struct pulse_options *, struct err *);
/* NULL is fine. */
void pulse_free(struct pulse *);

/* What stands still; NULL: nothing. From any thread, without a lock. */
const char *pulse_hung(const struct pulse *, int64_t now_ms);
/* No more knocking: nobody is to open (the end has begun). */
void pulse_stop_knocking(struct pulse *);

#endif
