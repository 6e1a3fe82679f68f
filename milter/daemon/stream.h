/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The octets of one milter connection between the socket and libmilter, which
 * reads a packet in two pieces, asks the system three times whether there is
 * any, and writes an edit and the reply behind it apart. Here a read fetches
 * all that has come, and edits wait for the reply: a fraction of the system
 * calls, and the MTA wakes up once.
 */
#ifndef ASSAY_DAEMON_STREAM_H
#define ASSAY_DAEMON_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/attr.h"
#include "base/buf.h"

/* All zero at the beginning of a connection. */
struct stream {
	char *ahead; /* NULL: nothing was read ahead */
	size_t at, len;
	atomic_bool ready;
	struct buf held; /* edits */
};

/*
 * As read(2) and writev(2) of that descriptor, by one thread at a time. What
 * writev takes of edits alone is sent with the next packet that is none; it
 * fails with EAGAIN when none of the caller's octets could be written.
 */
MUST_CHECK ssize_t stream_read(
    struct stream *, int fd, void *data, size_t len);
MUST_CHECK ssize_t stream_writev(
    struct stream *, int fd, const struct iovec *, int n);
/* Octets that were read ahead: the system knows nothing of them. Its thread. */
bool stream_waits(const struct stream *);
/* Will a read find something without waiting for it? Any thread. */
bool stream_ready(const struct stream *);
/* The system says so. */
void stream_set_ready(struct stream *);
/* Frees what is left; as at the beginning after it. */
void stream_end(struct stream *);

#endif
