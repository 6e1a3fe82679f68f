/* SPDX-License-Identifier: BSD-2-Clause */
/* See progress.h. A thread draws, since the work waits for others. */
#include "tools/progress.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cond.h"
#include "tools/out.h"

#define PATIENCE_MS 1000
#define TICK_MS 250
#define WHAT_MAX 40
#define BAR 20

struct progress {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	int64_t since_ms;
	bool stop, shown;
	char what[4 * WHAT_MAX + 1];
	size_t done, total;
};

/* Under the lock, as the next two. Longest: 79 columns. */
static void
draw(struct progress *p)
{
	char bar[BAR + 1];
	size_t full = p->total ? BAR * p->done / p->total : 0;

	memset(bar, '.', BAR);
	memset(bar, '#', full < BAR ? full : BAR);
	bar[BAR] = '\0';
	if (p->total)
		(void)fprintf(stderr, "\r\033[K[%s] %zu of %zu  %.*s", bar,
		    p->done, p->total, WHAT_MAX, p->what);
	else
		(void)fprintf(stderr, "\r\033[K... %.*s", WHAT_MAX, p->what);
	(void)fflush(stderr);
	p->shown = true;
}

static void
erase(struct progress *p)
{
	if (p->shown)
		(void)fprintf(stderr, "\r\033[K");
	(void)fflush(stderr);
	p->shown = false;
}

static void *
run(void *arg)
{
	struct progress *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (clock_mono_ms(&clock_system) - p->since_ms > PATIENCE_MS)
			draw(p);
		(void)cond_wait_for(&p->wake, &p->lock, TICK_MS);
	}
	erase(p);
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct progress *
progress_start(void)
{
	struct progress *p;
	sigset_t all, before;
	int rc;

	if (!isatty(STDERR_FILENO))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	(void)pthread_mutex_init(&p->lock, NULL);
	cond_init(&p->wake);
	p->since_ms = clock_mono_ms(&clock_system);
	/* Signals are for the thread that works. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&p->thread, NULL, run, p);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		return p;
	free(p);
	return NULL;
}

void
progress_say(struct progress *p, struct slice what, size_t done, size_t total)
{
	struct buf text = BUF_INIT(sizeof(p->what) - 1);

	if (!p)
		return;
	out_escape(&text, slice_upto(what, WHAT_MAX));
	(void)pthread_mutex_lock(&p->lock);
	(void)snprintf(p->what, sizeof(p->what), "%s", buf_str(&text));
	p->done = done;
	p->total = total;
	(void)pthread_mutex_unlock(&p->lock);
	buf_free(&text);
}

void
progress_clear(struct progress *p)
{
	if (!p)
		return;
	(void)pthread_mutex_lock(&p->lock);
	erase(p);
	p->since_ms = clock_mono_ms(&clock_system) - PATIENCE_MS / 2;
	(void)pthread_mutex_unlock(&p->lock);
}

void
progress_stop(struct progress *p)
{
	if (!p)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_signal(&p->wake);
	(void)pthread_mutex_unlock(&p->lock);
	(void)pthread_join(p->thread, NULL);
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}
