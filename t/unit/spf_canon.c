/* SPDX-License-Identifier: BSD-2-Clause */
#include "spf/canon.h"

#include "unit.h"

struct row {
	const char *name, *record, *ip, *want;
	bool ends; /* the last step always matches */
};

static const struct row rows[] = {
    {"nothing", "v=spf1", "192.0.2.1", "v=spf1", false},
    {"all", "v=spf1 -all", "192.0.2.1", "v=spf1 -exists:t7.x", true},
    {"5.1 behind all", "v=spf1 ~all a redirect=b.example", "192.0.2.1",
	"v=spf1 ~exists:t7.x", true},
    {"each mechanism",
	"v=spf1 include:b.example ?a -mx:b.example ~ptr exists:%{i}.b.example",
	"192.0.2.1",
	"v=spf1 include:t7.x ?a:t8.x -mx:t9.x ~exists:t10.x exists:t11.x",
	false},
    {"lengths", "v=spf1 a/24 a//64 mx:b.example/1//127", "192.0.2.1",
	"v=spf1 a:t7.x/24 a:t8.x//64 mx:t9.x/1//127", false},
    {"full lengths and 0 are left out",
	"v=spf1 a/32//128 a/0//0 a/0//64 a/24//0", "192.0.2.1",
	"v=spf1 a:t7.x a:t8.x a:t9.x//64 a:t10.x/24", false},
    {"5.6 no network has it",
	"v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 a -all", "192.0.2.1",
	"v=spf1 a:t7.x -exists:t8.x", true},
    {"5.6 one has", "v=spf1 a ?ip4:192.0.2.0/24 mx -all", "192.0.2.1",
	"v=spf1 a:t7.x ?exists:t8.x", true},
    {"5.6 /0", "v=spf1 ip6:::/0 ip4:0.0.0.0/0", "192.0.2.1",
	"v=spf1 exists:t7.x", true},
    {"5 mapped network, IPv4 client",
	"v=spf1 ip6:::ffff:192.0.2.0/120 ip6:::/0", "192.0.2.1", "v=spf1",
	false},
    {"5 mapped client", "v=spf1 ip6:::/0 ip4:192.0.2.1", "::ffff:192.0.2.1",
	"v=spf1 exists:t7.x", true},
    {"IPv6 client", "v=spf1 ip4:0.0.0.0/0 ip6:2001:db8::/33 -all",
	"2001:db8::1", "v=spf1 exists:t7.x", true},
    {"6.1 redirect comes last", "v=spf1 redirect=b.example a", "192.0.2.1",
	"v=spf1 a:t7.x redirect=t8.x", false},
    {"6.1 after a hit", "v=spf1 redirect=b.example ip4:192.0.2.1", "192.0.2.1",
	"v=spf1 exists:t7.x", true},
    {"other modifiers", "v=spf1 moo=cow exp=b.example a", "192.0.2.1",
	"v=spf1 a:t7.x", false},
    {"4.6.4 eleven and an end", "v=spf1 a a a a a a a a a a a -all",
	"192.0.2.1",
	"v=spf1 a:t7.x a:t8.x a:t9.x a:t10.x a:t11.x a:t12.x a:t13.x "
	"a:t14.x a:t15.x a:t16.x a:t17.x",
	false},
    {"4.6.4 ten and an end", "v=spf1 a a a a a a a a a a -all", "192.0.2.1",
	"v=spf1 a:t7.x a:t8.x a:t9.x a:t10.x a:t11.x a:t12.x a:t13.x "
	"a:t14.x a:t15.x a:t16.x -exists:t17.x",
	true},
    {"4.6.4 ten and a redirect",
	"v=spf1 redirect=b.example a a a a a a a a a a", "192.0.2.1",
	"v=spf1 a:t7.x a:t8.x a:t9.x a:t10.x a:t11.x a:t12.x a:t13.x "
	"a:t14.x a:t15.x a:t16.x redirect=t17.x",
	false},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *arena = arena_new(1 << 20);
	struct buf b = BUF_INIT(SPF_CANON_MAX);
	struct spf_record rec;
	struct spf_plan plan;
	struct ip ip;

	assert_int_equal(ip_parse(slice_z(r->ip), &ip), 0);
	assert_int_equal(spf_record_parse(slice_z(r->record), arena, &rec), 0);
	assert_int_equal(rec.fault, SPF_OK);
	plan = spf_plan_make(&rec, &ip);
	assert_true(plan.n <= SPF_STEPS_MAX);
	assert_int_equal(plan.n && plan.steps[plan.n - 1].always, r->ends);
	spf_canon_write(plan.steps, plan.n, 7, &b);
	assert_int_equal(buf_status(&b), 0);
	assert_string_equal(buf_str(&b), r->want);
	buf_free(&b);
	arena_free(arena);
}

/* The longest that can be written fits its ceiling. */
static void
test_longest(void **state)
{
	struct spf_term term = {
	    .kind = SPF_MX, .word = AR_FAIL, .bits4 = 31, .bits6 = 127};
	struct spf_step steps[SPF_STEPS_MAX];
	struct buf b = BUF_INIT(SPF_CANON_MAX);

	(void)state;
	for (size_t i = 0; i < SPF_STEPS_MAX; i++)
		steps[i] = (struct spf_step){&term, false};
	spf_canon_write(
	    steps, SPF_STEPS_MAX, SPF_TOKENS_MAX - SPF_STEPS_MAX, &b);
	assert_int_equal(buf_status(&b), 0);
	term.kind = SPF_REDIRECT;
	buf_clear(&b);
	spf_canon_write(
	    steps, SPF_STEPS_MAX, SPF_TOKENS_MAX - SPF_STEPS_MAX, &b);
	assert_int_equal(buf_status(&b), 0);
	buf_free(&b);
}

/* --- tokens ------------------------------------------------------------------- */

struct token_row {
	const char *name;
	bool ok, is_host;
	unsigned token, host;
};

static const struct token_row token_rows[] = {
    {"t0.x", true, false, 0, 0},
    {"t120.x", true, false, 120, 0},
    {"t121.x", false, false, 0, 0},
    {"m0.t5.x", true, true, 5, 0},
    {"m9.t120.x", true, true, 120, 9},
    {"m10.t5.x", false, false, 0, 0},
    {"t05.x", false, false, 0, 0},
    {"m05.t5.x", false, false, 0, 0},
    {"t5", false, false, 0, 0},
    {"t5.x.", false, false, 0, 0},
    {"t5.y", false, false, 0, 0},
    {"T5.x", false, false, 0, 0},
    {"m5.x", false, false, 0, 0},
    {"t-1.x", false, false, 0, 0},
    {"t4294967296.x", false, false, 0, 0},
    {"t.x", false, false, 0, 0},
    {".t5.x", false, false, 0, 0},
    {"m1.m1.t5.x", false, false, 0, 0},
    {"4.3.2.1.in-addr.arpa", false, false, 0, 0},
    {"", false, false, 0, 0},
};

static void
check_token(void **state)
{
	const struct token_row *r = *state;
	struct spf_token_name name = {.token = 0};
	char text[SPF_TOKEN_TEXT];

	assert_int_equal(spf_token_parse(slice_z(r->name), &name), r->ok);
	assert_int_equal(name.token, r->token);
	assert_int_equal(name.host, r->host);
	assert_int_equal(name.is_host, r->is_host);
	if (r->ok) {
		spf_token_write(name, text);
		assert_string_equal(text, r->name);
	}
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_longest);
	UNIT_TABLE(token_rows, check_token);
	return unit_end();
}
