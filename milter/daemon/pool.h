/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmilter's pool waits for all idle connections with one poll(2), which asks
 * the system about each of them anew, several times for each message. Here the
 * system remembers them (Linux: epoll(7)), and a thousand idle ones cost a walk
 * through an array.
 */
#ifndef ASSAY_DAEMON_POOL_H
#define ASSAY_DAEMON_POOL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct pool;

/* For descriptors first to first + n - 1. NULL: not to be had. */
MUST_CHECK struct pool *pool_new(int first, size_t n);
void pool_free(struct pool *);
/* A new connection: nothing is known of this descriptor. Any thread. */
void pool_forget(struct pool *, int fd);
/*
 * As poll(2), by one thread, for descriptors to read: one other, which is the
 * same each time, and those of the range after it. False: not for such; call
 * poll.
 */
MUST_CHECK bool pool_poll(
    struct pool *, struct pollfd *, nfds_t n, int timeout_ms, int *found);

/*
 * The descriptor that poll(2) is asked about. Not read in poll itself: headers
 * tell compilers that it only writes there.
 */
int pool_fd(struct pollfd *, nfds_t at);

#endif
