/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands between libmilter and the C library. libmilter calls accept,
 * poll, read, writev, close and syslog; shield.c has these in their place, for
 * libmilter's descriptors and for the whole process's syslog (libraries.h):
 *
 * - Milter connections get descriptors of the upper range alone, so that DNS,
 *   keys and the log always find some; a connection for which there is none is
 *   closed at once, and its MTA answers its client at once. (libmilter itself
 *   would spin, and the client hang.)
 * - One that libmilter has no thread for gets one within 0.1 s, however long
 *   others wait.
 * - Its octets take fewer system calls (stream.h), and idle connections cost
 *   little (pool.h).
 * - A packet that would crash libmilter ends its connection (packets.h).
 */
#ifndef ASSAY_DAEMON_SHIELD_H
#define ASSAY_DAEMON_SHIELD_H

#include "base/attr.h"
#include "base/err.h"
#include "daemon/daemon.h"

/*
 * From here on connections accepted from this descriptor are shielded. After
 * daemon_open and before libmilter's thread. 0, or -1.
 */
MUST_CHECK int shield_raise(struct daemon *, int listener, struct err *);

#endif
