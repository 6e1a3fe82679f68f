/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/address.h"

#include "mail/limits.h"
#include "unit.h"

#define BAD NULL, NULL, NULL

struct row {
	const char *name, *in;
	const char *local, *domain, *address; /* local NULL: not valid */
};

static const struct row rows[] = {
    {"plain", "<a@example.com>", "a", "example.com", "a@example.com"},
    {"without brackets", "a@example.com", "a", "example.com", "a@example.com"},
    {"case and dot", "<A@EXAMPLE.com.>", "A", "example.com", "A@EXAMPLE.com."},
    {"dotted", "<a.b-c+d@example.com>", "a.b-c+d", "example.com",
	"a.b-c+d@example.com"},
    {"RFC 5321 4.1.2: quoted local part", "<\"a b@c\"@example.com>",
	"\"a b@c\"", "example.com", "\"a b@c\"@example.com"},
    {"RFC 5321 4.1.2: quoted pair", "<\"a\\\"b\"@example.com>", "\"a\\\"b\"",
	"example.com", "\"a\\\"b\"@example.com"},
    {"quoted >", "<\"a>b\"@example.com>", "\"a>b\"", "example.com",
	"\"a>b\"@example.com"},
    {"RFC 5321 C: source route", "<@a.example,@b.example:c@d.example>", "c",
	"d.example", "c@d.example"},
    {"route without brackets", "@a.example:c@d.example", "c", "d.example",
	"c@d.example"},
    {"RFC 6531 3.3: UTF-8",
	"<\xc3\xbc@b\xc3\xbc"
	"cher.example>",
	"\xc3\xbc", "xn--bcher-kva.example",
	"\xc3\xbc@b\xc3\xbc"
	"cher.example"},
    {"dots anywhere in the local part", "<.a..b.@example.com>", ".a..b.",
	"example.com", ".a..b.@example.com"},
    {"word and quoted word", "<a.\"b\"@example.com>", "a.\"b\"", "example.com",
	"a.\"b\"@example.com"},
    {"literal", "<a@[192.0.2.1]>", "a", "", "a@[192.0.2.1]"},
    {"IPv6 literal", "<a@[IPv6:2001:db8::1]>", "a", "",
	"a@[IPv6:2001:db8::1]"},
    {"bare local part", "<postmaster>", "postmaster", "", "postmaster"},
    {"one label", "<root@localhost>", "root", "localhost", "root@localhost"},
    {"SRS", "<SRS0=HHH=TT=example.org=a@example.com>",
	"SRS0=HHH=TT=example.org=a", "example.com",
	"SRS0=HHH=TT=example.org=a@example.com"},
    /* Composition Kills, server side */
    {"a1: a name that does not exist", "<any@mailfrom.notexist.legit.example>",
	"any", "mailfrom.notexist.legit.example",
	"any@mailfrom.notexist.legit.example"},
    {"a5: parenthesis", "<any@legit.example(.attack.example>", BAD},
    {"a5: closed parenthesis", "<any@legit.example(.attack.example)>", BAD},
    {"a6: quote", "<any@legit.example'@any.attack.example>", BAD},
    {"a6: double quote", "<any@legit.example\"@any.attack.example>", BAD},
    {"a7: route and quote",
	"<@legit.example,@any.example:'any@attack.example>", "'any",
	"attack.example", "'any@attack.example"},
    {"a7: route without a colon", "<@legit.example@attack.example>", BAD},
    /* what two readers may read differently */
    {"two at signs", "<a@b.example@c.example>", BAD},
    {"blank", "<a b@example.com>", BAD},
    {"blank at the domain", "<a@ example.com>", BAD},
    {"blanks around", " <a@example.com> ", BAD},
    {"comment", "<a(c)@example.com>", BAD},
    {"no >", "<a@example.com", BAD},
    {"no <", "a@example.com>", BAD},
    {"two >", "<a@example.com>>", BAD},
    {"parameters", "<a@example.com> SIZE=1", BAD},
    {"< alone", "<", BAD},
    {"> alone", ">", BAD},
    {"no local part", "<@example.com>", BAD},
    {"no domain", "<a@>", BAD},
    {"empty label", "<a@b..example>", BAD},
    {"route alone", "<@a.example:>", BAD},
    {"quote not closed", "<\"a@example.com>", BAD},
    {"CRLF", "<a\r\n@example.com>", BAD},
    {"CRLF in a quoted string", "<\"a\r\n b\"@example.com>", BAD},
    {"control in a quoted string", "<\"a\x01\"@example.com>", BAD},
    {"CRLF in the domain", "<a@example.com\r\nX: y>", BAD},
    {"semicolon", "<a@example.com;b>", BAD},
    {"bad UTF-8", "<a\xff@example.com>", BAD},
    {"literal not closed", "<a@[192.0.2.1>", BAD},
    {"text after a literal", "<a@[192.0.2.1]b>", BAD},
    {"blank in a literal", "<a@[192 0]>", BAD},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct path p;

	path_parse(slice_z(r->in), &p);
	assert_int_equal(p.valid, r->local != NULL);
	assert_false(p.null);
	assert_slice(p.local, slice_z(r->local));
	assert_slice(p.address, slice_z(r->address));
	assert_string_equal(p.domain.text, r->domain ? r->domain : "");
}

static void
test_null(void **state)
{
	struct path p;

	(void)state;
	path_parse(SLICE_LIT("<>"), &p);
	assert_true(p.valid && p.null && p.local.len == 0);
	path_parse(SLICE_EMPTY, &p);
	assert_true(p.valid && p.null && p.domain.len == 0);
	path_parse(SLICE_LIT("< >"), &p);
	assert_false(p.valid || p.null);
	path_parse(SLICE_LIT("<\"\">"), &p);
	assert_true(p.valid && !p.null);
}

static void
test_nul_and_length(void **state)
{
	static const char nul[] = "<a\0b@example.com>";
	static const char nul_domain[] = "<a@legit.example\0.attack.example>";
	char text[LIMIT_ENVELOPE + 2];
	struct path p;

	(void)state;
	path_parse(slice_of(nul, sizeof(nul) - 1), &p);
	assert_false(p.valid);
	path_parse(slice_of(nul_domain, sizeof(nul_domain) - 1), &p);
	assert_false(p.valid);
	memset(text, 'a', sizeof(text));
	memcpy(text + LIMIT_ENVELOPE - 4, "@b.c", 4);
	path_parse(slice_of(text, LIMIT_ENVELOPE), &p);
	assert_true(p.valid);
	assert_string_equal(p.domain.text, "b.c");
	path_parse(slice_of(text, LIMIT_ENVELOPE + 1), &p);
	assert_false(p.valid);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_null);
	UNIT_TEST(test_nul_and_length);
	return unit_end();
}
