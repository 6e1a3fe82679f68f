/* SPDX-License-Identifier: BSD-2-Clause */
/* Over what libunbound knows by itself: RFC 6761 names. Nothing is sent. */
#include "dns/unbound.h"

#include <pthread.h>

#include "base/clock.h"
#include "unit.h"

#define THREADS 4
#define ROUNDS 250
#define HANG_MS 10000

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
	size_t unanswered;
};

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

/* Whoever has the turn: nothing that is asked is left lying. */
static void
test_crowd(void **state)
{
	struct dns_stats stats = {0};
	struct resolver *r = begin(&stats);
	struct crowd crowds[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){.r = r};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_much, &crowds[i]),
		    0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(crowds[i].unanswered, 0);
	}
	assert_int_equal(dns_stats_read(&stats).asked, THREADS * ROUNDS * 3);
	resolver_free(r);
}

int
main(void)
{
	UNIT_TEST(test_answers);
	UNIT_TEST(test_crowd);
	return unit_end();
}
