/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Levels and sinks. Syslog is spoken directly (one datagram a line, RFC 3164
 * shape) rather than through syslog(3): that has one global identity, while
 * compat lines need another program's, and it blocks when the reader hangs.
 */
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "log/sink.h"

#define IDENT "assayd"
#define CAPTURE_MAX (16u << 20)

const struct name log_level_words[] = {
    {LOG_LEVEL_ERROR, "error"},
    {LOG_LEVEL_WARNING, "warning"},
    {LOG_LEVEL_INFO, "info"},
    {LOG_LEVEL_DEBUG, "debug"},
    {0, NULL},
};

const struct name log_format_words[] = {
    {LOG_FORMAT_TEXT, "text"},
    {LOG_FORMAT_JSON, "json"},
    {0, NULL},
};

const struct name log_sink_words[] = {
    {LOG_SINK_SYSLOG, "syslog"},
    {LOG_SINK_STDERR, "stderr"},
    {0, NULL},
};

const struct name log_compat_words[] = {
    {LOG_COMPAT_OPENDKIM, "opendkim"},
    {LOG_COMPAT_OPENDMARC, "opendmarc"},
    {0, NULL},
};

const struct name log_facility_words[] = {
    {1, "user"},
    {2, "mail"},
    {3, "daemon"},
    {16, "local0"},
    {17, "local1"},
    {18, "local2"},
    {19, "local3"},
    {20, "local4"},
    {21, "local5"},
    {22, "local6"},
    {23, "local7"},
    {0, NULL},
};

struct log {
	int fd; /* datagram socket to syslog, the same for life; -1: none */
	pthread_mutex_t lock; /* of all below but the atomics */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int facility;
	char ident[16];
	bool cut;   /* the end of the last line is missing (stderr) */
	time_t now; /* that "when" is the text of */
	char when[32];
	struct buf capture;
	atomic_int sink, level, format;
	atomic_uint compat;
	atomic_uint_fast64_t lost; /* lines nobody would take */
};

/* --- the socket ------------------------------------------------------------ */

static int
syslog_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd >= 0) {
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	return fd;
}

/* The next line finds its reader anew. */
static void
syslog_forget(struct log *lg)
{
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	if (lg->fd >= 0)
		(void)connect(lg->fd, &nobody, sizeof(nobody));
}

static int
syslog_connect(struct log *lg)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	(void)pthread_mutex_lock(&lg->lock);
	memcpy(to.sun_path, lg->path, sizeof(to.sun_path));
	(void)pthread_mutex_unlock(&lg->lock);
	return connect(lg->fd, (const struct sockaddr *)&to, sizeof(to));
}

/* --- making ------------------------------------------------------------------ */

struct log *
log_new(const struct log_options *options, struct err *err)
{
	struct log *lg = calloc(1, sizeof(*lg));

	if (!lg) {
		(void)err_no_mem(err);
		return NULL;
	}
	lg->fd = syslog_socket();
	lg->capture = BUF_INIT(CAPTURE_MAX);
	(void)pthread_mutex_init(&lg->lock, NULL);
	if (log_set(lg, options, err)) {
		log_free(lg);
		return NULL;
	}
	return lg;
}

void
log_free(struct log *lg)
{
	if (!lg)
		return;
	if (lg->fd >= 0)
		(void)close(lg->fd);
	buf_free(&lg->capture);
	(void)pthread_mutex_destroy(&lg->lock);
	free(lg);
}

int
log_set(struct log *lg, const struct log_options *o, struct err *err)
{
	const char *path = o->syslog_socket ? o->syslog_socket : "/dev/log";

	if (strlen(path) >= sizeof(lg->path))
		return err_set(err, "syslog socket path too long: %s", path);
	(void)pthread_mutex_lock(&lg->lock);
	memcpy(lg->path, path, strlen(path) + 1);
	lg->facility = o->facility;
	(void)snprintf(
	    lg->ident, sizeof(lg->ident), "%s", o->ident ? o->ident : IDENT);
	syslog_forget(lg);
	(void)pthread_mutex_unlock(&lg->lock);
	/* Not there yet: the first line tries again. */
	if (o->sink == LOG_SINK_SYSLOG && lg->fd >= 0)
		(void)syslog_connect(lg);
	atomic_store(&lg->sink, (int)o->sink);
	atomic_store(&lg->level, (int)o->level);
	atomic_store(&lg->format, (int)o->format);
	atomic_store(&lg->compat, o->compat);
	return 0;
}

bool
log_wants(const struct log *lg, enum log_level level)
{
	return (int)level <= atomic_load(&lg->level);
}

bool
log_wants_compat(const struct log *lg, enum log_compat which)
{
	return (atomic_load(&lg->compat) & (unsigned)which) != 0;
}

enum log_format
log_format(const struct log *lg)
{
	return (enum log_format)atomic_load(&lg->format);
}

struct slice
log_captured(struct log *lg)
{
	return buf_slice(&lg->capture);
}

/* --- syslog --------------------------------------------------------------- */

static int
severity(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR: return 3;
	case LOG_LEVEL_WARNING: return 4;
	case LOG_LEVEL_INFO: return 6;
	case LOG_LEVEL_DEBUG: return 7;
	}
	return 6;
}

/*
 * One attempt, and one more when the reader is another by now. Without the
 * lock: the reader may run at once in our place, and others must not wait for
 * that.
 */
static int
syslog_send(struct log *lg, const struct msghdr *line)
{
	if (lg->fd < 0)
		return -1;
	if (sendmsg(lg->fd, line, MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOBUFS || syslog_connect(lg))
		return -1;
	return sendmsg(lg->fd, line, MSG_NOSIGNAL) >= 0 ? 0 : -1;
}

/* The time of day, formatted once a second. */
static void
set_when(struct log *lg)
{
	time_t now = time(NULL);
	struct tm tm;

	if (now == lg->now)
		return;
	lg->now = now;
	if (!localtime_r(&now, &tm) ||
	    strftime(lg->when, sizeof(lg->when), "%b %e %H:%M:%S", &tm) == 0)
		lg->when[0] = '\0';
}

static int
syslog_line(
    struct log *lg, enum log_level level, const char *ident, const char *text)
{
	char head[128], *body = (char *)(uintptr_t)text;
	struct iovec parts[2] = {
	    {.iov_base = head}, {.iov_base = body, .iov_len = strlen(text)}};
	struct msghdr line = {.msg_iov = parts, .msg_iovlen = 2};
	int n;

	(void)pthread_mutex_lock(&lg->lock);
	set_when(lg);
	n = snprintf(head, sizeof(head),
	    "<%d>%s %s[%ld]: ", lg->facility * 8 + severity(level), lg->when,
	    ident, (long)getpid());
	(void)pthread_mutex_unlock(&lg->lock);
	if (n < 0)
		return -1;
	parts[0].iov_len =
	    (size_t)n < sizeof(head) ? (size_t)n : sizeof(head) - 1;
	return syslog_send(lg, &line);
}

/* --- stderr ---------------------------------------------------------------- */

/*
 * Mail does not wait for whoever reads a pipe, as little as for syslog. What
 * poll promises is room for PIPE_BUF octets: a longer write may block.
 */
static ssize_t
stderr_piece(const char *piece, size_t len)
{
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&fd, 1, 0) != 1 || !(fd.revents & POLLOUT))
		return -1;
	return write(STDERR_FILENO, piece, len < PIPE_BUF ? len : PIPE_BUF);
}

static int
stderr_line(struct log *lg, const char *ident, const char *text)
{
	char line[LOG_LINE_MAX + 64];
	int n = snprintf(line, sizeof(line), "%s%s: %s\n", lg->cut ? "\n" : "",
	    ident, text);
	size_t len = n < 0             ? 0
	    : (size_t)n < sizeof(line) ? (size_t)n
				       : sizeof(line) - 1;
	size_t at = 0;

	while (at < len) {
		ssize_t done = stderr_piece(line + at, len - at);

		if (done <= 0) {
			lg->cut |= at > 0;
			return -1;
		}
		at += (size_t)done;
	}
	lg->cut = false;
	return 0;
}

/* --- all sinks ------------------------------------------------------------ */

static int
write_line(
    struct log *lg, enum log_level level, const char *ident, const char *text)
{
	int rc;

	if (atomic_load(&lg->sink) != LOG_SINK_STDERR)
		return syslog_line(lg, level, ident, text);
	(void)pthread_mutex_lock(&lg->lock);
	rc = stderr_line(lg, ident, text);
	(void)pthread_mutex_unlock(&lg->lock);
	return rc;
}

/* To whoever reads; lines that are lost are counted and told of later. */
static void
to_reader(
    struct log *lg, enum log_level level, const char *ident, const char *text)
{
	uint_fast64_t lost = atomic_load(&lg->lost);
	char note[64];

	if (lost && (lost = atomic_exchange(&lg->lost, 0))) {
		(void)snprintf(note, sizeof(note), "log_lost lines=%llu",
		    (unsigned long long)lost);
		if (write_line(lg, LOG_LEVEL_WARNING, lg->ident, note))
			atomic_fetch_add(&lg->lost, lost);
	}
	if (write_line(lg, level, ident, text))
		atomic_fetch_add(&lg->lost, 1);
}

static void
capture_line(struct log *lg, const char *ident, const char *text)
{
	(void)pthread_mutex_lock(&lg->lock);
	if (strcmp(ident, lg->ident))
		buf_addf(&lg->capture, "%s: ", ident);
	buf_addf(&lg->capture, "%s\n", text);
	(void)pthread_mutex_unlock(&lg->lock);
}

static void
emit(struct log *lg, enum log_level level, const char *ident, const char *text)
{
	switch ((enum log_sink)atomic_load(&lg->sink)) {
	case LOG_SINK_SYSLOG:
	case LOG_SINK_STDERR: to_reader(lg, level, ident, text); break;
	case LOG_SINK_CAPTURE: capture_line(lg, ident, text); break;
	}
}

void
log_line(struct log *lg, enum log_level level, const char *text)
{
	emit(lg, level, lg->ident, text);
}

static size_t
put(char *line, size_t at, const char *text)
{
	while (*text && at < LOG_LINE_MAX)
		line[at++] = *text++;
	return at;
}

static size_t
put_number(char *line, size_t at, unsigned long n)
{
	char digits[24];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do
		digits[--i] = (char)('0' + n % 10);
	while (n /= 10);
	return put(line, at, digits + i);
}

/* Only what POSIX allows in a signal handler. */
void
log_last_words(const struct log *lg, const char *text)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	bool to_stderr = atomic_load(&lg->sink) == LOG_SINK_STDERR;
	char line[LOG_LINE_MAX];
	size_t n = 0;
	int fd;

	if (!to_stderr) {
		n = put(line, n, "<");
		n = put_number(line, n,
		    (unsigned)lg->facility * 8u +
			(unsigned)severity(LOG_LEVEL_ERROR));
		n = put(line, n, ">");
	}
	n = put(line, n, lg->ident);
	if (!to_stderr) {
		n = put(line, n, "[");
		n = put_number(line, n, (unsigned long)getpid());
		n = put(line, n, "]");
	}
	n = put(line, n, ": ");
	n = put(line, n, text);
	if (to_stderr) {
		n = put(line, n, "\n");
		(void)!write(STDERR_FILENO, line, n);
		return;
	}
	memcpy(to.sun_path, lg->path, sizeof(to.sun_path));
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		(void)send(fd, line, n, MSG_NOSIGNAL);
	if (fd >= 0)
		(void)close(fd);
}

void
log_compat_line(struct log *lg, const char *ident, const char *text)
{
	emit(lg, LOG_LEVEL_INFO, ident, text);
}
