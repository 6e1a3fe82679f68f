/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading ahead and writing together. See stream.h. */
#include "daemon/stream.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "mail/limits.h"

/* A packet of the milter protocol: its length but for these, a command. */
#define LENGTH_OCTETS 4
#define ADD_HEADER 'h'
#define CHANGE_HEADER 'm'
#define INSERT_HEADER 'i'

/* --- reading --------------------------------------------------------------- */

static size_t
take(struct stream *s, void *data, size_t len)
{
	size_t n = s->len - s->at < len ? s->len - s->at : len;

	memcpy(data, s->ahead + s->at, n);
	s->at += n;
	if (s->at == s->len) {
		free(s->ahead);
		s->ahead = NULL;
		atomic_store(&s->ready, false);
	}
	return n;
}

ssize_t
stream_read(struct stream *s, int fd, void *data, size_t len)
{
	struct iovec two[2] = {{.iov_base = data, .iov_len = len},
	    {.iov_len = LIMIT_MILTER_AHEAD}};
	char *ahead;
	ssize_t n;

	if (s->ahead)
		return (ssize_t)take(s, data, len);
	/* Without memory: as much as was asked for. */
	ahead = malloc(LIMIT_MILTER_AHEAD);
	two[1].iov_base = ahead;
	atomic_store(&s->ready, false);
	n = readv(fd, two, ahead ? 2 : 1);
	if (n <= 0 || (size_t)n <= len) {
		free(ahead);
		return n;
	}
	s->ahead = ahead;
	s->at = 0;
	s->len = (size_t)n - len;
	atomic_store(&s->ready, true);
	return (ssize_t)len;
}

bool
stream_waits(const struct stream *s)
{
	return s->ahead != NULL;
}

bool
stream_ready(const struct stream *s)
{
	return atomic_load(&s->ready);
}

void
stream_set_ready(struct stream *s)
{
	atomic_store(&s->ready, true);
}

/* --- writing --------------------------------------------------------------- */

static size_t
length(const struct iovec *v, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++)
		len += v[i].iov_len;
	return len;
}

/* One whole packet, an edit, from its beginning on. */
static bool
is_edit(const struct iovec *v, int n)
{
	const unsigned char *o = v[0].iov_base;
	uint32_t len;

	if (n < 1 || v[0].iov_len != LENGTH_OCTETS + 1)
		return false;
	len = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 |
	    (uint32_t)o[2] << 8 | o[3];
	return length(v, n) == (size_t)len + LENGTH_OCTETS &&
	    (o[LENGTH_OCTETS] == ADD_HEADER ||
		o[LENGTH_OCTETS] == CHANGE_HEADER ||
		o[LENGTH_OCTETS] == INSERT_HEADER);
}

/* False: no room for it. */
static bool
hold(struct stream *s, const struct iovec *v, int n)
{
	size_t before = s->held.len;

	s->held.max = LIMIT_MILTER_HELD;
	for (int i = 0; i < n; i++)
		buf_add(&s->held, slice_of(v[i].iov_base, v[i].iov_len));
	if (buf_status(&s->held) == 0)
		return true;
	buf_cut(&s->held, before);
	s->held.no_mem = false; /* it goes out now, and the rest may fit */
	return false;
}

/* What is held has gone out as far as n octets reach. */
static void
sent(struct stream *s, size_t n)
{
	size_t left = s->held.len - n;

	if (left)
		memmove(s->held.ptr, s->held.ptr + n, left);
	buf_cut(&s->held, left);
	if (!left)
		buf_free(&s->held);
}

ssize_t
stream_writev(struct stream *s, int fd, const struct iovec *v, int n)
{
	struct iovec all[3];
	ssize_t done;
	size_t held;

	if (is_edit(v, n) && hold(s, v, n))
		return (ssize_t)length(v, n);
	if (n > 2)
		n = 2; /* libmilter never has more */
	held = s->held.len;
	all[0] = (struct iovec){.iov_base = s->held.ptr, .iov_len = held};
	memcpy(all + 1, v, (size_t)n * sizeof(*v));
	done = sendmsg(fd,
	    &(struct msghdr){.msg_iov = held ? all : all + 1,
		.msg_iovlen = (size_t)n + (held > 0)},
	    MSG_NOSIGNAL);
	if (done < 0 || !held)
		return done;
	sent(s, (size_t)done < held ? (size_t)done : held);
	if ((size_t)done > held)
		return done - (ssize_t)held;
	errno = EAGAIN;
	return -1;
}

void
stream_end(struct stream *s)
{
	free(s->ahead);
	buf_free(&s->held);
	s->ahead = NULL;
	s->at = s->len = 0;
	atomic_store(&s->ready, false);
}
