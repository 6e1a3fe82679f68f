/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/hdrhash.h"

#include "mail/limits.h"
#include "unit.h"

struct row {
	const char *name, *header;
	enum dkim_canon how;
	const char *names;
	size_t own;
	const char *before, *after; /* parts of the signature field */
	const char *want;           /* what is hashed */
};

#define REPEATED "R: 1\r\nF: x\r\nr: 2\r\nR : 3\r\n\r\n"

static const struct row rows[] = {
    {"3.7: order of h=, signature last, no CRLF", "A: 1\r\nB: 2\r\n\r\n",
	DKIM_RELAXED, "b:a", FIELD_NONE, "Sig:  v=1; b=", "",
	"b:2\r\na:1\r\nsig:v=1; b="},
    {"3.7: simple", "A: 1\r\nB :  2\r\n\tx \r\n\r\n", DKIM_SIMPLE, "b:a",
	FIELD_NONE, "Sig:  v=1; b=", "; d=e ",
	"B :  2\r\n\tx \r\nA: 1\r\nSig:  v=1; b=; d=e "},
    {"b= first, blanks across the cut", "A: 1\r\n\r\n", DKIM_RELAXED, "a",
	FIELD_NONE, "Sig: b=", "  ;\r\n\td=e", "a:1\r\nsig:b= ; d=e"},
    {"5.4.2: from the bottom up", REPEATED, DKIM_SIMPLE, "r:f:r", FIELD_NONE,
	"S:", "", "R : 3\r\nF: x\r\nr: 2\r\nS:"},
    {"5.4: none left adds nothing", REPEATED, DKIM_RELAXED, "R:R:R:R:R",
	FIELD_NONE, "S:", "", "r:3\r\nr:2\r\nr:1\r\ns:"},
    {"5.4: absent adds nothing", REPEATED, DKIM_RELAXED, "x:f:y", FIELD_NONE,
	"S:", "", "f:x\r\ns:"},
    {"3.5: FWS in h=", REPEATED, DKIM_RELAXED, "x\r\n : F\t:\r\n y",
	FIELD_NONE, "S:", "", "f:x\r\ns:"},
    {"3.5: never itself, bottom", "S: a\r\nS: b\r\nS: c\r\n\r\n", DKIM_RELAXED,
	"s:s:s", 2, "S:", "", "s:b\r\ns:a\r\ns:"},
    {"3.5: never itself, middle", "S: a\r\nS: b\r\nS: c\r\n\r\n", DKIM_RELAXED,
	"s:s:s", 1, "S:", "", "s:c\r\ns:a\r\ns:"},
    {"3.5: never itself, top", "S: a\r\nS: b\r\nS: c\r\n\r\n", DKIM_RELAXED,
	"s:s:s", 0, "S:", "", "s:c\r\ns:b\r\ns:"},
    {"names are no prefixes", "From: a\r\nFromage: b\r\n\r\n", DKIM_RELAXED,
	"fro:from", FIELD_NONE, "S:", "", "from:a\r\ns:"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct dkim_digest got, want;
	struct dkim_hdrhash *hh;
	struct header h;
	struct slice body;
	EVP_MD *md;

	assert_int_equal(header_init(&h, a), 0);
	assert_int_equal(header_parse(&h, slice_z(r->header), &body), 0);
	assert_int_equal(dkim_sha256_fetch(a, &md, NULL), 0);
	assert_int_equal(dkim_hdrhash_new(&h, md, a, &hh, NULL), 0);
	/* Twice: the second round must not go on where the first ended. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(dkim_hdrhash_fields(hh, r->how,
				     slice_z(r->names), r->own, NULL),
		    0);
	assert_int_equal(1,
	    EVP_Digest(r->want, strlen(r->want), want.octets, NULL, md, NULL));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(dkim_hdrhash_digest(hh, slice_z(r->before),
				     slice_z(r->after), &got, NULL),
		    0);
		assert_memory_equal(got.octets, want.octets, 32);
	}
	arena_free(a);
}

/* 12 000 fields and 1 000 names cost what they are long, not their product. */
static void
test_many_fields(void **state)
{
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	char names[2 * LIMIT_DKIM_H_ENTRIES];
	struct dkim_hdrhash *hh;
	struct dkim_digest d;
	struct header h;
	EVP_MD *md;

	(void)state;
	assert_int_equal(header_init(&h, a), 0);
	for (int i = 0; i < LIMIT_HEADER_FIELDS; i++)
		assert_int_equal(
		    header_add(&h, SLICE_LIT("X"), SLICE_LIT(" v")), 0);
	for (size_t i = 0; i < sizeof(names); i++)
		names[i] = i % 2 ? ':' : 'x';
	assert_int_equal(dkim_sha256_fetch(a, &md, NULL), 0);
	assert_int_equal(dkim_hdrhash_new(&h, md, a, &hh, NULL), 0);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(
		    dkim_hdrhash_fields(hh, DKIM_RELAXED,
			slice_of(names, sizeof(names) - 1), FIELD_NONE, NULL),
		    0);
		assert_int_equal(dkim_hdrhash_digest(hh, SLICE_LIT("S:"),
				     SLICE_EMPTY, &d, NULL),
		    0);
	}
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_many_fields);
	return unit_end();
}
