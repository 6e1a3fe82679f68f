/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/inquiry.h"

#include "dns/zone.h"
#include "unit.h"

static void
test_asks_each_name_once(void **state)
{
	struct resolver *z =
	    zone_new(SLICE_LIT("a.example A 192.0.2.1"), NULL);
	struct inquiry *q = inquiry_new(z, 10);

	(void)state;
	inquiry_prefetch(q, SLICE_LIT("A.example"), DNS_A);
	inquiry_prefetch(q, SLICE_LIT("a.example."), DNS_A);
	assert_int_equal(
	    inquiry_ask(q, SLICE_LIT("a.EXAMPLE"), DNS_A)->status, DNS_OK);
	assert_int_equal(
	    inquiry_ask(q, SLICE_LIT("a.example"), DNS_A)->status, DNS_OK);
	assert_string_equal(zone_asked(z, 0), "a.example A");
	assert_null(zone_asked(z, 1));
	(void)inquiry_ask(q, SLICE_LIT("a.example"), DNS_TXT);
	assert_string_equal(zone_asked(z, 1), "a.example TXT");
	assert_int_equal(inquiry_count(q), 2);
	inquiry_free(q);
	resolver_free(z);
}

static void
test_unanswered(void **state)
{
	struct resolver *z = zone_new(
	    SLICE_LIT("a.example A 192.0.2.1\nslow.example TIMEOUT"), NULL);
	struct inquiry *q = inquiry_new(z, 10);

	(void)state;
	inquiry_set_deadline(q, 0);
	assert_int_equal(
	    inquiry_ask(q, SLICE_LIT("a.example"), DNS_A)->status, DNS_OK);
	assert_false(inquiry_unanswered(q));
	assert_int_equal(
	    inquiry_ask(q, SLICE_LIT("slow.example"), DNS_A)->status,
	    DNS_TIMEOUT);
	assert_true(inquiry_unanswered(q));
	inquiry_free(q);
	resolver_free(z);
}

/* A look at what is there waits for nothing and decides nothing. */
static void
test_is_answered(void **state)
{
	struct resolver *z = zone_new(
	    SLICE_LIT("a.example A 192.0.2.1\nslow.example TIMEOUT"), NULL);
	struct inquiry *q = inquiry_new(z, 10);

	(void)state;
	assert_true(inquiry_is_answered(q));
	inquiry_prefetch(q, SLICE_LIT("a.example"), DNS_A);
	assert_true(inquiry_is_answered(q));
	inquiry_prefetch(q, SLICE_LIT("slow.example"), DNS_A);
	assert_false(inquiry_is_answered(q));
	assert_false(inquiry_unanswered(q));
	assert_int_equal(
	    inquiry_ask(q, SLICE_LIT("a.example"), DNS_A)->status, DNS_OK);
	assert_int_equal(inquiry_count(q), 2);
	inquiry_free(q);
	resolver_free(z);
}

static void
test_budget(void **state)
{
	struct resolver *z =
	    zone_new(SLICE_LIT("a.example A 192.0.2.1"), NULL);
	struct inquiry *q = inquiry_new(z, 1);

	(void)state;
	assert_int_equal(inquiry_ask(q, SLICE_LIT("b.example"), DNS_A)->status,
	    DNS_NXDOMAIN);
	assert_false(inquiry_over(q));
	assert_int_equal(inquiry_ask(q, SLICE_LIT("a.example"), DNS_A)->status,
	    DNS_SERVFAIL);
	assert_true(inquiry_over(q));
	assert_false(inquiry_failed(q));
	/* What was asked before is still there. */
	assert_int_equal(inquiry_ask(q, SLICE_LIT("b.example"), DNS_A)->status,
	    DNS_NXDOMAIN);
	inquiry_free(q);
	resolver_free(z);
}

static void
test_impossible_names_cost_nothing(void **state)
{
	struct resolver *z = zone_new(SLICE_EMPTY, NULL);
	struct inquiry *q = inquiry_new(z, 10);
	char label[64 + 1] = {0}, name[300] = {0};

	(void)state;
	memset(label, 'a', 64);
	for (int i = 0; i < 4; i++)
		strcat(strcat(name, label + 1), ".");
	assert_int_equal(
	    inquiry_ask(q, slice_z(label), DNS_A)->status, DNS_NXDOMAIN);
	assert_int_equal(
	    inquiry_ask(q, slice_z(name), DNS_A)->status, DNS_NXDOMAIN);
	inquiry_prefetch(q, slice_z(name), DNS_A);
	assert_null(zone_asked(z, 0));
	inquiry_free(q);
	resolver_free(z);
}

int
main(void)
{
	UNIT_TEST(test_asks_each_name_once);
	UNIT_TEST(test_unanswered);
	UNIT_TEST(test_is_answered);
	UNIT_TEST(test_budget);
	UNIT_TEST(test_impossible_names_cost_nothing);
	return unit_end();
}
