/* SPDX-License-Identifier: BSD-2-Clause */
#include "keys/elapse.h"

#include "unit.h"

struct row {
	const char *name;
	int64_t wall_s, mono_ms; /* after 1000000 s and 500000 ms */
	int64_t want_ms;         /* what has passed */
};

static const struct row rows[] = {
    {"a minute", 1000060, 560000, 60000},
    {"nothing", 1000000, 500000, 0},
    {"the calendar jumps a year ahead", 32536000, 560000, 60000},
    {"the calendar jumps back", 900000, 560000, 0},
    {"another boot, three seconds up", 1000400, 3000, 3000},
    {"another boot, and a battery gone", 40, 3000, 0},
    {"a copy on a machine long up", 1000060, 90000000, 61000},
    {"less than a second", 1000000, 500400, 400},
    {"the end of the calendar", INT64_MAX / 2, 560000, 60000},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct elapse e;
	int64_t before;

	elapse_begin(&e, 1000000, 500000);
	before = e.own_ms;
	elapse_advance(&e, r->wall_s, r->mono_ms);
	assert_int_equal(e.own_ms - before, r->want_ms);
	assert_int_equal(e.wall_s, r->wall_s);
	assert_int_equal(e.mono_ms, r->mono_ms);
}

static void
test_text(void **state)
{
	struct elapse a = {1234567, 1700000000, 89}, b;
	struct buf text = BUF_INIT(200);

	(void)state;
	elapse_format(&a, &text);
	assert_true(elapse_parse(buf_slice(&text), &b));
	assert_memory_equal(&a, &b, sizeof(a));
	for (size_t n = 0; n < text.len; n++)
		assert_false(
		    elapse_parse(slice_upto(buf_slice(&text), n), &b));
	assert_false(
	    elapse_parse(SLICE_LIT("assay time 1\n999 1 1\nend\n"), &b));
	assert_false(
	    elapse_parse(SLICE_LIT("assay time 1\n-5000 1 1\nend\n"), &b));
	buf_free(&text);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_text);
	return unit_end();
}
