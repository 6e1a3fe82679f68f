/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions on the monotonic clock. See cond.h. */
#include "base/cond.h"

#include "base/clock.h"

void
cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	/* None of these can fail with what they are given. */
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(cond, &attr);
	(void)pthread_condattr_destroy(&attr);
}

bool
cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms)
{
	struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
	    .tv_nsec = (long)(until_ms % 1000) * 1000000};

	if (until_ms == INT64_MAX)
		return pthread_cond_wait(cond, lock) == 0;
	return pthread_cond_timedwait(cond, lock, &until) == 0;
}

bool
cond_wait_for(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms)
{
	return cond_wait_until(cond, lock, clock_mono_ms(&clock_system) + ms);
}
