/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/nets.h"

#include "base/buf.h"
#include "unit.h"

struct row {
	const char *name, *rules, *want;
};

static const struct row rows[] = {
    {"nothing", "", ""},
    {"one", "10.0.0.0/8", "10.0.0.0/8"},
    {"a half taken out", "10.0.0.0/8 !10.0.0.0/9", "10.128.0.0/9"},
    {"an address taken out", "192.0.2.0/30 !192.0.2.1",
	"192.0.2.0/32 192.0.2.2/31"},
    {"the more precise holds again", "10.0.0.0/8 !10.0.0.0/9 10.0.0.0/10",
	"10.0.0.0/10 10.128.0.0/9"},
    {"all of it taken out", "10.0.0.0/8 !10.0.0.0/8", ""},
    {"taken out of nothing", "!10.0.0.0/8", ""},
    {"one within another", "10.0.0.0/8 10.1.0.0/16",
	"10.0.0.0/16 10.1.0.0/16 10.2.0.0/15 10.4.0.0/14 10.8.0.0/13 "
	"10.16.0.0/12 10.32.0.0/11 10.64.0.0/10 10.128.0.0/9"},
    {"the last address", "255.255.255.254/31 !255.255.255.255",
	"255.255.255.254/32"},
    {"IPv6", "2001:db8::/126 !2001:db8::3", "2001:db8::/127 2001:db8::2/128"},
    {"both", "::1 127.0.0.1", "127.0.0.1/32 ::1/128"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct slice rest = slice_z(r->rules);
	struct buf got = BUF_INIT(4096);
	struct net_rule rules[8];
	struct cidr out[64];
	bool more = rest.len > 0;
	size_t n = 0, found;

	while (more) {
		struct slice s = slice_cut(&rest, ' ', &more);

		rules[n].excluded = s.ptr[0] == '!';
		assert_int_equal(cidr_parse(slice_from(s, rules[n].excluded),
				     &rules[n].net),
		    0);
		n++;
	}
	found = nets_resolve(rules, n, out, 64);
	for (size_t i = 0; i < found; i++) {
		char text[IP_TEXT_MAX];

		buf_addf(&got, "%s%s/%u", i ? " " : "",
		    ip_format(&out[i].net, text), out[i].bits);
	}
	assert_string_equal(buf_str(&got), r->want);
	buf_free(&got);
}

static void
too_many(void **state)
{
	struct net_rule rules[2] = {{.excluded = false}, {.excluded = true}};
	struct cidr out[8];

	(void)state;
	assert_int_equal(
	    cidr_parse(SLICE_LIT("2001:db8::/32"), &rules[0].net), 0);
	assert_int_equal(
	    cidr_parse(SLICE_LIT("2001:db8::1"), &rules[1].net), 0);
	assert_int_equal(nets_resolve(rules, 2, out, 8), 9);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(too_many);
	return unit_end();
}
