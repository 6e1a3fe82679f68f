/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where connections come in: accept(2) such that libmilter never spins on it
 * nor gives up, and a line in the log when trouble begins and one when it ends.
 */
#ifndef ASSAY_DAEMON_DOOR_H
#define ASSAY_DAEMON_DOOR_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "log/log.h"

/* In POSIX since 2024; older headers hide it without GNU extensions. */
int accept4(int, struct sockaddr *restrict, socklen_t *restrict, int);

struct door {
	struct log *log;
	int listener;
	int spare; /* descriptor, for when there is none; -1: not had */
	/* libmilter's listening thread alone: */
	uint64_t refused; /* since the trouble began, 0: none */
	int64_t refused_ms;
};

void door_open(struct door *, struct log *, int listener);
void door_close(struct door *);

/*
 * As accept(2). -1 and ECONNABORTED, of which libmilter takes any number, for
 * all that is about one connection or passes; another errno: it is to end.
 */
MUST_CHECK int door_accept(struct door *, struct sockaddr *, socklen_t *);
/* What became of a connection; why: for the log. */
void door_refused(struct door *, const char *why);
void door_accepted(struct door *);

/*
 * For a connection with something to read libmilter wakes an idle thread, or
 * makes one when it counts none. It counts as idle, too, whom it has just woken
 * for another; a second connection then waits until some thread has done its
 * work, which may be to wait for DNS. Any new connection has it look again, and
 * this is one, of ours: opened and closed. Any thread.
 */
void door_knock(const struct door *);

#endif
