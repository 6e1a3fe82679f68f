/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals held back. See hold.h. No handler, so nothing to find by it. */
#include "keys/hold.h"

#include <stddef.h>

#include "base/attr.h"

static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* A signal that is blocked and ignored may wait all the same: not for us. */
static bool
is_default(int sig)
{
	struct sigaction act;

	return sigaction(sig, NULL, &act) == 0 &&
	    !(act.sa_flags & SA_SIGINFO) && act.sa_handler == SIG_DFL;
}

void
hold_begin(sigset_t *before)
{
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (is_default(ends[i]))
			(void)sigaddset(&set, ends[i]);
	(void)pthread_sigmask(SIG_BLOCK, &set, before);
}

bool
hold_called(void)
{
	sigset_t waiting;

	if (sigpending(&waiting))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (is_default(ends[i]) && sigismember(&waiting, ends[i]) == 1)
			return true;
	return false;
}

void
hold_end(const sigset_t *before)
{
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}
