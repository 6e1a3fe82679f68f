/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolvers one after the other. See renew.h; it keeps no answers itself. */
#include "dns/renew.h"

#include <pthread.h>
#include <stdlib.h>

/* Less is a time server's doing, and over before a TTL is. */
#define BACK_S 3
#define RETRY_MS 1000

struct renew {
	struct resolver base;
	struct resolver *(*make)(void *, struct err *);
	void *arg;
	const struct clock *clock;
	pthread_mutex_t lock;
	struct resolver *made[DNS_RENEW_MAX]; /* the last one is asked */
	size_t n;
	int64_t ahead_s; /* of the monotonic clock: the wall's, at most */
	int64_t retry_ms;
};

static int64_t
ahead_s(const struct clock *c)
{
	return clock_now_s(c) - clock_mono_ms(c) / 1000;
}

/* With the lock held. */
static void
look_at_clock(struct renew *r)
{
	int64_t now_s = ahead_s(r->clock);
	struct resolver *fresh;

	if (now_s > r->ahead_s)
		r->ahead_s = now_s;
	if (r->ahead_s - now_s < BACK_S || r->n == DNS_RENEW_MAX ||
	    clock_mono_ms(r->clock) < r->retry_ms)
		return;
	fresh = r->make(r->arg, NULL);
	if (fresh) {
		r->made[r->n++] = fresh;
		r->ahead_s = now_s;
	}
	r->retry_ms = clock_mono_ms(r->clock) + RETRY_MS;
}

/* The lookup is the other's, to whom wait and drop go. */
static struct lookup *
renew_start(struct resolver *resolver, struct slice name, enum dns_type type)
{
	struct renew *r = (struct renew *)resolver;
	struct resolver *now;

	(void)pthread_mutex_lock(&r->lock);
	look_at_clock(r);
	now = r->made[r->n - 1];
	(void)pthread_mutex_unlock(&r->lock);
	return now->ops->start(now, name, type);
}

static void
renew_free(struct resolver *resolver)
{
	struct renew *r = (struct renew *)resolver;

	while (r->n)
		resolver_free(r->made[--r->n]);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

static const struct resolver_ops renew_ops = {
    .start = renew_start, .free = renew_free};

struct resolver *
dns_renew_new(struct resolver *(*make)(void *, struct err *), void *arg,
    const struct clock *clock, struct err *err)
{
	struct renew *r = calloc(1, sizeof(*r));

	if (!r) {
		(void)err_no_mem(err);
		return NULL;
	}
	*r = (struct renew){.base = {&renew_ops},
	    .make = make,
	    .arg = arg,
	    .clock = clock,
	    .ahead_s = ahead_s(clock)};
	r->made[0] = make(arg, err);
	if (!r->made[0]) {
		free(r);
		return NULL;
	}
	r->n = 1;
	(void)pthread_mutex_init(&r->lock, NULL);
	return &r->base;
}
