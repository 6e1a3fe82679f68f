/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/histogram.h"

#include "unit.h"

struct row {
	const char *name;
	int64_t us[5];
	size_t n;
	uint64_t want_upto_1ms, want_sum_us;
	uint32_t want_half_us, want_most_us;
};

static const struct row rows[] = {
    {"nothing", {0}, 0, 0, 0, 0, 0},
    {"a bound belongs to its own bucket", {1000}, 1, 1, 1000, 1000, 1000},
    {"one more does not", {1001}, 1, 0, 1001, 2500, 2500},
    {"a clock that went back", {-5, 3}, 2, 2, 3, 100, 100},
    {"beyond all bounds", {10000001}, 1, 0, 10000001, UINT32_MAX, UINT32_MAX},
    {"mixed", {50, 90, 400, 3000, 20000000}, 5, 3, 20003540, 500, UINT32_MAX},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct histogram h = {.sum_us = 0};
	struct histogram_sum s;

	for (size_t i = 0; i < r->n; i++)
		histogram_note(&h, r->us[i]);
	s = histogram_read(&h);
	assert_int_equal(s.upto[HISTOGRAM_BOUNDS], r->n);
	assert_int_equal(s.upto[2], r->want_upto_1ms);
	assert_int_equal(s.sum_us, r->want_sum_us);
	assert_int_equal(histogram_percentile_us(&s, 50), r->want_half_us);
	assert_int_equal(histogram_percentile_us(&s, 99), r->want_most_us);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
