/* SPDX-License-Identifier: BSD-2-Clause */
/* See door.h. */
#include "daemon/door.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define CALM_MS 1000 /* without a refusal: the trouble is over */
#define PAUSE_NS 20000000

static void
tell(const struct door *d, enum log_level level, const char *event,
    const char *key, const char *value)
{
	struct event e;

	event_begin(&e, d->log, level, event, SLICE_EMPTY);
	event_z(&e, key, value);
	event_num(&e, "refused", (int64_t)d->refused);
	event_end(&e);
}

void
door_refused(struct door *d, const char *why)
{
	d->refused_ms = clock_mono_ms(&clock_system);
	if (d->refused++ == 0)
		tell(d, LOG_LEVEL_ERROR, "connections_refused", "why", why);
}

void
door_accepted(struct door *d)
{
	int64_t now_ms;

	if (d->refused == 0)
		return;
	now_ms = clock_mono_ms(&clock_system);
	if (now_ms - d->refused_ms < CALM_MS)
		return;
	tell(d, LOG_LEVEL_WARNING, "connections_accepted", "state", "again");
	d->refused = 0;
}

/*
 * Not even a descriptor to refuse it with, or no memory: the spare one serves,
 * or the client waits until there is one again.
 */
static void
cannot_accept(struct door *d)
{
	struct timespec pause = {.tv_nsec = PAUSE_NS};
	int reason = errno, fd;

	door_refused(d,
	    reason == EMFILE || reason == ENFILE ? "no file descriptor"
						 : "no memory in the kernel");
	if (d->spare >= 0) {
		(void)close(d->spare);
		fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			(void)close(fd);
		d->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	(void)nanosleep(&pause, NULL);
}

int
door_accept(struct door *d, struct sockaddr *addr, socklen_t *len)
{
	int fd = accept4(d->listener, addr, len, SOCK_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		cannot_accept(d);
	else if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
		return -1;
	/* Linux passes on network errors of that one connection, too. */
	errno = ECONNABORTED;
	return -1;
}

void
door_knock(const struct door *d)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	int fd;

	if (getsockname(d->listener, (struct sockaddr *)&own, &len))
		return;
	fd = socket(
	    own.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)connect(fd, (const struct sockaddr *)&own, len);
	(void)close(fd);
}

void
door_open(struct door *d, struct log *log, int listener)
{
	*d = (struct door){.log = log,
	    .listener = listener,
	    .spare = open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

void
door_close(struct door *d)
{
	if (d->spare >= 0)
		(void)close(d->spare);
	d->spare = -1;
}
