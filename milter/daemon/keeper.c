/* SPDX-License-Identifier: BSD-2-Clause */
/* Watching DNS for waiting keys. See keeper.h. */
#include "daemon/keeper.h"

#include <errno.h>
#include <time.h>

#define PERIOD_MS 60000
#define TICK_MS 500   /* how soon a key just read is looked up */
#define LOOK_MS 10000 /* what one look may take */
#define LOAD_PER_LOOK 1000

/* With the lock held: true when told to stop. */
static bool
pause_ms(struct keeper *k, int64_t ms)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + ms;
	struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
	    .tv_nsec = (long)(until_ms % 1000) * 1000000};

	while (!k->stop &&
	    pthread_cond_timedwait(&k->wake, &k->lock, &until) == 0)
		;
	return k->stop;
}

static void
look(struct daemon *d, struct config *c)
{
	const struct clock *clock = d->engine.clock;

	keystore_watch(c->keys, d->engine.resolver, clock,
	    clock_mono_ms(clock) + LOOK_MS, LOAD_PER_LOOK);
}

static void *
keeper_thread(void *arg)
{
	struct keeper *k = arg;
	int64_t next_ms = 0;

	(void)pthread_mutex_lock(&k->lock);
	do {
		struct config *c = daemon_config(k->daemon);
		int64_t now_ms = clock_mono_ms(&clock_system);

		k->looking = true;
		(void)pthread_mutex_unlock(&k->lock);
		if (now_ms >= next_ms || keystore_wants_watch(c->keys)) {
			look(k->daemon, c);
			next_ms = now_ms + PERIOD_MS;
		}
		config_unref(c);
		(void)pthread_mutex_lock(&k->lock);
		k->looking = false;
	} while (!pause_ms(k, TICK_MS));
	(void)pthread_mutex_unlock(&k->lock);
	return NULL;
}

int
keeper_start(struct keeper *k, struct daemon *d, struct err *err)
{
	pthread_condattr_t attr;
	int e;

	k->daemon = d;
	k->stop = k->looking = false;
	(void)pthread_mutex_init(&k->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&k->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	e = pthread_create(&k->thread, NULL, keeper_thread, k);
	if (e == 0)
		return 0;
	errno = e;
	return err_errno(err, "key thread");
}

bool
keeper_stop(struct keeper *k)
{
	bool looking;

	(void)pthread_mutex_lock(&k->lock);
	k->stop = true;
	looking = k->looking;
	(void)pthread_cond_signal(&k->wake);
	(void)pthread_mutex_unlock(&k->lock);
	if (looking) {
		(void)pthread_detach(k->thread);
		return false;
	}
	(void)pthread_join(k->thread, NULL);
	(void)pthread_cond_destroy(&k->wake);
	(void)pthread_mutex_destroy(&k->lock);
	return true;
}
