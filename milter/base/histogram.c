/* SPDX-License-Identifier: BSD-2-Clause */
/* Durations by size. See histogram.h. */
#include "base/histogram.h"

const uint32_t histogram_bounds_us[HISTOGRAM_BOUNDS] = {100, 500, 1000, 2500,
    5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
    10000000};

void
histogram_note(struct histogram *h, int64_t us)
{
	uint64_t n = us > 0 ? (uint64_t)us : 0;
	unsigned i = 0;

	while (i < HISTOGRAM_BOUNDS && n > histogram_bounds_us[i])
		i++;
	atomic_fetch_add_explicit(&h->counts[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_us, n, memory_order_relaxed);
}

struct histogram_sum
histogram_read(const struct histogram *h)
{
	struct histogram_sum s = {.sum_us = 0};
	uint64_t n = 0;

	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		n += atomic_load_explicit(&h->counts[i], memory_order_relaxed);
		s.upto[i] = n;
	}
	s.sum_us = atomic_load_explicit(&h->sum_us, memory_order_relaxed);
	return s;
}

uint32_t
histogram_percentile_us(const struct histogram_sum *s, unsigned share)
{
	uint64_t all = s->upto[HISTOGRAM_BOUNDS];
	/* Divided first: counters run for years. */
	uint64_t want = all / 100 * share + (all % 100 * share + 99) / 100;

	if (all == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++)
		if (s->upto[i] >= want)
			return histogram_bounds_us[i];
	return UINT32_MAX;
}
