/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long things take: counts of durations by their size, for any number of
 * threads at once. One relaxed increment and one addition a duration; readers
 * may see the one without the other, never anything torn.
 */
#ifndef ASSAY_BASE_HISTOGRAM_H
#define ASSAY_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 14

/* Upper ends in microseconds, rising: 100 us to 10 s. */
extern const uint32_t histogram_bounds_us[HISTOGRAM_BOUNDS];

struct histogram {
	/* Each duration in the first whose bound is not below it, else last. */
	atomic_uint_fast64_t counts[HISTOGRAM_BOUNDS + 1];
	atomic_uint_fast64_t sum_us;
};

/* Negative durations (a clock of somebody else's) count as none. */
void histogram_note(struct histogram *, int64_t us);

struct histogram_sum {
	uint64_t upto[HISTOGRAM_BOUNDS + 1]; /* counts added up, all at last */
	uint64_t sum_us;
};

struct histogram_sum histogram_read(const struct histogram *);

/*
 * The bound that the given share (0 to 100) of durations does not exceed; 0
 * without any, UINT32_MAX beyond the last bound.
 */
uint32_t histogram_percentile_us(const struct histogram_sum *, unsigned share);

#endif
