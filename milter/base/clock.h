/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time is passed in: pure rooms do not know what day it is, tests and
 * replays say so. A clock is a pair of functions, safe from any thread.
 */
#ifndef ASSAY_BASE_CLOCK_H
#define ASSAY_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*now_s)(const struct clock *);   /* seconds since 1970, UTC */
	int64_t (*mono_ms)(const struct clock *); /* never jumps; own epoch */
};

/* The machine's own clock. */
extern const struct clock clock_system;

int64_t clock_now_s(const struct clock *);
int64_t clock_mono_ms(const struct clock *);

#endif
