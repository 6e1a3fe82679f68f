/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/cache.h"

#include "dns/inquiry.h"
#include "dns/zone.h"
#include "mail/limits.h"
#include "unit.h"

static const struct hash_key hash_key = {{3, 4}};

static int64_t now_ms;

static int64_t
test_mono(const struct clock *c)
{
	(void)c;
	return now_ms;
}

static const struct clock clock = {test_mono, test_mono};

static struct resolver *zone;

static struct resolver *
cached_zone(const char *text, size_t octets)
{
	struct resolver *r;

	now_ms = 1000;
	zone = zone_new(slice_z(text), NULL);
	assert_non_null(zone);
	r = dns_cache_new(zone, &clock, octets, &hash_key);
	assert_non_null(r);
	return r;
}

static enum dns_status
ask(struct resolver *r, const char *name, enum dns_type type)
{
	struct inquiry *q = inquiry_new(r, 10);
	const struct answer *a = inquiry_ask(q, slice_z(name), type);
	enum dns_status status = a->status;

	if (status == DNS_OK && type == DNS_A)
		assert_memory_equal(a->rdata[0].ptr, "\300\0\2\1", 4);
	inquiry_free(q);
	return status;
}

/* How many questions have gone on to the zone. */
static size_t
asked(void)
{
	size_t n = 0;

	while (zone_asked(zone, n))
		n++;
	return n;
}

static void
test_asked_once(void **state)
{
	struct resolver *r = cached_zone("a.example A 192.0.2.1", 1 << 20);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(r, "a.example", DNS_A), DNS_OK);
		assert_int_equal(ask(r, "A.Example", DNS_A), DNS_OK);
		assert_int_equal(ask(r, "a.example", DNS_TXT), DNS_NODATA);
		assert_int_equal(ask(r, "b.example", DNS_A), DNS_NXDOMAIN);
	}
	assert_int_equal(asked(), 3);
	assert_int_equal(dns_cache_count(r).entries, 3);
	resolver_free(r);
}

static void
test_ttl_is_over(void **state)
{
	struct resolver *r = cached_zone("a.example A 192.0.2.1", 1 << 20);

	(void)state;
	(void)ask(r, "a.example", DNS_A);
	now_ms += (int64_t)LIMIT_CACHE_TTL_S * 1000;
	assert_int_equal(ask(r, "a.example", DNS_A), DNS_OK);
	assert_int_equal(asked(), 2);
	resolver_free(r);
}

static void
test_trouble_is_not_kept(void **state)
{
	struct resolver *r =
	    cached_zone("s.example SERVFAIL\nt.example TIMEOUT", 1 << 20);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(r, "s.example", DNS_A), DNS_SERVFAIL);
		assert_int_equal(ask(r, "t.example", DNS_A), DNS_TIMEOUT);
	}
	assert_int_equal(asked(), 4);
	assert_int_equal(dns_cache_count(r).entries, 0);
	resolver_free(r);
}

/* Names that differ in an octet, a label's end or the type are not one. */
static void
test_no_name_answers_for_another(void **state)
{
	struct resolver *r = cached_zone("a.example A 192.0.2.1\n"
					 "b.example SERVFAIL",
	    1 << 20);
	static const char *const others[] = {"aexample", "a.exampl",
	    "a.example.b", "\001a.example", "x.a.example", "a-example"};

	(void)state;
	assert_int_equal(ask(r, "a.example", DNS_A), DNS_OK);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_int_equal(ask(r, others[i], DNS_A), DNS_NXDOMAIN);
	assert_int_equal(ask(r, "a.example", DNS_AAAA), DNS_NODATA);
	assert_int_equal(ask(r, "b.example", DNS_A), DNS_SERVFAIL);
	assert_int_equal(ask(r, "a.example", DNS_A), DNS_OK);
	resolver_free(r);
}

static void
test_hostile_names_do_not_grow_it(void **state)
{
	const size_t max = 256 * 1024;
	struct resolver *r = cached_zone("a.example A 192.0.2.1", max);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "n%d.hostile.example", i);
		assert_int_equal(ask(r, name, DNS_TXT), DNS_NXDOMAIN);
		assert_true(dns_cache_count(r).octets <= max);
		assert_int_equal(ask(r, "a.example", DNS_A), DNS_OK);
	}
	assert_int_equal(asked(), 5001);
	resolver_free(r);
}

int
main(void)
{
	UNIT_TEST(test_asked_once);
	UNIT_TEST(test_ttl_is_over);
	UNIT_TEST(test_trouble_is_not_kept);
	UNIT_TEST(test_no_name_answers_for_another);
	UNIT_TEST(test_hostile_names_do_not_grow_it);
	return unit_end();
}
