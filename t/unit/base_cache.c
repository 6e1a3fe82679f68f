/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/cache.h"

#include <pthread.h>

#include "unit.h"

static const struct hash_key hash_key = {{1, 2}};

struct thing {
	struct cached base;
	int number;
	atomic_int *freed;
};

static void
thing_free(struct cached *value)
{
	struct thing *t = (struct thing *)value;

	if (t->freed)
		atomic_fetch_add(t->freed, 1);
	free(t);
}

static struct thing *
thing_new(int number, atomic_int *freed)
{
	struct thing *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	cached_init(&t->base, thing_free);
	t->number = number;
	t->freed = freed;
	return t;
}

/* Puts a thing and keeps no reference. */
static void
put(struct cache *c, const char *key, int number, size_t octets,
    int64_t expires_ms, atomic_int *freed)
{
	struct thing *t = thing_new(number, freed);

	cache_put(c, slice_z(key), &t->base, octets, expires_ms);
	cached_unref(&t->base);
}

/* Its number, or -1. */
static int
get(struct cache *c, const char *key, int64_t now_ms)
{
	struct thing *t = (struct thing *)cache_get(c, slice_z(key), now_ms);
	int number = t ? t->number : -1;

	cached_unref(t ? &t->base : NULL);
	return number;
}

static void
test_kept_by_key(void **state)
{
	struct cache *c = cache_new(1 << 20, &hash_key);

	(void)state;
	assert_non_null(c);
	put(c, "a", 1, 10, 100, NULL);
	put(c, "b", 2, 10, 100, NULL);
	assert_int_equal(get(c, "a", 0), 1);
	assert_int_equal(get(c, "b", 0), 2);
	assert_int_equal(get(c, "c", 0), -1);
	assert_int_equal(get(c, "", 0), -1);
	cache_free(c);
}

static void
test_time_is_over(void **state)
{
	struct cache *c = cache_new(1 << 20, &hash_key);
	atomic_int freed = 0;

	(void)state;
	put(c, "a", 1, 10, 100, &freed);
	assert_int_equal(get(c, "a", 99), 1);
	assert_int_equal(get(c, "a", 100), -1);
	assert_int_equal(freed, 1);
	assert_int_equal(cache_count(c).entries, 0);
	assert_int_equal(cache_count(c).octets, 0);
	cache_free(c);
}

static void
test_replaced(void **state)
{
	struct cache *c = cache_new(1 << 20, &hash_key);
	atomic_int freed = 0;

	(void)state;
	put(c, "a", 1, 10, 100, &freed);
	put(c, "a", 2, 10, 100, &freed);
	assert_int_equal(freed, 1);
	assert_int_equal(get(c, "a", 0), 2);
	assert_int_equal(cache_count(c).entries, 1);
	cache_free(c);
	assert_int_equal(freed, 2);
}

static void
test_in_use_outlives_its_place(void **state)
{
	struct cache *c = cache_new(1 << 20, &hash_key);
	atomic_int freed = 0;
	struct cached *held;

	(void)state;
	put(c, "a", 1, 10, 100, &freed);
	held = cache_get(c, slice_z("a"), 0);
	cache_free(c);
	assert_int_equal(freed, 0);
	assert_int_equal(((struct thing *)held)->number, 1);
	cached_unref(held);
	assert_int_equal(freed, 1);
}

static void
test_never_beyond_its_bound(void **state)
{
	const size_t max = 256 * 1024;
	struct cache *c = cache_new(max, &hash_key);
	atomic_int freed = 0;
	int found = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "name%d.example", i);
		put(c, key, i, 100 + (size_t)(i % 50) * 20, INT64_MAX, &freed);
		assert_true(cache_count(c).octets <= max);
	}
	for (int i = 0; i < 20000; i++) {
		char key[32];
		int number;

		(void)snprintf(key, sizeof(key), "name%d.example", i);
		number = get(c, key, 0);
		assert_true(number == -1 || number == i);
		found += number == i;
	}
	assert_true(found > 100);
	assert_int_equal(cache_count(c).entries, found);
	assert_int_equal(freed, 20000 - found);
	cache_free(c);
	assert_int_equal(freed, 20000);
}

static void
test_what_is_used_stays(void **state)
{
	struct cache *c = cache_new(256 * 1024, &hash_key);

	(void)state;
	put(c, "used", -7, 100, INT64_MAX, NULL);
	for (int i = 0; i < 20000; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "name%d", i);
		put(c, key, i, 100, INT64_MAX, NULL);
		assert_int_equal(get(c, "used", 0), -7);
	}
	cache_free(c);
}

static void
test_too_large_is_not_kept(void **state)
{
	struct cache *c = cache_new(64 * 1024, &hash_key);
	atomic_int freed = 0;

	(void)state;
	put(c, "a", 1, 10, 100, &freed);
	put(c, "big", 2, 64 * 1024, 100, &freed);
	put(c, "huge", 3, SIZE_MAX, 100, &freed);
	assert_int_equal(freed, 2);
	assert_int_equal(get(c, "a", 0), 1);
	cache_free(c);
}

static void *
hammer(void *arg)
{
	struct cache *c = arg;

	for (int i = 0; i < 3000; i++) {
		char key[32];
		int number;

		(void)snprintf(key, sizeof(key), "%d", i * 7 % 211);
		number = get(c, key, i % 3);
		if (number != -1 && number != i * 7 % 211)
			return arg;
		if (number == -1)
			put(c, key, i * 7 % 211, 300, 2, NULL);
	}
	return NULL;
}

static void
test_many_threads(void **state)
{
	struct cache *c = cache_new(48 * 1024, &hash_key);
	pthread_t threads[4];
	void *wrong;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, hammer, c), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	cache_free(c);
}

int
main(void)
{
	UNIT_TEST(test_kept_by_key);
	UNIT_TEST(test_time_is_over);
	UNIT_TEST(test_replaced);
	UNIT_TEST(test_in_use_outlives_its_place);
	UNIT_TEST(test_never_beyond_its_bound);
	UNIT_TEST(test_what_is_used_stays);
	UNIT_TEST(test_too_large_is_not_kept);
	UNIT_TEST(test_many_threads);
	return unit_end();
}
