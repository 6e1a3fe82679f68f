/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buf.h"

#include <string.h>

#include "unit.h"

static void
test_appends(void **state)
{
	struct buf b = BUF_INIT(100000);

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_addz(&b, "a");
	buf_addc(&b, 'b');
	buf_addf(&b, "%d-%s", 12, "x");
	buf_add(&b, SLICE_EMPTY);
	assert_string_equal(buf_str(&b), "ab12-x");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%080d", i);
	assert_int_equal(b.len, 6 + 80000);
	assert_int_equal(buf_status(&b), 0);
	buf_free(&b);
	assert_int_equal(b.len, 0);
}

static void
test_numbers(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	buf_add_num(&b, 0);
	buf_addc(&b, ' ');
	buf_add_num(&b, -7);
	buf_addc(&b, ' ');
	buf_add_num(&b, INT64_MAX);
	buf_addc(&b, ' ');
	buf_add_num(&b, INT64_MIN);
	assert_string_equal(
	    buf_str(&b), "0 -7 9223372036854775807 -9223372036854775808");
	buf_free(&b);
}

/* Octet by octet up to the ceiling, and not one more. */
static void
test_octets(void **state)
{
	struct buf b = BUF_INIT(300);

	(void)state;
	for (int i = 0; i < 301; i++)
		buf_addc(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 300);
	assert_int_equal(strlen(buf_str(&b)), 300);
	assert_int_equal(buf_status(&b), -1);
	for (int i = 0; i < 300; i++)
		assert_int_equal(b.ptr[i], 'a' + i % 26);
	buf_free(&b);
}

static void
test_ceiling_is_sticky(void **state)
{
	struct buf b = BUF_INIT(5);

	(void)state;
	buf_addz(&b, "12345");
	assert_int_equal(buf_status(&b), 0);
	buf_addc(&b, '6');
	assert_int_equal(buf_status(&b), -1);
	assert_true(b.over);
	assert_string_equal(buf_str(&b), "12345");
	buf_clear(&b);
	buf_addz(&b, "123");
	buf_addf(&b, "%s", "456");
	buf_addz(&b, "4");
	assert_string_equal(buf_str(&b), "123");
	assert_int_equal(buf_status(&b), -1);
	buf_free(&b);
}

static void
test_cut_undoes(void **state)
{
	struct buf b = BUF_INIT(5);

	(void)state;
	buf_cut(&b, 3);
	assert_string_equal(buf_str(&b), "");
	buf_addz(&b, "123");
	buf_addz(&b, "45");
	buf_addz(&b, "6");
	buf_cut(&b, 3);
	assert_int_equal(buf_status(&b), 0);
	assert_string_equal(buf_str(&b), "123");
	buf_cut(&b, 4);
	assert_string_equal(buf_str(&b), "123");
	buf_addz(&b, "ab");
	assert_string_equal(buf_str(&b), "123ab");
	b.no_mem = true;
	buf_cut(&b, 0);
	assert_int_equal(buf_status(&b), -1);
	buf_free(&b);
}

int
main(void)
{
	UNIT_TEST(test_appends);
	UNIT_TEST(test_numbers);
	UNIT_TEST(test_octets);
	UNIT_TEST(test_ceiling_is_sticky);
	UNIT_TEST(test_cut_undoes);
	return unit_end();
}
