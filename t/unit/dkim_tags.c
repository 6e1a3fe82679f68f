/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/tags.h"

#include "unit.h"

struct row {
	const char *name, *in;
	enum dkim_reason reason;
	const char *want; /* "name|value|whole;" by tag */
};

static const struct row rows[] = {
    {"one", "a=b", DKIM_REASON_NONE, "a|b|b;"},
    {"two", "a=b;c=d", DKIM_REASON_NONE, "a|b|b;c|d|d;"},
    {"section 3.2: ; may end the list", "a=b;", DKIM_REASON_NONE, "a|b|b;"},
    {"blanks after the last ;", "a=b; \r\n ", DKIM_REASON_NONE, "a|b|b;"},
    {"section 3.2: FWS round name and value", " \r\n\ta\t=\r\n b \r\n ;c = d",
	DKIM_REASON_NONE, "a|b|\r\n b \r\n ;c|d| d;"},
    {"WSP inside a value is kept", "a=b  c\r\n\td", DKIM_REASON_NONE,
	"a|b  c\r\n\td|b  c\r\n\td;"},
    {"= inside a value", "a=b=c==", DKIM_REASON_NONE, "a|b=c==|b=c==;"},
    {"erratum 5070: empty value", "a=;b= \r\n ;c=", DKIM_REASON_NONE,
	"a||;b|| \r\n ;c||;"},
    {"section 3.2: names are case-sensitive", "a=1;A=2", DKIM_REASON_NONE,
	"a|1|1;A|2|2;"},
    {"ALNUMPUNC", "a_9Z=1", DKIM_REASON_NONE, "a_9Z|1|1;"},
    {"RFC 8616: UTF-8 value", "d=b\xc3\xbc", DKIM_REASON_NONE,
	"d|b\xc3\xbc|b\xc3\xbc;"},
    {"all of VALCHAR", "a=!\"#$%&'()*+,-./:<=>?@[\\]^_`{|}~", DKIM_REASON_NONE,
	"a|!\"#$%&'()*+,-./:<=>?@[\\]^_`{|}~|"
	"!\"#$%&'()*+,-./:<=>?@[\\]^_`{|}~;"},
    {"section 3.2: duplicate", "d=a;b=1;d=b", DKIM_REASON_DUPLICATE_TAG,
	"d|a|a;b|1|1;"},
    {"duplicate, same value", "d=a;d=a", DKIM_REASON_DUPLICATE_TAG, "d|a|a;"},
    {"empty", "", DKIM_REASON_SYNTAX, ""},
    {"blank", " \r\n ", DKIM_REASON_SYNTAX, ""},
    {"; alone", ";", DKIM_REASON_SYNTAX, ""},
    {"empty tag-spec", "a=b;;c=d", DKIM_REASON_SYNTAX, "a|b|b;"},
    {"no =", "a", DKIM_REASON_SYNTAX, ""},
    {"no = in the second", "a=b;c", DKIM_REASON_SYNTAX, "a|b|b;"},
    {"no name", "=b", DKIM_REASON_SYNTAX, ""},
    {"name begins with a digit", "1a=b", DKIM_REASON_SYNTAX, ""},
    {"name begins with _", "_a=b", DKIM_REASON_SYNTAX, ""},
    {"hyphen in a name", "a-b=c", DKIM_REASON_SYNTAX, ""},
    {"blank in a name", "a b=c", DKIM_REASON_SYNTAX, ""},
    {"8-bit name", "\xc3\xbc=c", DKIM_REASON_SYNTAX, ""},
    {"CR alone", "a=b\rc", DKIM_REASON_SYNTAX, ""},
    {"LF alone", "a=b\nc", DKIM_REASON_SYNTAX, ""},
    {"CRLF that folds nothing", "a=b\r\nc", DKIM_REASON_SYNTAX, ""},
    {"CRLF at the end", "a=b\r\n", DKIM_REASON_SYNTAX, ""},
    {"DEL", "a=b\x7f", DKIM_REASON_SYNTAX, ""},
    {"not UTF-8", "a=b\xfc", DKIM_REASON_SYNTAX, ""},
    {"overlong NUL", "a=b\xc0\x80", DKIM_REASON_SYNTAX, ""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct slice in = slice_z(r->in);
	char *copy = malloc(in.len + 1), got[512] = "";
	struct dkim_tags t;
	size_t n = 0;

	memcpy(copy, r->in, in.len);
	assert_int_equal(
	    dkim_tags_parse(slice_of(copy, in.len), &t), r->reason);
	for (size_t i = 0; i < t.n; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n,
		    SLICE_FMT "|" SLICE_FMT "|" SLICE_FMT ";",
		    SLICE_ARG(t.tags[i].name), SLICE_ARG(t.tags[i].value),
		    SLICE_ARG(t.tags[i].whole));
	assert_string_equal(got, r->want);
	free(copy);
}

static void
test_nul(void **state)
{
	struct dkim_tags t;

	(void)state;
	assert_int_equal(
	    dkim_tags_parse(SLICE_LIT("a=b\0c"), &t), DKIM_REASON_SYNTAX);
	assert_int_equal(
	    dkim_tags_parse(SLICE_LIT("a\0=b"), &t), DKIM_REASON_SYNTAX);
}

static void
test_find(void **state)
{
	struct dkim_tags t;

	(void)state;
	assert_int_equal(dkim_tags_parse(SLICE_LIT("bh=1; b=2"), &t), 0);
	assert_slice(dkim_tags_find(&t, "b")->value, SLICE_LIT("2"));
	assert_null(dkim_tags_find(&t, "B"));
	assert_null(dkim_tags_find(&t, "h"));
}

static void
test_ceiling(void **state)
{
	char text[LIMIT_DKIM_TAGS * 8 + 16];
	struct dkim_tags t;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < LIMIT_DKIM_TAGS; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "a%d=%d;", i, i);
	assert_int_equal(
	    dkim_tags_parse(slice_of(text, n), &t), DKIM_REASON_NONE);
	assert_int_equal(t.n, LIMIT_DKIM_TAGS);
	snprintf(text + n, sizeof(text) - n, "b=1");
	assert_int_equal(
	    dkim_tags_parse(slice_z(text), &t), DKIM_REASON_LIMIT_TAGS);
}

struct list_row {
	const char *name, *list, *word;
	bool want;
};

static const struct list_row list_rows[] = {
    {"alone", "sha256", "sha256", true},
    {"first", "sha256:x", "sha256", true},
    {"last, FWS", "x \r\n : sha256 ", "sha256", true},
    {"prefix", "sha2567", "sha256", false},
    {"other case", "SHA256", "sha256", false},
    {"empty", "", "y", false},
    {"empty items", "::y:", "y", true},
};

static void
check_list(void **state)
{
	const struct list_row *r = *state;

	assert_int_equal(dkim_list_has(slice_z(r->list), r->word), r->want);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_nul);
	UNIT_TEST(test_find);
	UNIT_TEST(test_ceiling);
	UNIT_TABLE(list_rows, check_list);
	return unit_end();
}
