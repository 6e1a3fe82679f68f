/* SPDX-License-Identifier: BSD-2-Clause */
/* No waiting for a DNS that is away. See breaker.h. */
#include "dns/breaker.h"

#include <pthread.h>
#include <stdlib.h>

#include "mail/limits.h"

struct breaker {
	struct resolver base;
	struct resolver *other;
	const struct clock *clock;
	breaker_tell *tell;
	void *arg;
	pthread_mutex_t lock; /* of all below */
	bool down;
	enum dns_status last;
	uint64_t failures;
	int64_t answered_ms, down_ms;
	uint32_t places[LIMIT_BREAKER_PLACES]; /* hashes */
	size_t nplaces;
	struct lookup *trial; /* another's, whose owner has gone */
};

struct breaker_lookup {
	struct lookup base;
	struct breaker *breaker;
	struct lookup *other;
	int64_t started_ms;
	uint32_t place;
	bool noted; /* how it ended */
};

/* --- up and down ---------------------------------------------------------------- */

/* The last two labels: what a domain that is broken has in common. */
static uint32_t
place_of(struct slice name)
{
	size_t last = slice_rfind(name, '.'), from = 0;
	uint32_t h = 0x811c9dc5u;

	if (last < name.len) {
		from = slice_rfind(slice_upto(name, last), '.');
		from = from < last ? from + 1 : 0;
	}
	for (size_t i = from; i < name.len; i++)
		h = (h ^ (unsigned char)ascii_lower(name.ptr[i])) * 0x1000193u;
	return h;
}

/* With the lock held, as for all below. */
static void
add_place(struct breaker *b, uint32_t place)
{
	for (size_t i = 0; i < b->nplaces; i++)
		if (b->places[i] == place)
			return;
	if (b->nplaces < LIMIT_BREAKER_PLACES)
		b->places[b->nplaces++] = place;
}

static struct breaker_news
news_of(const struct breaker *b, int64_t since_ms)
{
	return (struct breaker_news){.down = b->down,
	    .last = b->last,
	    .failures = b->failures,
	    .since_ms = since_ms};
}

/* True: there is something to tell. */
static bool
note_answer(struct breaker *b, int64_t now_ms, struct breaker_news *news)
{
	bool was_down = b->down;

	b->down = false;
	*news = news_of(b, now_ms - b->down_ms);
	b->answered_ms = now_ms;
	b->failures = 0;
	b->nplaces = 0;
	return was_down;
}

static bool
note_failure(struct breaker *b, uint32_t place, enum dns_status how,
    int64_t now_ms, struct breaker_news *news)
{
	b->failures++;
	b->last = how;
	add_place(b, place);
	if (b->down || b->failures < LIMIT_BREAKER_FAILURES ||
	    b->nplaces < LIMIT_BREAKER_PLACES ||
	    now_ms - b->answered_ms < LIMIT_BREAKER_QUIET_MS)
		return false;
	b->down = true;
	b->down_ms = now_ms;
	*news = news_of(b, now_ms - b->answered_ms);
	return true;
}

static void
tell(const struct breaker *b, bool worth_it, const struct breaker_news *news)
{
	if (worth_it && b->tell)
		b->tell(b->arg, news);
}

/*
 * a: NULL when the wait ended without. A wait that had no time says nothing
 * about the DNS.
 */
static void
note(struct breaker_lookup *l, const struct answer *a)
{
	struct breaker *b = l->breaker;
	int64_t now_ms = clock_mono_ms(b->clock);
	struct breaker_news news;
	bool worth_it;

	if (l->noted ||
	    (!a && now_ms - l->started_ms < LIMIT_BREAKER_PATIENCE_MS))
		return;
	l->noted = true;
	(void)pthread_mutex_lock(&b->lock);
	if (a && !dns_is_temporary(a->status))
		worth_it = note_answer(b, now_ms, &news);
	else
		worth_it = note_failure(
		    b, l->place, a ? a->status : DNS_TIMEOUT, now_ms, &news);
	(void)pthread_mutex_unlock(&b->lock);
	tell(b, worth_it, &news);
}

/* Has the answer come that its owner did not wait for? */
static void
look_at_trial(struct breaker *b)
{
	const struct answer *a;
	struct lookup *over = NULL;
	struct breaker_news news;
	bool worth_it = false;

	(void)pthread_mutex_lock(&b->lock);
	a = b->trial ? b->trial->ops->wait(b->trial, 0) : NULL;
	if (a && !dns_is_temporary(a->status))
		worth_it = note_answer(b, clock_mono_ms(b->clock), &news);
	if (a) {
		over = b->trial;
		b->trial = NULL;
	}
	(void)pthread_mutex_unlock(&b->lock);
	tell(b, worth_it, &news);
	if (over)
		over->ops->drop(over);
}

/* True: kept, not to be dropped. */
static bool
keep_as_trial(struct breaker *b, struct lookup *l)
{
	bool kept;

	(void)pthread_mutex_lock(&b->lock);
	kept = b->down && !b->trial;
	if (kept)
		b->trial = l;
	(void)pthread_mutex_unlock(&b->lock);
	return kept;
}

/* --- resolver_ops ----------------------------------------------------------------- */

static const struct resolver_ops breaker_ops;

static struct lookup *
breaker_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct breaker *b = (struct breaker *)r;
	struct breaker_lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	look_at_trial(b);
	l->base.ops = &breaker_ops;
	l->breaker = b;
	l->started_ms = clock_mono_ms(b->clock);
	l->place = place_of(name);
	l->other = b->other->ops->start(b->other, name, type);
	if (l->other)
		return &l->base;
	free(l);
	return NULL;
}

/* How long this lookup is worth waiting for. */
static int64_t
patience(struct breaker_lookup *l, int64_t deadline_ms)
{
	struct breaker *b = l->breaker;
	int64_t until_ms = l->started_ms + LIMIT_BREAKER_WAIT_MS;
	bool down;

	(void)pthread_mutex_lock(&b->lock);
	down = b->down;
	(void)pthread_mutex_unlock(&b->lock);
	return down && until_ms < deadline_ms ? until_ms : deadline_ms;
}

static const struct answer *
breaker_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct breaker_lookup *l = (struct breaker_lookup *)lookup;
	const struct answer *a =
	    l->other->ops->wait(l->other, patience(l, deadline_ms));

	note(l, a);
	return a;
}

static void
breaker_drop(struct lookup *lookup)
{
	struct breaker_lookup *l = (struct breaker_lookup *)lookup;
	const struct answer *a = l->other->ops->wait(l->other, 0);

	/* An answer nobody waited for tells as much. */
	if (a)
		note(l, a);
	if (a || !keep_as_trial(l->breaker, l->other))
		l->other->ops->drop(l->other);
	free(l);
}

static void
breaker_free(struct resolver *r)
{
	struct breaker *b = (struct breaker *)r;

	if (b->trial)
		b->trial->ops->drop(b->trial);
	resolver_free(b->other);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}

static const struct resolver_ops breaker_ops = {
    breaker_start, breaker_wait, breaker_drop, breaker_free};

struct resolver *
dns_breaker_new(struct resolver *other, const struct clock *clock,
    breaker_tell *tell_, void *arg)
{
	struct breaker *b = calloc(1, sizeof(*b));

	if (!b) {
		resolver_free(other);
		return NULL;
	}
	b->base.ops = &breaker_ops;
	b->other = other;
	b->clock = clock;
	b->tell = tell_;
	b->arg = arg;
	b->answered_ms = clock_mono_ms(clock);
	(void)pthread_mutex_init(&b->lock, NULL);
	return &b->base;
}
