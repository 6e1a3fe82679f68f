/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/zone.h"

#include "dns/inquiry.h"
#include "dns/rdata.h"
#include "unit.h"

static const char text[] = "example.com TXT \"one\" \"two\" ; comment\n"
			   "example.com. 300 IN TXT \"a\\;b\\059\\\"c\"\n"
			   "\n"
			   "; a comment line\n"
			   "mail.example.com A 192.0.2.1\n"
			   "mail.example.com AAAA 2001:db8::1\n"
			   "example.com MX 10 mail.example.com.\n"
			   "nomx.example.com MX 0 .\n"
			   "www.Example.com CNAME mail.example.com\n"
			   "loop1.example.com CNAME loop2.example.com\n"
			   "loop2.example.com CNAME loop1.example.com\n"
			   "dangling.example.com CNAME nx.example.com\n"
			   "a.b.c.example.com A 192.0.2.9\n"
			   "*.wild.example.com TXT any\n"
			   "x.wild.example.com A 192.0.2.8\n"
			   "broken.example.com SERVFAIL\n"
			   "slow.example.com TIMEOUT\n"
			   "half.example.com TIMEOUT\n"
			   "half.example.com TXT there\n"
			   "sick.example.com A 192.0.2.7\n"
			   "sick.example.com SERVFAIL\n"
			   "two\\032words.example.com A 192.0.2.6\n"
			   "nul\\000.example.com A 192.0.2.5\n"
			   "old.example.com SPF \"v=spf1 -all\"\n"
			   "signed.example.com DS 1 13 2 00\n"
			   "signed.example.com SECURE\n"
			   "esc.example.com PTR a\\.b\\000.example\n";

struct row {
	const char *name, *owner;
	enum dns_type type;
	enum dns_status status;
	size_t nrr;
};

static const struct row rows[] = {
    {"txt", "example.com", DNS_TXT, DNS_OK, 2},
    {"case", "EXAMPLE.com", DNS_TXT, DNS_OK, 2},
    {"trailing dot", "example.com.", DNS_TXT, DNS_OK, 2},
    {"no such type", "example.com", DNS_A, DNS_NODATA, 0},
    {"a", "mail.example.com", DNS_A, DNS_OK, 1},
    {"aaaa", "mail.example.com", DNS_AAAA, DNS_OK, 1},
    {"cname", "www.example.com", DNS_A, DNS_OK, 1},
    {"cname, no data", "www.example.com", DNS_TXT, DNS_NODATA, 0},
    {"cname to nowhere", "dangling.example.com", DNS_A, DNS_NXDOMAIN, 0},
    {"cname loop", "loop1.example.com", DNS_A, DNS_SERVFAIL, 0},
    {"empty non-terminal", "b.c.example.com", DNS_A, DNS_NODATA, 0},
    {"above all", "com", DNS_A, DNS_NODATA, 0},
    {"nothing", "nx.example.com", DNS_A, DNS_NXDOMAIN, 0},
    {"half a label", "ample.com", DNS_TXT, DNS_NXDOMAIN, 0},
    {"wildcard", "y.wild.example.com", DNS_TXT, DNS_OK, 1},
    {"wildcard, two labels", "z.y.wild.example.com", DNS_TXT, DNS_OK, 1},
    {"wildcard, no data", "y.wild.example.com", DNS_A, DNS_NODATA, 0},
    {"beside a wildcard", "x.wild.example.com", DNS_TXT, DNS_NODATA, 0},
    {"below its sibling", "q.x.wild.example.com", DNS_TXT, DNS_NXDOMAIN, 0},
    {"servfail", "broken.example.com", DNS_TXT, DNS_SERVFAIL, 0},
    {"timeout", "slow.example.com", DNS_TXT, DNS_TIMEOUT, 0},
    {"timeout, but for this type", "half.example.com", DNS_TXT, DNS_OK, 1},
    {"timeout for another", "half.example.com", DNS_A, DNS_TIMEOUT, 0},
    {"servfail, but for this", "sick.example.com", DNS_A, DNS_OK, 1},
    {"servfail for another", "sick.example.com", DNS_TXT, DNS_SERVFAIL, 0},
    {"type 99", "old.example.com", DNS_SPF, DNS_OK, 1},
    {"ds", "signed.example.com", DNS_DS, DNS_OK, 1},
    {"secure, no data", "signed.example.com", DNS_TXT, DNS_NODATA, 0},
    {"a blank in a name", "two words.example.com", DNS_A, DNS_OK, 1},
    {"name that can't be", "a..b", DNS_TXT, DNS_NXDOMAIN, 0},
    {"empty name", "", DNS_TXT, DNS_NXDOMAIN, 0},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct err err = ERR_INIT;
	struct resolver *z = zone_new(slice_z(text), &err);
	struct inquiry *q = inquiry_new(z, 10);
	const struct answer *a;

	assert_string_equal(err.text, "");
	a = inquiry_ask(q, slice_z(r->owner), r->type);
	assert_int_equal(a->status, r->status);
	assert_int_equal(a->nrr, r->nrr);
	inquiry_free(q);
	resolver_free(z);
}

static void
test_data(void **state)
{
	struct resolver *z = zone_new(slice_z(text), NULL);
	struct inquiry *q = inquiry_new(z, 10);
	struct arena *arena = arena_new(10000);
	const struct answer *a;
	struct slice txt;
	char name[RDATA_NAME_MAX];
	uint16_t pref;

	(void)state;
	a = inquiry_ask(q, SLICE_LIT("example.com"), DNS_TXT);
	assert_int_equal(rdata_txt(a->rdata[0], arena, &txt), 0);
	assert_slice(txt, SLICE_LIT("onetwo"));
	assert_int_equal(rdata_txt(a->rdata[1], arena, &txt), 0);
	assert_slice(txt, SLICE_LIT("a;b;\"c"));
	a = inquiry_ask(q, SLICE_LIT("example.com"), DNS_MX);
	assert_true(rdata_mx(a->rdata[0], &pref, name));
	assert_int_equal(pref, 10);
	assert_string_equal(name, "mail.example.com");
	a = inquiry_ask(q, SLICE_LIT("nomx.example.com"), DNS_MX);
	assert_true(rdata_mx(a->rdata[0], &pref, name));
	assert_string_equal(name, "");
	a = inquiry_ask(q, SLICE_LIT("esc.example.com"), DNS_PTR);
	assert_slice(a->rdata[0], SLICE_LIT("\4a.b\0\7example\0"));
	a = inquiry_ask(q, SLICE_LIT("NUL\0.example.com"), DNS_A);
	assert_int_equal(a->nrr, 1);
	assert_string_equal(zone_asked(z, 0), "example.com TXT");
	assert_string_equal(zone_asked(z, 2), "nomx.example.com MX");
	assert_null(zone_asked(z, 5));
	arena_free(arena);
	inquiry_free(q);
	resolver_free(z);
}

struct bad_row {
	const char *name, *line, *want;
};

static const struct bad_row bad_rows[] = {
    {"type", "a FOO x", "zone line 2: unknown record type"},
    {"address", "a A 1.2.3", "zone line 2: bad address"},
    {"family", "a AAAA 192.0.2.1", "zone line 2: bad address"},
    {"quote", "a TXT \"x", "zone line 2: a quote is not closed"},
    {"octet", "a TXT \"\\999\"", "zone line 2: bad \\DDD"},
    {"target", "a CNAME", "zone line 2: a name is missing"},
    {"label",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	".example A 192.0.2.1",
	"zone line 2: a label is too long"},
    {"octet of a name", "a\\256 A 192.0.2.1", "zone line 2: bad \\DDD"},
};

static void
check_bad(void **state)
{
	const struct bad_row *r = *state;
	struct err err = ERR_INIT;
	char zone[400];

	snprintf(zone, sizeof(zone), "\n%s\n", r->line);
	assert_null(zone_new(slice_z(zone), &err));
	assert_string_equal(err.text, r->want);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_data);
	UNIT_TABLE(bad_rows, check_bad);
	return unit_end();
}
