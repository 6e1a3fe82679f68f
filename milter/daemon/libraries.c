/* SPDX-License-Identifier: BSD-2-Clause */
/* See libraries.h. */
#include "daemon/libraries.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <syslog.h>

#include "base/clock.h"
#include "log/quota.h"

#define TEXTS 64
#define PERIOD_MS 60000

static struct log *the_log;
/* Set last: who sees it sees the log. */
static _Atomic(struct quota *) the_quota;

static void PRINTF_LIKE(2, 0)
    say(int priority, const char *format, va_list args)
{
	enum log_level level = LOG_PRI(priority) <= LOG_ERR ? LOG_LEVEL_ERROR
	    : LOG_PRI(priority) <= LOG_NOTICE               ? LOG_LEVEL_WARNING
							    : LOG_LEVEL_INFO;
	struct quota *told = the_quota;
	uint64_t untold;
	char text[500];

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		return;
	if (!told)
		(void)fprintf(stderr, "assayd: %s\n", text);
	else if (quota_ask(told, slice_z(format), clock_mono_ms(&clock_system),
		     &untold))
		log_event(the_log, level, "library", "says", text, NULL);
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

int
libraries_hear(struct log *log, struct err *err)
{
	struct quota *told = quota_new(TEXTS, PERIOD_MS);

	if (!told)
		return err_no_mem(err);
	the_log = log;
	the_quota = told;
	return 0;
}
