/* SPDX-License-Identifier: BSD-2-Clause */
/* With a library of our own, which answers after a while. */
#define _DEFAULT_SOURCE /* struct timeval */
#include "dns/turns.h"

#include <stdatomic.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include <unbound-event.h>

#include "base/clock.h"
#include "dns/events.h"
#include "unit.h"

#define HANG_MS 10000
#define THREADS 6
#define ROUNDS 200

static struct turns *turns;
static atomic_int nfreed, nworking;

struct question {
	struct asked asked;
	int after_ms;           /* negative: answered when it is asked */
	struct question *other; /* or NULL: answered as this one is asked */
	struct ub_event *timer;
	pthread_t answered_by;
};

static void
answer(struct question *q)
{
	q->answered_by = pthread_self();
	turns_answer(turns, &q->asked);
}

/* One thread at a time calls a library or is called by it. */
static void
alone(void)
{
	if (atomic_fetch_add(&nworking, 1))
		fail_msg("two at work");
}

static void
not_alone(void)
{
	(void)atomic_fetch_sub(&nworking, 1);
}

static void
cancel(struct question *q)
{
	q->timer->vmt->free(q->timer);
}

static void
on_time(int fd, short bits, void *arg)
{
	struct question *q = arg;

	(void)fd, (void)bits;
	alone();
	cancel(q);
	answer(q);
	not_alone();
}

static void
ask(struct asked *asked)
{
	struct question *q = (struct question *)asked;
	struct ub_event_base *base = events_base(turns_events(turns));
	struct timeval after = {.tv_usec = q->after_ms * 1000};

	alone();
	if (q->other) {
		cancel(q->other);
		answer(q->other);
	}
	if (q->after_ms < 0) {
		answer(q);
	} else {
		q->timer =
		    base->vmt->new_event(base, -1, UB_EV_TIMEOUT, on_time, q);
		assert_non_null(q->timer);
		assert_int_equal(q->timer->vmt->add(q->timer, &after), 0);
	}
	not_alone();
}

static void
count_free(struct asked *asked)
{
	(void)atomic_fetch_add(&nfreed, 1);
	free(asked);
}

static const struct turns_ops ops = {ask, count_free};

static void
begin(bool thread)
{
	struct err err = ERR_INIT;

	atomic_store(&nfreed, 0);
	turns = turns_new(&ops, &err);
	if (!turns || (thread && turns_start(turns, &err)))
		fail_msg("%s", err.text);
}

static void
end(int want_freed)
{
	turns_end(turns);
	turns_free(turns);
	assert_int_equal(atomic_load(&nfreed), want_freed);
}

static struct question *
put_beside(struct question *other, int after_ms)
{
	struct question *q = calloc(1, sizeof(*q));

	assert_non_null(q);
	asked_init(&q->asked);
	q->after_ms = after_ms;
	q->other = other;
	turns_put(turns, &q->asked);
	return q;
}

static struct question *
put(int after_ms)
{
	return put_beside(NULL, after_ms);
}

static bool
wait_for(struct question *q, int ms)
{
	return turns_wait(turns, &q->asked, clock_mono_ms(&clock_system) + ms);
}

static void
let_go(struct question *q)
{
	(void)turns_drop(turns, &q->asked);
}

/* --- rows ------------------------------------------------------------------- */

static void
test_asker_is_answered_at_once(void **state)
{
	struct question *q;

	(void)state;
	begin(false);
	q = put(-1);
	assert_true(turns_wait(turns, &q->asked, 0));
	assert_true(pthread_equal(q->answered_by, pthread_self()));
	let_go(q);
	end(1);
}

/* Nobody else is there at all. */
static void
test_who_waits_does_the_work(void **state)
{
	struct question *first, *second;

	(void)state;
	begin(false);
	first = put(20);
	second = put(5);
	assert_false(turns_wait(turns, &first->asked, 0));
	assert_false(wait_for(first, 1));
	assert_true(wait_for(first, HANG_MS));
	assert_true(pthread_equal(first->answered_by, pthread_self()));
	/* Its time came while another's was waited for. */
	assert_true(turns_wait(turns, &second->asked, 0));
	let_go(first);
	let_go(second);
	end(2);
}

static void
test_nobody_waits(void **state)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + HANG_MS;
	struct question *q, *later;

	(void)state;
	begin(true);
	for (int i = 0; i < 3; i++) {
		q = put(1 + 2 * i);
		later = put(6);
		while (!turns_wait(turns, &q->asked, 0) ||
		    !turns_wait(turns, &later->asked, 0)) {
			assert_true(clock_mono_ms(&clock_system) < until_ms);
			(void)sched_yield();
		}
		assert_false(
		    pthread_equal(later->answered_by, pthread_self()));
		let_go(q);
		let_go(later);
	}
	end(6);
}

static void
test_given_up(void **state)
{
	struct question *late;

	(void)state;
	begin(true);
	late = put(5);
	assert_false(turns_drop(turns, &late->asked));
	late = put(10);
	assert_false(wait_for(late, 2));
	assert_false(turns_drop(turns, &late->asked));
	late = put(30);
	assert_true(wait_for(late, HANG_MS));
	/* They came meanwhile, to nobody. */
	assert_int_equal(atomic_load(&nfreed), 2);
	assert_true(turns_drop(turns, &late->asked));
	end(3);
}

/* Never answered: freed at the end, whoever has let go. */
static void
test_unanswered(void **state)
{
	struct question *q;

	(void)state;
	begin(false);
	q = put(60000);
	cancel(q);
	assert_false(turns_drop(turns, &q->asked));
	end(1);
}

/* --- several threads ----------------------------------------------------------- */

struct waiter {
	struct question *q;
	int ms;
	bool answered;
};

static void *
wait_there(void *arg)
{
	struct waiter *w = arg;

	w->answered = wait_for(w->q, w->ms);
	return NULL;
}

/*
 * Who leaves, answered or not, leaves the work to one who still waits: no
 * thread of ours is there to help.
 */
static void
test_work_is_passed_on(void **state)
{
	struct waiter w[] = {{.ms = HANG_MS}, {.ms = 10}, {.ms = HANG_MS},
	    {.ms = 1}, {.ms = HANG_MS}};
	static const int after_ms[] = {5, 60000, 20, 60000, 40};
	pthread_t threads[ARRAY_LEN(w)];

	(void)state;
	begin(false);
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		w[i].q = put(after_ms[i]);
		assert_int_equal(
		    pthread_create(&threads[i], NULL, wait_there, &w[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].answered, w[i].ms == HANG_MS);
		if (!w[i].answered)
			cancel(w[i].q);
		let_go(w[i].q);
	}
	end(ARRAY_LEN(w));
}

/* Who sleeps for all is told when another's turn has its own answer. */
static void
test_answered_in_anothers_turn(void **state)
{
	struct waiter w = {.ms = HANG_MS};
	int64_t began_ms = clock_mono_ms(&clock_system);
	struct question *q;
	pthread_t thread;

	(void)state;
	begin(false);
	w.q = put(60000);
	assert_int_equal(pthread_create(&thread, NULL, wait_there, &w), 0);
	/* Most likely it sleeps by then. */
	(void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	q = put_beside(w.q, -1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(w.answered);
	assert_true(clock_mono_ms(&clock_system) - began_ms < HANG_MS);
	let_go(q);
	let_go(w.q);
	end(2);
}

/* All begin to wait, and leave, at any moment. */
static void *
ask_much(void *arg)
{
	unsigned *n = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct question *q[3];

		for (size_t k = 0; k < ARRAY_LEN(q); k++)
			q[k] = put((int)(++*n % 5) - 2);
		if (*n % 7 < 3 && !wait_for(q[0], HANG_MS))
			fail_msg("unanswered");
		let_go(q[0]);
		(void)wait_for(q[1], (int)(*n % 3));
		let_go(q[1]);
		if (!wait_for(q[2], HANG_MS))
			fail_msg("unanswered");
		let_go(q[2]);
	}
	return NULL;
}

static void
test_crowd(void **state)
{
	pthread_t threads[THREADS];
	unsigned seeds[THREADS];
	struct question *last;

	(void)state;
	begin(true);
	for (unsigned i = 0; i < THREADS; i++) {
		seeds[i] = i;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_much, &seeds[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	/* What was given up last comes in its time. */
	last = put(20);
	assert_true(wait_for(last, HANG_MS));
	let_go(last);
	end(THREADS * ROUNDS * 3 + 1);
}

int
main(void)
{
	UNIT_TEST(test_asker_is_answered_at_once);
	UNIT_TEST(test_who_waits_does_the_work);
	UNIT_TEST(test_nobody_waits);
	UNIT_TEST(test_given_up);
	UNIT_TEST(test_unanswered);
	UNIT_TEST(test_work_is_passed_on);
	UNIT_TEST(test_answered_in_anothers_turn);
	UNIT_TEST(test_crowd);
	return unit_end();
}
