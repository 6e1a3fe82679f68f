/* SPDX-License-Identifier: BSD-2-Clause */
/* In the C library's place for libmilter. See shield.h. */
#include "daemon/shield.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "daemon/packets.h"
#include "log/quota.h"

/* What DNS, keys and the log have for themselves, at most. */
#define OTHERS_MAX 8192
#define CONNECTIONS_MAX 16384
#define LIBRARY_TEXTS 64
#define LIBRARY_PERIOD_MS 60000
#define CALM_MS 1000 /* without a refusal: the trouble is over */
#define PAUSE_NS 20000000

/* accept and read have no argument to find it by. Set once, before threads. */
static struct shield *the_shield;

struct shield {
	struct log *log;
	struct quota *told;
	int listener, spare, first; /* first: connections' lowest descriptor */
	size_t n;
	/* libmilter's listening thread alone: */
	uint64_t refused; /* since the trouble began, 0: none */
	int64_t refused_ms;
	struct packets connections[];
};

/* In POSIX since 2024; older headers hide it without GNU extensions. */
int accept4(int, struct sockaddr *restrict, socklen_t *restrict, int);

/* --- connections ------------------------------------------------------------ */

static void
tell(const struct shield *s, enum log_level level, const char *event,
    const char *key, const char *value)
{
	struct event e;

	event_begin(&e, s->log, level, event, SLICE_EMPTY);
	event_z(&e, key, value);
	event_num(&e, "refused", (int64_t)s->refused);
	event_end(&e);
}

static void
refused(struct shield *s, const char *why)
{
	s->refused_ms = clock_mono_ms(&clock_system);
	if (s->refused++ == 0)
		tell(s, LOG_LEVEL_ERROR, "connections_refused", "why", why);
}

static void
accepted(struct shield *s)
{
	int64_t now_ms;

	if (s->refused == 0)
		return;
	now_ms = clock_mono_ms(&clock_system);
	if (now_ms - s->refused_ms < CALM_MS)
		return;
	tell(s, LOG_LEVEL_WARNING, "connections_accepted", "state", "again");
	s->refused = 0;
}

/*
 * Not even a descriptor to refuse it with, or no memory: the spare one serves,
 * or the client waits until there is one again.
 */
static void
cannot_accept(struct shield *s)
{
	struct timespec pause = {.tv_nsec = PAUSE_NS};
	int reason = errno, fd;

	refused(s,
	    reason == EMFILE || reason == ENFILE ? "no file descriptor"
						 : "no memory in the kernel");
	if (s->spare >= 0) {
		(void)close(s->spare);
		fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			(void)close(fd);
		s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	(void)nanosleep(&pause, NULL);
}

/* Into the upper range; -1 when that is full. */
static int
move_up(struct shield *s, int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, s->first);

	(void)close(fd);
	if (up >= 0 && (size_t)(up - s->first) < s->n) {
		s->connections[up - s->first] = (struct packets){.left = 0};
		accepted(s);
		return up;
	}
	if (up >= 0)
		(void)close(up);
	refused(s, "as many connections as there may be");
	return -1;
}

static int
accept_milter(struct shield *s, struct sockaddr *addr, socklen_t *len)
{
	int fd = accept4(s->listener, addr, len, SOCK_CLOEXEC);

	if (fd >= 0)
		fd = move_up(s, fd);
	else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		cannot_accept(s);
	else if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
		return -1;
	/*
	 * All else is about that one connection (Linux passes on its network
	 * errors, too), but libmilter gives up after 16 that it can't name.
	 */
	if (fd < 0)
		errno = ECONNABORTED;
	return fd;
}

int
accept(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	if (the_shield && fd == the_shield->listener)
		return accept_milter(the_shield, addr, len);
	return accept4(fd, addr, len, 0);
}

/* --- packets ------------------------------------------------------------------- */

static bool
pass(struct shield *s, int fd, const void *data, size_t len)
{
	size_t i = (size_t)(fd - s->first);

	if (i >= s->n || packets_pass(&s->connections[i], data, len))
		return true;
	if (quota_ask(s->told, slice_z("packets"),
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
	ssize_t n = readv(fd, &one, 1);

	if (n > 0 && the_shield && fd >= the_shield->first &&
	    !pass(the_shield, fd, data, (size_t)n))
		return 0;
	return n;
}

/* --- syslog ----------------------------------------------------------------------- */

static void PRINTF_LIKE(2, 0)
    say(int priority, const char *format, va_list args)
{
	enum log_level level = LOG_PRI(priority) <= LOG_ERR ? LOG_LEVEL_ERROR
	    : LOG_PRI(priority) <= LOG_NOTICE               ? LOG_LEVEL_WARNING
							    : LOG_LEVEL_INFO;
	uint64_t untold;
	char text[500];

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		return;
	if (!the_shield)
		(void)fprintf(stderr, "assayd: %s\n", text);
	else if (quota_ask(the_shield->told, slice_z(format),
		     clock_mono_ms(&clock_system), &untold))
		log_event(
		    the_shield->log, level, "library", "says", text, NULL);
}

void PRINTF_LIKE(2, 3) syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(priority, format, args);
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
	say(priority, format, args);
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
	s->listener = listener;
	s->first = (int)others;
	s->n = limit - others;
	s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s->told = quota_new(LIBRARY_TEXTS, LIBRARY_PERIOD_MS);
	if (!s->told) {
		free(s);
		return err_no_mem(err);
	}
	the_shield = s;
	return 0;
}
