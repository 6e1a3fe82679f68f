/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/lines.h"

#include "mail/limits.h"
#include "unit.h"

struct row {
	const char *name, *text;
	const char *want;   /* "1:key=value;" */
	const char *faults; /* all of it */
};

static const struct row rows[] = {
    {"empty", "", "", ""},
    {"nothing but comments and blanks", "# a\n\n \t\r\n  # b c\n", "", ""},
    {"lines", "a b\nc\td e\r\n", "1:a=b;2:c=d e;", ""},
    {"no newline at the end", "a b", "1:a=b;", ""},
    {"blanks around", "  a \t b  \n\n\v\fc d", "1:a=b;3:c=d;", ""},
    {"a comment after a line", "a b # c d\n", "1:a=b;", ""},
    {"a comment within a word", "a b#c\n", "1:a=b;", ""},
    {"a comment in place of the value", "a #b\nc d\n", "2:c=d;",
	"t:1: a key without a value\n"},
    {"a key alone", "a\nb c\nd \t\n", "2:b=c;",
	"t:1: a key without a value\nt:3: a key without a value\n"},
    {"8-bit", "\xc3\xbc@b c\n", "1:\xc3\xbc@b=c;", ""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct buf faults = BUF_INIT(1000), got = BUF_INIT(1000);
	struct table_source s = {
	    .text = slice_z(r->text), .name = "t", .faults = &faults};
	struct table_reader reader = table_read(&s);
	struct table_line line;
	size_t n = 0;

	for (; table_next(&reader, &line); n++)
		buf_addf(&got, "%zu:" SLICE_FMT "=" SLICE_FMT ";", line.number,
		    SLICE_ARG(line.key), SLICE_ARG(line.value));
	assert_string_equal(buf_str(&got), r->want);
	assert_string_equal(buf_str(&faults), r->faults);
	assert_true(n <= table_lines_most(&s));
	buf_free(&got);
	buf_free(&faults);
}

static void
test_hostile_lines(void **state)
{
	struct buf faults = BUF_INIT(1000), text = BUF_INIT(100000);
	struct table_source s = {.name = "t", .faults = &faults};
	struct table_reader reader;
	struct table_line line;

	(void)state;
	buf_addz(&text, "a ");
	for (int i = 0; i < LIMIT_TABLE_LINE - 2; i++)
		buf_addc(&text, 'x');
	buf_addz(&text, "\nb ");
	for (int i = 0; i < LIMIT_TABLE_LINE - 1; i++)
		buf_addc(&text, 'x');
	buf_add(&text, SLICE_LIT("\nc d\0e\nf g\n"));
	s.text = buf_slice(&text);
	reader = table_read(&s);
	assert_true(table_next(&reader, &line));
	assert_int_equal(line.value.len, LIMIT_TABLE_LINE - 2);
	assert_true(table_next(&reader, &line));
	assert_slice(line.key, SLICE_LIT("f"));
	assert_int_equal(line.number, 4);
	assert_false(table_next(&reader, &line));
	assert_false(table_next(&reader, &line));
	assert_string_equal(buf_str(&faults),
	    "t:2: the line is too long\nt:3: the line holds a NUL\n");
	buf_free(&text);
	buf_free(&faults);
}

/* Remarks have a ceiling; what is past it costs nothing. */
static void
test_remarks(void **state)
{
	struct buf remarks = BUF_INIT(30);
	struct table_source s = {.name = "t", .remarks = &remarks};

	(void)state;
	for (size_t i = 1; i < 10; i++)
		table_remark(&s, i, "%s is odd", "this");
	assert_string_equal(buf_str(&remarks), "t:1: this is odd\n");
	buf_free(&remarks);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_hostile_lines);
	UNIT_TEST(test_remarks);
	return unit_end();
}
