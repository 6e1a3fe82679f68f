/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/index.h"

#include "unit.h"

struct row {
	const char *name;
	const char *entries[8]; /* a * in one makes it a pattern */
	const char *find;
	size_t max;
	const char *want; /* places of what fits */
};

static const struct row rows[] = {
    {"nothing", {NULL}, "a", 1, ""},
    {"no such name", {"b", "c"}, "a", 1, ""},
    {"the first of a name", {"b", "a", "a"}, "a", 1, "1"},
    {"all of a name", {"b", "a", "c", "a", "a"}, "a", 16, "1 3 4"},
    {"a pattern above", {"b", "a*", "a"}, "a", 1, "1"},
    {"a pattern below", {"b", "a", "a*"}, "a", 1, "1"},
    {"patterns alone", {"b*", "*", "a*"}, "a", 1, "1"},
    {"all, mixed", {"a", "*", "b", "a*", "a", "*c"}, "a", 16, "0 1 3 4"},
    {"the first two, mixed", {"*b", "a", "*", "a", "a*"}, "a", 2, "1 2"},
    {"the first three, mixed", {"a", "a", "*", "a", "a*"}, "a", 3, "0 1 2"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *arena = arena_new(1 << 16);
	struct table_hits hits = {.max = r->max};
	struct table_index ix;
	char got[64] = "";
	uint32_t first;

	assert_int_equal(table_index_init(&ix, 8, arena), 0);
	for (uint32_t i = 0; i < 8 && r->entries[i]; i++) {
		struct slice name = slice_z(r->entries[i]);

		if (slice_find(name, '*') < name.len)
			table_index_add_pattern(&ix, name, i);
		else
			assert_int_equal(
			    table_index_add(&ix, name, i, &first), 0);
	}
	table_index_find(&ix, slice_z(r->find), &hits);
	table_index_find_patterns(&ix, slice_z(r->find), &hits);
	for (size_t i = 0; i < hits.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u",
		    i ? " " : "", hits.entries[i]);
	assert_string_equal(got, r->want);
	arena_free(arena);
}

/* A name of every line: adding is no walk along the chain. */
static void
test_many_of_one_name(void **state)
{
	enum {
		N = 200000
	};
	struct arena *arena = arena_new(64 << 20);
	struct table_hits hits = {.max = TABLE_HITS_MAX};
	struct table_index ix;
	uint32_t first = 7;

	(void)state;
	assert_int_equal(table_index_init(&ix, N, arena), 0);
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(
		    table_index_add(&ix, SLICE_LIT("a"), i, &first), 0);
	assert_int_equal(first, 0);
	table_index_find(&ix, SLICE_LIT("a"), &hits);
	assert_int_equal(hits.n, TABLE_HITS_MAX);
	assert_int_equal(hits.entries[TABLE_HITS_MAX - 1], TABLE_HITS_MAX - 1);
	arena_free(arena);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_many_of_one_name);
	return unit_end();
}
