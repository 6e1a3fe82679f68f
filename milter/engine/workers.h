/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bounded pool of threads for what blocks (libspf2 is synchronous): a job
 * is started when its input is known and waited for when its result is
 * needed. A job is shared between the message, which may go away, and the
 * pool; the last of the two frees it, so nothing of it may point into the
 * message.
 */
#ifndef ASSAY_ENGINE_WORKERS_H
#define ASSAY_ENGINE_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct workers;

enum job_state {
	JOB_NEW,
	JOB_QUEUED,
	JOB_RUNNING,
	JOB_DONE,
};

/* The first member of the caller's own struct. */
struct job {
	void (*run)(struct job *);  /* on a pool thread, or by job_finish */
	void (*free)(struct job *); /* when nobody refers to it any more */
	/* For run: when the one who waits gives up; INT64_MAX: nobody does. */
	int64_t until_ms;
	/* Private: */
	pthread_mutex_t lock;
	pthread_cond_t done;
	enum job_state state;
	unsigned refs;
	int64_t due_ms;
	struct job *next;
};

/* One reference, the caller's. */
void job_init(
    struct job *, void (*run)(struct job *), void (*free)(struct job *));
/* It has run already, before anybody else knew of it. */
void job_settle(struct job *);
/* Gives up the caller's reference. NULL is fine. */
void job_unref(struct job *);

/*
 * nthreads at most, made when first needed; nqueue jobs may wait for one
 * when all are busy.
 * NULL, and err says why, when out of memory.
 */
MUST_CHECK struct workers *workers_new(
    size_t nthreads, size_t nqueue, struct err *);
/* Waits for running jobs; queued ones do not run. NULL is fine. */
void workers_free(struct workers *);

/*
 * Queues the job for a thread to take after after_ms, the same for all jobs of
 * a pool: until then its owner may finish it without any thread being woken.
 * False, and nothing happens, when the queue is full. A job that its owner has
 * given up before a thread takes it does not run.
 */
MUST_CHECK bool workers_submit(
    struct workers *, struct job *, int64_t after_ms);
/* True when no thread is at work: workers_free then does not wait. */
bool workers_idle(struct workers *);
/* Now: read without a lock, so each by itself. */
struct workers_load {
	size_t queued, busy, threads, max_threads, max_queued;
};
struct workers_load workers_load(const struct workers *);
/* How often workers_submit said no. */
uint64_t workers_refused(const struct workers *);
/* True at most once a minute: for telling of an overload. */
bool workers_may_tell(struct workers *, int64_t now_ms);

/*
 * Waits until the job has run or the monotonic clock shows deadline_ms. A
 * job that no thread has taken runs here and now with until_ms = deadline_ms,
 * so that a full pool delays nobody but the one who asks. False at the
 * deadline: it goes on without us.
 */
MUST_CHECK bool job_finish(struct job *, int64_t deadline_ms);

#endif
