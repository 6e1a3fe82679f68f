/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/pattern.h"

#include "unit.h"

struct row {
	const char *name, *text; /* the pattern is the name */
	bool fits;
};

static const struct row rows[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"abc", "abc", true},
    {"abc", "abd", false},
    {"abc", "abcd", false},
    {"*", "", true},
    {"*", "a@b", true},
    {"**", "", true},
    {"a*", "a", true},
    {"a*", "ba", false},
    {"*a", "a", true},
    {"*a", "ba", true},
    {"*a", "ab", false},
    {"a*c", "abbc", true},
    {"a*c", "abcb", false},
    {"*ab*ab", "abab", true},
    {"*ab*ab", "ab", false},
    {"*ab*b", "aabbb", true},
    {"a*b*c*", "a1b2c3", true},
    {"joe*@*.example.com", "joe.x@a.b.example.com", true},
    {"joe*@*.example.com", "joe@example.com", false},
    {"*@*", "a", false},
    /* Nothing but * is special. */
    {"a.c", "abc", false},
    {"a?c", "abc", false},
    {"[ab]", "a", false},
    {"a+@b", "aa@b", false},
    {"a|b", "a", false},
    {"a|b", "a|b", true},
};

static void
check(void **state)
{
	const struct row *r = *state;

	assert_int_equal(
	    pattern_fits(slice_z(r->name), slice_z(r->text)), r->fits);
}

/* What costs a recursive matcher years. */
static void
test_many_stars(void **state)
{
	char pattern[2001], text[4000];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	pattern[2000] = 'b';
	memset(text, 'a', sizeof(text));
	assert_false(pattern_fits(
	    slice_of(pattern, sizeof(pattern)), slice_of(text, sizeof(text))));
	assert_true(pattern_fits(
	    slice_of(pattern, 2000), slice_of(text, sizeof(text))));
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_many_stars);
	return unit_end();
}
