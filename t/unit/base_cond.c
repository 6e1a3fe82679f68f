/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/cond.h"

#include "base/clock.h"
#include "unit.h"

#define HANG_MS 10000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond;
static bool said;

static void *
say(void *arg)
{
	(void)arg;
	(void)pthread_mutex_lock(&lock);
	said = true;
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_cond_signal(&cond);
	return NULL;
}

static void
test_end(void **state)
{
	static const int64_t waits[] = {-5, 0, 5, 30};

	(void)state;
	cond_init(&cond);
	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		int64_t begun = clock_mono_ms(&clock_system), took;

		while (cond_wait_until(&cond, &lock, begun + waits[i]))
			;
		took = clock_mono_ms(&clock_system) - begun;
		assert_true(took >= waits[i]);
		assert_true(took < waits[i] + HANG_MS);
	}
	while (cond_wait_for(&cond, &lock, 1))
		;
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_cond_destroy(&cond);
}

static void
test_signal(void **state)
{
	const int64_t ends[] = {
	    clock_mono_ms(&clock_system) + HANG_MS, INT64_MAX};
	pthread_t thread;

	(void)state;
	cond_init(&cond);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		said = false;
		(void)pthread_mutex_lock(&lock);
		assert_int_equal(pthread_create(&thread, NULL, say, NULL), 0);
		while (!said)
			assert_true(cond_wait_until(&cond, &lock, ends[i]));
		(void)pthread_mutex_unlock(&lock);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	(void)pthread_cond_destroy(&cond);
}

int
main(void)
{
	UNIT_TEST(test_end);
	UNIT_TEST(test_signal);
	return unit_end();
}
