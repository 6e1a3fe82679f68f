/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is no RFC 5322 grammar and has an author domain all the same, and what
 * has none: each with the reason. legit.example is the victim. Where there is
 * a domain, no reader of readers.h may see another one.
 */
#include "mail/loose.h"

#include "mail/address.h"
#include "readers.h"
#include "unit.h"

enum want {
	ONE,
	FRAGILE,
	SEVERAL,
	NONE
};

struct row {
	const char *name, *in;
	enum want want; /* ONE, FRAGILE: legit.example */
};

static const struct row rows[] = {
    /* display names as real mailers write them */
    {"Latin-1", "J\xf6rg <a@legit.example>", ONE},
    {"Latin-1 at the bracket", "J\xf6<a@legit.example>", ONE},
    {"Shift_JIS that takes the next octet", "\x83\x5c <a@legit.example>",
	FRAGILE},
    {"UTF-8 cut", "\xe2\x82 <a@legit.example>", ONE},
    {"comma", "Doe, John <a@legit.example>", FRAGILE},
    {"colon", "Re: John <a@legit.example>", ONE},
    {"semicolon", "Doe; John <a@legit.example>", ONE},
    {"brackets", "[List] John <a@legit.example>", ONE},
    {"at sign, the same domain", "a@legit.example <a@legit.example>", ONE},
    {"at sign, another case", "a@LEGIT.example <b@legit.Example>", ONE},
    {"at sign, one label", "john@work <a@legit.example>", ONE},
    {"at sign, words", "Meet @ the office <a@legit.example>", ONE},
    {"at sign, words with a dot", "Meet @ St. Paul <a@legit.example>", NONE},
    {"at sign, another domain", "a@attack.example <a@legit.example>", SEVERAL},
    {"at sign, a subdomain", "a@x.legit.example <a@legit.example>", SEVERAL},
    {"backslash", "a\\b <a@legit.example>", FRAGILE},
    {"control character", "a\x07 <a@legit.example>", ONE},
    {"quote never closed", "\"Doe <a@legit.example>", FRAGILE},
    {"quote closed too often", "\"Doe\"\" <a@legit.example>", FRAGILE},
    {"comment never closed", "Doe (x <a@legit.example>", FRAGILE},
    {"comment closed too often", "Doe) <a@legit.example>", FRAGILE},
    {"text behind the address", "<a@legit.example> Doe", ONE},

    /* the address itself */
    {"two dots", "<a..b@legit.example>", ONE},
    {"dot first and last", "<.a.@legit.example>", ONE},
    {"no bracket before it", "a@legit.example>", FRAGILE},
    {"no bracket behind it", "Doe <a@legit.example", ONE},
    {"brackets twice", "<<a@legit.example>>", FRAGILE},
    {"no local part", "<@legit.example>", ONE},
    {"dots behind it", "<a@legit.example..>", ONE},
    {"a no-break space behind it", "a@legit.example\xc2\xa0", FRAGILE},
    {"a quoted address", "\"a@legit.example\"", FRAGILE},
    {"a commented address", "(a@legit.example)", FRAGILE},
    {"colon behind it", "<a@legit.example:x>", FRAGILE},
    {"group never closed", "x: a@legit.example", FRAGILE},
    {"a comment behind it", "a@legit.example (x", FRAGILE},
    {"quotes in the local part", "a\"b@legit.example", FRAGILE},

    /* where does the name end? */
    {"a word behind it", "a@legit.example Doe", NONE},
    {"a blank in it", "<a@x.legit .example>", NONE},
    {"a blank in it, behind", "<a@legit.exam ple>", NONE},
    {"a dot and a name behind it", "<a@legit.example .attack.example>", NONE},
    {"a dot behind a comment", "<a@legit.example(x).attack.example>", NONE},
    {"a comment in a label", "<a@legit.example(.attack.example>", NONE},
    {"another at sign", "<a@legit.example@attack.example>", SEVERAL},
    {"a percent sign", "<a@legit.example%attack.example>", NONE},
    {"a slash", "<a@legit.example/attack.example>", NONE},
    {"a soft hyphen", "<a@legit.exam\xc2\xadple>", ONE},
    {"a soft hyphen beside Latin-1", "\xf6 <a@legit.exam\xc2\xadple>", NONE},
    {"an octet of no charset", "<a@legit.example\xf6>", NONE},
    {"a literal", "<a@[192.0.2.1]> b@legit.example>", NONE},
    {"a line end", "<a@legit.example>\n<b@legit.example>", NONE},
    {"a CR", "<a@legit.example>\r\r", NONE},

    /* what could be decoded to another address */
    {"encoded word", "=?utf-8?q?J=F6rg?=, <a@legit.example>", FRAGILE},
    {"Q with an at sign", "=?utf-8?q?b=40attack.example?=, <a@legit.example>",
	NONE},
    {"Q in lower case", "=?UTF-8?Q?b=40c.example?=, <a@legit.example>", NONE},
    {"B with an at sign",
	"=?utf-8?b?PGFkbWluQGF0dGFjay5leGFtcGxlPg==?=,<a@legit.example>",
	NONE},
    {"B, the at sign across a line",
	"=?utf-8?b?PGFkbWlu\r\n QGF0dGFjay5leGFtcGxlPg==?=,<a@legit.example>",
	NONE},
    {"B, the at sign across two words",
	"=?utf-8?b?Y2VvQ?= =?utf-8?b?GF0dGFjay5leGFtcGxl?=, "
	"<a@legit.example>",
	NONE},
    {"B without one", "=?utf-8?b?SsO2cmc=?=, <a@legit.example>", FRAGILE},
    {"UTF-7", "=?utf-7?q?b+AEA-attack.example?=, <a@legit.example>", NONE},
    {"a charset of mainframes", "=?cp037?q?b=7Cc.example?=, <a@legit.example>",
	NONE},
    {"an unknown encoding", "=?utf-8?x?b?=, <a@legit.example>", NONE},
    {"broken off", "=?utf-8?q?b, <a@legit.example>", NONE},
    {"no encoding", "=?, <a@legit.example>", FRAGILE},
    {"a wide at sign",
	"b\xef\xbc\xa0"
	"attack.example, <a@legit.example>",
	NONE},
    {"a small at sign",
	"b\xef\xb9\xab"
	"attack.example, <a@legit.example>",
	NONE},

    /* no "@": what mailers make one of */
    {"percent sign", "ceo%legit.example", FRAGILE},
    {"percent sign in brackets", "ceo <ceo%legit.example>", FRAGILE},
    {"bang path", "legit.example!ceo", FRAGILE},
    {"bang path of two", "legit.example!x!ceo", FRAGILE},
    {"two names", "legit.example!ceo%attack.example", SEVERAL},
    {"no names", "50% off! <x>", NONE},
    {"percent sign beside an at sign", "<ceo%attack.example@legit.example",
	ONE},

    /* nothing to go by */
    {"words", "Doe, John", NONE},
    {"one label", "Doe, <root@localhost>", NONE},
    {"brackets without an address", "a@legit.example <>", NONE},
    {"brackets with one label", "a@legit.example <a@b>", NONE},
    {"brackets with another thing", "a@legit.example <x>", NONE},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct slice in = slice_z(r->in);
	struct loose l;

	loose_read(in, &l);
	assert_string_equal(l.domain.text,
	    r->want == ONE || r->want == FRAGILE ? "legit.example" : "");
	assert_int_equal(l.several, r->want == SEVERAL);
	if (l.domain.len == 0)
		return;
	assert_int_equal(l.fragile, r->want == FRAGILE);
	assert_false(readers_disagree(in, &l.domain));
}

/* What is said of a field is what address.h says of it. */
static void
check_from(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct from f;

	assert_int_equal(from_parse(slice_z(r->in), a, &f, NULL), 0);
	assert_string_equal(f.domain.text,
	    r->want == ONE || r->want == FRAGILE ? "legit.example" : "");
	if (r->want == SEVERAL)
		assert_int_equal(f.status, FROM_SEVERAL_DOMAINS);
	arena_free(a);
}

static void
test_encoded_words(void **state)
{
	(void)state;
	assert_false(loose_hides_address(SLICE_LIT("")));
	assert_false(loose_hides_address(SLICE_LIT("x=y?=z")));
	assert_false(loose_hides_address(SLICE_LIT("=?utf-8*de?Q?x?=")));
	assert_false(loose_hides_address(SLICE_LIT("=?")));
	assert_false(loose_hides_address(SLICE_LIT("=?utf-8?q")));
	assert_true(loose_hides_address(SLICE_LIT("=?utf-8?q?")));
	assert_true(loose_hides_address(SLICE_LIT("=?=?utf-8?q?=40?=")));
	/* Behind a good one a bad one. */
	assert_true(
	    loose_hides_address(SLICE_LIT("=?utf-8?q?x?= =?utf-8?q?=40?=")));
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(rows, check_from);
	UNIT_TEST(test_encoded_words);
	return unit_end();
}
