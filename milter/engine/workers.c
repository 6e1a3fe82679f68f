/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of threads. See workers.h. */
#include "engine/workers.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/cond.h"

/* libspf2 recurses up to 20 times over buffers of 4 kB; sanitizers want more. */
#define STACK_OCTETS (1u << 20)
#define TELL_PERIOD_MS 60000

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job *first, **last;
	/* Changed under the lock, also read without it. */
	atomic_size_t nqueued, nthreads, nidle;
	size_t max_queued, max_threads;
	bool watched; /* an idle thread waits until the first is due */
	bool stop;
	atomic_uint_fast64_t refused;
	atomic_int_fast64_t told_ms;
	pthread_t threads[];
};

/* --- jobs ------------------------------------------------------------------ */

void
job_init(struct job *j, void (*run)(struct job *), void (*free_)(struct job *))
{
	j->run = run;
	j->free = free_;
	j->until_ms = INT64_MAX;
	j->state = JOB_NEW;
	j->refs = 1;
	j->next = NULL;
	(void)pthread_mutex_init(&j->lock, NULL);
	cond_init(&j->done);
}

void
job_settle(struct job *j)
{
	j->state = JOB_DONE;
}

void
job_unref(struct job *j)
{
	unsigned refs;

	if (!j)
		return;
	(void)pthread_mutex_lock(&j->lock);
	refs = --j->refs;
	(void)pthread_mutex_unlock(&j->lock);
	if (refs)
		return;
	(void)pthread_cond_destroy(&j->done);
	(void)pthread_mutex_destroy(&j->lock);
	j->free(j);
}

/* Is there anything left to do, for anybody but the pool? */
static bool
job_wanted(struct job *j)
{
	bool wanted;

	(void)pthread_mutex_lock(&j->lock);
	wanted = j->refs > 1 && j->state == JOB_QUEUED;
	(void)pthread_mutex_unlock(&j->lock);
	return wanted;
}

/* Takes the job for this thread; false when another has it or had it. */
static bool
job_claim(struct job *j)
{
	bool mine;

	(void)pthread_mutex_lock(&j->lock);
	mine = j->state == JOB_NEW || j->state == JOB_QUEUED;
	if (mine)
		j->state = JOB_RUNNING;
	(void)pthread_mutex_unlock(&j->lock);
	return mine;
}

static void
job_run(struct job *j)
{
	j->run(j);
	(void)pthread_mutex_lock(&j->lock);
	j->state = JOB_DONE;
	(void)pthread_mutex_unlock(&j->lock);
	/* Woken with the lock held, who waits would wait again, for it. */
	(void)pthread_cond_broadcast(&j->done);
}

bool
job_finish(struct job *j, int64_t deadline_ms)
{
	bool done;

	if (job_claim(j)) {
		j->until_ms = deadline_ms;
		job_run(j);
	}
	(void)pthread_mutex_lock(&j->lock);
	while (j->state != JOB_DONE)
		if (!cond_wait_until(&j->done, &j->lock, deadline_ms))
			break;
	done = j->state == JOB_DONE;
	(void)pthread_mutex_unlock(&j->lock);
	return done;
}

/* --- the pool --------------------------------------------------------------- */

static int64_t
now_ms(void)
{
	return clock_mono_ms(&clock_system);
}

/* All that follows: with the pool's lock held. */

static struct job *
take(struct workers *w, struct job **link)
{
	struct job *j = *link;

	*link = j->next;
	if (!*link)
		w->last = link;
	w->nqueued--;
	return j;
}

/* Jobs that others have run meanwhile, or given up, wherever they stand. */
static void
drop_unwanted(struct workers *w)
{
	struct job **link = &w->first;

	while (*link)
		if (job_wanted(*link))
			link = &(*link)->next;
		else
			job_unref(take(w, link));
}

static void
wait_until(struct workers *w, int64_t due_ms)
{
	w->watched = true;
	(void)cond_wait_until(&w->work, &w->lock, due_ms);
	w->watched = false;
}

/* NULL: told to stop. */
static struct job *
next_job(struct workers *w)
{
	while (!w->stop) {
		drop_unwanted(w);
		if (w->first && w->first->due_ms <= now_ms())
			break;
		if (w->first && !w->watched)
			wait_until(w, w->first->due_ms);
		else
			(void)pthread_cond_wait(&w->work, &w->lock);
	}
	if (w->stop)
		return NULL;
	w->nidle--;
	return take(w, &w->first);
}

static void *worker(void *);

/* Somebody must look after the queue. Without a thread it waits longer. */
static void
see_to_queue(struct workers *w)
{
	pthread_attr_t attr;

	if (!w->first || w->watched)
		return;
	if (w->nidle) {
		(void)pthread_cond_signal(&w->work);
		return;
	}
	if (w->nthreads == w->max_threads)
		return;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_OCTETS);
	/* It is idle until it takes a job, even before it runs. */
	if (pthread_create(&w->threads[w->nthreads], &attr, worker, w) == 0) {
		w->nthreads++;
		w->nidle++;
	}
	(void)pthread_attr_destroy(&attr);
}

static void *
worker(void *arg)
{
	struct workers *w = arg;
	struct job *j;

	(void)pthread_mutex_lock(&w->lock);
	while ((j = next_job(w))) {
		see_to_queue(w);
		(void)pthread_mutex_unlock(&w->lock);
		if (job_claim(j))
			job_run(j);
		job_unref(j);
		(void)pthread_mutex_lock(&w->lock);
		w->nidle++;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct workers *
workers_new(size_t nthreads, size_t nqueue, struct err *err)
{
	struct workers *w =
	    calloc(1, sizeof(*w) + nthreads * sizeof(w->threads[0]));

	if (!w) {
		(void)err_no_mem(err);
		return NULL;
	}
	w->max_threads = nthreads;
	w->max_queued = nqueue;
	w->last = &w->first;
	atomic_init(&w->refused, 0);
	atomic_init(&w->told_ms, -TELL_PERIOD_MS);
	(void)pthread_mutex_init(&w->lock, NULL);
	cond_init(&w->work);
	return w;
}

void
workers_free(struct workers *w)
{
	if (!w)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_broadcast(&w->work);
	(void)pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < w->nthreads; i++)
		(void)pthread_join(w->threads[i], NULL);
	while (w->first) {
		struct job *j = w->first;

		w->first = j->next;
		job_unref(j);
	}
	(void)pthread_cond_destroy(&w->work);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

bool
workers_submit(struct workers *w, struct job *j, int64_t after_ms)
{
	size_t free_threads;
	bool room;

	(void)pthread_mutex_lock(&w->lock);
	if (w->nqueued >= w->max_queued)
		drop_unwanted(w);
	free_threads = w->nidle + (w->max_threads - w->nthreads);
	room = w->nqueued < w->max_queued + free_threads && !w->stop;
	if (room) {
		(void)pthread_mutex_lock(&j->lock);
		j->state = JOB_QUEUED;
		j->refs++;
		(void)pthread_mutex_unlock(&j->lock);
		j->next = NULL;
		j->due_ms = now_ms() + after_ms;
		*w->last = j;
		w->last = &j->next;
		w->nqueued++;
		see_to_queue(w);
	}
	(void)pthread_mutex_unlock(&w->lock);
	if (!room)
		atomic_fetch_add(&w->refused, 1);
	return room;
}

bool
workers_idle(struct workers *w)
{
	bool idle;

	(void)pthread_mutex_lock(&w->lock);
	idle = w->nidle == w->nthreads;
	(void)pthread_mutex_unlock(&w->lock);
	return idle;
}

struct workers_load
workers_load(const struct workers *w)
{
	struct workers_load l = {.queued = atomic_load(&w->nqueued),
	    .threads = atomic_load(&w->nthreads),
	    .max_threads = w->max_threads,
	    .max_queued = w->max_queued};
	size_t idle = atomic_load(&w->nidle);

	l.busy = l.threads > idle ? l.threads - idle : 0;
	return l;
}

uint64_t
workers_refused(const struct workers *w)
{
	return atomic_load(&w->refused);
}

bool
workers_may_tell(struct workers *w, int64_t now_ms)
{
	int_fast64_t told = atomic_load(&w->told_ms);

	return now_ms - told >= TELL_PERIOD_MS &&
	    atomic_compare_exchange_strong(&w->told_ms, &told, now_ms);
}
