/* SPDX-License-Identifier: BSD-2-Clause */
#include "authres/match.h"

#include "mail/limits.h"
#include "unit.h"

#define UE "\xc3\xbc"

static const struct slice ours[] = {
    {"mx.example", 10},
    {"Old.Example.", 12},
    {"b" UE "cher.example", 15},
    {"xn--strae-oqa.example", 21},
    {"", 0},
};

struct row {
	const char *name;
	const char *value;
	bool want;
};

static const struct row rows[] = {
    /* the same forged field in many dresses */
    {"A-10 plain", " mx.example; dkim=pass", true},
    {"A-10 no blanks", "mx.example;dkim=pass", true},
    {"A-10 case", " MX.Example; dkim=pass", true},
    {"A-10 case of ours", " old.example; dkim=pass", true},
    {"A-10 comment first", " (x) mx.example; dkim=pass", true},
    {"A-10 nested comment", " (x (y) \\) z) mx.example; dkim=pass", true},
    {"A-10 semicolon in a comment", " (a; b) mx.example; dkim=pass", true},
    {"A-10 comment after", " mx.example (x); dkim=pass", true},
    {"A-10 folded", "\r\n\tmx.example\r\n ; dkim=pass", true},
    {"A-10 folded with LF", "\n mx.example\n\t; dkim=pass", true},
    {"A-10 quoted", " \"mx.example\"; dkim=pass", true},
    {"A-10 quoted pair", " \"m\\x.example\"; dkim=pass", true},
    {"A-10 quoted, blanks", " \" mx.example \"; dkim=pass", true},
    {"A-10 version", " mx.example 1; dkim=pass", true},
    {"A-10 version, comments", " mx.example(a)1(b); dkim=pass", true},
    {"A-10 other version", " mx.example 2; dkim=pass", true},
    {"T16 dot at the end", " mx.example.; dkim=pass", true},
    {"T16 two dots", " mx.example..; dkim=pass", true},
    {"T16 quoted, dot", " \"mx.example.\"; dkim=pass", true},
    {"A-10 A-label of our U-label", " xn--bcher-kva.example; none", true},
    {"A-10 U-label itself", " B" UE "cher.Example; none", true},
    {"A-10 U-label of our A-label",
	" stra\xc3\x9f"
	"e.example; none",
	true},
    {"A-10 full-width", " \xef\xbd\x8d\xef\xbd\x98.example; none", true},
    {"A-10 zero-width space", " mx\xe2\x80\x8b.example; none", true},
    {"A-10 other dot",
	" mx\xe3\x80\x82"
	"example; none",
	true},
    /* what follows the id changes nothing (STYLE.md C.6) */
    {"nothing follows", " mx.example", true},
    {"only a semicolon", " mx.example;", true},
    {"unknown ptype", " mx.example; dkim=pass; x-foo=pass foo.bar=1", true},
    {"none", " mx.example; none", true},
    {"unterminated comment", " mx.example; dkim=pass (x", true},
    {"unterminated comment before ;", " mx.example (x; dkim=pass", true},
    {"unterminated quote", " mx.example; dkim=pass reason=\"x", true},
    {"garbage", " mx.example; \x01\xff;;;===", true},
    {"garbage before ;", " mx.example =?x?=; dkim=pass", true},
    {"at sign", " mx.example@evil.example; dkim=pass", true},
    {"slash", " mx.example/1; dkim=pass", true},
    /* garbage before the first semicolon that names us */
    {"A-11 encoded word", " =?x?= mx.example; dkim=pass", true},
    {"A-11 encoded word that hides", " =?utf-8?b?bXg=?=; dkim=pass", true},
    {"A-11 two ids", " evil.example mx.example; dkim=pass", true},
    {"A-11 comma", " evil.example, MX.EXAMPLE.; dkim=pass", true},
    {"A-11 in an open comment", " (mx.example; dkim=pass", true},
    {"A-11 behind an open comment", " (x; mx.example; dkim=pass", true},
    {"A-11 in an open string", " \"mx.example; dkim=pass", true},
    {"A-11 behind an open string", " \"x; mx.example; dkim=pass", true},
    {"A-11 quoted, more in it", " \"mx.example; x\"; dkim=pass", true},
    {"A-11 comment in the id", " mx.(x)example; dkim=pass", true},
    {"A-11 blank in the id", " mx. example; dkim=pass", true},
    {"A-11 quotes in the id", " mx.\"exa\"mple; dkim=pass", true},
    {"A-11 backslash in the id", " mx\\.example; dkim=pass", true},
    {"A-11 no-break space", " mx.example\xc2\xa0; dkim=pass", true},
    {"A-11 8-bit garbage", " \xff\xfe; dkim=pass", true},
    {"A-11 A-label of ours", " <xn--bcher-kva.example>; none", true},
    {"A-11 equals sign", " id=mx.example; dkim=pass", true},
    /* not ours */
    {"below evil", " mx.example.evil.net; dkim=pass", false},
    {"longer label", " notmx.example; dkim=pass", false},
    {"below ours", " a.mx.example; dkim=pass", false},
    {"above ours", " example; dkim=pass", false},
    {"look-alike", " m\xd1\x85.example; dkim=pass", false},
    {"ours in a comment", " other.example (mx.example); dkim=pass", false},
    {"ours in a result", " other.example; mx.example; dkim=pass", false},
    {"ours in a property", " other.example; dkim=pass header.d=mx.example",
	false},
    {"version, not ours", " other.example 1; dkim=pass", false},
    {"quoted, not ours", " \"other.example\"; dkim=pass", false},
    {"garbage, not ours", " ,other.example; x=mx.example", false},
    {"no id", " ; dkim=pass header.d=mx.example", false},
    {"old form without id", " spf=pass smtp.mailfrom=x.example; dkim=pass",
	false},
    {"empty", "", false},
    {"blanks", " \r\n\t", false},
    {"comment only", " (mx)", false},
};

static void
check(void **state)
{
	const struct row *r = *state;

	assert_int_equal(
	    authres_claims(slice_z(r->value), ours, ARRAY_LEN(ours)), r->want);
}

static void
test_nul(void **state)
{
	(void)state;
	assert_true(authres_claims(
	    slice_of("mx.example\0; x", 14), ours, ARRAY_LEN(ours)));
	assert_true(authres_claims(
	    slice_of("\0mx.example; x", 14), ours, ARRAY_LEN(ours)));
	assert_true(authres_claims(
	    slice_of("(\0)mx.example; x", 16), ours, ARRAY_LEN(ours)));
	assert_false(authres_claims(
	    slice_of("\0other.example; x", 17), ours, ARRAY_LEN(ours)));
	assert_false(authres_claims(SLICE_EMPTY, ours, ARRAY_LEN(ours)));
}

static size_t
add(char *text, size_t n, const char *more)
{
	size_t len = strlen(more);

	memcpy(text + n, more, len);
	return n + len;
}

/* 100 KB before or behind the id, of each kind that needs scanning. */
static void
test_long_fields(void **state)
{
	static const struct {
		const char *first, *fill, *last;
		bool want;
	} cases[] = {
	    {" mx.example; dkim=pass (", "x", "", true},
	    {" mx.example (", "x", "); dkim=pass", true},
	    {" (", "x", ") mx.example; dkim=pass", true},
	    {" (", "(", "mx.example; dkim=pass", true},
	    {" ", "()", " mx.example; dkim=pass", true},
	    {"", "\r\n ", "mx.example; dkim=pass", true},
	    {" \"", "x", "\"; dkim=pass", true}, /* nobody's id is so long */
	    {" ", "(\"", "; dkim=pass", true},
	    {" mx.example", "x", "; dkim=pass", false},
	    {" other.example; ", "mx.example;", "", false},
	    {" other.example (", "mx.example;", "); dkim=pass", false},
	};
	char *text = malloc(110000);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = add(text, 0, cases[i].first);

		while (n < 100000)
			n = add(text, n, cases[i].fill);
		n = add(text, n, cases[i].last);
		assert_int_equal(
		    authres_claims(slice_of(text, n), ours, ARRAY_LEN(ours)),
		    cases[i].want);
	}
	free(text);
}

/* Garbage and a quoted id as long as the ceiling and one octet longer. */
static void
test_ceiling_of_the_id_part(void **state)
{
	char text[LIMIT_AUTHRES_ID_PART + 8];

	(void)state;
	for (size_t n = LIMIT_AUTHRES_ID_PART - 2; n < sizeof(text) - 2; n++) {
		memset(text, 'x', sizeof(text));
		text[0] = '=';
		text[n] = ';';
		assert_int_equal(authres_claims(slice_of(text, n + 1), ours,
				     ARRAY_LEN(ours)),
		    n > LIMIT_AUTHRES_ID_PART);
		text[0] = text[n - 1] = '"';
		text[n] = ';';
		assert_int_equal(authres_claims(slice_of(text, n + 1), ours,
				     ARRAY_LEN(ours)),
		    n > LIMIT_AUTHRES_ID_PART);
	}
}

struct version_row {
	const char *name, *value;
	bool want;
};

/* */
static const struct version_row version_rows[] = {
    {"A-12 express 2", " other.example 2; dkim=pass", true},
    {"A-12 comments around", " other.example (x) 2 (y) ; dkim=pass", true},
    {"A-12 zero", " other.example 0; dkim=pass", true},
    {"A-12 a huge one", " o.example 4294967297; dkim=pass", true},
    {"A-12 quoted id with a blank", " \"o x\" 2; dkim=pass", true},
    {"A-12 quoted id", " \"o.example\"2; dkim=pass", true},
    {"express 1", " other.example 1; dkim=pass", false},
    {"01", " other.example 01; dkim=pass", false},
    {"implied", " other.example; dkim=pass", false},
    {"a result in its place", " other.example; 2; dkim=pass", false},
    {"no number", " other.example x2; dkim=pass", false},
    {"empty", "", false},
};

static void
check_version(void **state)
{
	const struct version_row *r = *state;

	assert_int_equal(authres_version_unknown(slice_z(r->value)), r->want);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_nul);
	UNIT_TEST(test_long_fields);
	UNIT_TEST(test_ceiling_of_the_id_part);
	UNIT_TABLE(version_rows, check_version);
	return unit_end();
}
