/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/gate.h"

#include <stdio.h>

#include "mail/limits.h"
#include "unit.h"

#define MANY (LIMIT_DNS_WAITING + LIMIT_DNS_UNDER_WAY)

static const struct hash_key key = {{1, 2}};

static struct gate *gate;
static struct gated all[MANY];
static size_t n;

static void
fresh(void)
{
	memset(all, 0, sizeof(all));
	n = 0;
	gate_free(gate);
	gate = gate_new(&key);
	assert_non_null(gate);
}

static struct gated *
enter(const char *name)
{
	assert_true(n < MANY);
	assert_null(gate_enter(gate, &all[n], slice_z(name)));
	return &all[n++];
}

/* How many more may be asked now. */
static size_t
let_in(void)
{
	size_t more = 0;
	struct gated *q;

	while ((q = gate_next(gate))) {
		assert_true(q->under_way);
		more++;
	}
	return more;
}

/* One question, and what came of it. */
static void
ask(const char *name, bool answered)
{
	struct gated *q = enter(name);

	assert_ptr_equal(gate_next(gate), q);
	gate_leave(gate, q, answered);
	memset(q, 0, sizeof(*q));
	n--;
}

/* Silent names, each of a domain of its own. */
static size_t
crowd(size_t names)
{
	char name[32];

	for (size_t i = 0; i < names; i++) {
		(void)snprintf(name, sizeof(name), "d%zu.example", i);
		(void)enter(name);
	}
	return let_in();
}

/* --- which names share the places of a domain ----------------------------------- */

static void
test_domains(void **state)
{
	static const struct {
		const char *one, *other; /* one of 32 and another */
		bool same;
	} rows[] = {
	    {"a.bad.example", "b.c.bad.example", true},
	    {"a.bad.example", "BAD.EXAMPLE", true},
	    {"a.bad.example", "b.good.example", false},
	    {"a.bad.co.uk", "b.good.co.uk", false},
	    {"a.bad.com.br", "bad.com.br", true},
	    {"a.shop.de", "b.shop.de", true},
	    {"a.de", "b.de", false},
	    {"a.ab.de", "b.ab.de", false},
	    {"com", "com", true},
	    {"", "", true},
	    {"9.113.0.203.in-addr.arpa", "8.1.0.203.in-addr.arpa", true},
	    {"9.113.0.203.in-addr.arpa", "9.113.1.203.in-addr.arpa", false},
	    {"1.2.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
		"9.0.8.b.d.0.1.0.0.2.ip6.arpa", true},
	    {"1.2.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
		"9.0.9.b.d.0.1.0.0.2.ip6.arpa", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t more;

		fresh();
		for (size_t j = 0; j < LIMIT_DNS_DOMAIN; j++)
			(void)enter(rows[i].one);
		assert_int_equal(let_in(), LIMIT_DNS_DOMAIN);
		(void)enter(rows[i].other);
		more = let_in();
		if (more != !rows[i].same)
			fail_msg("%s, %s: got %zu", rows[i].one, rows[i].other,
			    more);
	}
}

/* --- who gets in ------------------------------------------------------------------ */

static void
test_crowd_leaves_places_to_the_proven(void **state)
{
	(void)state;
	fresh();
	ask("a.good.example", true);
	ask("b.good.example", true);
	assert_int_equal(crowd(LIMIT_DNS_UNDER_WAY), LIMIT_DNS_UNPROVEN);
	for (size_t i = 0; i < 3; i++)
		(void)enter("c.good.example");
	assert_int_equal(let_in(), 2);
}

static void
test_failures_count_more(void **state)
{
	static const struct {
		size_t answers, failures, more;
		size_t want;
	} rows[] = {
	    {1, 0, 0, 1},
	    {1, 1, 0, 0},
	    {20, 2, 0, 4},
	    {20, 3, 0, 0},
	    {1000, 0, 0, LIMIT_DNS_DOMAIN},
	    {1000, 3, 0, 8},
	    {0, 1, 8, 0},
	    {0, 1, 9, 1},
	    {0, 1000, LIMIT_DNS_DOMAIN, 0},
	    {0, 1000, LIMIT_DNS_DOMAIN + 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t in;

		fresh();
		for (size_t j = 0; j < rows[i].answers; j++)
			ask("good.example", true);
		for (size_t j = 0; j < rows[i].failures; j++)
			ask("good.example", false);
		for (size_t j = 0; j < rows[i].more; j++)
			ask("good.example", true);
		assert_int_equal(
		    crowd(LIMIT_DNS_UNDER_WAY), LIMIT_DNS_UNPROVEN);
		for (size_t j = 0; j <= LIMIT_DNS_DOMAIN; j++)
			(void)enter("good.example");
		in = let_in();
		if (in != rows[i].want)
			fail_msg("row %zu: got %zu", i, in);
	}
}

static void
test_all_places(void **state)
{
	char name[32];
	size_t in;

	(void)state;
	fresh();
	for (size_t d = 0; d <= LIMIT_DNS_UNDER_WAY / LIMIT_DNS_DOMAIN; d++) {
		(void)snprintf(name, sizeof(name), "good%zu.example", d);
		for (size_t i = 0; i < LIMIT_DNS_DOMAIN; i++)
			ask(name, true);
	}
	for (size_t d = 0; d <= LIMIT_DNS_UNDER_WAY / LIMIT_DNS_DOMAIN; d++) {
		(void)snprintf(name, sizeof(name), "good%zu.example", d);
		for (size_t i = 0; i < LIMIT_DNS_DOMAIN; i++)
			(void)enter(name);
	}
	in = let_in();
	assert_int_equal(in, LIMIT_DNS_UNDER_WAY);
}

static void
test_a_place_is_free_again(void **state)
{
	struct gated *newest;

	(void)state;
	fresh();
	assert_int_equal(crowd(LIMIT_DNS_UNPROVEN), LIMIT_DNS_UNPROVEN);
	(void)enter("first.example");
	newest = enter("second.example");
	assert_int_equal(let_in(), 0);
	gate_leave(gate, &all[0], false);
	assert_ptr_equal(gate_next(gate), newest);
	assert_null(gate_next(gate));
	gate_leave(gate, &all[1], true);
	assert_int_equal(let_in(), 1);
}

static void
test_given_up_is_not_asked(void **state)
{
	struct gated *q;

	(void)state;
	fresh();
	assert_int_equal(crowd(LIMIT_DNS_UNPROVEN), LIMIT_DNS_UNPROVEN);
	q = enter("a.example");
	(void)enter("b.example");
	atomic_store(&q->given_up, true);
	assert_ptr_equal(gate_next(gate), q);
	assert_false(q->under_way);
	assert_null(gate_next(gate));
}

static void
test_oldest_is_refused(void **state)
{
	static struct gated one_more;
	struct gated *oldest;

	(void)state;
	fresh();
	assert_int_equal(crowd(LIMIT_DNS_UNPROVEN), LIMIT_DNS_UNPROVEN);
	oldest = &all[n];
	for (size_t i = 0; i < LIMIT_DNS_WAITING; i++)
		(void)enter("d0.example");
	assert_int_equal(let_in(), 0);
	assert_ptr_equal(
	    gate_enter(gate, &one_more, slice_z("a.example")), oldest);
	assert_false(oldest->under_way);
}

/* Two domains with one entry: what is under way is not mixed up. */
static void
test_table_is_shared(void **state)
{
	char name[32];

	(void)state;
	fresh();
	for (size_t round = 0; round < 2 * LIMIT_DNS_PLACES; round++) {
		n = 0;
		for (size_t i = 0; i < 8; i++) {
			(void)snprintf(
			    name, sizeof(name), "r%zu-%zu.example", round, i);
			(void)enter(name);
		}
		assert_int_equal(let_in(), 8);
		for (size_t i = 0; i < 8; i++)
			gate_leave(gate, &all[i], round % 2);
		memset(all, 0, 8 * sizeof(all[0]));
	}
	assert_int_equal(crowd(LIMIT_DNS_UNDER_WAY), LIMIT_DNS_UNPROVEN);
}

/* Whatever the octets and however many: of one name each, and of no other's. */
static void
test_octets(void **state)
{
	static char longest[20 * LIMIT_DOMAIN];
	const struct slice names[] = {SLICE_LIT(""), SLICE_LIT("."),
	    SLICE_LIT(".."), SLICE_LIT("a\0b.example"),
	    SLICE_LIT("a\r\nb.example"), SLICE_LIT("\xff\xfe.example"),
	    slice_of(longest, sizeof(longest))};

	(void)state;
	memset(longest, 'a', sizeof(longest));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		fresh();
		for (n = 0; n <= LIMIT_DNS_DOMAIN; n++)
			assert_null(gate_enter(gate, &all[n], names[i]));
		assert_int_equal(let_in(), LIMIT_DNS_DOMAIN);
		(void)enter("good.test");
		assert_int_equal(let_in(), 1);
	}
}

/* Does one domain's earning make the other give up its place in the table? */
static bool
drives_out(const struct hash_key *k, const char *name)
{
	struct gated q = {.under_way = false}, r = {.under_way = false};
	struct gate *g = gate_new(k);

	assert_non_null(g);
	(void)gate_enter(g, &q, SLICE_LIT("good.example"));
	assert_ptr_equal(gate_next(g), &q);
	(void)gate_enter(g, &r, slice_z(name));
	assert_ptr_equal(gate_next(g), &r);
	gate_free(g);
	return !r.counted;
}

/* Who does not know the key can't tell which names meet. */
static void
test_key(void **state)
{
	static const struct hash_key other = {{3, 4}};
	char name[32];
	size_t met = 0, same = 0;

	(void)state;
	for (int i = 0; i < 6 * LIMIT_DNS_PLACES && met < 2; i++) {
		(void)snprintf(name, sizeof(name), "d%d.example", i);
		if (!drives_out(&key, name))
			continue;
		met++;
		same += drives_out(&other, name);
	}
	assert_int_equal(met, 2);
	assert_int_equal(same, 0);
}

int
main(void)
{
	UNIT_TEST(test_domains);
	UNIT_TEST(test_crowd_leaves_places_to_the_proven);
	UNIT_TEST(test_failures_count_more);
	UNIT_TEST(test_all_places);
	UNIT_TEST(test_a_place_is_free_again);
	UNIT_TEST(test_given_up_is_not_asked);
	UNIT_TEST(test_oldest_is_refused);
	UNIT_TEST(test_table_is_shared);
	UNIT_TEST(test_octets);
	UNIT_TEST(test_key);
	gate_free(gate);
	return unit_end();
}
