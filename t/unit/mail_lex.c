/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/lex.h"

#include "mail/limits.h"
#include "unit.h"

enum rule {
	UTF8,
	PAIR,
	FWS,
	COMMENT,
	CFWS,
	ATOM,
	STRING
};

struct row {
	const char *name;
	enum rule rule;
	const char *in;
	int taken; /* octets; -1: refused */
};

static const struct row rows[] = {
    {"RFC 3629: two octets", UTF8, "\xc3\xbc!", 2},
    {"RFC 3629: three octets", UTF8, "\xe2\x82\xac!", 3},
    {"RFC 3629: four octets", UTF8, "\xf0\x9f\x98\x80!", 4},
    {"RFC 3629: overlong two", UTF8, "\xc0\xaf", -1},
    {"RFC 3629: overlong three", UTF8, "\xe0\x80\xaf", -1},
    {"RFC 3629: overlong four", UTF8, "\xf0\x80\x80\xaf", -1},
    {"RFC 3629: surrogate", UTF8, "\xed\xa0\x80", -1},
    {"RFC 3629: above U+10FFFF", UTF8, "\xf4\x90\x80\x80", -1},
    {"RFC 3629: 0xff", UTF8, "\xff", -1},
    {"RFC 3629: cut short", UTF8, "\xe2\x82", -1},
    {"RFC 3629: second octet is ASCII", UTF8, "\xc3<", -1},
    {"RFC 3629: a lone continuation", UTF8, "\xa0", -1},
    {"ASCII is not UTF8-non-ascii", UTF8, "a", -1},
    {"quoted-pair", PAIR, "\\\"x", 2},
    {"quoted-pair of a blank", PAIR, "\\ x", 2},
    {"quoted-pair of UTF-8", PAIR, "\\\xc3\xbcx", 3},
    {"obs-qp: a control", PAIR, "\\\x01x", 2},
    {"obs-qp: CR is refused", PAIR, "\\\rx", -1},
    {"obs-qp: LF is refused", PAIR, "\\\nx", -1},
    {"backslash at the end", PAIR, "\\", -1},
    {"FWS", FWS, " \t x", 3},
    {"FWS with a fold", FWS, " \r\n x", 4},
    {"fold without a blank before", FWS, "\r\n\tx", 3},
    {"obs-FWS: blank lines", FWS, " \r\n \r\n x", 7},
    {"fold with LF", FWS, "\n x", 2},
    {"CRLF and no blank is no fold", FWS, "\r\nx", -1},
    {"blanks before such a CRLF are", FWS, " \r\nx", 1},
    {"CR alone", FWS, "\r x", -1},
    {"comment", COMMENT, "(x)y", 3},
    {"empty comment", COMMENT, "()y", 2},
    {"comments nest", COMMENT, "(a(b)c(d(e)))y", 13},
    {"folded comment", COMMENT, "(a\r\n b)y", 7},
    {"quoted parenthesis", COMMENT, "(a\\)b)y", 6},
    {"a quote means nothing", COMMENT, "(a\")y", 4},
    {"UTF-8 comment", COMMENT, "(\xc3\xbc)y", 4},
    {"bad UTF-8", COMMENT, "(\xc3)y", -1},
    {"obs-ctext", COMMENT, "(\x7f\x01)y", 4},
    {"comment not closed", COMMENT, "(a(b)", -1},
    {"comment ends in a backslash", COMMENT, "(a\\", -1},
    {"backslash before a fold", COMMENT, "(a\\\r\n b)", -1},
    {"no comment", COMMENT, "a()", -1},
    {"line end in a comment", COMMENT, "(a\r\nb)", -1},
    {"CFWS", CFWS, " (a) \r\n (b)\t x", 13},
    {"CFWS stops at a bad comment", CFWS, " (a) (b", 5},
    {"no CFWS", CFWS, "x", 0},
    {"atom", ATOM, "a!#$%&'*+-/=?^_`{|}~9 ", 21},
    {"atom of UTF-8", ATOM, "\xc3\xbc@", 2},
    {"atom ends at a dot", ATOM, "a.b", 1},
    {"no atom", ATOM, "@a", -1},
    {"DEL is no atext", ATOM, "\x7f", -1},
    {"quoted-string", STRING, "\"a@b\"x", 5},
    {"empty quoted-string", STRING, "\"\"x", 2},
    {"quoted quote", STRING, "\"a\\\"b\"x", 6},
    {"folded", STRING, "\"a\r\n b\"x", 7},
    {"not closed", STRING, "\"a", -1},
    {"quoted quote at the end", STRING, "\"a\\\"", -1},
    {"not folded line end", STRING, "\"a\r\nb\"", -1},
    {"CR", STRING, "\"a\rb\"", -1},
    {"backslash before a fold", STRING, "\"a\\\r\n b\"", -1},
    {"obs-qtext", STRING, "\"\x01\x7f\"x", 4},
};

static bool
take(enum rule rule, struct slice *in)
{
	struct slice out = SLICE_EMPTY;

	switch (rule) {
	case UTF8: return lex_utf8(in);
	case PAIR: return lex_quoted_pair(in);
	case FWS: return lex_fws(in);
	case COMMENT: return lex_comment(in);
	case CFWS: lex_cfws(in); return true;
	case ATOM: return lex_atom(in, &out);
	case STRING: return lex_quoted_string(in, &out);
	}
	return false;
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct slice all = slice_z(r->in), in = all;
	bool ok = take(r->rule, &in);

	assert_int_equal(ok, r->taken >= 0);
	assert_int_equal(all.len - in.len, ok ? (size_t)r->taken : 0);
}

struct words_row {
	const char *name, *in, *text;
	bool phrase, local;
};

static const struct words_row words_rows[] = {
    {"one word", " a b@", "a b", true, false},
    {"local part", "a.b.c @", "a.b.c", true, true},
    {"obs-local-part", "a . \"b\"(c).d @", "a . \"b\"(c).d", true, true},
    {"obs-phrase", "John Q. Public <", "John Q. Public", true, false},
    {"dot first", ".a@", ".a", false, true},
    {"dot last", "a.@", "a.", true, true},
    {"two dots", "a..b@", "a..b", true, true},
    {"two words behind two dots", "a..b c@", "a..b c", true, false},
    {"words that touch", "\"a\"b@", "\"a\"b", true, false},
    {"a dot alone", ". @", ".", false, false},
    {"nothing", " (c) @", "", false, false},
};

static void
check_words(void **state)
{
	const struct words_row *r = *state;
	struct slice in = slice_z(r->in);
	struct lex_words w;

	assert_int_equal(lex_words(&in, &w), r->text[0] != '\0');
	assert_slice(w.text, slice_z(r->text));
	if (w.text.len) {
		assert_int_equal(w.is_phrase, r->phrase);
		assert_int_equal(w.is_local, r->local);
	}
}

static void
test_comment_depth(void **state)
{
	char deep[2 * LIMIT_COMMENT_DEPTH + 3];
	struct slice in;

	(void)state;
	memset(deep, '(', LIMIT_COMMENT_DEPTH);
	memset(deep + LIMIT_COMMENT_DEPTH, ')', LIMIT_COMMENT_DEPTH);
	in = slice_of(deep, 2 * LIMIT_COMMENT_DEPTH);
	assert_true(lex_comment(&in));
	assert_int_equal(in.len, 0);
	memset(deep, '(', LIMIT_COMMENT_DEPTH + 1);
	memset(deep + LIMIT_COMMENT_DEPTH + 1, ')', LIMIT_COMMENT_DEPTH + 1);
	in = slice_of(deep, 2 * LIMIT_COMMENT_DEPTH + 2);
	assert_false(lex_comment(&in));
}

static void
test_nul_is_never_taken(void **state)
{
	static const enum rule rules[] = {
	    UTF8, PAIR, FWS, COMMENT, ATOM, STRING};
	static const char *const before[] = {"", "\\", " ", "(", "a", "\""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		char text[8] = "";
		struct slice in;

		memcpy(text, before[i], strlen(before[i]));
		text[strlen(before[i]) + 1] = ')';
		text[strlen(before[i]) + 2] = '"';
		in = slice_of(text, sizeof(text));
		(void)take(rules[i], &in);
		assert_true(slice_find(in, '\0') < 2);
	}
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(words_rows, check_words);
	UNIT_TEST(test_comment_depth);
	UNIT_TEST(test_nul_is_never_taken);
	return unit_end();
}
