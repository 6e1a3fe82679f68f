/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/rdata.h"

#include "unit.h"

struct row {
	const char *name;
	struct slice in;
	const char *want; /* NULL: refused */
};

static const struct row name_rows[] = {
    {"root", {"\0", 1}, ""},
    {"two labels", {"\3www\2de\0", 8}, "www.de"},
    {"no end", {"\3www\2de", 7}, NULL},
    {"label cut short", {"\3ww", 3}, NULL},
    {"pointer", {"\300\14", 2}, NULL},
    {"dot in a label", {"\3a.b\0", 5}, NULL},
    {"NUL in a label", {"\3a\0b\0", 5}, NULL},
    {"T18 octets after the end", {"\1a\0x", 4}, NULL},
    {"8-bit stays", {"\2\377\1\0", 4}, "\377\1"},
    {"empty", {"", 0}, NULL},
};

static void
check_name(void **state)
{
	const struct row *r = *state;
	char out[RDATA_NAME_MAX];
	bool ok = rdata_name(r->in, out);

	assert_int_equal(ok, r->want != NULL);
	if (ok)
		assert_string_equal(out, r->want);
}

static void
test_longest_name(void **state)
{
	char wire[300], out[RDATA_NAME_MAX];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		size_t len = i < 3 ? 63 : 61;

		wire[n++] = (char)len;
		memset(wire + n, 'a', len);
		n += len;
	}
	wire[n++] = '\0';
	assert_int_equal(n, 255);
	assert_true(rdata_name(slice_of(wire, n), out));
	assert_int_equal(strlen(out), 253);
	wire[192] = 62; /* one more octet in the last label */
	wire[n - 1] = 'a';
	wire[n++] = '\0';
	assert_false(rdata_name(slice_of(wire, n), out));
}

static const struct row txt_rows[] = {
    {"one string", {"\3abc", 4}, "abc"},
    {"two strings", {"\3abc\2de", 7}, "abcde"},
    {"T18 empty string between", {"\1a\0\1b", 5}, "ab"},
    {"T18 cut short", {"\1a\5b", 4}, "a"},
    {"nothing", {"", 0}, ""},
};

static void
check_txt(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1000);
	struct slice out;

	assert_int_equal(rdata_txt(r->in, a, &out), 0);
	assert_slice(out, slice_z(r->want));
	arena_free(a);
}

static void
test_addresses(void **state)
{
	struct ip ip;
	char text[IP_TEXT_MAX];

	(void)state;
	assert_true(rdata_ip(slice_of("\300\0\2\1", 4), &ip));
	assert_string_equal(ip_format(&ip, text), "192.0.2.1");
	assert_false(rdata_ip(slice_of("\300\0\2", 3), &ip));
	assert_false(rdata_ip(SLICE_EMPTY, &ip));
}

static const struct row soa_rows[] = {
    {"minimum",
	{"\2ns\0\4root\0"
	 "serirefrretrexpi\0\1\2\3",
	    30},
	"66051"},
    {"cut",
	{"\2ns\0\4root\0"
	 "serirefrretrexpi\0\1\2",
	    29},
	NULL},
    {"longer",
	{"\2ns\0\4root\0"
	 "serirefrretrexpi\0\1\2\3x",
	    31},
	NULL},
    {"names without an end", {"\2ns\77root", 8}, NULL},
    {"empty", {"", 0}, NULL},
};

static void
check_soa(void **state)
{
	const struct row *r = *state;
	uint32_t min;
	bool ok = rdata_soa_minimum(r->in, &min);

	assert_int_equal(ok, r->want != NULL);
	if (ok)
		assert_int_equal(min, strtol(r->want, NULL, 10));
}

int
main(void)
{
	UNIT_TABLE(name_rows, check_name);
	UNIT_TABLE(soa_rows, check_soa);
	UNIT_TEST(test_longest_name);
	UNIT_TABLE(txt_rows, check_txt);
	UNIT_TEST(test_addresses);
	return unit_end();
}
