/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include "unit.h"

static void
test_alignment(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	assert_non_null(a);
	for (size_t n = 0; n < 300; n++) {
		void *p = arena_alloc(a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		memset(p, 0xff, n);
	}
	arena_free(a);
}

static void
test_zeroed_after_large(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *big = arena_alloc(a, 200000), *small = arena_alloc(a, 10);

	(void)state;
	assert_non_null(big);
	assert_non_null(small);
	for (int i = 0; i < 10; i++)
		assert_int_equal(small[i], 0);
	assert_int_equal(big[199999], 0);
	arena_free(a);
}

static void
test_ceiling(void **state)
{
	struct arena *a = arena_new(1000);

	(void)state;
	assert_non_null(arena_alloc(a, 900));
	assert_null(arena_alloc(a, 200));
	assert_non_null(arena_alloc(a, 50));
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_array(a, SIZE_MAX / 2, 3));
	assert_true(arena_used(a) <= 1000);
	arena_free(a);
}

static void
test_strdup(void **state)
{
	struct arena *a = arena_new(1000);
	struct slice s;

	(void)state;
	assert_string_equal(arena_strdup(a, SLICE_LIT("abc")), "abc");
	assert_string_equal(arena_strdup(a, SLICE_EMPTY), "");
	assert_int_equal(arena_copy(a, slice_of("a\0b", 3), &s), 0);
	assert_slice(s, slice_of("a\0b", 3));
	arena_free(a);
}

static char order[8];

static void
note(void *arg)
{
	order[strlen(order)] = *(const char *)arg;
}

static void
test_cleanups_last_first(void **state)
{
	struct arena *a = arena_new(200);
	char names[] = "abc";

	(void)state;
	memset(order, 0, sizeof(order));
	assert_int_equal(arena_defer(a, note, &names[0]), 0);
	assert_int_equal(arena_defer(a, note, &names[1]), 0);
	assert_non_null(arena_alloc(a, 100));
	/* No room for the entry: it runs now, so that nothing leaks. */
	assert_int_equal(arena_defer(a, note, &names[2]), -1);
	assert_string_equal(order, "c");
	arena_free(a);
	assert_string_equal(order, "cba");
	arena_free(NULL);
}

int
main(void)
{
	UNIT_TEST(test_alignment);
	UNIT_TEST(test_zeroed_after_large);
	UNIT_TEST(test_ceiling);
	UNIT_TEST(test_strdup);
	UNIT_TEST(test_cleanups_last_first);
	return unit_end();
}
