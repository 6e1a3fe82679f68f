/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library's work, shared; see turns.h. Who has the turn calls the library,
 * without the lock. Who leads waits for descriptors and times, and has a turn
 * whenever one is ready. Nobody waits for the turn but the leader: what is
 * asked while another has it, that one asks.
 */
#include "dns/turns.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cond.h"
#include "base/slice.h"
#include "dns/events.h"

/* So long our thread leaves it to those who may come to wait. */
#define HESITATION_MS 2

struct turns {
	const struct turns_ops *ops;
	struct events *events;
	pthread_t thread;
	bool started;         /* the thread */
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t idle;  /* for the leader: nobody is at work */
	pthread_cond_t call;  /* for the thread: nobody leads */
	bool working;         /* somebody has the turn */
	bool wanted;          /* the leader waits for it */
	bool leading;         /* somebody leads */
	bool busy;            /* the library has something to wait for */
	bool asleep;          /* the thread, until it is called */
	bool ending;
	const struct asked *own; /* or NULL: the leader waits for its answer */
	unsigned led;            /* how often somebody has led */
	struct asked *pending;   /* without an answer */
	struct asked *answered;  /* in this turn */
	struct asked *first, **last; /* of pending: still to be asked */
	struct asked *waiting;       /* whose threads wait, without answer */
};

/* --- signals -------------------------------------------------------------- */

/*
 * A thread made from here on takes none of the signals that end a program:
 * those are for who can end something first.
 */
static void
signals_block(sigset_t *before)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		(void)sigaddset(&set, ends[i]);
	(void)pthread_sigmask(SIG_BLOCK, &set, before);
}

static void
signals_restore(const sigset_t *before)
{
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* --- time ----------------------------------------------------------------- */

static int64_t
now_ms(void)
{
	return clock_mono_ms(&clock_system);
}

static bool
is_past(int64_t deadline_ms)
{
	return deadline_ms <= 0 ||
	    (deadline_ms != INT64_MAX && now_ms() >= deadline_ms);
}

/* --- lookups, all with the lock held ---------------------------------------- */

static void
asked_free(struct turns *t, struct asked *a)
{
	(void)pthread_cond_destroy(&a->answered);
	t->ops->free(a);
}

static void
pending_add(struct turns *t, struct asked *a)
{
	a->next = t->pending;
	a->link = &t->pending;
	if (a->next)
		a->next->link = &a->next;
	t->pending = a;
	*t->last = a;
	t->last = &a->next_to_ask;
}

static void
pending_drop(struct asked *a)
{
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
}

static void
waiting_add(struct turns *t, struct asked *a)
{
	a->next_waiting = t->waiting;
	a->link_waiting = &t->waiting;
	if (a->next_waiting)
		a->next_waiting->link_waiting = &a->next_waiting;
	t->waiting = a;
	a->waits = true;
}

static void
waiting_drop(struct asked *a)
{
	if (!a->waits)
		return;
	*a->link_waiting = a->next_waiting;
	if (a->next_waiting)
		a->next_waiting->link_waiting = a->link_waiting;
	a->waits = false;
}

/* --- turns, with the lock held, which they give away meanwhile ---------------- */

/*
 * Wakes who waits for what the turn has answered, after the turn: what is asked
 * meanwhile is another's. Woken with the lock held, they would wait again, for
 * it.
 */
static void
tell(struct turns *t)
{
	struct asked *answered = t->answered, *a;

	if (!answered)
		return;
	t->answered = NULL;
	(void)pthread_mutex_unlock(&t->lock);
	for (a = answered; a; a = a->next)
		(void)pthread_cond_signal(&a->answered);
	(void)pthread_mutex_lock(&t->lock);
	while (answered) {
		a = answered;
		answered = a->next;
		a->told = true;
		if (a->abandoned)
			asked_free(t, a);
	}
}

/* With the turn. Another thread leaves the rest to the leader, who wants it. */
static void
ask_all(struct turns *t, bool leader)
{
	while (t->first && (leader || !t->wanted)) {
		struct asked *a = t->first;

		t->first = a->next_to_ask;
		if (!t->first)
			t->last = &t->first;
		(void)pthread_mutex_unlock(&t->lock);
		t->ops->ask(a);
		(void)pthread_mutex_lock(&t->lock);
	}
}

static void
turn_end(struct turns *t)
{
	t->busy = events_busy(t->events);
	t->working = false;
	if (t->wanted)
		(void)pthread_cond_signal(&t->idle);
	tell(t);
}

/* Asks, unless somebody is there who will. */
static void
help(struct turns *t)
{
	if (t->working || t->wanted)
		return;
	t->working = true;
	ask_all(t, false);
	/* The library may give up one question as it takes another. */
	if (t->own && t->own->done)
		events_wake(t->events);
	else if (t->leading)
		events_settle(t->events);
	turn_end(t);
}

static void
leader_turn(struct turns *t)
{
	t->wanted = true;
	while (t->working)
		(void)pthread_cond_wait(&t->idle, &t->lock);
	t->wanted = false;
	t->working = true;
}

/* --- leading ------------------------------------------------------------------ */

static int
sooner(int timeout_ms, int64_t deadline_ms)
{
	int64_t ms;

	if (deadline_ms == INT64_MAX)
		return timeout_ms;
	ms = deadline_ms - now_ms();
	if (ms < 0)
		return 0;
	if (ms > INT_MAX)
		ms = INT_MAX;
	return timeout_ms < 0 || ms < timeout_ms ? (int)ms : timeout_ms;
}

/*
 * Waits for something to do, until the deadline at most, and does it. Not when
 * its own answer (of own, unless NULL) is there before it waits.
 */
static void
lead(struct turns *t, const struct asked *own, int64_t deadline_ms)
{
	int timeout_ms;

	t->leading = true;
	t->own = own;
	t->led++;
	leader_turn(t);
	ask_all(t, true);
	timeout_ms = events_plan(t->events);
	turn_end(t);
	if (own && own->done)
		goto out;
	(void)pthread_mutex_unlock(&t->lock);
	events_wait(t->events, sooner(timeout_ms, deadline_ms));
	(void)pthread_mutex_lock(&t->lock);
	leader_turn(t);
	(void)pthread_mutex_unlock(&t->lock);
	events_run(t->events);
	(void)pthread_mutex_lock(&t->lock);
	ask_all(t, true);
	turn_end(t);
out:
	t->leading = false;
	t->own = NULL;
}

/* Has somebody else lead, if there is anything to wait for. */
static void
pass_on(struct turns *t)
{
	if (t->leading)
		return;
	if (t->waiting)
		(void)pthread_cond_signal(&t->waiting->answered);
	else if (t->asleep && (t->busy || t->first || t->ending)) {
		t->asleep = false;
		(void)pthread_cond_signal(&t->call);
	}
}

/* Steps in where there is something to wait for and nobody who does. */
static void *
stand_by(void *arg)
{
	struct turns *t = arg;

	(void)pthread_mutex_lock(&t->lock);
	while (!t->ending) {
		unsigned led = t->led;

		if (t->leading || t->waiting || !(t->busy || t->first)) {
			t->asleep = true;
			(void)pthread_cond_wait(&t->call, &t->lock);
			t->asleep = false;
			continue;
		}
		(void)cond_wait_until(
		    &t->call, &t->lock, now_ms() + HESITATION_MS);
		if (t->led != led)
			continue;
		while (!t->ending && !t->waiting && t->busy)
			lead(t, NULL, INT64_MAX);
		pass_on(t);
	}
	(void)pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* --- what others call ----------------------------------------------------------- */

struct events *
turns_events(struct turns *t)
{
	return t->events;
}

void
asked_init(struct asked *a)
{
	*a = (struct asked){.done = false};
	cond_init(&a->answered);
}

void
turns_put(struct turns *t, struct asked *a)
{
	(void)pthread_mutex_lock(&t->lock);
	pending_add(t, a);
	help(t);
	pass_on(t);
	(void)pthread_mutex_unlock(&t->lock);
}

void
turns_answer(struct turns *t, struct asked *a)
{
	(void)pthread_mutex_lock(&t->lock);
	pending_drop(a);
	waiting_drop(a);
	a->done = true;
	a->next = t->answered;
	t->answered = a;
	(void)pthread_mutex_unlock(&t->lock);
}

bool
turns_wait(struct turns *t, struct asked *a, int64_t deadline_ms)
{
	bool done;

	(void)pthread_mutex_lock(&t->lock);
	/* Who only looks makes no system call. */
	if (!a->done && !is_past(deadline_ms)) {
		waiting_add(t, a);
		do {
			if (t->leading)
				(void)cond_wait_until(
				    &a->answered, &t->lock, deadline_ms);
			else
				lead(t, a, deadline_ms);
		} while (!a->done && !is_past(deadline_ms));
		waiting_drop(a);
		pass_on(t);
	}
	done = a->done;
	(void)pthread_mutex_unlock(&t->lock);
	return done;
}

bool
turns_drop(struct turns *t, struct asked *a)
{
	bool done, told;

	(void)pthread_mutex_lock(&t->lock);
	done = a->done;
	told = a->told;
	a->abandoned = true;
	(void)pthread_mutex_unlock(&t->lock);
	/* If not, who is about to tell frees it. */
	if (told)
		asked_free(t, a);
	return done;
}

/* --- life ----------------------------------------------------------------------- */

struct turns *
turns_new(const struct turns_ops *ops, struct err *err)
{
	struct turns *t = calloc(1, sizeof(*t));

	if (!t) {
		(void)err_no_mem(err);
		return NULL;
	}
	t->ops = ops;
	t->last = &t->first;
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)pthread_cond_init(&t->idle, NULL);
	cond_init(&t->call);
	t->events = events_new(err);
	if (t->events)
		return t;
	turns_free(t);
	return NULL;
}

int
turns_start(struct turns *t, struct err *err)
{
	sigset_t before;
	int e;

	signals_block(&before);
	e = pthread_create(&t->thread, NULL, stand_by, t);
	signals_restore(&before);
	t->started = e == 0;
	if (t->started)
		return 0;
	errno = e;
	return err_errno(err, "DNS thread");
}

void
turns_end(struct turns *t)
{
	if (!t->started)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->ending = true;
	(void)pthread_cond_signal(&t->call);
	(void)pthread_mutex_unlock(&t->lock);
	events_wake(t->events);
	(void)pthread_join(t->thread, NULL);
	t->started = false;
}

void
turns_free(struct turns *t)
{
	if (!t)
		return;
	/* The library has answered what nobody waits for any longer. */
	(void)pthread_mutex_lock(&t->lock);
	tell(t);
	(void)pthread_mutex_unlock(&t->lock);
	events_free(t->events);
	while (t->pending) {
		struct asked *a = t->pending;

		pending_drop(a);
		asked_free(t, a);
	}
	(void)pthread_cond_destroy(&t->call);
	(void)pthread_cond_destroy(&t->idle);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}
