/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeping the keys. See keeper.h. */
#include "daemon/keeper.h"

#include <errno.h>

#include "base/cond.h"
#include "dns/direct.h"

#define PERIOD_MS 60000
#define TICK_MS 500   /* how soon a key just read is looked up */
#define LOOK_MS 10000 /* what one look may take */
#define LOAD_PER_LOOK 1000
#define STOP_MS 3000   /* for what it is at to end */
#define JUMP_S 3       /* rounding makes one; time servers turn slowly */
#define ROUND_MS 30000 /* between two looks at unmanaged keys */

/* With the lock held: true when told to stop. */
static bool
pause_ms(struct keeper *k, int64_t ms)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + ms;

	while (!atomic_load(&k->stop) &&
	    cond_wait_until(&k->wake, &k->lock, until_ms))
		;
	return atomic_load(&k->stop);
}

static int64_t
ahead_s(void)
{
	return clock_now_s(&clock_system) -
	    clock_mono_ms(&clock_system) / 1000;
}

/*
 * No wait depends on the wall clock, but what a signature says of its own time
 * does, and whoever reads the log should know.
 */
static void
watch_clock(struct keeper *k)
{
	int64_t now_s = ahead_s(), jump_s = now_s - k->ahead_s;
	struct event e;

	if (jump_s > -JUMP_S && jump_s < JUMP_S)
		return;
	k->ahead_s = now_s;
	event_begin(&e, k->daemon->engine.log, LOG_LEVEL_WARNING,
	    "clock_jumped", SLICE_EMPTY);
	event_num(&e, "by_s", jump_s);
	event_end(&e);
}

static void
look(struct daemon *d, struct config *c)
{
	const struct clock *clock = d->engine.clock;

	keystore_watch(c->keys, d->engine.resolver, clock,
	    clock_mono_ms(clock) + LOOK_MS, LOAD_PER_LOOK);
}

static const struct keys_options *
options_of(const void *rules, const struct domain *d)
{
	return &rules_of(rules, d)->keys;
}

static void
rotate(struct keeper *k, const struct config *c)
{
	const struct engine *e = &k->daemon->engine;
	struct keys_env env = {.options = &c->engine.rules.all.keys,
	    .options_of = options_of,
	    .options_arg = &c->engine.rules,
	    .require_published = c->daemon.require_published,
	    .resolver = e->resolver,
	    .authority = k->authority,
	    .log = e->log,
	    .by = "assayd",
	    .stop = &k->stop,
	    .publish = helper_publish,
	    .publish_arg = k->daemon->helper};

	k->daemon->helper->config = c->fingerprint;
	rounds_go(
	    k->rounds, &env, c->daemon.key_dir, e->clock, ROUND_MS, &k->stop);
	keylist_renew(&k->list, &env, c, e->clock);
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
		watch_clock(k);
		if (now_ms >= next_ms || keystore_wants_watch(c->keys)) {
			look(k->daemon, c);
			next_ms = now_ms + PERIOD_MS;
		}
		helper_watch(k->daemon->helper, k->daemon->engine.log);
		rotate(k, c);
		config_unref(c);
		atomic_fetch_add(&k->beats, 1);
		(void)pthread_mutex_lock(&k->lock);
		k->looking = false;
		(void)pthread_cond_broadcast(&k->wake);
	} while (!pause_ms(k, TICK_MS));
	(void)pthread_mutex_unlock(&k->lock);
	return NULL;
}

int
keeper_start(struct keeper *k, struct daemon *d, struct err *err)
{
	int e;

	k->daemon = d;
	atomic_init(&k->stop, false);
	atomic_init(&k->beats, 0);
	k->looking = false;
	k->ahead_s = ahead_s();
	keylist_init(&k->list);
	k->rounds = rounds_new(err);
	k->authority = direct_new(err);
	if (!k->rounds || !k->authority)
		return -1;
	(void)pthread_mutex_init(&k->lock, NULL);
	cond_init(&k->wake);
	e = pthread_create(&k->thread, NULL, keeper_thread, k);
	if (e == 0)
		return 0;
	errno = e;
	return err_errno(err, "key thread");
}

bool
keeper_stop(struct keeper *k)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + STOP_MS;
	bool looking;

	(void)pthread_mutex_lock(&k->lock);
	atomic_store(&k->stop, true);
	(void)pthread_cond_broadcast(&k->wake);
	/* A program that publishes is stopped; DNS may take longer. */
	while (k->looking && cond_wait_until(&k->wake, &k->lock, until_ms))
		;
	looking = k->looking;
	(void)pthread_mutex_unlock(&k->lock);
	if (looking) {
		(void)pthread_detach(k->thread);
		return false;
	}
	(void)pthread_join(k->thread, NULL);
	(void)pthread_cond_destroy(&k->wake);
	(void)pthread_mutex_destroy(&k->lock);
	rounds_free(k->rounds);
	keylist_free(&k->list);
	authority_free(k->authority);
	return true;
}
