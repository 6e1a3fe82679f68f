/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/workers.h"

#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "unit.h"

struct counted {
	struct job job;
	atomic_int *ran, *freed;
	pthread_mutex_t *gate; /* held: the job waits */
};

static void
run(struct job *j)
{
	struct counted *c = (struct counted *)j;

	if (c->gate) {
		pthread_mutex_lock(c->gate);
		pthread_mutex_unlock(c->gate);
	}
	atomic_fetch_add(c->ran, 1);
}

static void
done(struct job *j)
{
	struct counted *c = (struct counted *)j;

	atomic_fetch_add(c->freed, 1);
	free(c);
}

static struct job *
make(atomic_int *ran, atomic_int *freed, pthread_mutex_t *gate)
{
	struct counted *c = calloc(1, sizeof(*c));

	*c = (struct counted){.ran = ran, .freed = freed, .gate = gate};
	job_init(&c->job, run, done);
	return &c->job;
}

static int64_t
in_ms(int64_t ms)
{
	return clock_mono_ms(&clock_system) + ms;
}

static void
submit_and_taken(struct workers *w, struct job *j)
{
	assert_true(workers_submit(w, j, 0));
	while (workers_load(w).queued)
		(void)sched_yield();
}

static void
test_all_run_once(void **state)
{
	struct workers *w = workers_new(4, 1000, NULL);
	atomic_int ran = 0, freed = 0;
	struct job *jobs[500];

	(void)state;
	for (int i = 0; i < 500; i++) {
		jobs[i] = make(&ran, &freed, NULL);
		assert_true(workers_submit(w, jobs[i], 0));
	}
	for (int i = 0; i < 500; i++) {
		assert_true(job_finish(jobs[i], in_ms(10000)));
		job_unref(jobs[i]);
	}
	workers_free(w);
	assert_int_equal(ran, 500);
	assert_int_equal(freed, 500);
}

/* Queue full: refused, and run by the one who needs it. */
static void
test_overload(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct workers *w = workers_new(1, 1, NULL);
	atomic_int ran = 0, freed = 0;
	struct job *busy = make(&ran, &freed, &gate),
		   *queued = make(&ran, &freed, NULL),
		   *extra = make(&ran, &freed, NULL);

	(void)state;
	pthread_mutex_lock(&gate);
	submit_and_taken(w, busy);
	assert_true(workers_submit(w, queued, 0));
	assert_false(workers_submit(w, extra, 0));
	assert_true(workers_refused(w) > 0);
	assert_true(job_finish(extra, in_ms(10000)));
	assert_int_equal(ran, 1);
	/* Queued behind a thread that hangs: runs here. */
	assert_true(job_finish(queued, in_ms(10000)));
	assert_int_equal(ran, 2);
	assert_false(job_finish(busy, in_ms(1)));
	/* Given up while it runs: freed when it ends. */
	job_unref(busy);
	job_unref(queued);
	job_unref(extra);
	pthread_mutex_unlock(&gate);
	workers_free(w);
	assert_int_equal(ran, 3);
	assert_int_equal(freed, 3);
}

/* Nobody may wait: the threads take what they can. */
static void
test_no_queue(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct workers *w = workers_new(2, 0, NULL);
	atomic_int ran = 0, freed = 0;
	struct job *jobs[] = {make(&ran, &freed, &gate),
	    make(&ran, &freed, &gate), make(&ran, &freed, NULL)};

	(void)state;
	pthread_mutex_lock(&gate);
	assert_true(workers_submit(w, jobs[0], 0));
	assert_true(workers_submit(w, jobs[1], 0));
	assert_false(workers_submit(w, jobs[2], 0));
	assert_true(job_finish(jobs[2], in_ms(10000)));
	assert_int_equal(ran, 1);
	pthread_mutex_unlock(&gate);
	assert_true(job_finish(jobs[0], in_ms(10000)));
	assert_true(job_finish(jobs[1], in_ms(10000)));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		job_unref(jobs[i]);
	workers_free(w);
	assert_int_equal(ran, 3);
	assert_int_equal(freed, 3);
}

/* A sender that begins and resets holds no thread with what nobody awaits. */
static void
test_given_up_in_the_queue(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct workers *w = workers_new(1, 10, NULL);
	atomic_int ran = 0, freed = 0;
	struct job *busy = make(&ran, &freed, &gate),
		   *queued = make(&ran, &freed, NULL),
		   *last = make(&ran, &freed, NULL);

	(void)state;
	assert_true(workers_idle(w));
	pthread_mutex_lock(&gate);
	submit_and_taken(w, busy);
	assert_true(workers_submit(w, queued, 0));
	assert_true(workers_submit(w, last, 0));
	assert_false(workers_idle(w));
	job_unref(queued);
	pthread_mutex_unlock(&gate);
	assert_true(job_finish(busy, in_ms(10000)));
	assert_true(job_finish(last, in_ms(10000)));
	job_unref(busy);
	job_unref(last);
	workers_free(w);
	assert_int_equal(ran, 2);
	assert_int_equal(freed, 3);
}

/* What stands between others, done or given up, takes nobody's place. */
static void
test_done_in_the_queue(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct workers *w = workers_new(1, 3, NULL);
	atomic_int ran = 0, freed = 0;
	struct job *jobs[6];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = make(&ran, &freed, i ? NULL : &gate);
	pthread_mutex_lock(&gate);
	submit_and_taken(w, jobs[0]);
	for (size_t i = 1; i <= 3; i++)
		assert_true(workers_submit(w, jobs[i], 0));
	assert_false(workers_submit(w, jobs[4], 0));
	assert_true(job_finish(jobs[2], in_ms(10000)));
	job_unref(jobs[3]);
	assert_int_equal(freed, 0);
	assert_true(workers_submit(w, jobs[4], 0));
	assert_int_equal(freed, 1);
	assert_true(workers_submit(w, jobs[5], 0));
	assert_int_equal(workers_load(w).queued, 3);
	pthread_mutex_unlock(&gate);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		if (i == 3)
			continue;
		assert_true(job_finish(jobs[i], in_ms(10000)));
		job_unref(jobs[i]);
	}
	workers_free(w);
	assert_int_equal(ran, 5);
	assert_int_equal(freed, 6);
}

static long
switches(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_nvcsw;
}

#define HELD 20

/* Until its time has come, a job is its owner's, who wakes nobody for it. */
static void
test_held_for_its_owner(void **state)
{
	struct workers *w = workers_new(2, 0, NULL);
	atomic_int ran = 0, freed = 0;
	long before = switches();

	(void)state;
	for (int i = 0; i < HELD; i++) {
		struct job *j = make(&ran, &freed, NULL);

		assert_true(workers_submit(w, j, 60000));
		(void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		assert_int_equal(ran, i);
		assert_true(job_finish(j, in_ms(10000)));
		assert_int_equal(ran, i + 1);
		job_unref(j);
	}
	/* Ours, and some of one thread. */
	assert_in_range(switches() - before, 0, HELD + HELD / 2);
	assert_int_equal(workers_load(w).threads, 1);
	workers_free(w);
	assert_int_equal(ran, HELD);
	assert_int_equal(freed, HELD);
}

/* What is due together is begun together: who takes one calls the next. */
static void
test_due_together(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct workers *w = workers_new(3, 0, NULL);
	atomic_int ran = 0, freed = 0;
	struct job *jobs[3];

	(void)state;
	for (int round = 1; round <= 2; round++) {
		int64_t until_ms = in_ms(10000);

		pthread_mutex_lock(&gate);
		for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
			jobs[i] = make(&ran, &freed, &gate);
			assert_true(workers_submit(w, jobs[i], 3));
		}
		while (workers_load(w).busy < ARRAY_LEN(jobs) ||
		    workers_load(w).queued)
			assert_true(in_ms(0) < until_ms);
		pthread_mutex_unlock(&gate);
		for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
			assert_true(job_finish(jobs[i], until_ms));
			job_unref(jobs[i]);
		}
		while (!workers_idle(w))
			assert_true(in_ms(0) < until_ms);
		assert_int_equal(ran, 3 * round);
	}
	workers_free(w);
	assert_int_equal(freed, 6);
}

/* Begun in its time, not before, whatever became of the one before it. */
static void
test_held_and_begun(void **state)
{
	struct workers *w = workers_new(1, 1, NULL);
	atomic_int ran = 0, freed = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct job *first = make(&ran, &freed, NULL),
			   *second = make(&ran, &freed, NULL);
		int64_t began_ms;

		assert_true(workers_submit(w, first, 3));
		assert_true(job_finish(first, in_ms(10000)));
		began_ms = in_ms(0);
		assert_true(workers_submit(w, second, 3));
		while (atomic_load(&ran) < 2 * (i + 1))
			assert_true(in_ms(0) < began_ms + 10000);
		assert_true(in_ms(0) >= began_ms + 3);
		job_unref(first);
		job_unref(second);
	}
	workers_free(w);
	assert_int_equal(ran, 6);
	assert_int_equal(freed, 6);
}

static void
test_never_started(void **state)
{
	atomic_int ran = 0, freed = 0;

	(void)state;
	job_unref(make(&ran, &freed, NULL));
	job_unref(NULL);
	workers_free(NULL);
	assert_int_equal(ran, 0);
	assert_int_equal(freed, 1);
}

int
main(void)
{
	UNIT_TEST(test_all_run_once);
	UNIT_TEST(test_overload);
	UNIT_TEST(test_no_queue);
	UNIT_TEST(test_given_up_in_the_queue);
	UNIT_TEST(test_done_in_the_queue);
	UNIT_TEST(test_held_for_its_owner);
	UNIT_TEST(test_due_together);
	UNIT_TEST(test_held_and_begun);
	UNIT_TEST(test_never_started);
	return unit_end();
}
