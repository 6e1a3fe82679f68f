/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queue and the thread behind it. Two buffers: mail fills one while the
 * thread writes the other, so that nobody holds the lock longer than it takes
 * to copy a record. They are made once and never grow. The thread lets some
 * records gather before it writes, or it would run once for each.
 *
 * What can't be written stays in its buffer and is tried again each second;
 * records are dropped when the other buffer is full, too.
 */
#include "journal/journal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cond.h"
#include "journal/file.h"
#include "journal/frame.h"
#include "mail/limits.h"

#define TICK_MS 1000
#define GATHER_MS 10
#define GATHER_MAX (LIMIT_JOURNAL_QUEUE / 2)
/* So many ticks without a drop, and trouble that dropped some is over. */
#define CALM_TICKS 2
#define MEGABYTE 1000000u

struct queue {
	char *octets;
	size_t len;
	uint64_t records;
};

struct journal {
	const struct clock *clock;
	struct log *log;
	char *dir;
	int64_t tick_ms;
	struct journal_file file; /* of the thread alone, as is out */
	struct queue out;
	size_t out_done;              /* octets of it that are written */
	atomic_uint_fast64_t written; /* records */
	atomic_uint_fast64_t begun, removed; /* files */
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake, drained;
	struct queue in;
	bool stop, last_try;
	unsigned flushing;            /* who waits for all to be written */
	struct journal_bounds bounds; /* that are wanted */
	bool idle;                    /* both queues are empty */
	bool trouble;                 /* and the log was told of it */
	uint64_t put, dropped;
	uint64_t dropped_before; /* before this trouble */
	int64_t dropped_ms;      /* when last */
};

/* --- what the log is told ----------------------------------------------------------- */

static void
tell_begin(struct journal *j, const char *why)
{
	log_event(j->log, LOG_LEVEL_ERROR, "journal_stopped", "why", why,
	    "dir", j->dir, NULL);
}

/* Takes the lock; true when this is the beginning. */
static bool
trouble_begins(struct journal *j)
{
	bool first;

	(void)pthread_mutex_lock(&j->lock);
	first = !j->trouble;
	j->trouble = true;
	(void)pthread_mutex_unlock(&j->lock);
	return first;
}

/* Something was written: is it over? Takes the lock. */
static void
trouble_may_end(struct journal *j)
{
	int64_t now_ms = clock_mono_ms(j->clock);
	uint64_t n = 0;
	struct event e;
	bool over;

	(void)pthread_mutex_lock(&j->lock);
	over = j->trouble &&
	    (j->dropped == j->dropped_before || j->stop ||
		now_ms - j->dropped_ms >= CALM_TICKS * j->tick_ms);
	if (over) {
		n = j->dropped - j->dropped_before;
		j->dropped_before = j->dropped;
		j->trouble = false;
	}
	(void)pthread_mutex_unlock(&j->lock);
	if (!over)
		return;
	event_begin(
	    &e, j->log, LOG_LEVEL_WARNING, "journal_resumed", SLICE_EMPTY);
	event_num(&e, "dropped", (int64_t)n);
	event_end(&e);
}

static void
tell_torn(struct journal *j)
{
	struct journal_file *f = &j->file;
	char name[JOURNAL_NAME_MAX];
	struct event e;

	if (!f->torn_octets)
		return;
	event_begin(
	    &e, j->log, LOG_LEVEL_WARNING, "journal_torn", SLICE_EMPTY);
	event_z(&e, "file", journal_file_name(f->number, name));
	event_num(&e, "octets", (int64_t)f->torn_octets);
	event_end(&e);
	f->torn_octets = 0;
}

/* At the end: what could not be written is lost. */
static void
tell_lost(struct journal *j)
{
	struct event e;
	bool trouble;
	uint64_t n;

	(void)pthread_mutex_lock(&j->lock);
	trouble = j->trouble;
	n = j->out.records + j->in.records + j->dropped - j->dropped_before;
	(void)pthread_mutex_unlock(&j->lock);
	if (!trouble)
		return;
	event_begin(
	    &e, j->log, LOG_LEVEL_ERROR, "journal_resumed", SLICE_EMPTY);
	event_num(&e, "dropped", (int64_t)n);
	event_z(&e, "at", "the end of the process");
	event_end(&e);
}

/* --- the thread ------------------------------------------------------------------------ */

/* The lock is held; wakes up early when there is something to do. */
static void
wait_tick(struct journal *j)
{
	(void)cond_wait_for(&j->wake, &j->lock, j->tick_ms);
}

/* The lock is held. */
static void
gather(struct journal *j)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + GATHER_MS;

	while (j->in.len && j->in.len < GATHER_MAX && !j->stop &&
	    !j->flushing && cond_wait_until(&j->wake, &j->lock, until_ms))
		;
}

/* Until there is something to write, the end, or a tick. True: go on. */
static bool
next_batch(struct journal *j, bool failed, bool dirty)
{
	bool more;

	(void)pthread_mutex_lock(&j->lock);
	if (failed && !j->stop)
		wait_tick(j);
	while (
	    !j->out.len && !j->in.len && !j->stop && !dirty && !j->trouble) {
		j->idle = true;
		(void)pthread_cond_broadcast(&j->drained);
		(void)pthread_cond_wait(&j->wake, &j->lock);
	}
	if (!j->out.len && !j->in.len && !j->stop) {
		j->idle = true;
		(void)pthread_cond_broadcast(&j->drained);
		wait_tick(j);
	}
	if (!j->out.len) {
		struct queue empty = j->out;

		gather(j);
		j->out = j->in;
		j->in = empty;
		j->in.len = 0;
		j->in.records = 0;
		j->out_done = 0;
	}
	j->idle = !j->out.len;
	/* At the end, what failed once more is given up. */
	more = !j->stop || (j->out.len && !(failed && j->last_try));
	j->last_try = j->stop;
	(void)pthread_mutex_unlock(&j->lock);
	return more;
}

static uint64_t
lines(struct slice s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}

/* Closing may take its time: not while mail waits for the lock. */
static void
take_bounds(struct journal *j)
{
	struct journal_bounds b;

	(void)pthread_mutex_lock(&j->lock);
	b = j->bounds;
	(void)pthread_mutex_unlock(&j->lock);
	if (b.octets != j->file.bounds.octets ||
	    b.files != j->file.bounds.files)
		journal_file_bound(&j->file, &b);
}

/* Returns 0, or -1: some of it is still to be written. */
static int
write_batch(struct journal *j)
{
	struct slice rest =
	    slice_from(slice_of(j->out.octets, j->out.len), j->out_done);
	struct err err = ERR_INIT;
	size_t done;
	uint64_t whole;
	int rc;

	take_bounds(j);
	rc = journal_file_write(&j->file, rest, &done, &err);
	atomic_store(&j->begun, j->file.begun);
	atomic_store(&j->removed, j->file.removed);
	tell_torn(j);
	j->out_done += done;
	if (rc == 0) {
		(void)atomic_fetch_add(&j->written, j->out.records);
		j->out.len = 0;
		j->out.records = 0;
		return 0;
	}
	whole = lines(slice_upto(rest, done));
	j->out.records -= whole;
	(void)atomic_fetch_add(&j->written, whole);
	if (trouble_begins(j))
		tell_begin(j, err.text);
	journal_file_close(&j->file);
	return -1;
}

/* A second's worth at most is in the hands of the system alone. */
static void
sync_now_and_then(struct journal *j, int64_t *synced_ms, bool *dirty)
{
	int64_t now_ms = clock_mono_ms(j->clock);
	struct err err = ERR_INIT;

	if (!*dirty || now_ms - *synced_ms < j->tick_ms)
		return;
	*synced_ms = now_ms;
	*dirty = false;
	if (journal_file_sync(&j->file, &err) && trouble_begins(j))
		tell_begin(j, err.text);
}

static void *
run(void *arg)
{
	struct journal *j = arg;
	int64_t synced_ms = clock_mono_ms(j->clock);
	bool failed = false, dirty = false;
	struct err err = ERR_INIT;

	while (next_batch(j, failed, dirty)) {
		if (j->out.len) {
			failed = write_batch(j);
			dirty = true;
		}
		if (!failed)
			trouble_may_end(j);
		sync_now_and_then(j, &synced_ms, &dirty);
	}
	tell_lost(j);
	(void)!journal_file_sync(&j->file, &err);
	journal_file_close(&j->file);
	return NULL;
}

/* --- as others see it -------------------------------------------------------------------- */

static void
release(struct journal *j)
{
	(void)pthread_mutex_destroy(&j->lock);
	(void)pthread_cond_destroy(&j->wake);
	(void)pthread_cond_destroy(&j->drained);
	free(j->in.octets);
	free(j->out.octets);
	free(j->dir);
	free(j);
}

static struct journal_bounds
bounds_of(const struct journal_options *o)
{
	return (struct journal_bounds){
	    (uint64_t)o->megabytes * MEGABYTE, o->files};
}

struct journal *
journal_new(const struct journal_options *o, const struct clock *clock,
    struct log *lg, struct err *err)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j) {
		(void)err_no_mem(err);
		return NULL;
	}
	j->clock = clock;
	j->log = lg;
	j->tick_ms = o->tick_ms ? o->tick_ms : TICK_MS;
	j->idle = true;
	j->bounds = bounds_of(o);
	atomic_init(&j->written, 0);
	atomic_init(&j->begun, 0);
	atomic_init(&j->removed, 0);
	(void)pthread_mutex_init(&j->lock, NULL);
	cond_init(&j->wake);
	cond_init(&j->drained);
	j->in.octets = malloc(LIMIT_JOURNAL_QUEUE);
	j->out.octets = malloc(LIMIT_JOURNAL_QUEUE);
	j->dir = strdup(o->dir);
	journal_file_init(&j->file, j->dir, &j->bounds);
	if (!j->in.octets || !j->out.octets || !j->dir)
		(void)err_no_mem(err);
	else if (pthread_create(&j->thread, NULL, run, j))
		(void)err_set(err, "no thread for the journal");
	else
		return j;
	release(j);
	return NULL;
}

void
journal_free(struct journal *j)
{
	if (!j)
		return;
	(void)pthread_mutex_lock(&j->lock);
	j->stop = true;
	(void)pthread_cond_broadcast(&j->wake);
	(void)pthread_mutex_unlock(&j->lock);
	(void)pthread_join(j->thread, NULL);
	release(j);
}

/* The lock is held. True: there was room. */
static bool
enqueue(struct journal *j, struct slice head, struct slice pairs)
{
	struct queue *q = &j->in;
	size_t len = head.len + pairs.len + 1;

	j->put++;
	if (LIMIT_JOURNAL_QUEUE - q->len < len) {
		j->dropped++;
		j->dropped_ms = clock_mono_ms(j->clock);
		return false;
	}
	memcpy(q->octets + q->len, head.ptr, head.len);
	memcpy(q->octets + q->len + head.len, pairs.ptr, pairs.len);
	q->octets[q->len + len - 1] = '\n';
	if (q->len == 0 || (q->len < GATHER_MAX && q->len + len >= GATHER_MAX))
		(void)pthread_cond_signal(&j->wake);
	q->len += len;
	q->records++;
	j->idle = false;
	return true;
}

void
journal_put(struct journal *j, struct slice pairs)
{
	char text[FRAME_HEAD_MAX];
	struct slice head;
	bool tell;

	if (!j || pairs.len == 0 || pairs.len > LIMIT_JOURNAL_RECORD)
		return;
	head = slice_of(text, frame_head(pairs, text));
	(void)pthread_mutex_lock(&j->lock);
	tell = !enqueue(j, head, pairs) && !j->trouble;
	if (tell)
		j->trouble = true;
	(void)pthread_mutex_unlock(&j->lock);
	if (tell)
		tell_begin(j, "the disk does not keep up, the queue is full");
}

void
journal_flush(struct journal *j, int64_t limit_ms)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + limit_ms;

	if (!j)
		return;
	(void)pthread_mutex_lock(&j->lock);
	j->flushing++;
	(void)pthread_cond_signal(&j->wake);
	while (!j->idle && cond_wait_until(&j->drained, &j->lock, until_ms))
		;
	j->flushing--;
	(void)pthread_mutex_unlock(&j->lock);
}

void
journal_bound(struct journal *j, const struct journal_options *o)
{
	if (!j)
		return;
	(void)pthread_mutex_lock(&j->lock);
	j->bounds = bounds_of(o);
	(void)pthread_mutex_unlock(&j->lock);
}

struct journal_counts
journal_count(struct journal *j)
{
	struct journal_counts c;

	(void)pthread_mutex_lock(&j->lock);
	c = (struct journal_counts){.put = j->put,
	    .dropped = j->dropped,
	    .written = atomic_load(&j->written),
	    .begun = atomic_load(&j->begun),
	    .removed = atomic_load(&j->removed),
	    .stopped = j->trouble};
	c.waiting = c.put - c.dropped - c.written;
	(void)pthread_mutex_unlock(&j->lock);
	return c;
}
