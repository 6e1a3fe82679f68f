/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams to systemd. See notify.h. */
#include "control/notify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/slice.h"

#define WATCHDOG_MAX_US ((uint64_t)24 * 3600 * 1000000)

/* "/path" or "@name" of the abstract kind. */
static int
set_address(struct notify *n, const char *name)
{
	size_t len = strlen(name);

	if (len < 2 || len >= sizeof(n->to.sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return -1;
	n->to.sun_family = AF_UNIX;
	memcpy(n->to.sun_path, name, len);
	if (name[0] == '@')
		n->to.sun_path[0] = '\0';
	n->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return 0;
}

static int64_t
watchdog(void)
{
	const char *us = getenv("WATCHDOG_USEC"),
		   *pid = getenv("WATCHDOG_PID");
	uint64_t n, whose;

	if (!us || slice_u64(slice_z(us), WATCHDOG_MAX_US, &n))
		return 0;
	if (pid &&
	    (slice_u64(slice_z(pid), INT64_MAX, &whose) ||
		(pid_t)whose != getpid()))
		return 0;
	return (int64_t)(n / 1000);
}

void
notify_open(struct notify *n)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*n = (struct notify){.fd = -1};
	if (name && set_address(n, name) == 0)
		n->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (n->fd >= 0) {
		(void)fcntl(n->fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(n->fd, F_SETFL, O_NONBLOCK);
		n->watchdog_ms = watchdog();
	}
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

void
notify_send(const struct notify *n, const char *lines)
{
	if (n->fd >= 0)
		(void)!sendto(n->fd, lines, strlen(lines), MSG_NOSIGNAL,
		    (const struct sockaddr *)&n->to, n->len);
}

void
notify_reloading(const struct notify *n)
{
	struct timespec now;
	char lines[80];

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(lines, sizeof(lines),
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n",
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify_send(n, lines);
}
