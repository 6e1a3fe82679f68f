/* SPDX-License-Identifier: BSD-2-Clause */
/* Over what libunbound knows by itself: RFC 6761 names. Nothing is sent. */
#include "dns/unbound.h"

#include <pthread.h>

#include "base/clock.h"
#include "unit.h"

#define THREADS 4
#define ROUNDS 500
#define HANG_MS 10000
#define LATE_MS 2000

static struct resolver *
begin(struct dns_stats *stats)
{
	static const char *const servers[] = {"127.0.0.1@1"};
	struct unbound_options o = {
	    .nameservers = servers, .nnameservers = 1, .stats = stats};
	struct err err = ERR_INIT;
	struct resolver *r = unbound_new(&o, &err);

	if (!r)
		fail_msg("%s", err.text);
	return r;
}

static void
test_answers(void **state)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum dns_status want;
	} asked[] = {
	    {"localhost", DNS_A, DNS_OK},
	    {"localhost", DNS_TXT, DNS_NODATA},
	    {"x.invalid", DNS_A, DNS_NXDOMAIN},
	    {"1.0.0.127.in-addr.arpa", DNS_PTR, DNS_OK},
	    {"a\\b \"c.invalid", DNS_TXT, DNS_NXDOMAIN},
	};
	struct dns_stats stats = {0};
	struct resolver *r = begin(&stats);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct lookup *l =
		    r->ops->start(r, slice_z(asked[i].name), asked[i].type);
		const struct answer *a =
		    l->ops->wait(l, clock_mono_ms(&clock_system) + HANG_MS);

		assert_non_null(a);
		assert_int_equal(a->status, asked[i].want);
		assert_int_equal(a->nrr > 0, a->status == DNS_OK);
		assert_false(a->secure);
		l->ops->drop(l);
	}
	assert_int_equal(dns_stats_read(&stats).asked, ARRAY_LEN(asked));
	assert_int_equal(dns_stats_read(&stats).pending, 0);
	resolver_free(r);
}

struct crowd {
	struct resolver *r;
	pthread_barrier_t *together;
	size_t unanswered;
};

/*
 * All at once, then all wait: whose question is left lying is helped by nobody
 * who comes later.
 */
static void *
ask_together(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct lookup *l;

		(void)pthread_barrier_wait(c->together);
		l = c->r->ops->start(c->r, SLICE_LIT("localhost"), DNS_A);
		if (!l->ops->wait(l, clock_mono_ms(&clock_system) + LATE_MS))
			c->unanswered++;
		(void)pthread_barrier_wait(c->together);
		l->ops->drop(l);
	}
	return NULL;
}

/* Some look, some wait, some go away. */
static void *
ask_much(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t until_ms = clock_mono_ms(&clock_system) + HANG_MS;
		struct lookup *l[3];

		for (size_t k = 0; k < ARRAY_LEN(l); k++)
			l[k] = c->r->ops->start(
			    c->r, SLICE_LIT("localhost"), DNS_A);
		(void)l[0]->ops->wait(l[0], 0);
		l[0]->ops->drop(l[0]);
		if (!l[1]->ops->wait(l[1], until_ms))
			c->unanswered++;
		l[2]->ops->drop(l[2]);
		l[1]->ops->drop(l[1]);
		if (c->unanswered)
			break;
	}
	return NULL;
}

static void
crowd(void *(*ask)(void *), size_t lookups)
{
	struct dns_stats stats = {0};
	struct resolver *r = begin(&stats);
	struct crowd crowds[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t together;

	assert_int_equal(pthread_barrier_init(&together, NULL, THREADS), 0);
	for (size_t i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){.r = r, .together = &together};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask, &crowds[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(crowds[i].unanswered, 0);
	}
	assert_int_equal(
	    dns_stats_read(&stats).asked, THREADS * ROUNDS * lookups);
	(void)pthread_barrier_destroy(&together);
	resolver_free(r);
}

static void
test_crowd(void **state)
{
	(void)state;
	crowd(ask_much, 3);
}

static void
test_together(void **state)
{
	(void)state;
	crowd(ask_together, 1);
}

int
main(void)
{
	UNIT_TEST(test_answers);
	UNIT_TEST(test_crowd);
	UNIT_TEST(test_together);
	return unit_end();
}
