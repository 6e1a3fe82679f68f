/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/header.h"

#include "mail/limits.h"
#include "unit.h"

struct parse_row {
	const char *name, *in;
	const char *want; /* "name|value" by field, then "=body" */
};

static const struct parse_row parse_rows[] = {
    {"plain", "A: 1\r\nB: 2\r\n\r\nhi\r\n", "A| 1;B| 2;=hi\r\n"},
    {"LF lines", "A: 1\n\tx\nB: 2\n\nhi\n", "A| 1\r\n\tx;B| 2;=hi\n"},
    {"folded", "A:\r\n 1\r\n\t2\r\nB:2\r\n\r\n", "A|\r\n 1\r\n\t2;B|2;="},
    {"blank before colon", "A \t: 1\r\n\r\n", "A| 1;="},
    {"no body", "A: 1\r\n", "A| 1;="},
    {"no line end", "A: 1", "A| 1;="},
    {"no header", "\r\nbody", "=body"},
    {"line that is no field", "A: 1\r\nhello\r\nB: 2\r\n",
	"A| 1;=hello\r\nB: 2\r\n"},
    {"leading continuation", " A: 1\r\n", "= A: 1\r\n"},
    {"empty value", "A:\r\nB: \r\n\r\n", "A|;B| ;="},
    {"bare CR stays", "A: x\ry\r\n\r\n", "A| x\ry;="},
    {"8-bit name ends the header", "A: 1\r\n\xc3\xa9: 2\r\n",
	"A| 1;=\xc3\xa9: 2\r\n"},
    {"empty", "", "="},
};

static void
check_parse(void **state)
{
	const struct parse_row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct header h;
	struct slice body;
	char got[256] = "";
	size_t n = 0;

	assert_int_equal(header_init(&h, a), 0);
	assert_int_equal(header_parse(&h, slice_z(r->in), &body), 0);
	for (size_t i = 0; i < h.n; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n,
		    SLICE_FMT "|" SLICE_FMT ";", SLICE_ARG(h.fields[i].name),
		    SLICE_ARG(h.fields[i].value));
	snprintf(got + n, sizeof(got) - n, "=" SLICE_FMT, SLICE_ARG(body));
	assert_string_equal(got, r->want);
	arena_free(a);
}

static void
test_add_turns_lf_into_crlf(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct header h;
	struct slice v;

	(void)state;
	assert_int_equal(header_init(&h, a), 0);
	assert_int_equal(
	    header_add(&h, SLICE_LIT("To"), SLICE_LIT(" a\n b\r\n\tc")), 0);
	assert_slice(h.fields[0].raw, SLICE_LIT("To: a\r\n b\r\n\tc"));
	assert_int_equal(field_unfold(&h.fields[0], a, &v), 0);
	assert_slice(v, SLICE_LIT("a b\tc"));
	assert_int_equal(h.octets, h.fields[0].raw.len + 2);
	arena_free(a);
}

static void
test_same_name_chains_bottom_up(void **state)
{
	static const char *const names[] = {
	    "From", "Received", "X", "RECEIVED", "received", "Subject"};
	struct arena *a = arena_new(1 << 20);
	struct header h;
	size_t i;

	(void)state;
	assert_int_equal(header_init(&h, a), 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(
		    header_add(&h, slice_z(names[i]), SLICE_LIT(" v")), 0);
	i = header_last(&h, SLICE_LIT("rEceived"));
	assert_int_equal(i, 4);
	assert_int_equal(h.fields[i].nth, 3);
	i = h.fields[i].prev;
	assert_int_equal(i, 3);
	i = h.fields[i].prev;
	assert_int_equal(i, 1);
	assert_int_equal(h.fields[i].nth, 1);
	assert_int_equal(h.fields[i].prev, FIELD_NONE);
	assert_int_equal(header_last(&h, SLICE_LIT("Receive")), FIELD_NONE);
	assert_int_equal(header_count(&h, SLICE_LIT("received")), 3);
	assert_int_equal(header_count(&h, SLICE_LIT("none")), 0);
	arena_free(a);
}

/* Who wrote a message is not to be hidden behind a heap of fields. */
static void
test_from_beyond_the_ceilings(void **state)
{
	static const char big[LIMIT_FROM_BEYOND_OCTETS];
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct header h;

	(void)state;
	assert_int_equal(header_init(&h, a), 0);
	for (int i = 0; i <= LIMIT_HEADER_FIELDS; i++)
		assert_int_equal(
		    header_add(&h, SLICE_LIT("X"), SLICE_LIT(" v")), 0);
	assert_int_equal(h.n, LIMIT_HEADER_FIELDS);
	for (size_t i = 1; i <= LIMIT_FROM_BEYOND; i++) {
		assert_int_equal(
		    header_add(&h, SLICE_LIT(" fROM "), SLICE_LIT(" a@b")), 0);
		assert_int_equal(h.n, LIMIT_HEADER_FIELDS + i);
		assert_int_equal(
		    header_add(&h, SLICE_LIT("X"), SLICE_LIT(" v")), 0);
	}
	assert_false(h.from_over);
	assert_int_equal(
	    header_add(&h, SLICE_LIT("From"), SLICE_LIT(" a@b")), 0);
	assert_int_equal(h.n, LIMIT_HEADER_FIELDS + LIMIT_FROM_BEYOND);
	assert_true(h.from_over);
	arena_free(a);

	a = arena_new(LIMIT_MESSAGE_ARENA);
	assert_int_equal(header_init(&h, a), 0);
	h.over = true;
	assert_int_equal(
	    header_add(&h, SLICE_LIT("From"), slice_of(big, sizeof(big))), 0);
	assert_int_equal(h.n, 0);
	assert_true(h.from_over);
	arena_free(a);
}

static void
test_ceilings(void **state)
{
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct header h;
	char name[16];

	(void)state;
	assert_int_equal(header_init(&h, a), 0);
	for (int i = 0; i < LIMIT_HEADER_FIELDS + 5; i++) {
		snprintf(name, sizeof(name), "X-%d", i % 5000);
		assert_int_equal(
		    header_add(&h, slice_z(name), SLICE_LIT(" v")), 0);
	}
	assert_true(h.over);
	assert_int_equal(h.n, LIMIT_HEADER_FIELDS);
	assert_int_equal(header_count(&h, SLICE_LIT("x-0")), 3);
	arena_free(a);

	a = arena_new(LIMIT_MESSAGE_ARENA);
	assert_int_equal(header_init(&h, a), 0);
	for (int i = 0; i < 40; i++) {
		static const char big[65536];

		assert_int_equal(
		    header_add(&h, SLICE_LIT("X"), slice_of(big, sizeof(big))),
		    0);
	}
	assert_true(h.over);
	assert_true(h.octets <= LIMIT_HEADER_OCTETS);
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(parse_rows, check_parse);
	UNIT_TEST(test_add_turns_lf_into_crlf);
	UNIT_TEST(test_same_name_chains_bottom_up);
	UNIT_TEST(test_from_beyond_the_ceilings);
	UNIT_TEST(test_ceilings);
	return unit_end();
}
