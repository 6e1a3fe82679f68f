/* SPDX-License-Identifier: BSD-2-Clause */
/* With a library of our own, which answers after a while. */
#define _DEFAULT_SOURCE /* struct timeval */
#include "dns/turns.h"

#include <stdatomic.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <unbound-event.h>

#include "base/clock.h"
#include "dns/events.h"
#include "unit.h"

#define HANG_MS 10000
#define FAR_MS 60000
#define THREADS 6
#define ROUNDS 80

static struct turns *turns;
static atomic_int nfreed, nworking;

struct question {
	struct asked asked;
	int after_ms;           /* negative: answered when it is asked */
	struct question *other; /* or NULL: answered as this one is asked */
	struct question *meanwhile;
	struct ub_event *timer;
	pthread_t answered_by;
	int takes_ms; /* to answer, in a turn */
	atomic_bool begun;
};

static void
pause_ms(int ms)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static void
answer(struct question *q)
{
	atomic_store(&q->begun, true);
	if (q->takes_ms)
		pause_ms(q->takes_ms);
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
	struct timeval after = {.tv_sec = q->after_ms / 1000,
	    .tv_usec = q->after_ms % 1000 * 1000};

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
make(int after_ms)
{
	struct question *q = calloc(1, sizeof(*q));

	assert_non_null(q);
	asked_init(&q->asked);
	q->after_ms = after_ms;
	return q;
}

static struct question *
put(int after_ms)
{
	struct question *q = make(after_ms);

	turns_put(turns, &q->asked);
	return q;
}

static struct question *
put_beside(struct question *other, int after_ms)
{
	struct question *q = make(after_ms);

	q->other = other;
	turns_put(turns, &q->asked);
	return q;
}

static bool
wait_for(struct question *q, int ms)
{
	return turns_wait(turns, &q->asked, clock_mono_ms(&clock_system) + ms);
}

/* Another answers it. */
static void
look_for(struct question *q)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + HANG_MS;

	while (!turns_wait(turns, &q->asked, 0)) {
		assert_true(clock_mono_ms(&clock_system) < until_ms);
		(void)sched_yield();
	}
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
	struct question *far, *first, *second;

	(void)state;
	begin(false);
	far = put(FAR_MS);
	assert_false(turns_wait(turns, &far->asked, 0));
	assert_false(wait_for(far, 1));
	first = put(20);
	second = put(5);
	assert_true(wait_for(first, HANG_MS));
	assert_true(pthread_equal(first->answered_by, pthread_self()));
	/* Its time came while another's was waited for. */
	assert_true(turns_wait(turns, &second->asked, 0));
	cancel(far);
	let_go(far);
	let_go(first);
	let_go(second);
	end(3);
}

static void
test_nobody_waits(void **state)
{
	struct question *q, *later;

	(void)state;
	begin(true);
	for (int i = 0; i < 3; i++) {
		q = put(1 + 2 * i);
		later = put(6);
		look_for(q);
		look_for(later);
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
	let_go(late);
	late = put(10);
	(void)wait_for(late, 2);
	let_go(late);
	late = put(30);
	assert_true(wait_for(late, HANG_MS));
	/* They came meanwhile, to nobody. */
	assert_int_equal(atomic_load(&nfreed), 2);
	assert_true(turns_drop(turns, &late->asked));
	end(3);
}

/* Never answered, or as the library ends: freed at the end. */
static void
test_unanswered(void **state)
{
	struct question *never, *late;

	(void)state;
	begin(true);
	never = put(FAR_MS);
	late = put(FAR_MS);
	assert_false(turns_drop(turns, &never->asked));
	assert_false(turns_drop(turns, &late->asked));
	turns_end(turns);
	cancel(never);
	cancel(late);
	answer(late);
	end(2);
}

/* They are for who can end something first. */
static void
test_signals_are_for_others(void **state)
{
	struct question *q;
	sigset_t set, before;
	int sig = 0;

	(void)state;
	begin(true);
	q = put(1);
	look_for(q);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(sigwait(&set, &sig), 0);
	assert_int_equal(sig, SIGTERM);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
	let_go(q);
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
	static const int after_ms[] = {5, FAR_MS, 20, FAR_MS, 40};
	pthread_t threads[ARRAY_LEN(w)];

	(void)state;
	begin(false);
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		w[i].q = put(after_ms[i]);
		assert_int_equal(
		    pthread_create(&threads[i], NULL, wait_there, &w[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(w); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		assert_int_equal(w[i].answered, w[i].ms == HANG_MS);
		if (!w[i].answered)
			cancel(w[i].q);
		let_go(w[i].q);
	}
	end(ARRAY_LEN(w));
}

/* One that leads, and most likely sleeps by now. */
static pthread_t
begin_to_wait(struct waiter *w)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wait_there, w), 0);
	pause_ms(5);
	return thread;
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
	w.q = put(FAR_MS);
	thread = begin_to_wait(&w);
	q = put_beside(w.q, -1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(w.answered);
	assert_true(clock_mono_ms(&clock_system) - began_ms < HANG_MS);
	let_go(q);
	let_go(w.q);
	end(2);
}

/* Who sleeps for all does not sleep past the time of a later question. */
static void
test_anothers_time(void **state)
{
	struct waiter w = {.ms = HANG_MS};
	struct question *q, *last;
	pthread_t thread;

	(void)state;
	begin(false);
	w.q = put(FAR_MS);
	thread = begin_to_wait(&w);
	q = put(5);
	look_for(q);
	last = put_beside(w.q, -1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	let_go(q);
	let_go(last);
	let_go(w.q);
	end(3);
}

/*
 * Our thread leads, and leaves it to who waits as soon as it has done anything;
 * unless the machine is so slow that it has done all by then.
 */
static void
test_thread_leaves_it_to_who_waits(void **state)
{
	bool taken = false;
	int n = 0;

	(void)state;
	begin(true);
	while (!taken && n < 40) {
		struct question *first, *second;

		first = put(6);
		pause_ms(4);
		second = put(5);
		assert_true(wait_for(second, HANG_MS));
		look_for(first);
		taken = pthread_equal(second->answered_by, pthread_self()) &&
		    !pthread_equal(first->answered_by, pthread_self());
		let_go(first);
		let_go(second);
		n += 2;
	}
	assert_true(taken);
	end(n);
}

/* Puts one while the other's answer is being made. */
static void
put_during(struct question *q)
{
	while (!atomic_load(&q->begun))
		(void)sched_yield();
	q->meanwhile = put(-1);
}

static void *
put_during_there(void *arg)
{
	put_during(arg);
	return NULL;
}

static void *
ask_there(void *arg)
{
	struct question *q = arg;

	turns_put(turns, &q->asked);
	return NULL;
}

/* Who has the turn asks, before it leaves, what was put meanwhile. */
static void
test_put_during_a_turn(void **state)
{
	struct question *q = make(2);
	pthread_t thread;

	(void)state;
	begin(false);
	q->takes_ms = 5;
	turns_put(turns, &q->asked);
	assert_int_equal(
	    pthread_create(&thread, NULL, put_during_there, q), 0);
	assert_true(wait_for(q, HANG_MS));
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(turns_wait(turns, &q->meanwhile->asked, 0));
	let_go(q->meanwhile);
	let_go(q);
	end(2);
}

/* Who comes to lead, and finds its answer as it asks, leads no longer. */
static void
test_answered_as_it_comes_to_lead(void **state)
{
	struct question *q = make(-1), *later;
	pthread_t thread;

	(void)state;
	begin(false);
	q->takes_ms = 5;
	assert_int_equal(pthread_create(&thread, NULL, ask_there, q), 0);
	put_during(q);
	assert_true(wait_for(q->meanwhile, HANG_MS));
	assert_int_equal(pthread_join(thread, NULL), 0);
	later = put(1);
	assert_true(wait_for(later, HANG_MS));
	assert_true(pthread_equal(later->answered_by, pthread_self()));
	let_go(q->meanwhile);
	let_go(q);
	let_go(later);
	end(3);
}

static long
switches(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_nvcsw;
}

/* Neither who waits nor our thread looks again and again. */
static void
test_sleep(void **state)
{
	int64_t until_ms;
	struct question *q;
	long before;

	(void)state;
	begin(true);
	q = put(FAR_MS);
	before = switches();
	until_ms = clock_mono_ms(&clock_system) + 50;
	assert_false(turns_wait(turns, &q->asked, until_ms));
	assert_in_range(
	    clock_mono_ms(&clock_system), until_ms, until_ms + HANG_MS / 2);
	assert_in_range(switches() - before, 0, 12);
	before = switches();
	pause_ms(50);
	assert_in_range(switches() - before, 0, 12);
	let_go(q);
	turns_end(turns);
	cancel(q);
	end(1);
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
	UNIT_TEST(test_signals_are_for_others);
	UNIT_TEST(test_work_is_passed_on);
	UNIT_TEST(test_answered_in_anothers_turn);
	UNIT_TEST(test_anothers_time);
	UNIT_TEST(test_thread_leaves_it_to_who_waits);
	UNIT_TEST(test_put_during_a_turn);
	UNIT_TEST(test_answered_as_it_comes_to_lead);
	UNIT_TEST(test_sleep);
	UNIT_TEST(test_crowd);
	return unit_end();
}
