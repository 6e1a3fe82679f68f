/* SPDX-License-Identifier: BSD-2-Clause */
/* The listening socket around what libmilter does with it. */
#ifndef ASSAY_DAEMON_SOCKET_H
#define ASSAY_DAEMON_SOCKET_H

#include "base/attr.h"
#include "base/err.h"
#include "config/config.h"
#include "config/listen.h"

/*
 * Before libmilter opens it: a Unix socket that somebody still listens on is
 * an error, a stale one is removed; umask and effective group are set so that
 * the new one has its mode and group from its first moment. 0, or -1.
 */
MUST_CHECK int socket_prepare(
    const struct listen *, const struct daemon_options *, struct err *);

/* After: owner of a Unix socket; umask and group as they should be. 0, or -1. */
MUST_CHECK int socket_finish(
    const struct listen *, const struct daemon_options *, struct err *);

/* The descriptor libmilter listens on, or -1. Before other sockets listen. */
int socket_listener(void);

/*
 * Connections are to send at once what they write: libmilter writes an edit
 * and the answer apart, and the kernel would hold the second back until the
 * MTA acknowledges the first, some 40 ms later. Accepted sockets inherit it.
 */
void socket_no_delay(int listener, const struct listen *);

/*
 * Takes the listening socket out of libmilter's hands without its noticing:
 * clients find nobody, connections that exist go on. Removes a Unix socket's
 * name.
 */
void socket_quiet(int listener, const struct listen *);

#endif
