/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/address.h"

#include "mail/limits.h"
#include "unit.h"

#define BUECHER \
	"b\xc3\xbc" \
	"cher"
#define MANY 5000

struct row {
	const char *name, *in;
	enum from_status status;
	const char *domain, *address; /* NULL: empty; address unless FROM_OK */
};

static const struct row rows[] = {
    /* RFC 5322 appendix A */
    {"A.1.1 simple", " John Doe <jdoe@machine.example>", FROM_OK,
	"machine.example", "jdoe@machine.example"},
    {"A.1.2 quoted name", "\"Joe Q. Public\" <john.q.public@example.com>",
	FROM_OK, "example.com", "john.q.public@example.com"},
    {"A.1.2 list",
	"Mary Smith <mary@x.test>, jdoe@example.org, "
	"Who? <one@y.test>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"A.1.2 quoted pairs in a name",
	"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@nil.test>",
	FROM_OK, "nil.test", "boss@nil.test"},
    {"A.1.3 group",
	"A Group:Ed Jones <joe@where.test>,bob@where.test,"
	"John <jdoe@where.test>;",
	FROM_OK, "where.test", "joe@where.test"},
    {"A.1.3 empty group", "Undisclosed recipients:;", FROM_NO_DOMAIN, NULL,
	NULL},
    {"A.5 comments and folding",
	"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
	FROM_OK, "silly.test", "pete@silly.test"},
    {"A.5 group with comments",
	"A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)"
	"public.example>,\r\n         joe@public.example,\r\n"
	"  John <jdoe@public.example> (my dear friend); "
	"(the end of the group)",
	FROM_OK, "public.example", "c@public.example"},
    {"A.5 empty group with comments",
	"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;",
	FROM_NO_DOMAIN, NULL, NULL},
    {"A.6.1 obsolete name", "Joe Q. Public <john.q.public@example.com>",
	FROM_OK, "example.com", "john.q.public@example.com"},
    {"A.6.1 obsolete route and empty elements",
	"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"A.6.3 blanks everywhere", "John Doe <jdoe@machine(comment).  example>",
	FROM_OK, "machine.example", "jdoe@machine.example"},

    /* section 3.4, 4.4 */
    {"bare address", "a@example.com", FROM_OK, "example.com", "a@example.com"},
    {"angle alone", "<a@example.com>", FROM_OK, "example.com",
	"a@example.com"},
    {"folded at every token",
	"\r\n \"x\"\r\n <\r\n a\r\n @\r\n example\r\n .\r\n com\r\n >\r\n ",
	FROM_OK, "example.com", "a@example.com"},
    {"folded with LF", "x\n <a@example.com>", FROM_OK, "example.com",
	"a@example.com"},
    {"obs-local-part", "a . \"b c\" (x) . d @ example.com", FROM_OK,
	"example.com", "a.\"b c\".d@example.com"},
    {"quoted local part folded", "\"a\r\n b\"@example.com", FROM_OK,
	"example.com", "\"a b\"@example.com"},
    {"D-15 quoted local part with @", "\"victim@legit.example\"@evil.example",
	FROM_OK, "evil.example", "\"victim@legit.example\"@evil.example"},
    {"T20 the same in brackets", "<\"a@b@c\"@evil.example>", FROM_OK,
	"evil.example", "\"a@b@c\"@evil.example"},
    {"quoted local part that ends in a backslash", "\"a\\\\\"@example.com",
	FROM_OK, "example.com", "\"a\\\\\"@example.com"},
    {"local part with a display name inside", "\"x <a@junk>\"@mydomain.test",
	FROM_OK, "mydomain.test", "\"x <a@junk>\"@mydomain.test"},
    {"obs-route", "<@a.example,@b.example:c@d.example>", FROM_OK, "d.example",
	"c@d.example"},
    {"obs-route with commas and comments",
	"x < , (c) @ a.example , , @[192.0.2.1] (d) :c@d.example>", FROM_OK,
	"d.example", "c@d.example"},
    {"obs-route without a colon", "<@a.example c@d.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"obs-route alone", "<@a.example:>", FROM_OK, "a.example", "@a.example"},
    {"obs-route of nothing", "<:a@d.example>", FROM_OK, "d.example",
	"a@d.example"},
    {"obs-route of commas", "<,:a@d.example>", FROM_OK, "d.example",
	"a@d.example"},
    {"obs-mbox-list", ",, a@x.example,, ,b@X.Example,", FROM_OK, "x.example",
	"a@x.example"},
    {"one domain twice", "a@x.example, B <b@X.EXAMPLE.>", FROM_OK, "x.example",
	"a@x.example"},
    {"one domain as U-label and A-label",
	"a@" BUECHER ".example, b@xn--bcher-kva.example", FROM_OK,
	"xn--bcher-kva.example", "a@xn--bcher-kva.example"},
    {"two domains", "a@x.example, b@y.example", FROM_SEVERAL_DOMAINS, NULL,
	NULL},
    {"subdomain is another domain", "a@x.example, b@a.x.example",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"RFC 6854 group and mailbox", "x:;, a@example.com", FROM_OK,
	"example.com", "a@example.com"},
    {"RFC 6854 two groups, two domains", "x:a@x.example;, y:b@y.example;",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"obs-group-list", "x:, ,(c),;, a@example.com", FROM_OK, "example.com",
	"a@example.com"},
    {"group in a group", "x:y:a@example.com;;", FROM_OK, "example.com",
	"a@example.com"},
    {"group in a group, empty", "x:y:,a@example.com;", FROM_OK, "example.com",
	"a@example.com"},
    {"name that begins with a dot", ".x <a@example.com>", FROM_OK,
	"example.com", "a@example.com"},
    {"a dot alone", ".", FROM_SYNTAX, NULL, NULL},
    {"obs-route without a comma", "<@a.example@b.example:c@d.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"group not closed", "x:a@example.com", FROM_OK, "example.com",
	"a@example.com"},
    {"group without a name", ":a@example.com;", FROM_OK, "example.com",
	"a@example.com"},
    {"semicolon without a group", "a@example.com;", FROM_OK, "example.com",
	"a@example.com"},
    {"text after a group", "x:a@example.com; b@y.example",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"comment in every place", "(1)x(2)<(3)a(4)@(5)example(6).(7)com(8)>(9)",
	FROM_OK, "example.com", "a@example.com"},
    {"comments that look like addresses",
	"(a@legit.example) <b@evil.example> (<c@legit.example>)", FROM_OK,
	"evil.example", "b@evil.example"},
    {"D-15 comment first", "(x@y)a@z.example", FROM_OK, "z.example",
	"a@z.example"},
    {"nested comment with quoted parentheses", "a@z.example (x(y\\)z)(\\()w)",
	FROM_OK, "z.example", "a@z.example"},
    {"quoted-pair opens no comment", "\"\\(\" <a@z.example> (\")", FROM_OK,
	"z.example", "a@z.example"},
    {"one label", "root@localhost", FROM_OK, "localhost", "root@localhost"},
    {"underscore", "a@_x.example", FROM_OK, "_x.example", "a@_x.example"},
    {"digits", "a@192.0.2.1", FROM_OK, "192.0.2.1", "a@192.0.2.1"},
    {"dot at the end", "a@example.com.", FROM_OK, "example.com",
	"a@example.com"},
    {"dots at the end", "a@example.com..", FROM_OK, "example.com",
	"a@example.com"},
    {"dots in the middle", "a@example..com", FROM_SYNTAX, NULL, NULL},
    {"dot first in the domain", "a@.example.com", FROM_OK, "example.com",
	"a@example.com"},
    {"dots of the local part", "a..b@example.com", FROM_OK, "example.com",
	"a..b@example.com"},

    /* RFC 6532 */
    {"D-11 U-label", "<a@" BUECHER ".example>", FROM_OK,
	"xn--bcher-kva.example", "a@xn--bcher-kva.example"},
    {"UTF-8 name and local part", "J\xc3\xb6rg <j\xc3\xb6@example.com>",
	FROM_OK, "example.com", "j\xc3\xb6@example.com"},
    {"ideographic full stop",
	"a@" BUECHER "\xe3\x80\x82"
	"example",
	FROM_OK, "xn--bcher-kva.example", "a@xn--bcher-kva.example"},
    {"T23 homograph is another domain",
	"a@\xd0\xb0pple.example, a@apple.example", FROM_SEVERAL_DOMAINS, NULL,
	NULL},
    {"fullwidth at sign in a name",
	"admin\xef\xbc\xa0legit.example <a@evil.example>", FROM_OK,
	"evil.example", "a@evil.example"},
    {"fullwidth at sign in a domain",
	"a@legit\xef\xbc\xa0"
	"evil.example",
	FROM_SYNTAX, NULL, NULL},
    {"Latin-1", "J\xf6rg <j@example.com>", FROM_OK, "example.com",
	"j@example.com"},
    {"bad UTF-8 in a quoted name", "\"J\xf6rg\" <j@example.com>", FROM_OK,
	"example.com", "j@example.com"},
    {"bad UTF-8 in a comment", "j@example.com (J\xf6rg)", FROM_OK,
	"example.com", "j@example.com"},

    /* T1, T5: no domain */
    {"T1 empty", "", FROM_NO_DOMAIN, NULL, NULL},
    {"T1 blanks", " \r\n ", FROM_NO_DOMAIN, NULL, NULL},
    {"T1 comment", "(a@example.com)", FROM_OK, "example.com", "a@example.com"},
    {"T1 commas", ",,", FROM_NO_DOMAIN, NULL, NULL},
    {"T5 no at sign", "root", FROM_NO_DOMAIN, NULL, NULL},
    {"T5 empty address", "<>", FROM_NO_DOMAIN, NULL, NULL},
    {"T5 empty address, name", "x < >", FROM_NO_DOMAIN, NULL, NULL},
    {"T5 local part in brackets", "<root>", FROM_NO_DOMAIN, NULL, NULL},
    {"D-12 name alone", "\"x\"", FROM_NO_DOMAIN, NULL, NULL},
    {"D-12 name that looks like an address", "\"a@example.com\"", FROM_OK,
	"example.com", "a@example.com"},
    {"D-15 literal", "a@[192.0.2.1]", FROM_NO_DOMAIN, NULL, NULL},
    {"literal with folding and quoted pair", "a@ (c) [ 192.\r\n 0\\]2 ] (c)",
	FROM_NO_DOMAIN, NULL, NULL},
    {"literal not closed", "a@[192.0.2.1", FROM_SYNTAX, NULL, NULL},
    {"literal and name", "a@[192.0.2.1], b@example.com", FROM_SEVERAL_DOMAINS,
	NULL, NULL},
    {"T5 at sign alone", "@", FROM_SYNTAX, NULL, NULL},
    {"T5 nothing after the at sign", "a@", FROM_SYNTAX, NULL, NULL},
    {"T5 nothing before it", "@example.com", FROM_OK, "example.com",
	"@example.com"},
    {"T5 nothing before it, brackets", "<@example.com>", FROM_OK,
	"example.com", "@example.com"},

    /* T21, T22 and public bug reports: never by first or last */
    {"T21 trailing >", "a@example.net>", FROM_OK, "example.net",
	"a@example.net"},
    {"T21 trailing > after brackets", "<a@example.net>>", FROM_OK,
	"example.net", "a@example.net"},
    {"T21 missing >", "x <a@example.net", FROM_OK, "example.net",
	"a@example.net"},
    {"T21 two <", "<<a@example.net>", FROM_OK, "example.net", "a@example.net"},
    {"T21 quoted pairs in a name", "\"\\\"x\\\"\" <a@example.net>", FROM_OK,
	"example.net", "a@example.net"},
    {"T21 quote never closed", "\"x <a@example.net>", FROM_OK, "example.net",
	"a@example.net"},
    {"T21 quoted quote at the end", "\"x\\\" <a@example.net>", FROM_OK,
	"example.net", "a@example.net"},
    {"T21 comment never closed", "a@example.net (x", FROM_OK, "example.net",
	"a@example.net"},
    {"T22 address as a name", "a@legit.example <b@evil.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"T22 address as a quoted name", "\"a@legit.example\" <b@evil.example>",
	FROM_OK, "evil.example", "b@evil.example"},
    {"T22 the same address as a name", "a@x.example <a@x.example>", FROM_OK,
	"x.example", "a@x.example"},
    {"T22 two brackets", "<a@legit.example> <b@evil.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"T22 text after brackets", "<b@evil.example> x", FROM_OK, "evil.example",
	"b@evil.example"},
    {"T22 two words and an address", "a b@example.com", FROM_OK, "example.com",
	"b@example.com"},
    {"T22 two at signs", "a@b.example@c.example", FROM_SEVERAL_DOMAINS, NULL,
	NULL},
    {"T22 unquoted comma in a name", "Doe, John <a@example.com>", FROM_OK,
	"example.com", "a@example.com"},
    {"T22 unquoted colon in a name", "Re: x <a@example.com>", FROM_OK,
	"example.com", "a@example.com"},
    {"T22 unquoted bracket in a name", "[x] y <a@example.com>", FROM_OK,
	"example.com", "a@example.com"},
    {"T22 encoded word in the local part", "=?utf-8?q?x?=@example.com",
	FROM_OK, "example.com", "=?utf-8?q?x?=@example.com"},
    {"T22 encoded word as domain", "a@=?utf-8?q?legit.example?=", FROM_SYNTAX,
	NULL, NULL},
    {"D-15 encoded word with @", "=?utf-8?q?=3Ca@b=3E?= <c@d.example>",
	FROM_SYNTAX, NULL, NULL},
    {"encoded word that decodes to an address",
	"=?utf-8?q?=3Ca=40legit.example=3E?= <c@evil.example>", FROM_OK,
	"evil.example", "c@evil.example"},
    {"CR alone", "a@legit.example\r<b@evil.example>", FROM_SEVERAL_DOMAINS,
	NULL, NULL},
    {"CR alone as a fold", "x\r <b@evil.example>", FROM_SYNTAX, NULL, NULL},
    {"line end without a blank", "x\r\n<b@evil.example>", FROM_SYNTAX, NULL,
	NULL},
    {"control character", "x\x01 <b@evil.example>", FROM_OK, "evil.example",
	"b@evil.example"},
    {"control character in the domain", "b@evil\x01.example", FROM_SYNTAX,
	NULL, NULL},
    {"quoted domain", "b@\"evil.example\"", FROM_SYNTAX, NULL, NULL},
    {"T13 comment opens in the domain", "b@legit.example(.evil.example",
	FROM_SYNTAX, NULL, NULL},
    {"T13 comment in the domain", "b@legit.example(.evil.example)", FROM_OK,
	"legit.example", "b@legit.example"},
    {"quote in the domain", "b@legit.example'.evil.example", FROM_SYNTAX, NULL,
	NULL},

    /* Composition Kills; legit.example is the victim */
    {"a14 two addresses", "<first@attack.example>, <second@legit.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"a15 encoded address and address",
	"=?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=,<second@attack.example>",
	FROM_SYNTAX, NULL, NULL},
    {"a15 base64 without its frame",
	"PGFkbWluQGxlZ2l0LmV4YW1wbGU+=,<second@attack.example>", FROM_OK,
	"attack.example", "second@attack.example"},
    {"a15 encoded address as a name",
	"=?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?= <second@attack.example>",
	FROM_OK, "attack.example", "second@attack.example"},
    {"a16 route portion", "<@attack.example,@any.example:admin@legit.example>",
	FROM_OK, "legit.example", "admin@legit.example"},
    {"a16 victim in the route", "<@legit.example:a@attack.example>", FROM_OK,
	"attack.example", "a@attack.example"},
    {"a17 quoted pair for the comma",
	"<admin@legit.example>\\,<second@attack.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"a17 quoted bracket", "\"<admin@legit.example>\\\"<a@attack.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"a18 specials take precedence",
	"admin@legit.example,<second@attack.example>", FROM_SEVERAL_DOMAINS,
	NULL, NULL},
    {"a18 semicolon", "<admin@legit.example>;<second@attack.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"a19 address before", "<first@attack.example>admin@legit.example",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"a19 address after", "admin@legit.example<second@attack.example>",
	FROM_SEVERAL_DOMAINS, NULL, NULL},
    {"a19 comment and address", "<first@attack.example>(admin@legit.example)",
	FROM_OK, "attack.example", "first@attack.example"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct from f;

	assert_int_equal(from_parse(slice_z(r->in), a, &f, NULL), 0);
	assert_string_equal(names_word(from_status_words, (int)f.status),
	    names_word(from_status_words, (int)r->status));
	assert_string_equal(f.domain.text, r->domain ? r->domain : "");
	if (f.status == FROM_OK)
		assert_slice(f.address, slice_z(r->address));
	arena_free(a);
}

static enum from_status
status_of(struct slice value)
{
	struct arena *a = arena_new(1 << 20);
	struct from f;

	assert_int_equal(from_parse(value, a, &f, NULL), 0);
	arena_free(a);
	return f.status;
}

/* D-15: an octet 0 anywhere, the rest as good or bad as may be. */
static void
test_nul(void **state)
{
	static const char first[] = "<a@good.example>";
	char text[] = "x (c) \"q\" <a@good.example> <b@evil.example>";

	(void)state;
	assert_int_equal(status_of(slice_of(first, sizeof(first))), FROM_NUL);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char c = text[i];

		text[i] = '\0';
		assert_int_equal(
		    status_of(slice_of(text, sizeof(text) - 1)), FROM_NUL);
		text[i] = c;
	}
}

static void
test_the_first_of_several_is_for_the_log(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct from f;

	(void)state;
	assert_int_equal(
	    from_parse(SLICE_LIT("a@x.example,b@y.example"), a, &f, NULL), 0);
	assert_slice(f.address, SLICE_LIT("a@x.example"));
	assert_int_equal(f.domain.len, 0);
	arena_free(a);
}

/* A mailbox n times, commas between, in text of at most size octets. */
static struct slice
repeat(char *text, size_t size, const char *one, size_t n)
{
	size_t len = strlen(one), at = 0;

	while (n-- > 0 && at + len + 1 <= size) {
		memcpy(text + at, one, len);
		text[at + len] = ',';
		at += len + 1;
	}
	return slice_of(text, at);
}

static void
test_many_addresses(void **state)
{
	static char text[MANY * 16];
	struct slice bad;

	(void)state;
	assert_int_equal(status_of(repeat(text, sizeof(text), "a@x.example",
			     LIMIT_FROM_ADDRESSES)),
	    FROM_OK);
	assert_int_equal(status_of(repeat(text, sizeof(text), "a@x.example",
			     LIMIT_FROM_ADDRESSES + 1)),
	    FROM_TOO_LONG);
	assert_int_equal(
	    status_of(repeat(text, sizeof(text), "a@x.example", MANY)),
	    FROM_TOO_LONG);
	/* What stands beyond the limit is not looked at. */
	bad = repeat(
	    text, sizeof(text), "a@x.example", LIMIT_FROM_ADDRESSES + 2);
	text[bad.len - 2] = '<';
	assert_int_equal(status_of(bad), FROM_TOO_LONG);
	assert_int_equal(status_of(repeat(text, sizeof(text), "name", MANY)),
	    FROM_TOO_LONG);
	assert_int_equal(status_of(repeat(text, sizeof(text), "x:;", MANY)),
	    FROM_NO_DOMAIN);
	assert_int_equal(
	    status_of(repeat(text, sizeof(text), "", MANY)), FROM_NO_DOMAIN);
}

static void
test_100_kilobytes(void **state)
{
	static const struct {
		const char *before, *fill, *after;
		enum from_status status;
	} big[] = {
	    {"", "x ", "<a@example.com>", FROM_OK},
	    {"\"", "a@b ", "\" <a@example.com>", FROM_OK},
	    {"(", "a@b (x)", ")a@example.com", FROM_OK},
	    {"", "(x)", "a@example.com", FROM_OK},
	    {"", "\r\n ", "a@example.com", FROM_OK},
	    {"", "x", "@example.com", FROM_OK},
	    {"a@", "x", ".example", FROM_SYNTAX},
	    {"a@", "x.", "example", FROM_SYNTAX},
	    {"<", "@x.example,", ":a@example.com>", FROM_OK},
	    {"<", ",", "@x.example:a@example.com>", FROM_OK},
	    {"\"", "x", "", FROM_SYNTAX},
	    {"", "(", "", FROM_SYNTAX},
	    {"", "\"", "", FROM_NO_DOMAIN}, /* a name of empty words */
	    {"x", "\"", "", FROM_SYNTAX},
	    {"", "<", "", FROM_SYNTAX},
	    {"a", "@", "", FROM_SYNTAX},
	    {"", "\\", "", FROM_SYNTAX},
	};
	static char text[100 * 1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(big); i++) {
		size_t n = strlen(big[i].before), len = strlen(big[i].fill);
		size_t end = strlen(big[i].after);

		memcpy(text, big[i].before, n);
		while (n + len + end <= sizeof(text)) {
			memcpy(text + n, big[i].fill, len);
			n += len;
		}
		memcpy(text + n, big[i].after, end);
		assert_int_equal(
		    status_of(slice_of(text, n + end)), big[i].status);
	}
}

/* An address nobody could deliver to is not kept for the log. */
static void
test_long_local_part_is_not_printed(void **state)
{
	char text[LIMIT_ENVELOPE + 16];
	struct arena *a = arena_new(1 << 20);
	struct from f;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 10, "@x.example", 10);
	assert_int_equal(
	    from_parse(slice_of(text, sizeof(text)), a, &f, NULL), 0);
	assert_int_equal(f.status, FROM_OK);
	assert_string_equal(f.domain.text, "x.example");
	assert_int_equal(f.address.len, 0);
	arena_free(a);
}

static void
test_no_memory_is_an_error(void **state)
{
	struct arena *a = arena_new(0);
	struct err err = ERR_INIT;
	struct from f;

	(void)state;
	assert_int_equal(
	    from_parse(SLICE_LIT("a@example.com"), a, &f, &err), -1);
	assert_string_equal(err.text, "out of memory");
	arena_free(a);
}

struct header_row {
	const char *name, *message;
	enum from_status status;
	const char *domain;
};

static const struct header_row header_rows[] = {
    {"one", "To: x\r\nFrom: a@x.example\r\nSubject: y\r\n", FROM_OK,
	"x.example"},
    {"any case", "fRoM: a@x.example\r\n", FROM_OK, "x.example"},
    {"T1 blank before the colon", "From : a@x.example\r\n", FROM_OK,
	"x.example"},
    {"folded", "From:\r\n a@x.example\r\n", FROM_OK, "x.example"},
    {"T1 none", "To: a@x.example\r\n", FROM_MISSING, NULL},
    {"T1 no field at all", "", FROM_MISSING, NULL},
    {"T1 two", "From: a@x.example\r\nFrom: b@y.example\r\n",
	FROM_SEVERAL_FIELDS, NULL},
    {"T1 identical twice", "From: a@x.example\r\nFrom: a@x.example\r\n",
	FROM_SEVERAL_FIELDS, NULL},
    {"T1 another case", "From: a@x.example\r\nFROM: a@x.example\r\n",
	FROM_SEVERAL_FIELDS, NULL},
    {"a8 two",
	"From: <first@attack.example>\r\n"
	"From: <second@legit.example>\r\n",
	FROM_SEVERAL_FIELDS, NULL},
    {"a9 blank before one colon",
	"From : <first@attack.example>\r\nFrom: <second@legit.example>\r\n",
	FROM_SEVERAL_FIELDS, NULL},
    {"a12 Sender", "From: a@legit.example\r\nSender: b@attack.example\r\n",
	FROM_OK, "legit.example"},
    {"a13 Resent-From",
	"Resent-From: b@attack.example\r\nFrom: a@legit.example\r\n", FROM_OK,
	"legit.example"},
    {"the second is bad", "From: a@x.example\r\nFrom: <<\r\n",
	FROM_SEVERAL_FIELDS, NULL},
};

static void
check_header(void **state)
{
	const struct header_row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct header h;
	struct slice body;
	struct from f;

	assert_int_equal(header_init(&h, a), 0);
	assert_int_equal(header_parse(&h, slice_z(r->message), &body), 0);
	assert_int_equal(from_header(&h, a, &f, NULL), 0);
	assert_int_equal(f.status, r->status);
	assert_string_equal(f.domain.text, r->domain ? r->domain : "");
	arena_free(a);
}

/* a10, a11: names as a mailer less careful than ours may hand them on. */
static void
test_blanks_around_the_name(void **state)
{
	static const char *const names[] = {" From", "From\r\n ", "\tFROM\t"};
	struct arena *a = arena_new(1 << 20);
	struct header h;
	struct from f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_int_equal(header_init(&h, a), 0);
		assert_int_equal(header_add(&h, SLICE_LIT("From"),
				     SLICE_LIT(" a@x.example")),
		    0);
		assert_int_equal(header_add(&h, slice_z(names[i]),
				     SLICE_LIT(" b@y.example")),
		    0);
		assert_int_equal(from_header(&h, a, &f, NULL), 0);
		assert_int_equal(f.status, FROM_SEVERAL_FIELDS);
	}
	arena_free(a);
}

static void
test_header_over_a_ceiling(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct header h;
	struct from f;

	(void)state;
	assert_int_equal(header_init(&h, a), 0);
	/* All that is From is there, so the rest may be missing. */
	h.over = true;
	assert_int_equal(from_header(&h, a, &f, NULL), 0);
	assert_int_equal(f.status, FROM_MISSING);
	assert_int_equal(
	    header_add(&h, SLICE_LIT("From"), SLICE_LIT("a@x.example")), 0);
	assert_int_equal(from_header(&h, a, &f, NULL), 0);
	assert_int_equal(f.status, FROM_OK);
	h.from_over = true;
	assert_int_equal(from_header(&h, a, &f, NULL), 0);
	assert_int_equal(f.status, FROM_TOO_LONG);
	assert_int_equal(f.domain.len, 0);
	/* Two are two, whatever else there may be. */
	assert_int_equal(
	    header_add(&h, SLICE_LIT("From"), SLICE_LIT("a@x.example")), 0);
	assert_int_equal(from_header(&h, a, &f, NULL), 0);
	assert_int_equal(f.status, FROM_SEVERAL_FIELDS);
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_nul);
	UNIT_TEST(test_the_first_of_several_is_for_the_log);
	UNIT_TEST(test_many_addresses);
	UNIT_TEST(test_100_kilobytes);
	UNIT_TEST(test_long_local_part_is_not_printed);
	UNIT_TEST(test_no_memory_is_an_error);
	UNIT_TABLE(header_rows, check_header);
	UNIT_TEST(test_blanks_around_the_name);
	UNIT_TEST(test_header_over_a_ceiling);
	return unit_end();
}
