/* SPDX-License-Identifier: BSD-2-Clause */
#include "spf/macro.h"

#include "unit.h"

/* The values of RFC 7208 section 7.4. */
static struct spf_macro_values
values(const char *ip)
{
	struct spf_macro_values v = {
	    .sender = SLICE_LIT("strong-bad@email.example.com"),
	    .local = SLICE_LIT("strong-bad"),
	    .sender_domain = SLICE_LIT("email.example.com"),
	    .domain = SLICE_LIT("email.example.com"),
	    .helo = SLICE_LIT("HELO.example.org"),
	    .validated = SLICE_LIT("mx.example.org"),
	    .receiver = SLICE_LIT("mx.example.net"),
	    .now_s = 1234567890,
	};

	assert_int_equal(ip_parse(slice_z(ip), &v.ip), 0);
	return v;
}

/* --- expansion -------------------------------------------------------------- */

struct row {
	const char *name, *want;
	bool v6;
};

static const struct row rows[] = {
    /* RFC 7208 section 7.4, all of it */
    {"%{s}", "strong-bad@email.example.com", false},
    {"%{o}", "email.example.com", false},
    {"%{d}", "email.example.com", false},
    {"%{d4}", "email.example.com", false},
    {"%{d3}", "email.example.com", false},
    {"%{d2}", "example.com", false},
    {"%{d1}", "com", false},
    {"%{dr}", "com.example.email", false},
    {"%{d2r}", "example.email", false},
    {"%{l}", "strong-bad", false},
    {"%{l-}", "strong.bad", false},
    {"%{lr}", "strong-bad", false},
    {"%{lr-}", "bad.strong", false},
    {"%{l1r-}", "strong", false},
    {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com", false},
    {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com", false},
    {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	"bad.strong.lp.3.2.0.192.in-addr._spf.example.com", false},
    {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
	"3.2.0.192.in-addr.strong.lp._spf.example.com", false},
    {"%{d2}.trusted-domains.example.net",
	"example.com.trusted-domains.example.net", false},
    {"%{ir}.%{v}._spf.%{d2}",
	"1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2."
	"ip6._spf.example.com",
	true},
    /* the other letters */
    {"%{h} %{p} %{r} %{t}",
	"HELO.example.org mx.example.org mx.example.net "
	"1234567890",
	false},
    {"%{c} %{i} %{v}", "192.0.2.3 192.0.2.3 in-addr", false},
    {"%{c} %{v}", "2001:db8::cb01 ip6", true},
    /* letters and "r" are as good in capitals (ABNF) */
    {"%{LR-}%{lR-}", "bad.strongbad.strong", false},
    {"%{D}", "email.example.com", false},
    {"%{S}", "strong-bad%40email.example.com", false},
    /* section 7.1 */
    {"%%%_%-", "% %20", false},
    {"a%%{d}", "a%{d}", false},
    {"100%%", "100%", false},
    /* digits */
    {"%{d9}", "email.example.com", false},
    {"%{d127}", "email.example.com", false},
    {"%{d99999999999999999999}", "email.example.com", false},
    {"%{d02}", "example.com", false},
    {"%{d1r}", "email", false},
    {"%{d3r}", "com.example.email", false},
    {"%{l1}", "strong-bad", false},
    {"%{l1-}", "bad", false},
    {"%{i2}", "2.3", false},
    {"%{i2r}", "0.192", false},
    {"%{v1-}", "addr", false},
    /* delimiters: each splits, all become dots */
    {"%{s-@}", NULL, false},
    {"%{s-.}", "strong.bad@email.example.com", false},
    {"%{s2-.}", "example.com", false},
    {"%{sr-.}", "com.example.bad@email.strong", false},
    {"%{d+,/_=}", "email.example.com", false},
    {"", "", false},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct spf_macro_values v =
	    values(r->v6 ? "2001:db8::cb01" : "192.0.2.3");
	struct buf b = BUF_INIT(1000);

	assert_int_equal(spf_macro_valid(slice_z(r->name), SPF_IN_EXPLANATION),
	    r->want != NULL);
	if (r->want) {
		assert_int_equal(
		    spf_macro_expand(slice_z(r->name), &v, &b), 0);
		assert_string_equal(buf_str(&b), r->want);
	}
	buf_free(&b);
}

/* --- values that are odd ------------------------------------------------------ */

struct odd_row {
	const char *name, *macro, *local, *want;
};

static const struct odd_row odd_rows[] = {
    {"empty value", "<%{l}%{lr-}%{l2}>", "", "<>"},
    {"one part", "%{l1}", "foo", "foo"},
    {"empty parts stay", "%{l-}", "-a--b-", ".a..b."},
    {"empty parts reversed", "%{lr-}", "-a--b", "b..a."},
    {"an empty part kept", "<%{l1-}>", "a-", "<>"},
    {"two, one of them empty", "%{l2-}", "a-b-", "b."},
    {"first part empty", "<%{l1r-}>", "-a", "<>"},
    {"only delimiters", "%{lr-}", "--", ".."},
    {"several delimiters", "%{l+-}", "a+b-c.d", "a.b.c.d"},
    {"comma", "%{l2,}", "a,b,c", "b.c"},
    {"slash", "%{l1/}", "a/b", "b"},
    {"equals, underscore", "%{lr=_}", "a=b_c", "c.b.a"},
    {"section 7.3 escaping", "%{L}", "~jack&jill=up-a_b3.c",
	"~jack%26jill%3Dup-a_b3.c"},
    {"escaping 8 bit and controls", "%{L}", "\xff\x01\r\n %",
	"%FF%01%0D%0A%20%25"},
    {"no escaping", "%{l}", "\xff\r\n", "\xff\r\n"},
    {"a macro in a value is text", "%{l}", "%{d}", "%{d}"},
};

static void
check_odd(void **state)
{
	const struct odd_row *r = *state;
	struct spf_macro_values v = values("192.0.2.3");
	struct buf b = BUF_INIT(1000);

	v.local = slice_z(r->local);
	assert_int_equal(spf_macro_expand(slice_z(r->macro), &v, &b), 0);
	assert_string_equal(buf_str(&b), r->want);
	buf_free(&b);
}

/* --- syntax ------------------------------------------------------------------- */

struct syntax_row {
	const char *name;
	bool term, explanation;
};

static const struct syntax_row syntax_rows[] = {
    {"%", false, false},
    {"a%", false, false},
    {"%a", false, false},
    {"%(ir)", false, false},
    {"%a.example", false, false},
    {"%{", false, false},
    {"%{}", false, false},
    {"%{d", false, false},
    {"%{d2r", false, false},
    {"%{a}", false, false},
    {"%{x}", false, false},
    {"%{1}", false, false},
    {"%{d0}", false, false},
    {"%{d00}", false, false},
    {"%{d-1}", false, false},
    {"%{d1 }", false, false},
    {"%{dr2}", false, false},
    {"%{drr}", false, false},
    {"%{d|}", false, false},
    {"%{d.r}", false, false},
    {"%{ d}", false, false},
    {"%%%", false, false},
    {"%{d}}", true, true},
    {"%{d2r.-+,/_=}", true, true},
    {"%{c}", false, true},
    {"%{R}", false, true},
    {"%{t}", false, true},
    {"two words", false, true},
    {"a\tb", false, false},
    {"a\r\nb", false, false},
    {"\xc3\xbc", false, false},
    {"\x7f", false, false},
};

static void
check_syntax(void **state)
{
	const struct syntax_row *r = *state;
	struct slice s = slice_z(r->name);

	assert_int_equal(spf_macro_valid(s, SPF_IN_TERM), r->term);
	assert_int_equal(
	    spf_macro_valid(s, SPF_IN_EXPLANATION), r->explanation);
	assert_true(r->term || !spf_macro_target_valid(s));
	/* No prefix of it reads past its end. */
	for (size_t i = 0; i <= s.len; i++) {
		char *cut = malloc(i ? i : 1);

		assert_non_null(cut);
		memcpy(cut, s.ptr, i);
		(void)spf_macro_valid(slice_of(cut, i), SPF_IN_TERM);
		(void)spf_macro_target_valid(slice_of(cut, i));
		free(cut);
	}
}

static void
test_nul(void **state)
{
	(void)state;
	assert_false(spf_macro_valid(SLICE_LIT("a\0b"), SPF_IN_EXPLANATION));
	assert_false(spf_macro_valid(SLICE_LIT("%{\0}"), SPF_IN_EXPLANATION));
	assert_false(spf_macro_valid(SLICE_LIT("%{d\0}"), SPF_IN_TERM));
	assert_false(spf_macro_valid(SLICE_LIT("%\0"), SPF_IN_TERM));
}

static void
test_uses(void **state)
{
	(void)state;
	assert_true(spf_macro_uses(SLICE_LIT("a.%{L1r-}.b"), "sl"));
	assert_true(spf_macro_uses(SLICE_LIT("%{s}"), "sl"));
	assert_false(spf_macro_uses(SLICE_LIT("%{d}%%{s}sl%_"), "sl"));
	assert_false(spf_macro_uses(SLICE_EMPTY, "sl"));
}

/* --- names -------------------------------------------------------------------- */

struct name_row {
	const char *name, *spec;
	size_t repeat; /* of "label9." before it */
	const char *want;
	size_t want_repeat;
};

static const struct name_row name_rows[] = {
    {"plain", "example.com", 0, "example.com", 0},
    {"one dot at the end goes", "example.com.", 0, "example.com", 0},
    {"not two", "%{l}", 0, "x.", 0},
    {"35 labels fit", "example", 35, "example", 35},
    {"36 are one too many", "example", 36, "example", 35},
    {"253 octets", "examples", 35, "examples", 35},
    {"253 octets and a dot", "examples.", 35, "examples", 35},
    {"254 octets", "examplesx", 35, "examplesx", 34},
    {"254 octets and a dot", "examplesx.", 35, "examplesx", 34},
    {"40", "example.", 40, "example", 35},
    {"no dot to cut at",
	"%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}", 0,
	"", 0},
};

static void
check_name(void **state)
{
	const struct name_row *r = *state;
	struct spf_macro_values v = values("192.0.2.3");
	struct buf spec = BUF_INIT(1000), want = BUF_INIT(1000);
	char out[LIMIT_DOMAIN + 1];
	size_t len;

	v.local = SLICE_LIT("x..");
	v.helo = SLICE_LIT("0123456789abcdef");
	for (size_t i = 0; i < r->repeat; i++)
		buf_addz(&spec, "label9.");
	buf_addz(&spec, r->spec);
	for (size_t i = 0; i < r->want_repeat; i++)
		buf_addz(&want, "label9.");
	buf_addz(&want, r->want);
	assert_int_equal(spf_macro_target(buf_slice(&spec), &v, out, &len), 0);
	assert_slice(slice_of(out, len), buf_slice(&want));
	assert_int_equal(out[len], '\0');
	buf_free(&want);
	buf_free(&spec);
}

/* The most a record and an envelope can make of it. */
static void
test_largest(void **state)
{
	struct spf_macro_values v = values("192.0.2.3");
	struct buf b = BUF_INIT(LIMIT_SPF_EXPLANATION);
	char text[LIMIT_SPF_RECORD], helo[LIMIT_ENVELOPE + LIMIT_DOMAIN];
	char out[LIMIT_DOMAIN + 1];
	size_t len;

	(void)state;
	memset(helo, '\xff', sizeof(helo));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "%{H}"[i % 4];
	v.helo = slice_of(helo, sizeof(helo));
	assert_int_equal(
	    spf_macro_expand(slice_of(text, sizeof(text)), &v, &b), 0);
	assert_int_equal(b.len, LIMIT_SPF_EXPLANATION);
	assert_int_equal(
	    spf_macro_target(slice_of(text, sizeof(text)), &v, out, &len), 0);
	assert_int_equal(len, 0);
	/* The right end of it is what counts. */
	memcpy(text + sizeof(text) - 12, ".%{d2}.ab.cd", 12);
	assert_int_equal(
	    spf_macro_target(slice_of(text, sizeof(text)), &v, out, &len), 0);
	assert_slice(slice_of(out, len), SLICE_LIT("example.com.ab.cd"));
	buf_free(&b);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(odd_rows, check_odd);
	UNIT_TABLE(syntax_rows, check_syntax);
	UNIT_TEST(test_nul);
	UNIT_TEST(test_uses);
	UNIT_TABLE(name_rows, check_name);
	UNIT_TEST(test_largest);
	return unit_end();
}
