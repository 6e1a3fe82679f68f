/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/map.h"

#include "unit.h"

static void
test_empty(void **state)
{
	struct map m = {0};

	(void)state;
	assert_int_equal(map_get(&m, SLICE_LIT("a")), MAP_NONE);
	map_free(&m);
}

static void
test_keys(void **state)
{
	static const char nul[] = {'a', '\0', 'b'};
	struct map m = {0};
	uint32_t *at;

	(void)state;
	at = map_at(&m, SLICE_LIT("a"));
	assert_non_null(at);
	assert_int_equal(*at, MAP_NONE);
	*at = 7;
	assert_int_equal(map_get(&m, SLICE_LIT("a")), 7);
	assert_int_equal(map_get(&m, SLICE_LIT("A")), MAP_NONE);
	assert_int_equal(map_get(&m, SLICE_LIT("")), MAP_NONE);
	assert_int_equal(map_get(&m, slice_of(nul, 3)), MAP_NONE);
	*map_at(&m, slice_of(nul, 3)) = 8;
	*map_at(&m, SLICE_EMPTY) = 9;
	assert_int_equal(map_get(&m, slice_of(nul, 3)), 8);
	assert_int_equal(map_get(&m, SLICE_LIT("")), 9);
	/* An old key keeps its number. */
	assert_int_equal(*map_at(&m, SLICE_LIT("a")), 7);
	assert_int_equal(m.n, 3);
	map_free(&m);
	assert_int_equal(map_get(&m, SLICE_LIT("a")), MAP_NONE);
}

/* Through several sizes; every key is found again and no other is. */
static void
test_many(void **state)
{
	enum {
		N = 20000
	};
	static char text[N][8];
	struct map m = {0};

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		uint32_t *at;

		(void)snprintf(text[i], sizeof(text[i]), "k%u", i);
		at = map_at(&m, slice_z(text[i]));
		assert_non_null(at);
		assert_int_equal(*at, MAP_NONE);
		*at = i;
	}
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(map_get(&m, slice_z(text[i])), i);
	assert_int_equal(map_get(&m, SLICE_LIT("k20000")), MAP_NONE);
	assert_true(m.cap <= 2 * N);
	map_free(&m);
}

int
main(void)
{
	UNIT_TEST(test_empty);
	UNIT_TEST(test_keys);
	UNIT_TEST(test_many);
	return unit_end();
}
