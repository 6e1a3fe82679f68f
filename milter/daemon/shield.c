/* SPDX-License-Identifier: BSD-2-Clause */
/* In the C library's place for libmilter. See shield.h. */
#include "daemon/shield.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "daemon/door.h"
#include "daemon/libraries.h"
#include "daemon/packets.h"
#include "daemon/pool.h"
#include "daemon/stream.h"
#include "log/quota.h"

/* What DNS, keys and the log have for themselves, at most. */
#define OTHERS_MAX 8192
#define CONNECTIONS_MAX 16384
#define POOL_MIN 16  /* below that poll(2) is as good */
#define KNOCK_MS 100 /* much longer than a thread takes to wake */

/* accept, poll, read and the like have no argument to find it by. Set once. */
static _Atomic(struct shield *) the_shield;

/* By descriptor; turns orders one's last user and the next for the compiler. */
struct place {
	atomic_bool open; /* a milter connection has this descriptor */
	atomic_bool due;  /* libmilter is to find a thread for it */
	atomic_uint turns;
	struct packets packets;
	struct stream stream;
};

struct shield {
	struct log *log;
	struct libraries libraries;
	struct pool *pool;  /* NULL: none */
	atomic_int waiting; /* streams that were read ahead */
	atomic_int due;     /* connections that are */
	atomic_uint begun;  /* how often a thread began with one */
	atomic_int pipe;    /* of libmilter's pool; -1: not seen yet */
	struct door door;
	int first; /* connections' lowest descriptor */
	size_t n;
	struct place connections[];
};

/* In POSIX since 2024; older headers hide it without GNU extensions. */
int ppoll(struct pollfd[], nfds_t, const struct timespec *restrict,
    const sigset_t *restrict);
/* The C library's own, behind the name. */
int __close(int);

/* --- connections ------------------------------------------------------------ */

static void
set_due(struct shield *s, struct place *place, bool due)
{
	if (atomic_load(&place->due) == due ||
	    atomic_exchange(&place->due, due) == due)
		return;
	(void)atomic_fetch_add(&s->due, due ? 1 : -1);
	if (!due)
		(void)atomic_fetch_add(&s->begun, 1);
}

/* Into the upper range; -1 when that is full. */
static int
move_up(struct shield *s, int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, s->first);

	(void)close(fd);
	if (up >= 0 && (size_t)(up - s->first) < s->n) {
		struct place *place = &s->connections[up - s->first];

		(void)atomic_load(&place->turns);
		place->packets = (struct packets){.left = 0};
		if (s->pool)
			pool_forget(s->pool, up);
		atomic_store(&place->open, true);
		set_due(s, place, true);
		door_accepted(&s->door);
		return up;
	}
	if (up >= 0)
		(void)close(up);
	door_refused(&s->door, "as many connections as there may be");
	errno = ECONNABORTED;
	return -1;
}

static int
accept_milter(struct shield *s, struct sockaddr *addr, socklen_t *len)
{
	int fd = door_accept(&s->door, addr, len);

	return fd >= 0 ? move_up(s, fd) : -1;
}

int
accept(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	struct shield *s = the_shield;

	if (s && fd == s->door.listener)
		return accept_milter(s, addr, len);
	return accept4(fd, addr, len, 0);
}

/* NULL: no milter connection's. */
static struct place *
place_of(struct shield *s, int fd)
{
	struct place *place =
	    s && fd >= s->first && (size_t)(fd - s->first) < s->n
	    ? &s->connections[fd - s->first]
	    : NULL;

	return place && atomic_load(&place->open) ? place : NULL;
}

int
close(int fd)
{
	struct shield *s = the_shield;
	struct place *place = place_of(s, fd);

	if (place) {
		if (stream_waits(&place->stream))
			(void)atomic_fetch_sub(&s->waiting, 1);
		stream_end(&place->stream);
		set_due(s, place, false);
		(void)atomic_fetch_add(&place->turns, 1);
		atomic_store(&place->open, false);
	}
	return __close(fd);
}

/* --- waiting ------------------------------------------------------------------- */

/* Octets that were read ahead wait here, where the system knows none. */
static bool
is_ready(struct shield *s, const struct pollfd *p)
{
	const struct place *place =
	    p->events & POLLIN ? place_of(s, p->fd) : NULL;

	return place && stream_ready(&place->stream);
}

static int
count_ready(struct shield *s, struct pollfd *fds, nfds_t n)
{
	int ready = 0;

	for (nfds_t i = 0; i < n; i++)
		ready += is_ready(s, &fds[i]);
	return ready;
}

/* Adds those to what the system found. */
static int
add_ready(struct shield *s, struct pollfd *fds, nfds_t n, int found)
{
	for (nfds_t i = 0; i < n; i++)
		if (!(fds[i].revents & POLLIN) && is_ready(s, &fds[i])) {
			found += !fds[i].revents;
			fds[i].revents |= POLLIN;
		}
	return found;
}

/* Who reads one is not to ask the system twice about it. */
static void
remember(struct shield *s, const struct pollfd *one)
{
	struct place *place = place_of(s, one->fd);

	if (place && one->revents & POLLIN)
		stream_set_ready(&place->stream);
}

/* libmilter's pool: a pipe of its own, then connections. */
static bool
poll_pool(
    struct shield *s, struct pollfd *fds, nfds_t n, int timeout_ms, int *found)
{
	bool waiting;

	if (n < POOL_MIN || !s->pool)
		return false;
	/* Of these alone: one that a thread works at may wait for DNS. */
	waiting = atomic_load(&s->waiting) > 0 && count_ready(s, fds, n) > 0;
	if (!pool_poll(s->pool, fds, n, waiting ? 0 : timeout_ms, found))
		return false;
	if (waiting && *found >= 0)
		*found = add_ready(s, fds, n, *found);
	return true;
}

static int
poll_any(struct shield *s, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct timespec timeout = {.tv_sec = timeout_ms / 1000,
	    .tv_nsec = timeout_ms % 1000 * 1000000L};
	int ready, found;

	if (s && poll_pool(s, fds, n, timeout_ms, &found))
		return found;
	ready = s ? count_ready(s, fds, n) : 0;
	if (ready == 1 && n == 1) {
		fds->revents = POLLIN;
		return 1;
	}
	if (ready)
		timeout = (struct timespec){.tv_sec = 0};
	found =
	    ppoll(fds, n, timeout_ms < 0 && !ready ? NULL : &timeout, NULL);
	if (s && n == 1 && found > 0)
		remember(s, fds);
	return s && ready && found >= 0 ? add_ready(s, fds, n, found) : found;
}

/* --- threads for connections ----------------------------------------------------- */

/*
 * libmilter's threads that find threads for others: one waits for the listening
 * socket; one, for a pipe and connections.
 */
static bool
hands_out(struct shield *s, struct pollfd *fds, nfds_t n)
{
	int first = pool_fd(fds, 0);

	if (n == 1)
		return first == s->door.listener ||
		    first == atomic_load(&s->pipe);
	if (!place_of(s, pool_fd(fds, n - 1)))
		return false;
	atomic_store(&s->pipe, first);
	return true;
}

/* What was found is due, until a thread looks at it. */
static void
now_due(struct shield *s, const struct pollfd *fds, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++) {
		struct place *place =
		    fds[i].revents ? place_of(s, fds[i].fd) : NULL;

		if (place)
			set_due(s, place, true);
	}
}

static int
poll_to_hand_out(
    struct shield *s, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	int found = 0;

	/* As long as threads begin with others, this one's turn will come. */
	while (!found && timeout_ms > KNOCK_MS && atomic_load(&s->due) > 0) {
		unsigned begun = atomic_load(&s->begun);

		found = poll_any(s, fds, n, KNOCK_MS);
		timeout_ms -= KNOCK_MS;
		if (!found && atomic_load(&s->due) > 0 &&
		    atomic_load(&s->begun) == begun)
			door_knock(&s->door);
	}
	if (!found)
		found = poll_any(s, fds, n, timeout_ms);
	if (found > 0)
		now_due(s, fds, n);
	return found;
}

static int
poll_for(struct shield *s, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct place *place;

	if (n > 0 && hands_out(s, fds, n))
		return poll_to_hand_out(s, fds, n, timeout_ms);
	place = n == 1 ? place_of(s, pool_fd(fds, 0)) : NULL;
	if (place)
		set_due(s, place, false);
	return poll_any(s, fds, n, timeout_ms);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct shield *s = the_shield;

	return s ? poll_for(s, fds, n, timeout_ms)
		 : poll_any(s, fds, n, timeout_ms);
}

/* --- packets ------------------------------------------------------------------- */

static bool
pass(struct shield *s, struct place *place, const void *data, size_t len)
{
	bool passes = packets_pass(&place->packets, data, len);

	(void)atomic_fetch_add(&place->turns, 1);
	if (passes)
		return true;
	if (quota_ask(s->libraries.told, slice_z("packets"),
		clock_mono_ms(&clock_system), &(uint64_t){0}))
		log_event(s->log, LOG_LEVEL_WARNING, "milter_malformed",
		    "what", "a macro without a value", "effect", "hung up",
		    NULL);
	return false;
}

ssize_t
read(int fd, void *data, size_t len)
{
	struct iovec one = {.iov_base = data, .iov_len = len};
	struct shield *s = the_shield;
	struct place *place = place_of(s, fd);
	bool waited;
	ssize_t n;

	if (!place)
		return readv(fd, &one, 1);
	set_due(s, place, false);
	waited = stream_waits(&place->stream);
	n = stream_read(&place->stream, fd, data, len);
	if (waited != stream_waits(&place->stream))
		(void)atomic_fetch_add(&s->waiting, waited ? -1 : 1);
	return n > 0 && !pass(s, place, data, (size_t)n) ? 0 : n;
}

/* --- edits --------------------------------------------------------------------- */

/* What a library writes to something else; not all of it, perhaps. */
static ssize_t
write_parts(int fd, const struct iovec *parts, int n)
{
	union {
		const struct iovec *from;
		struct iovec *to;
	} v = {.from = parts};
	struct msghdr m = {.msg_iov = v.to, .msg_iovlen = (size_t)n};
	ssize_t done = sendmsg(fd, &m, 0);
	int i = 0;

	if (done >= 0 || errno != ENOTSOCK)
		return done;
	while (i < n - 1 && !parts[i].iov_len)
		i++;
	return write(fd, parts[i].iov_base, parts[i].iov_len);
}

ssize_t
writev(int fd, const struct iovec *parts, int n)
{
	struct place *place = place_of(the_shield, fd);

	return place ? stream_writev(&place->stream, fd, parts, n)
		     : write_parts(fd, parts, n);
}

/* --- syslog ----------------------------------------------------------------------- */

static struct libraries *
libraries(void)
{
	struct shield *s = the_shield;

	return s ? &s->libraries : NULL;
}

void PRINTF_LIKE(2, 3) syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	libraries_say(libraries(), priority, format, args);
	va_end(args);
}

/* What the GNU C library's headers make of it. */
void PRINTF_LIKE(3, 4) __syslog_chk(int, int, const char *, ...);

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	libraries_say(libraries(), priority, format, args);
	va_end(args);
}

/* --- set-up ------------------------------------------------------------------------- */

int
shield_raise(struct daemon *d, int listener, struct err *err)
{
	struct rlimit rl;
	struct shield *s;
	size_t limit = 1024, others;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0)
		limit = rl.rlim_cur > OTHERS_MAX + CONNECTIONS_MAX
		    ? OTHERS_MAX + CONNECTIONS_MAX
		    : (size_t)rl.rlim_cur;
	others = limit / 2 < OTHERS_MAX ? limit / 2 : OTHERS_MAX;
	s = calloc(
	    1, sizeof(*s) + (limit - others) * sizeof(s->connections[0]));
	if (!s)
		return err_no_mem(err);
	s->log = d->engine.log;
	door_open(&s->door, d->engine.log, listener);
	atomic_init(&s->pipe, -1);
	s->first = (int)others;
	s->n = limit - others;
	s->pool = pool_new(s->first, s->n);
	if (libraries_init(&s->libraries, d->engine.log, err)) {
		if (s->pool)
			pool_free(s->pool);
		door_close(&s->door);
		free(s);
		return -1;
	}
	the_shield = s;
	return 0;
}
