/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What systemd is told, in its own words (sd_notify(3)): datagrams of
 * KEY=VALUE lines to the socket that NOTIFY_SOCKET names. Some sixty lines of
 * our own, since the library that has them brings compression and dynamic
 * loading into a process that reads strangers' mail.
 */
#ifndef ASSAY_CONTROL_NOTIFY_H
#define ASSAY_CONTROL_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody is to be told */
	struct sockaddr_un to;
	socklen_t len;
	/* Somebody ends us unless told WATCHDOG=1 this often; 0: nobody. */
	int64_t watchdog_ms;
};

/*
 * From the environment's NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which
 * it removes: they are not for our children. Before any thread. What makes no
 * sense there counts as not set.
 */
void notify_open(struct notify *);
/* A message of lines; never blocks, and nobody hearing it is no matter. */
void notify_send(const struct notify *, const char *lines);
/* RELOADING=1, with the time that systemd wants of Type=notify-reload. */
void notify_reloading(const struct notify *);

#endif
