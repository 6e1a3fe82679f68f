/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking whether the others go on. See pulse.h. */
#include "control/pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cond.h"

struct seen {
	struct pulse_watch watch;
	uint64_t progress;
	int64_t moved_ms;
};

struct pulse {
	struct pulse_options options;
	struct seen seen[PULSE_WATCHES];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	atomic_bool silent; /* do not knock */
	int64_t opened_ms;  /* when the milter was last heard */
	atomic_int_fast64_t looked_ms;
	_Atomic(const char *) hung;
};

/* --- knocking ------------------------------------------------------------- */

/* 1: ready, 0: not in time. */
static int
ready(int fd, short events, int64_t until_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left = until_ms - clock_mono_ms(&clock_system);

	return left > 0 && poll(&p, 1, (int)left) == 1;
}

/*
 * SMFIC_OPTNEG: length, 'O', version 6, the actions and steps that MTAs offer;
 * any answer begins with its length and 'O'. SMFIC_QUIT: length, 'Q'.
 */
static bool
talk(int fd, int64_t until_ms)
{
	static const char negotiate[] = "\0\0\0\x0dO\0\0\0\6\0\0\1\xff\0\x1f"
					"\xff\xff";
	static const char quit[] = "\0\0\0\1Q";
	char answer[5];
	size_t n = 0;

	(void)!send(fd, negotiate, sizeof(negotiate) - 1, MSG_NOSIGNAL);
	while (n < sizeof(answer)) {
		ssize_t got;

		if (!ready(fd, POLLIN, until_ms))
			return false;
		got = recv(fd, answer + n, sizeof(answer) - n, 0);
		/* Hung up on at once: full, and somebody is there to say so. */
		if (got <= 0)
			return got == 0 && n == 0;
		n += (size_t)got;
	}
	(void)!send(fd, quit, sizeof(quit) - 1, MSG_NOSIGNAL);
	return answer[4] == 'O';
}

static bool
knock(const struct pulse_options *o)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + o->period_ms / 2;
	int fd = socket(o->milter.ss_family, SOCK_STREAM, 0);
	bool there;

	if (fd < 0)
		return false;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	there =
	    connect(fd, (const struct sockaddr *)&o->milter, o->salen) == 0 ||
	    errno == EINPROGRESS;
	there = there && ready(fd, POLLOUT, until_ms) && talk(fd, until_ms);
	(void)close(fd);
	return there;
}

/* --- looking ------------------------------------------------------------------ */

static const char *
look(struct pulse *p)
{
	const struct pulse_options *o = &p->options;
	const char *hung = NULL;
	int64_t now_ms;

	if (!o->salen || atomic_load(&p->silent) || knock(o))
		p->opened_ms = clock_mono_ms(&clock_system);
	now_ms = clock_mono_ms(&clock_system);
	for (size_t i = 0; i < o->n; i++) {
		struct seen *s = &p->seen[i];
		bool idle = false;
		uint64_t progress = s->watch.progress(s->watch.arg, &idle);

		if (idle || progress != s->progress)
			s->moved_ms = now_ms;
		s->progress = progress;
		if (now_ms - s->moved_ms > o->period_ms + s->watch.allowed_ms)
			hung = s->watch.name;
	}
	if (now_ms - p->opened_ms > o->period_ms)
		hung = "milter";
	return hung;
}

static void *
pulse_thread(void *arg)
{
	struct pulse *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		int64_t next_ms;

		(void)pthread_mutex_unlock(&p->lock);
		atomic_store(&p->hung, look(p));
		next_ms = clock_mono_ms(&clock_system);
		atomic_store(&p->looked_ms, next_ms);
		next_ms += p->options.period_ms / 4;
		(void)pthread_mutex_lock(&p->lock);
		while (
		    !p->stop && cond_wait_until(&p->wake, &p->lock, next_ms))
			;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

const char *
pulse_hung(const struct pulse *p, int64_t now_ms)
{
	/* Two rounds, each with a knock of half a period at most. */
	if (now_ms - atomic_load(&p->looked_ms) > 2 * p->options.period_ms)
		return "pulse";
	return atomic_load(&p->hung);
}

void
pulse_stop_knocking(struct pulse *p)
{
	if (p)
		atomic_store(&p->silent, true);
}

/* --- beginning and end ---------------------------------------------------------- */

struct pulse *
pulse_new(const struct pulse_options *o, struct err *err)
{
	struct pulse *p = calloc(1, sizeof(*p));
	int64_t now_ms = clock_mono_ms(&clock_system);
	int e;

	if (!p) {
		(void)err_no_mem(err);
		return NULL;
	}
	p->options = *o;
	p->opened_ms = now_ms;
	for (size_t i = 0; i < o->n && i < PULSE_WATCHES; i++)
		p->seen[i] = (struct seen){o->watches[i], 0, now_ms};
	atomic_init(&p->looked_ms, now_ms);
	atomic_init(&p->hung, NULL);
	atomic_init(&p->silent, false);
	(void)pthread_mutex_init(&p->lock, NULL);
	cond_init(&p->wake);
	e = pthread_create(&p->thread, NULL, pulse_thread, p);
	if (e == 0)
		return p;
	errno = e;
	(void)err_errno(err, "pulse thread");
	free(p);
	return NULL;
}

void
pulse_free(struct pulse *p)
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
