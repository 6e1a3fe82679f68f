/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/breaker.h"

#include "mail/limits.h"
#include "unit.h"

/* --- a clock and a DNS that do as they are told --------------------------------- */

static int64_t now_ms;

static int64_t
test_mono(const struct clock *c)
{
	(void)c;
	return now_ms;
}

static const struct clock clock = {test_mono, test_mono};

/* What is answered: NULL, nothing, and a wait takes its time. */
static const struct answer *present;
static const struct answer data = {.status = DNS_NXDOMAIN};
static const struct answer trouble = {.status = DNS_SERVFAIL};
static size_t lookups;
static bool freed;

static const struct resolver_ops fake_ops;

static struct lookup *
fake_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct lookup *l = calloc(1, sizeof(*l));

	(void)r;
	(void)name;
	(void)type;
	assert_non_null(l);
	l->ops = &fake_ops;
	lookups++;
	return l;
}

static const struct answer *
fake_wait(struct lookup *l, int64_t deadline_ms)
{
	(void)l;
	if (!present && deadline_ms > now_ms)
		now_ms = deadline_ms;
	return present;
}

static void
fake_drop(struct lookup *l)
{
	lookups--;
	free(l);
}

static void
fake_free(struct resolver *r)
{
	(void)r;
	freed = true;
}

static const struct resolver_ops fake_ops = {
    fake_start, fake_wait, fake_drop, fake_free};
static struct resolver fake = {&fake_ops};

/* --- what it tells ----------------------------------------------------------------- */

static struct breaker_news news;
static unsigned told;

static void
hear(void *arg, const struct breaker_news *n)
{
	assert_ptr_equal(arg, &told);
	news = *n;
	told++;
}

static struct resolver *
fresh(void)
{
	struct resolver *r;

	now_ms = 1000;
	told = 0;
	present = NULL;
	freed = false;
	r = dns_breaker_new(&fake, &clock, hear, &told);
	assert_non_null(r);
	return r;
}

/* One lookup, waited for so long; how long the wait was. */
static int64_t
ask(struct resolver *r, const char *name, int64_t ms)
{
	struct lookup *l = r->ops->start(r, slice_z(name), DNS_TXT);
	int64_t before = now_ms;

	assert_non_null(l);
	(void)l->ops->wait(l, now_ms + ms);
	l->ops->drop(l);
	return now_ms - before;
}

static const char *const names[] = {"a.example", "x.b.example", "c.example"};

static void
ask_all(struct resolver *r, int n, int64_t ms)
{
	for (int i = 0; i < n; i++)
		(void)ask(r, names[i % 3], ms);
}

static void
end(struct resolver *r)
{
	resolver_free(r);
	assert_true(freed);
	assert_int_equal(lookups, 0);
}

/* --- tests ---------------------------------------------------------------------------- */

static void
test_down_and_up(void **state)
{
	struct resolver *r = fresh();

	(void)state;
	ask_all(r, LIMIT_BREAKER_FAILURES - 1, 8000);
	assert_int_equal(told, 0);
	assert_int_equal(ask(r, "a.example", 8000), 8000);
	assert_int_equal(told, 1);
	assert_true(news.down);
	assert_int_equal(news.last, DNS_TIMEOUT);
	assert_int_equal(news.since_ms, 8000 * LIMIT_BREAKER_FAILURES);
	/* Told once; each lookup is short now. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(
		    ask(r, "d.example", 8000), LIMIT_BREAKER_WAIT_MS);
	assert_int_equal(ask(r, "d.example", 10), 10);
	assert_int_equal(told, 1);
	present = &data;
	assert_int_equal(ask(r, "d.example", 8000), 0);
	assert_int_equal(told, 2);
	assert_false(news.down);
	assert_int_equal(news.since_ms, 5 * LIMIT_BREAKER_WAIT_MS + 10);
	present = NULL;
	assert_int_equal(ask(r, "d.example", 8000), 8000);
	assert_int_equal(told, 2);
	end(r);
}

static void
test_trouble_everywhere(void **state)
{
	struct resolver *r = fresh();

	(void)state;
	present = &trouble;
	ask_all(r, 20, 8000);
	assert_int_equal(told, 0);
	now_ms += LIMIT_BREAKER_QUIET_MS;
	ask_all(r, 20, 8000);
	assert_int_equal(told, 1);
	assert_int_equal(news.last, DNS_SERVFAIL);
	end(r);
}

/* However often: its servers, not DNS. */
static void
test_one_broken_domain(void **state)
{
	struct resolver *r = fresh();

	(void)state;
	for (int i = 0; i < 50; i++) {
		(void)ask(r, "x.broken.example", 8000);
		(void)ask(r, "_dmarc.Broken.Example", 8000);
		(void)ask(r, "a.b.c.also.example", 8000);
	}
	assert_int_equal(told, 0);
	end(r);
}

static void
test_answers_between(void **state)
{
	struct resolver *r = fresh();

	(void)state;
	for (int i = 0; i < 10; i++) {
		present = NULL;
		ask_all(r, LIMIT_BREAKER_FAILURES - 1, 8000);
		present = &data;
		(void)ask(r, "good.example", 8000);
	}
	assert_int_equal(told, 0);
	end(r);
}

/* A look without time, a message at its deadline: no evidence. */
static void
test_waits_without_time(void **state)
{
	struct resolver *r = fresh();

	(void)state;
	now_ms += 100000;
	ask_all(r, 100, 0);
	ask_all(r, 100, LIMIT_BREAKER_PATIENCE_MS - 1);
	assert_int_equal(told, 0);
	end(r);
}

/* Answers that take longer than anybody waits end it all the same. */
static void
test_slow_answer(void **state)
{
	struct resolver *r = fresh();
	struct lookup *l;

	(void)state;
	ask_all(r, LIMIT_BREAKER_FAILURES + 3, 8000);
	assert_int_equal(told, 1);
	assert_int_equal(lookups, 1);
	present = &trouble; /* tells nothing: another is kept */
	(void)ask(r, "a.example", 1);
	present = NULL;
	(void)ask(r, "a.example", 1);
	assert_int_equal(lookups, 1);
	assert_int_equal(told, 1);
	present = &data;
	l = r->ops->start(r, slice_z("b.example"), DNS_A);
	assert_int_equal(told, 2);
	l->ops->drop(l);
	end(r);
}

static void
test_nobody_to_tell(void **state)
{
	struct resolver *r = dns_breaker_new(&fake, &clock, NULL, NULL);

	(void)state;
	present = NULL;
	freed = false;
	ask_all(r, 20, 8000);
	assert_int_equal(ask(r, "d.example", 8000), LIMIT_BREAKER_WAIT_MS);
	end(r);
}

int
main(void)
{
	UNIT_TEST(test_down_and_up);
	UNIT_TEST(test_trouble_everywhere);
	UNIT_TEST(test_one_broken_domain);
	UNIT_TEST(test_answers_between);
	UNIT_TEST(test_waits_without_time);
	UNIT_TEST(test_slow_answer);
	UNIT_TEST(test_nobody_to_tell);
	return unit_end();
}
