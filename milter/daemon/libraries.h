/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libraries say by syslog(3), which blocks while nobody reads: shield.c
 * has a syslog in the C library's place, which brings it here.
 */
#ifndef ASSAY_DAEMON_LIBRARIES_H
#define ASSAY_DAEMON_LIBRARIES_H

#include <stdarg.h>

#include "base/attr.h"
#include "base/err.h"
#include "log/log.h"
#include "log/quota.h"

struct libraries {
	struct log *log;
	struct quota *told;
};

/* For this log, which stays the caller's. 0, or -1. */
MUST_CHECK int libraries_init(struct libraries *, struct log *, struct err *);

/*
 * To the log, each text (as the library wrote it, before its arguments) at most
 * once a minute; to standard error where libraries is NULL. Any thread.
 */
void PRINTF_LIKE(3, 0) libraries_say(
    struct libraries *, int priority, const char *format, va_list);

#endif
