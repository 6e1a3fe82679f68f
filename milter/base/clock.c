/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's clock behind the interface of clock.h. */
#include "base/clock.h"

#include <time.h>

static int64_t
system_now_s(const struct clock *c)
{
	(void)c;
	return (int64_t)time(NULL);
}

static int64_t
system_mono_ms(const struct clock *c)
{
	struct timespec ts;

	(void)c;
	/* Cannot fail for CLOCK_MONOTONIC with a valid pointer. */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct clock clock_system = {system_now_s, system_mono_ms};

int64_t
clock_now_s(const struct clock *c)
{
	return c->now_s(c);
}

int64_t
clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c);
}
