/* SPDX-License-Identifier: BSD-2-Clause */
#include "log/pairs.h"

#include "unit.h"

/* --- what is written is read ------------------------------------------------------- */

struct value {
	const char *name;
	struct slice in;
	const char *text;
};

static const struct value values[] = {
    {"a word", {"pass", 4}, "k=pass"},
    {"nothing", {"", 0}, "k=\"\""},
    {"a blank", {"a b", 3}, "k=\"a b\""},
    {"an equals sign", {"a=b", 3}, "k=\"a=b\""},
    {"quote and backslash", {"\"\\", 2}, "k=\"\\\"\\\\\""},
    {"NUL, LF, ESC", {"\0\n\033", 3}, "k=\"\\x00\\x0a\\x1b\""},
    {"high octets", {"\xc3\xff", 2}, "k=\"\\xc3\\xff\""},
    {"what looks like an escape", {"\\x41", 4}, "k=\"\\\\x41\""},
    {"what looks like a pair", {"\" a=b", 5}, "k=\"\\\" a=b\""},
};

static void
check_value(void **state)
{
	const struct value *v = *state;
	struct buf b = BUF_INIT(1000);
	char room[1000], *to = room;
	struct slice rest;
	struct pair p;

	pair_add(&b, "k", v->in);
	assert_slice(buf_slice(&b), slice_z(v->text));
	pair_add(&b, "second", SLICE_LIT("2"));
	rest = buf_slice(&b);
	assert_int_equal(pair_next(&rest, &to, &p), 1);
	assert_slice(p.key, SLICE_LIT("k"));
	assert_slice(p.value, v->in);
	assert_int_equal(pair_next(&rest, &to, &p), 1);
	assert_slice(p.key, SLICE_LIT("second"));
	assert_int_equal(pair_next(&rest, &to, &p), 0);
	buf_free(&b);
}

/* --- what nobody writes ---------------------------------------------------------------- */

struct bad {
	const char *name, *text;
};

static const struct bad bads[] = {
    {"no key", "=a"},
    {"a key alone", "key"},
    {"no value", "k="},
    {"capitals", "Key=a"},
    {"a blank before", " k=a"},
    {"two blanks", "k=a  l=b"},
    {"a blank at the end", "k=a "},
    {"an open quote", "k=\"a"},
    {"text after a quote", "k=\"a\"b"},
    {"an escape that is none", "k=\"\\n\""},
    {"an escape cut", "k=\"\\x4\""},
    {"an escape at the end", "k=\"\\"},
    {"a control octet", "k=a\tb"},
    {"a control octet in quotes", "k=\"a\033b\""},
    {"a high octet", "k=\xc3"},
    {"two equals signs", "k==a"},
    {"a quote in a word", "k=a\"b\""},
};

static void
check_bad(void **state)
{
	const struct bad *r = *state;
	char room[1000], *to = room;
	struct slice rest = slice_z(r->text);
	struct pair p;
	int rc;

	while ((rc = pair_next(&rest, &to, &p)) == 1)
		;
	assert_int_equal(rc, -1);
}

int
main(void)
{
	UNIT_TABLE(values, check_value);
	UNIT_TABLE(bads, check_bad);
	return unit_end();
}
