/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/bodyhash.h"

#include "dkim/base64.h"
#include "unit.h"

struct fixture {
	struct arena *arena;
	struct dkim_bodyhash *b;
};

static void
begin(struct fixture *f)
{
	EVP_MD *md;

	f->arena = arena_new(1 << 16);
	assert_int_equal(dkim_sha256_fetch(f->arena, &md, NULL), 0);
	assert_int_equal(dkim_bodyhash_new(md, f->arena, &f->b, NULL), 0);
}

static size_t
want(struct fixture *f, enum dkim_canon how, uint64_t length)
{
	size_t id;

	assert_int_equal(dkim_bodyhash_want(f->b, how, length, &id, NULL), 0);
	return id;
}

static void
expect(struct fixture *f, size_t id, const char *digest)
{
	struct buf text = BUF_INIT(100);

	dkim_base64_encode(
	    slice_of(dkim_bodyhash_digest(f->b, id), 32), &text);
	assert_string_equal(buf_str(&text), digest);
	buf_free(&text);
}

#define HASH_EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define HASH_A "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0=" /* a CRLF */

static void
test_one_hash_for_each_distinct_want(void **state)
{
	struct fixture f;
	size_t all;

	(void)state;
	begin(&f);
	assert_int_equal(dkim_bodyhash_count(f.b), 0);
	all = want(&f, DKIM_RELAXED, DKIM_NO_LENGTH);
	assert_int_equal(want(&f, DKIM_RELAXED, DKIM_NO_LENGTH), all);
	assert_int_not_equal(want(&f, DKIM_SIMPLE, DKIM_NO_LENGTH), all);
	assert_int_not_equal(want(&f, DKIM_RELAXED, 3), all);
	assert_int_equal(want(&f, DKIM_RELAXED, 3), want(&f, DKIM_RELAXED, 3));
	assert_int_equal(dkim_bodyhash_count(f.b), 3);
	arena_free(f.arena);
}

/* RFC 6376 section 3.5, l=: octets "after canonicalization" */
static void
test_lengths_count_canonical_octets(void **state)
{
	struct fixture f;
	size_t all, three, zero, five, simple;

	(void)state;
	begin(&f);
	all = want(&f, DKIM_RELAXED, DKIM_NO_LENGTH);
	three = want(&f, DKIM_RELAXED, 3);
	zero = want(&f, DKIM_RELAXED, 0);
	five = want(&f, DKIM_RELAXED, 5);
	simple = want(&f, DKIM_SIMPLE, 0);
	assert_int_equal(
	    dkim_bodyhash_add(f.b, SLICE_LIT("a  \t\r"), NULL), 0);
	assert_int_equal(dkim_bodyhash_add(f.b, SLICE_LIT("\n\r\n"), NULL), 0);
	assert_int_equal(dkim_bodyhash_end(f.b, NULL), 0);
	expect(&f, all, HASH_A);
	expect(&f, three, HASH_A);
	expect(&f, zero, HASH_EMPTY);
	expect(&f, five, HASH_A); /* all there is */
	expect(&f, simple, HASH_EMPTY);
	assert_int_equal(dkim_bodyhash_octets(f.b, all), 3);
	assert_int_equal(dkim_bodyhash_octets(f.b, zero), 3);
	assert_int_equal(dkim_bodyhash_octets(f.b, five), 3);
	assert_int_equal(dkim_bodyhash_octets(f.b, simple), 6);
	arena_free(f.arena);
}

static void
test_no_body_at_all(void **state)
{
	struct fixture f;
	size_t simple, relaxed;

	(void)state;
	begin(&f);
	simple = want(&f, DKIM_SIMPLE, DKIM_NO_LENGTH);
	relaxed = want(&f, DKIM_RELAXED, DKIM_NO_LENGTH);
	assert_int_equal(dkim_bodyhash_end(f.b, NULL), 0);
	expect(&f, simple, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
	expect(&f, relaxed, HASH_EMPTY);
	assert_int_equal(dkim_bodyhash_octets(f.b, simple), 2);
	assert_int_equal(dkim_bodyhash_octets(f.b, relaxed), 0);
	arena_free(f.arena);
}

int
main(void)
{
	UNIT_TEST(test_one_hash_for_each_distinct_want);
	UNIT_TEST(test_lengths_count_canonical_octets);
	UNIT_TEST(test_no_body_at_all);
	return unit_end();
}
