/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/slice.h"

#include "unit.h"

struct num_row {
	const char *name;
	uint64_t max;
	int rc;
	uint64_t want;
};

static const struct num_row num_rows[] = {
    {"0", 10, 0, 0},
    {"10", 10, 0, 10},
    {"11", 10, -1, 0},
    {"", 10, -1, 0},
    {"-1", 10, -1, 0},
    {" 1", 10, -1, 0},
    {"1x", 100, -1, 0},
    {"007", 7, 0, 7},
    {"9", 8, -1, 0},
    {"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
    {"18446744073709551616", UINT64_MAX, -1, 0},
    {"99999999999999999999", UINT64_MAX, -1, 0},
};

static void
check_num(void **state)
{
	const struct num_row *r = *state;
	uint64_t n = 0;

	assert_int_equal(slice_u64(slice_z(r->name), r->max, &n), r->rc);
	assert_int_equal(n, r->want);
}

struct trim_row {
	const char *name, *want;
};

static const struct trim_row trim_rows[] = {
    {"abc", "abc"},
    {" \t a b\r\n ", "a b"},
    {"\r\n \t", ""},
    {"", ""},
};

static void
check_trim(void **state)
{
	const struct trim_row *r = *state;

	assert_slice(slice_trim(slice_z(r->name)), slice_z(r->want));
}

struct cut_row {
	const char *name, *want; /* parts joined by '|' */
};

static const struct cut_row cut_rows[] = {
    {"a;b;c", "a|b|c|"},
    {"a;", "a||"},
    {"", "|"},
    {";;", "|||"},
};

static void
check_cut(void **state)
{
	const struct cut_row *r = *state;
	struct slice rest = slice_z(r->name);
	char got[64] = "";
	bool more = true;

	while (more) {
		struct slice part = slice_cut(&rest, ';', &more);

		strncat(got, part.ptr ? part.ptr : "", part.len);
		strcat(got, "|");
	}
	assert_string_equal(got, r->want);
}

struct cmp_row {
	const char *name, *a, *b;
	bool ieq, istarts, iends, icontains;
};

static const struct cmp_row cmp_rows[] = {
    {"equal", "Example.COM", "example.com", true, true, true, true},
    {"prefix", "Example.COM", "EXAM", false, true, false, true},
    {"suffix", "Example.COM", ".com", false, false, true, true},
    {"middle", "Example.COM", "PLE", false, false, false, true},
    {"longer", "com", "example.com", false, false, false, false},
    {"empty", "com", "", false, true, true, true},
    {"both empty", "", "", true, true, true, true},
};

static void
check_cmp(void **state)
{
	const struct cmp_row *r = *state;
	struct slice a = slice_z(r->a), b = slice_z(r->b);

	assert_int_equal(slice_ieq(a, b), r->ieq);
	assert_int_equal(slice_istarts(a, b), r->istarts);
	assert_int_equal(slice_iends(a, b), r->iends);
	assert_int_equal(slice_icontains(a, b), r->icontains);
}

struct utf8_row {
	const char *name, *in;
	bool want;
};

static const struct utf8_row utf8_rows[] = {
    {"empty", "", true},
    {"ASCII", "abc\r\n\x7f", true},
    {"two octets", "b\xc3\xbc", true},
    {"three octets", "\xe2\x82\xac", true},
    {"four octets", "\xf0\x9f\x93\xa7", true},
    {"the last character", "\xf4\x8f\xbf\xbf", true},
    {"beyond the last", "\xf4\x90\x80\x80", false},
    {"continuation alone", "\x80", false},
    {"cut", "\xe2\x82", false},
    {"cut by ASCII", "\xe2\x82x", false},
    {"overlong slash", "\xc0\xaf", false},
    {"overlong in three", "\xe0\x9f\xbf", false},
    {"overlong in four", "\xf0\x8f\xbf\xbf", false},
    {"surrogate", "\xed\xa0\x80", false},
    {"Latin-1",
	"b\xfc"
	"cher",
	false},
    {"five octets", "\xf8\x88\x80\x80\x80", false},
};

static void
check_utf8(void **state)
{
	const struct utf8_row *r = *state;

	assert_int_equal(slice_is_utf8(slice_z(r->in)), r->want);
}

static void
test_ascii(void **state)
{
	(void)state;
	assert_true(slice_is_ascii(SLICE_EMPTY));
	assert_true(slice_is_ascii(SLICE_LIT("a\0\x7f")));
	assert_false(slice_is_ascii(SLICE_LIT("a\x80")));
}

int
main(void)
{
	UNIT_TEST(test_ascii);
	UNIT_TABLE(utf8_rows, check_utf8);
	UNIT_TABLE(num_rows, check_num);
	UNIT_TABLE(trim_rows, check_trim);
	UNIT_TABLE(cut_rows, check_cut);
	UNIT_TABLE(cmp_rows, check_cmp);
	return unit_end();
}
