/* SPDX-License-Identifier: BSD-2-Clause */
#include "spf/record.h"

#include "mail/limits.h"
#include "unit.h"

/* --- faults ---------------------------------------------------------------- */

struct fault_row {
	const char *name, *text;
	enum spf_reason fault;
	const char *at;
};

static const struct fault_row fault_rows[] = {
    {"4.5 only the version", "v=spf1", SPF_OK, ""},
    {"4.5 blanks after it", "v=spf1   ", SPF_OK, ""},
    {"4.5 version in capitals", "V=SPF1 -ALL", SPF_OK, ""},
    {"4.5 v=spf10", "v=spf10 -all", SPF_BAD_VERSION, ""},
    {"4.5 TAB after version", "v=spf1\t-all", SPF_BAD_VERSION, ""},
    {"4.5 empty", "", SPF_BAD_VERSION, ""},
    {"4.5 blank first", " v=spf1 -all", SPF_BAD_VERSION, ""},
    {"4.6.1 several blanks", "v=spf1  a   -all ", SPF_OK, ""},
    {"4.6.1 TAB", "v=spf1 a\t-all", SPF_BAD_OCTET, "a\t-all"},
    {"4.6.1 CR", "v=spf1 a -all\r", SPF_BAD_OCTET, "-all\r"},
    {"4.6.1 LF in the middle", "v=spf1 ip4:192.0.2.5\n a", SPF_BAD_OCTET,
	"ip4:192.0.2.5\n"},
    {"4.6.1 8 bit", "v=spf1 a:\xc3\xbc.example -all", SPF_BAD_OCTET,
	"a:\xc3\xbc.example"},
    {"4.6.1 8 bit first",
	"v=spf1 \x80"
	"a",
	SPF_BAD_OCTET,
	"\x80"
	"a"},
    {"4.6.1 DEL", "v=spf1 x=\x7f", SPF_BAD_OCTET, "x=\x7f"},
    {"4.6 error after all", "v=spf1 -all moo", SPF_UNKNOWN_MECHANISM, "moo"},
    {"4.6.1 two qualifiers", "v=spf1 +-all", SPF_UNKNOWN_MECHANISM, "+-all"},
    {"4.6.1 qualifier alone", "v=spf1 -", SPF_UNKNOWN_MECHANISM, "-"},
    {"4.6.1 bad qualifier", "v=spf1 !all", SPF_UNKNOWN_MECHANISM, "!all"},
    {"typo ipv4:", "v=spf1 ipv4:192.0.2.1", SPF_UNKNOWN_MECHANISM,
	"ipv4:192.0.2.1"},
    {"address alone", "v=spf1 192.0.2.1", SPF_UNKNOWN_MECHANISM, "192.0.2.1"},
    {"qualifier on a modifier", "v=spf1 -foo=bar", SPF_UNKNOWN_MECHANISM,
	"-foo=bar"},
    {"5.1 all", "v=spf1 all +all -all ~all ?all", SPF_OK, ""},
    {"5.1 all:", "v=spf1 -all:foo", SPF_BAD_ARGUMENT, "-all:foo"},
    {"5.1 all/8", "v=spf1 -all/8", SPF_BAD_ARGUMENT, "-all/8"},
    {"5.1 all.", "v=spf1 -all.", SPF_UNKNOWN_MECHANISM, "-all."},
    {"5.2 include", "v=spf1 include:a.example", SPF_OK, ""},
    {"5.2 include alone", "v=spf1 include", SPF_BAD_ARGUMENT, "include"},
    {"5.2 include:", "v=spf1 include:", SPF_BAD_TARGET, "include:"},
    {"5.2 include with length", "v=spf1 include:a.example/24", SPF_BAD_TARGET,
	"include:a.example/24"},
    {"5.2 include=", "v=spf1 include=a.example", SPF_OK, ""},
    {"5.3 a", "v=spf1 a A:b.example a/24 a//64 a:b.example/0//0", SPF_OK, ""},
    {"5.3 a:", "v=spf1 a:", SPF_BAD_TARGET, "a:"},
    {"5.3 a:/24", "v=spf1 a:/24", SPF_BAD_TARGET, "a:/24"},
    {"5.3 a:///64", "v=spf1 a://64", SPF_BAD_TARGET, "a://64"},
    {"5.3 a/", "v=spf1 a/", SPF_BAD_ARGUMENT, "a/"},
    {"5.3 a//", "v=spf1 a//", SPF_BAD_ARGUMENT, "a//"},
    {"5.3 a/33", "v=spf1 a/33", SPF_BAD_PREFIX, "a/33"},
    {"5.3 a//129", "v=spf1 a//129", SPF_BAD_PREFIX, "a//129"},
    {"5.3 a/24/64", "v=spf1 a/24/64", SPF_BAD_PREFIX, "a/24/64"},
    {"5.3 a//64/24", "v=spf1 a//64/24", SPF_BAD_ARGUMENT, "a//64/24"},
    {"5.3 a/024", "v=spf1 a/024", SPF_BAD_PREFIX, "a/024"},
    {"5.3 a/00", "v=spf1 a/00", SPF_BAD_PREFIX, "a/00"},
    {"5.3 a/-1", "v=spf1 a/-1", SPF_BAD_ARGUMENT, "a/-1"},
    {"5.3 length beyond 32 bits", "v=spf1 a/4294967320", SPF_BAD_PREFIX,
	"a/4294967320"},
    {"5.3 length beyond 64 bits", "v=spf1 a/18446744073709551640",
	SPF_BAD_PREFIX, "a/18446744073709551640"},
    {"5.3 port", "v=spf1 a:a.example:8080", SPF_BAD_TARGET,
	"a:a.example:8080"},
    {"5.4 mx", "v=spf1 mx mx:b.example mx/24//64", SPF_OK, ""},
    {"5.5 ptr", "v=spf1 ptr ptr:b.example", SPF_OK, ""},
    {"5.5 ptr/24", "v=spf1 ptr/24", SPF_BAD_ARGUMENT, "ptr/24"},
    {"5.5 ptr:", "v=spf1 ptr:", SPF_BAD_TARGET, "ptr:"},
    {"5.6 ip4", "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1 ip4:0.0.0.0/0", SPF_OK,
	""},
    {"5.6 ip4 alone", "v=spf1 ip4", SPF_BAD_ARGUMENT, "ip4"},
    {"5.6 ip4/24", "v=spf1 ip4/24", SPF_BAD_ARGUMENT, "ip4/24"},
    {"5.6 ip4:", "v=spf1 ip4:", SPF_BAD_ADDRESS, "ip4:"},
    {"5.6 three parts", "v=spf1 ip4:192.0.2", SPF_BAD_ADDRESS, "ip4:192.0.2"},
    {"5.6 256", "v=spf1 ip4:192.0.2.256", SPF_BAD_ADDRESS, "ip4:192.0.2.256"},
    {"5.6 leading zero", "v=spf1 ip4:192.0.2.01", SPF_BAD_ADDRESS,
	"ip4:192.0.2.01"},
    {"5.6 port", "v=spf1 ip4:192.0.2.1:25", SPF_BAD_ADDRESS,
	"ip4:192.0.2.1:25"},
    {"5.6 /33", "v=spf1 ip4:192.0.2.0/33", SPF_BAD_PREFIX, "ip4:192.0.2.0/33"},
    {"5.6 /032", "v=spf1 ip4:192.0.2.0/032", SPF_BAD_PREFIX,
	"ip4:192.0.2.0/032"},
    {"5.6 /", "v=spf1 ip4:192.0.2.0/", SPF_BAD_PREFIX, "ip4:192.0.2.0/"},
    {"5.6 dual", "v=spf1 ip4:192.0.2.0/24//64", SPF_BAD_PREFIX,
	"ip4:192.0.2.0/24//64"},
    {"5.6 IPv6 in ip4", "v=spf1 ip4:2001:db8::1", SPF_BAD_ADDRESS,
	"ip4:2001:db8::1"},
    {"5.6 ip6",
	"v=spf1 ip6:2001:db8::/32 ip6:::1 ip6:::ffff:192.0.2.1 "
	"ip6:::192.0.2.1/96",
	SPF_OK, ""},
    {"5.6 ip6 /129", "v=spf1 ip6:::1/129", SPF_BAD_PREFIX, "ip6:::1/129"},
    {"5.6 ip6 twice ::", "v=spf1 ip6:a::b::c", SPF_BAD_ADDRESS, "ip6:a::b::c"},
    {"5.6 ip6 zone", "v=spf1 ip6:fe80::1%eth0", SPF_BAD_ADDRESS,
	"ip6:fe80::1%eth0"},
    {"5.6 ip6 of an IPv4", "v=spf1 ip6:192.0.2.1", SPF_BAD_ADDRESS,
	"ip6:192.0.2.1"},
    {"5.6 brackets", "v=spf1 ip6:[::1]", SPF_BAD_ADDRESS, "ip6:[::1]"},
    {"5.7 exists", "v=spf1 exists:%{i}.a.example", SPF_OK, ""},
    {"5.7 exists alone", "v=spf1 exists", SPF_BAD_ARGUMENT, "exists"},
    {"5.7 exists/24", "v=spf1 exists:a.example/24", SPF_BAD_TARGET,
	"exists:a.example/24"},
    {"6 unknown modifiers", "v=spf1 a-b_c.d9= x=%{d} x=y x=", SPF_OK, ""},
    {"6 name begins with a digit", "v=spf1 1up=foo", SPF_UNKNOWN_MECHANISM,
	"1up=foo"},
    {"6 no name", "v=spf1 =all", SPF_UNKNOWN_MECHANISM, "=all"},
    {"6 bad macro in one", "v=spf1 x=%abc -all", SPF_BAD_MACRO, "x=%abc"},
    {"7.2 %{c} outside exp text", "v=spf1 x=%{c}", SPF_BAD_MACRO, "x=%{c}"},
    {"6.1 redirect", "v=spf1 redirect=a.example a", SPF_OK, ""},
    {"6.1 redirect:", "v=spf1 redirect:a.example", SPF_UNKNOWN_MECHANISM,
	"redirect:a.example"},
    {"6.1 redirect alone", "v=spf1 redirect", SPF_UNKNOWN_MECHANISM,
	"redirect"},
    {"6.1 redirect=", "v=spf1 ?all redirect=", SPF_BAD_TARGET, "redirect="},
    {"6.1 twice", "v=spf1 redirect=a.example REDIRECT=a.example",
	SPF_DUPLICATE_MODIFIER, "REDIRECT=a.example"},
    {"6.2 exp", "v=spf1 exp=a.example -all", SPF_OK, ""},
    {"6.2 twice", "v=spf1 exp=a.example exp=b.example", SPF_DUPLICATE_MODIFIER,
	"exp=b.example"},
    {"6.2 %{r} in exp", "v=spf1 exp=%{r}.example", SPF_BAD_MACRO,
	"exp=%{r}.example"},
    {"7.1 ends in a macro", "v=spf1 a:%{h} a:x%{d} a:a%_ a:a.b%%", SPF_OK, ""},
    {"7.1 dot behind a macro", "v=spf1 a:%{d}.", SPF_BAD_TARGET, "a:%{d}."},
    {"7.1 text behind a macro", "v=spf1 a:%{d}com", SPF_BAD_TARGET,
	"a:%{d}com"},
    {"7.1 dot at the end", "v=spf1 a:b.example.", SPF_OK, ""},
    {"7.1 two dots at the end", "v=spf1 a:b.example..", SPF_BAD_TARGET,
	"a:b.example.."},
    {"7.1 one label", "v=spf1 a:museum", SPF_BAD_TARGET, "a:museum"},
    {"7.1 one label and dot", "v=spf1 a:museum.", SPF_BAD_TARGET, "a:museum."},
    {"7.1 only a dot", "v=spf1 a:.", SPF_BAD_TARGET, "a:."},
    {"7.1 dot and label", "v=spf1 a:.example", SPF_OK, ""},
    {"7.1 numeric top label", "v=spf1 a:abc.123", SPF_BAD_TARGET, "a:abc.123"},
    {"7.1 address", "v=spf1 a:192.0.2.1", SPF_BAD_TARGET, "a:192.0.2.1"},
    {"7.1 top label with digits", "v=spf1 a:abc.1a3", SPF_OK, ""},
    {"7.1 top label, hyphen in it", "v=spf1 a:a.xn--zckzah a:b.1-1", SPF_OK,
	""},
    {"7.1 top label, hyphen first", "v=spf1 a:b.-com", SPF_BAD_TARGET,
	"a:b.-com"},
    {"7.1 top label, hyphen last", "v=spf1 a:b.com-", SPF_BAD_TARGET,
	"a:b.com-"},
    {"7.1 underscore in top label", "v=spf1 a:b.c_m", SPF_BAD_TARGET,
	"a:b.c_m"},
    {"7.1 slash and colon in it", "v=spf1 a:foo:bar/baz.example", SPF_OK, ""},
    {"7.1 empty labels", "v=spf1 a:mail...example", SPF_OK, ""},
    {"7.3 %(", "v=spf1 exists:%(ir).example", SPF_BAD_MACRO,
	"exists:%(ir).example"},
};

static void
check_fault(void **state)
{
	const struct fault_row *r = *state;
	struct arena *arena = arena_new(1 << 20);
	struct spf_record rec;

	assert_int_equal(spf_record_parse(slice_z(r->text), arena, &rec), 0);
	assert_string_equal(
	    spf_reason_text(rec.fault), spf_reason_text(r->fault));
	assert_slice(rec.at, slice_z(r->at));
	if (r->fault != SPF_OK) {
		assert_int_equal(rec.n, 0);
		assert_null(rec.redirect);
		assert_null(rec.exp);
		assert_null(rec.all);
	}
	arena_free(arena);
}

/* --- terms, written again --------------------------------------------------- */

struct print_row {
	const char *name, *text, *want;
};

static const struct print_row print_rows[] = {
    {"nothing", "v=SPF1 ", "v=spf1"},
    {"qualifiers", "v=spf1 +a -mx ~ptr ?all", "v=spf1 a -mx ~ptr ?all"},
    {"case", "v=spf1 A:B.Example IP4:192.0.2.1 X=Y",
	"v=spf1 a:B.Example ip4:192.0.2.1 X=Y"},
    {"lengths", "v=spf1 a/32//128 a/0//0 mx:b.example/8 mx//64",
	"v=spf1 a a/0//0 mx:b.example/8 mx//64"},
    {"a length a domain holds", "v=spf1 a:x/24.b.example/16",
	"v=spf1 a:x/24.b.example/16"},
    {"networks",
	"v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1/32 ip6:2001:DB8::/32 "
	"ip6:::1/128 ip6:::ffff:192.0.2.0/120",
	"v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1 ip6:2001:db8::/32 ip6:::1 "
	"ip6:::ffff:192.0.2.0/120"},
    {"modifiers", "v=spf1 Redirect=%{d2}.example exp=a.b. moo=:/=",
	"v=spf1 Redirect=%{d2}.example exp=a.b. moo=:/="},
};

static void
check_print(void **state)
{
	const struct print_row *r = *state;
	struct arena *arena = arena_new(1 << 20);
	struct buf b = BUF_INIT(LIMIT_SPF_RECORD);
	struct spf_record rec;

	assert_int_equal(spf_record_parse(slice_z(r->text), arena, &rec), 0);
	assert_int_equal(rec.fault, SPF_OK);
	spf_record_print(&rec, &b);
	assert_string_equal(buf_str(&b), r->want);
	buf_free(&b);
	arena_free(arena);
}

/* --- what is remembered ----------------------------------------------------- */

static void
test_terms(void **state)
{
	static const char text[] = "v=spf1 exp=x.example ~a:b.example/24//64 "
				   "moo=cow -all redirect=y.example +all";
	struct arena *arena = arena_new(1 << 20);
	struct spf_record r;

	(void)state;
	assert_int_equal(spf_record_parse(slice_z(text), arena, &r), 0);
	assert_int_equal(r.n, 6);
	assert_ptr_equal(r.exp, &r.terms[0]);
	assert_ptr_equal(r.all, &r.terms[3]);
	assert_ptr_equal(r.redirect, &r.terms[4]);
	assert_int_equal(r.terms[1].kind, SPF_A);
	assert_int_equal(r.terms[1].word, AR_SOFTFAIL);
	assert_int_equal(r.terms[1].bits4, 24);
	assert_int_equal(r.terms[1].bits6, 64);
	assert_slice(r.terms[1].target, SLICE_LIT("b.example"));
	assert_slice(r.terms[1].text, SLICE_LIT("~a:b.example/24//64"));
	assert_int_equal(r.terms[2].kind, SPF_MODIFIER);
	assert_slice(r.terms[2].name, SLICE_LIT("moo"));
	assert_slice(r.terms[2].target, SLICE_LIT("cow"));
	assert_int_equal(r.all->word, AR_FAIL);
	arena_free(arena);
}

static void
test_length(void **state)
{
	char text[LIMIT_SPF_RECORD + 2];
	struct arena *arena = arena_new(1 << 20);
	struct spf_record r;
	size_t n = 6;

	(void)state;
	memcpy(text, "v=spf1", 6);
	while (n < sizeof(text)) /* as many terms as can be */
		text[n] = n % 2 ? 'a' : ' ', n++;
	assert_int_equal(
	    spf_record_parse(slice_of(text, LIMIT_SPF_RECORD), arena, &r), 0);
	assert_int_equal(r.fault, SPF_OK);
	assert_int_equal(r.n, (LIMIT_SPF_RECORD - 6) / 2);
	assert_int_equal(
	    spf_record_parse(slice_of(text, LIMIT_SPF_RECORD + 1), arena, &r),
	    0);
	assert_int_equal(r.fault, SPF_RECORD_LONG);
	/* A NUL is an octet like others. */
	assert_int_equal(
	    spf_record_parse(SLICE_LIT("v=spf1 a:b.c\0"), arena, &r), 0);
	assert_int_equal(r.fault, SPF_BAD_OCTET);
	assert_int_equal(
	    spf_record_parse(SLICE_LIT("v=spf1\0"), arena, &r), 0);
	assert_int_equal(r.fault, SPF_BAD_VERSION);
	arena_free(arena);
	/* Our own trouble is not a fault of the record's. */
	arena = arena_new(100);
	assert_int_equal(
	    spf_record_parse(SLICE_LIT("v=spf1 a a a a"), arena, &r), -1);
	arena_free(arena);
}

struct broad_row {
	const char *name;
	bool broad;
};

static const struct broad_row broad_rows[] = {
    {"v=spf1 ip4:10.0.0.0/12", false},
    {"v=spf1 ip4:10.0.0.0/11", true},
    {"v=spf1 -ip4:10.0.0.0/8", false},
    {"v=spf1 ip6:2001:db8::/20", false},
    {"v=spf1 ip6:2000::/3", true},
    {"v=spf1 a/8", true},
    {"v=spf1 a/12//20", false},
    {"v=spf1 mx//19", true},
    {"v=spf1 mx/24//0", true},
    {"v=spf1 mx/24//64", false},
    {"v=spf1 all", false},
    {"v=spf1 include:a.example", false},
};

static void
check_broad(void **state)
{
	const struct broad_row *row = *state;
	struct arena *arena = arena_new(1 << 20);
	struct spf_record r;

	assert_int_equal(spf_record_parse(slice_z(row->name), arena, &r), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(spf_term_is_broad(&r.terms[0]), row->broad);
	arena_free(arena);
}

static void
test_reasons(void **state)
{
	(void)state;
	for (int i = SPF_OK; i <= SPF_MANY_QUERIES; i++)
		assert_true(spf_reason_text((enum spf_reason)i)[0]);
}

int
main(void)
{
	UNIT_TABLE(fault_rows, check_fault);
	UNIT_TABLE(print_rows, check_print);
	UNIT_TEST(test_terms);
	UNIT_TEST(test_length);
	UNIT_TABLE(broad_rows, check_broad);
	UNIT_TEST(test_reasons);
	return unit_end();
}
