/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions whose deadlines are on the clock that never jumps: the
 * milliseconds of clock_mono_ms(&clock_system). All else of them is as POSIX
 * has it.
 */
#ifndef ASSAY_BASE_COND_H
#define ASSAY_BASE_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void cond_init(pthread_cond_t *);

/*
 * pthread_cond_wait with an end; INT64_MAX is without. False: it has come.
 * True says that something may have happened, as there.
 */
bool cond_wait_until(pthread_cond_t *, pthread_mutex_t *, int64_t until_ms);
/* The same for so many milliseconds from now. */
bool cond_wait_for(pthread_cond_t *, pthread_mutex_t *, int64_t ms);

#endif
