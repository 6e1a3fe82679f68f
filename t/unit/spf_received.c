/* SPDX-License-Identifier: BSD-2-Clause */
#include "spf/received.h"

#include "mail/limits.h"
#include "unit.h"

#define S(lit) \
	{ \
		(lit), sizeof(lit) - 1 \
	}

struct row {
	const char *name;
	struct spf_result result;
	bool null_sender;
	const char *ip;
	struct slice helo;
	const char *want;
};

#define RESULT(w, why, from, matched) \
	{ \
		.word = (w), .reason = (why), .sender = S(from), \
		.term = S(matched) \
	}
#define FROM "a@example.com"

static const struct row rows[] = {
    {"pass (RFC 7208 section 9.1)",
	RESULT(AR_PASS, SPF_MATCHED, FROM, "ip4:192.0.2.1"), false,
	"192.0.2.1", S("foo.example.com"),
	" pass\n"
	"\t(mx.example.org: domain of a@example.com designates 192.0.2.1 as "
	"permitted sender)\n"
	"\treceiver=mx.example.org;\n"
	"\tclient-ip=192.0.2.1;\n"
	"\tidentity=mailfrom;\n"
	"\tenvelope-from=\"a@example.com\";\n"
	"\thelo=foo.example.com;\n"
	"\tmechanism=\"ip4:192.0.2.1\";"},
    {"fail, IPv6", RESULT(AR_FAIL, SPF_MATCHED, FROM, "-all"), false,
	"2001:db8::1", S("foo.example.com"),
	" fail\n"
	"\t(mx.example.org: domain of a@example.com does not designate "
	"2001:db8::1 as permitted sender)\n"
	"\treceiver=mx.example.org;\n"
	"\tclient-ip=\"2001:db8::1\";\n"
	"\tidentity=mailfrom;\n"
	"\tenvelope-from=\"a@example.com\";\n"
	"\thelo=foo.example.com;\n"
	"\tmechanism=-all;"},
    {"neutral by default", RESULT(AR_NEUTRAL, SPF_DEFAULT, FROM, ""), false,
	"192.0.2.1", S("h"),
	" neutral\n"
	"\t(mx.example.org: 192.0.2.1 is neither permitted nor denied by "
	"a@example.com)\n"
	"\treceiver=mx.example.org;\n"
	"\tclient-ip=192.0.2.1;\n"
	"\tidentity=mailfrom;\n"
	"\tenvelope-from=\"a@example.com\";\n"
	"\thelo=h;\n"
	"\tmechanism=default;"},
    {"none, the null sender",
	RESULT(AR_NONE, SPF_NO_RECORD, "postmaster@h.example", ""), true,
	"192.0.2.1", S("h.example"),
	" none\n"
	"\t(mx.example.org: postmaster@h.example does not designate permitted "
	"sender hosts)\n"
	"\treceiver=mx.example.org;\n"
	"\tclient-ip=192.0.2.1;\n"
	"\tidentity=helo;\n"
	"\thelo=h.example;"},
    {"permerror", RESULT(AR_PERMERROR, SPF_MANY_VOIDS, FROM, "a:x.example"),
	false, "192.0.2.1", S("h"),
	" permerror\n"
	"\t(mx.example.org: error in processing during lookup of "
	"a@example.com)\n"
	"\treceiver=mx.example.org;\n"
	"\tclient-ip=192.0.2.1;\n"
	"\tidentity=mailfrom;\n"
	"\tenvelope-from=\"a@example.com\";\n"
	"\thelo=h;\n"
	"\tproblem=\"too many void lookups\";"},
    {"hostile HELO and sender",
	RESULT(AR_SOFTFAIL, SPF_MATCHED, "\"x) (\r\ny\"@example.com", "~all"),
	false, "192.0.2.1", S("\";\r\nX: y\\\0\xff"),
	" softfail\n"
	"\t(mx.example.org: domain of 'x] [??y'@example.com does not "
	"designate 192.0.2.1 as permitted sender)\n"
	"\treceiver=mx.example.org;\n"
	"\tclient-ip=192.0.2.1;\n"
	"\tidentity=mailfrom;\n"
	"\tenvelope-from=\"\\\"x) (??y\\\"@example.com\";\n"
	"\thelo=\"\\\";??X: y\\\\??\";\n"
	"\tmechanism=~all;"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct spf_received in = {.result = &r->result,
	    .null_sender = r->null_sender,
	    .helo = r->helo,
	    .receiver = SLICE_LIT("mx.example.org")};
	struct arena *arena = arena_new(100000);
	struct slice got;

	assert_int_equal(ip_parse(slice_z(r->ip), &in.client), 0);
	assert_int_equal(spf_received_write(&in, arena, &got), 0);
	assert_slice(got, slice_z(r->want));
	arena_free(arena);
}

/* RFC 5322 section 2.1.1: no line over 998 octets, whatever comes in. */
static void
test_long(void **state)
{
	static char octets[5000];
	struct spf_result res = {.word = AR_FAIL, .reason = SPF_MATCHED};
	struct spf_received in = {.result = &res};
	struct arena *arena = arena_new(100000);
	struct slice got, line;
	bool more = true;

	(void)state;
	memset(octets, '"', sizeof(octets));
	res.sender = res.term = in.helo = in.receiver =
	    slice_of(octets, sizeof(octets));
	assert_int_equal(ip_parse(SLICE_LIT("2001:db8::1"), &in.client), 0);
	assert_int_equal(spf_received_write(&in, arena, &got), 0);
	while (more) {
		line = slice_cut(&got, '\n', &more);
		assert_true(line.len < 998);
	}
	arena_free(arena);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_long);
	return unit_end();
}
