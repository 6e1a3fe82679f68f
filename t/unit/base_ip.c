/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/ip.h"

#include "unit.h"

struct cidr_row {
	const char *name, *cidr, *ip;
	int rc;
	bool has;
};

static const struct cidr_row cidr_rows[] = {
    {"host", "192.0.2.1", "192.0.2.1", 0, true},
    {"in /24", "192.0.2.0/24", "192.0.2.255", 0, true},
    {"out of /24", "192.0.2.0/24", "192.0.3.0", 0, false},
    {"/0", "0.0.0.0/0", "203.0.113.9", 0, true},
    {"/0 of v4 has no v6", "0.0.0.0/0", "2001:db8::1", 0, false},
    {"/31 low", "192.0.2.2/31", "192.0.2.3", 0, true},
    {"/31 next", "192.0.2.2/31", "192.0.2.4", 0, false},
    {"v6 /33 in", "2001:db8:8000::/33", "2001:db8:8000::1", 0, true},
    {"v6 /33 out", "2001:db8:8000::/33", "2001:db8::1", 0, false},
    {"mapped address", "192.0.2.0/24", "::ffff:192.0.2.7", 0, true},
    {"mapped block", "::ffff:192.0.2.0/120", "192.0.2.7", 0, true},
    {"mapped block too short", "::ffff:0.0.0.0/90", "192.0.2.7", -1, false},
    {"/33 for v4", "192.0.2.0/33", "192.0.2.0", -1, false},
    {"/129", "::/129", "::1", -1, false},
    {"no bits", "192.0.2.0/", "192.0.2.0", -1, false},
    {"name", "localhost", "127.0.0.1", -1, false},
    {"empty", "", "127.0.0.1", -1, false},
    {"octal", "0300.0.2.1", "192.0.2.1", -1, false},
};

static void
check_cidr(void **state)
{
	const struct cidr_row *r = *state;
	struct cidr c;
	struct ip ip;

	assert_int_equal(ip_parse(slice_z(r->ip), &ip), 0);
	assert_int_equal(cidr_parse(slice_z(r->cidr), &c), r->rc);
	if (r->rc == 0)
		assert_int_equal(cidr_has(&c, &ip), r->has);
}

struct text_row {
	const char *name, *text, *reverse;
};

static const struct text_row text_rows[] = {
    {"192.0.2.3", "192.0.2.3", "3.2.0.192.in-addr.arpa"},
    {"2001:DB8::cb01", "2001:db8::cb01",
	"1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	"ip6.arpa"},
    {"::ffff:192.0.2.3", "192.0.2.3", "3.2.0.192.in-addr.arpa"},
};

static void
check_text(void **state)
{
	const struct text_row *r = *state;
	char text[IP_TEXT_MAX], reverse[IP_REVERSE_MAX];
	struct ip ip;

	assert_int_equal(ip_parse(slice_z(r->name), &ip), 0);
	assert_string_equal(ip_format(&ip, text), r->text);
	assert_string_equal(ip_reverse(&ip, reverse), r->reverse);
}

static void
test_none(void **state)
{
	struct ip none = {.family = IP_NONE};
	char text[IP_TEXT_MAX], reverse[IP_REVERSE_MAX];
	struct cidr all;

	(void)state;
	assert_int_equal(cidr_parse(SLICE_LIT("::/0"), &all), 0);
	assert_false(cidr_has(&all, &none));
	assert_string_equal(ip_format(&none, text), "-");
	assert_string_equal(ip_reverse(&none, reverse), "");
	assert_int_equal(ip_parse(slice_of("::1\0", 4), &none), -1);
}

struct family_row {
	const char *name;
	enum ip_family family;
	int rc;
	const char *text;
};

static const struct family_row family_rows[] = {
    {"192.0.2.1", IP_V4, 0, "192.0.2.1"},
    {"192.0.2.1", IP_V6, -1, ""},
    {"192.0.2", IP_V4, -1, ""},
    {"192.0.02.1", IP_V4, -1, ""},
    {"192.0.2.1 ", IP_V4, -1, ""},
    {"::1", IP_V4, -1, ""},
    {"::ffff:192.0.2.1", IP_V6, 0, "::ffff:192.0.2.1"},
    {"CAFE:BABE::", IP_V6, 0, "cafe:babe::"},
    {"fe80::1%eth0", IP_V6, -1, ""},
    {"192.0.2.1", IP_NONE, -1, ""},
    {"", IP_V4, -1, ""},
};

static void
check_family(void **state)
{
	const struct family_row *r = *state;
	char text[IP_TEXT_MAX];
	struct ip ip;

	assert_int_equal(ip_parse_as(slice_z(r->name), r->family, &ip), r->rc);
	if (r->rc)
		return;
	assert_int_equal(ip.family, r->family);
	assert_string_equal(ip_format(&ip, text), r->text);
}

int
main(void)
{
	UNIT_TABLE(family_rows, check_family);
	UNIT_TABLE(cidr_rows, check_cidr);
	UNIT_TABLE(text_rows, check_text);
	UNIT_TEST(test_none);
	return unit_end();
}
