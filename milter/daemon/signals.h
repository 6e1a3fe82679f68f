/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals in the main thread's hands: it never blocks them, not even while it
 * handles one, and everybody else does. libmilter has a thread that waits for
 * SIGHUP and SIGTERM (sigwait) and answers both by resetting every connection:
 * signals.c has a sigwait that never returns.
 */
#ifndef ASSAY_DAEMON_SIGNALS_H
#define ASSAY_DAEMON_SIGNALS_H

#include "base/attr.h"
#include "base/err.h"
#include "log/log.h"

/*
 * Before the first thread is made: blocks the signals, which all threads
 * inherit, and ignores SIGPIPE. Signals that come now wait. 0, or -1.
 */
MUST_CHECK int signals_prepare(struct err *);

/* In the main thread, when all threads have been made. Returns 0, or -1. */
MUST_CHECK int signals_take(struct err *);

/*
 * When a system call is one that the sandbox forbids, the log gets a line
 * "sandbox_violation" and the process ends by SIGSYS. From then on.
 */
MUST_CHECK int signals_last_words(const struct log *, struct err *);

/*
 * Waits for the next signal, timeout_ms at most, and returns its number; 0:
 * none came. Main thread only.
 */
int signals_wait(int timeout_ms);

/* Makes signals_wait return this number. From any thread. */
void signals_post(int sig);

#endif
