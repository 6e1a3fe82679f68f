/* SPDX-License-Identifier: BSD-2-Clause */
/* See libraries.h. */
#include "daemon/libraries.h"

#include <stdio.h>
#include <syslog.h>

#include "base/clock.h"

#define TEXTS 64
#define PERIOD_MS 60000

int
libraries_init(struct libraries *l, struct log *log, struct err *err)
{
	l->log = log;
	l->told = quota_new(TEXTS, PERIOD_MS);
	return l->told ? 0 : err_no_mem(err);
}

void
libraries_say(
    struct libraries *l, int priority, const char *format, va_list args)
{
	enum log_level level = LOG_PRI(priority) <= LOG_ERR ? LOG_LEVEL_ERROR
	    : LOG_PRI(priority) <= LOG_NOTICE               ? LOG_LEVEL_WARNING
							    : LOG_LEVEL_INFO;
	uint64_t untold;
	char text[500];

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		return;
	if (!l)
		(void)fprintf(stderr, "assayd: %s\n", text);
	else if (quota_ask(l->told, slice_z(format),
		     clock_mono_ms(&clock_system), &untold))
		log_event(l->log, level, "library", "says", text, NULL);
}
