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
	if (length(v, n) > LIMIT_MILTER_HELD - s->held_len)
		return false;
	if (!s->held && !(s->held = malloc(LIMIT_MILTER_HELD)))
		return false;
	for (int i = 0; i < n; i++) {
		memcpy(s->held + s->held_len, v[i].iov_base, v[i].iov_len);
		s->held_len += v[i].iov_len;
	}
	return true;
}

/* What is held has gone out as far as n octets reach. */
static void
sent(struct stream *s, size_t n)
{
	s->held_len -= n;
	if (s->held_len) {
		memmove(s->held, s->held + n, s->held_len);
		return;
	}
	free(s->held);
	s->held = NULL;
}

ssize_t
stream_writev(struct stream *s, int fd, const struct iovec *v, int n)
{
	struct iovec all[3] = {{.iov_base = s->held, .iov_len = s->held_len}};
	size_t held = s->held_len;
	ssize_t done;

	if (is_edit(v, n) && hold(s, v, n))
		return (ssize_t)length(v, n);
	if (n > 2)
		n = 2; /* libmilter never has more */
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
	free(s->held);
	s->ahead = s->held = NULL;
	s->at = s->len = s->held_len = 0;
	atomic_store(&s->ready, false);
}
