/* SPDX-License-Identifier: BSD-2-Clause */
#include "log/quota.h"

#include "unit.h"

#define HOUR 3600000

static bool
ask(struct quota *q, const char *key, int64_t now_ms)
{
	uint64_t untold;

	return quota_ask(q, slice_z(key), now_ms, &untold);
}

static void
test_once_a_period(void **state)
{
	struct quota *q = quota_new(100, HOUR);

	(void)state;
	assert_true(ask(q, "a.example", 5));
	assert_false(ask(q, "a.example", 6));
	assert_true(ask(q, "b.example", 6));
	assert_false(ask(q, "a.example", HOUR + 4));
	assert_true(ask(q, "a.example", HOUR + 5));
	assert_false(ask(q, "b.example", HOUR + 5));
	assert_true(ask(q, "", 7));
	assert_false(ask(q, "", 8));
	quota_free(q);
	quota_free(NULL);
}

/* The first of all times is no excuse: a clock may begin at 0. */
static void
test_time_zero(void **state)
{
	struct quota *q = quota_new(1, HOUR);

	(void)state;
	assert_true(ask(q, "a.example", 0));
	assert_false(ask(q, "a.example", 0));
	quota_free(q);
}

/*
 * Any number of names: no more are told than there is room for, none twice,
 * and those left out are counted.
 */
static void
test_hostile_number(void **state)
{
	enum {
		ROOM = 64,
		NAMES = 20000
	};
	struct quota *q = quota_new(ROOM, HOUR);
	uint64_t untold = 0, told = 0;
	char name[32];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < NAMES; i++) {
			(void)snprintf(name, sizeof(name), "n%d.example", i);
			told += quota_ask(q, slice_z(name), round, &untold);
		}
	assert_true(told > ROOM / 2 && told <= ROOM);
	/* After the period there is room again, and the count comes out. */
	assert_true(quota_ask(q, SLICE_LIT("later"), HOUR + 1, &untold));
	assert_true(untold >= NAMES - ROOM);
	assert_true(quota_ask(q, SLICE_LIT("latest"), HOUR + 1, &untold));
	assert_int_equal(untold, 0);
	quota_free(q);
}

int
main(void)
{
	UNIT_TEST(test_once_a_period);
	UNIT_TEST(test_time_zero);
	UNIT_TEST(test_hostile_number);
	return unit_end();
}
