/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/canon.h"

#include "base/buf.h"
#include "dkim/base64.h"
#include "dkim/bodyhash.h"
#include "unit.h"

static int
to_buf(void *arg, const void *octets, size_t len)
{
	buf_add(arg, slice_of(octets, len));
	return 0;
}

/* In one piece, and cut every 1, 2, 3 and 7 octets. */
static const size_t chunks[] = {0, 1, 2, 3, 7};

static struct slice
next_part(struct slice *rest, size_t chunk)
{
	struct slice part = slice_upto(*rest, chunk ? chunk : rest->len);

	*rest = slice_from(*rest, part.len);
	return part;
}

static void
expect_body(
    enum dkim_canon how, size_t chunk, struct slice in, struct slice want)
{
	struct buf out = BUF_INIT(1 << 20);
	struct dkim_sink sink = DKIM_SINK(to_buf, &out);
	struct dkim_canon_body b;

	dkim_canon_body_begin(&b, how, &sink);
	while (in.len)
		dkim_canon_body_add(&b, next_part(&in, chunk));
	assert_int_equal(dkim_canon_body_end(&b), 0);
	assert_slice(buf_slice(&out), want);
	buf_free(&out);
}

static void
expect_hash(
    enum dkim_canon how, size_t chunk, struct slice in, const char *want)
{
	struct arena *a = arena_new(1 << 16);
	struct dkim_bodyhash *b;
	struct buf text = BUF_INIT(100);
	EVP_MD *md;
	size_t id;

	assert_int_equal(dkim_sha256_fetch(a, &md, NULL), 0);
	assert_int_equal(dkim_bodyhash_new(md, a, &b, NULL), 0);
	assert_int_equal(
	    dkim_bodyhash_want(b, how, DKIM_NO_LENGTH, &id, NULL), 0);
	while (in.len)
		assert_int_equal(
		    dkim_bodyhash_add(b, next_part(&in, chunk), NULL), 0);
	assert_int_equal(dkim_bodyhash_end(b, NULL), 0);
	dkim_base64_encode(slice_of(dkim_bodyhash_digest(b, id), 32), &text);
	assert_string_equal(buf_str(&text), want);
	buf_free(&text);
	arena_free(a);
}

struct body_row {
	const char *name, *in;
	const char *simple, *simple_hash, *relaxed, *relaxed_hash;
};

#define HASH_CRLF "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="
#define HASH_EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define HASH_A "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="

/* RFC 6376 sections 3.4.3, 3.4.4 */
static const struct body_row body_rows[] = {
    {"3.4.3, 3.4.4: empty", "", "\r\n", HASH_CRLF, "", HASH_EMPTY},
    {"CRLF", "\r\n", "\r\n", HASH_CRLF, "", HASH_EMPTY},
    {"two CRLF", "\r\n\r\n", "\r\n", HASH_CRLF, "", HASH_EMPTY},
    {"blank line", " \r\n", " \r\n",
	"a99mtb8qROZYvqLuhmlasVCgbmAL9nzVzOJFrVSWLGE=", "", HASH_EMPTY},
    {"blank and empty line", " \t \r\n\r\n", " \t \r\n",
	"h/Elg7NriedTdILJfJAPZiQJIWCUY7qXU+I1dYJIx7k=", "", HASH_EMPTY},
    {"no CRLF", "a", "a\r\n", HASH_A, "a\r\n", HASH_A},
    {"one line", "a\r\n", "a\r\n", HASH_A, "a\r\n", HASH_A},
    {"empty lines at the end", "a\r\n\r\n\r\n", "a\r\n", HASH_A, "a\r\n",
	HASH_A},
    {"blanks at the end of a line", "a \t\r\n", "a \t\r\n",
	"ZIB/MYOb4yVRLxVk6CX/582ygL9pbfNpUKo477wepW0=", "a\r\n", HASH_A},
    {"3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n",
	"NOeivbQlDH9TmNKJUw7D53wZfsk8YMZ/hTuVVwTgi8s=", " C\r\nD E\r\n",
	"unak6JHq0wL+Q1HP7dW1tjBx9FLA6DffoZ0qrLwbbpo="},
    {"blank line before empty ones", "a\r\n \r\n\r\n", "a\r\n \r\n",
	"ZO3D7rdoCJvvsca7ByQ7rWtdZIR/wo1wyF+eBMjazgQ=", "a\r\n", HASH_A},
    {"tab and two spaces", "a\tb  c\r\n", "a\tb  c\r\n",
	"FX2DylqmfWJcCqu/9yx8zyxcXlErTz4ABAhAZP4LPMg=", "a b c\r\n",
	"pYVePhZjdejUjjSwxSvSVt1nqG8wrbq3CdvBaYzhFXw="},
    {"empty line first", "\r\na\r\n", "\r\na\r\n",
	"rtvXwfsWayOyDkkGziU2PZl7Kvy9Vio9qMCoQxoGcYc=", "\r\na\r\n",
	"rtvXwfsWayOyDkkGziU2PZl7Kvy9Vio9qMCoQxoGcYc="},
    {"blank line first", "  \r\na\r\n", "  \r\na\r\n",
	"xabQLN3GgHjDzH3g3g0wF+ihS1EHP0G4RKRNaxTYE/s=", "\r\na\r\n",
	"rtvXwfsWayOyDkkGziU2PZl7Kvy9Vio9qMCoQxoGcYc="},
    {"LF alone", "a\nb\r\n", "a\nb\r\n",
	"CZCOWXbvVqHUlpngJvaSXBQ16goH5zAC0PHlq+eOhjQ=", "a\nb\r\n",
	"CZCOWXbvVqHUlpngJvaSXBQ16goH5zAC0PHlq+eOhjQ="},
    {"CR alone", "a\rb\r\n", "a\rb\r\n",
	"LyKRrVaOri6zT8fJNyWWbX0dJvvNQVCly5aCYrYNasE=", "a\rb\r\n",
	"LyKRrVaOri6zT8fJNyWWbX0dJvvNQVCly5aCYrYNasE="},
    {"blanks at the end, no CRLF", "a\r\n \t", "a\r\n \t\r\n",
	"yeBzLef/1AXPlsfS/JBy3VHelGVDQQYNrjnNmeApc8k=", "a\r\n", HASH_A},
    {"CR at the very end", "a\r", "a\r\r\n", NULL, "a\r\r\n", NULL},
    {"CR CR LF", "a\r\r\n", "a\r\r\n", NULL, "a\r\r\n", NULL},
    {"CR alone is all", "\r", "\r\r\n", NULL, "\r\r\n", NULL},
    {"LF alone is all", "\n", "\n\r\n", NULL, "\n\r\n", NULL},
    {"blanks round a CR alone", "a \r b \r\n", "a \r b \r\n", NULL,
	"a \r b\r\n", NULL},
    {"blank alone", " ", " \r\n", NULL, "", NULL},
    {"CR after empty lines", "\r\n\r\n\r", "\r\n\r\n\r\r\n", NULL,
	"\r\n\r\n\r\r\n", NULL},
    {"8-bit", "\xff\x80 \xc3\xbc\r\n", "\xff\x80 \xc3\xbc\r\n", NULL,
	"\xff\x80 \xc3\xbc\r\n", NULL},
    {"vertical tab and form feed are no WSP", "a\v\f\r\n", "a\v\f\r\n", NULL,
	"a\v\f\r\n", NULL},
    {"a dot stays a dot", "..\r\n.\r\n", "..\r\n.\r\n", NULL, "..\r\n.\r\n",
	NULL},
};

static void
check_body(void **state)
{
	const struct body_row *r = *state;
	struct slice in = slice_z(r->in);

	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		expect_body(DKIM_SIMPLE, chunks[i], in, slice_z(r->simple));
		expect_body(DKIM_RELAXED, chunks[i], in, slice_z(r->relaxed));
		if (!r->simple_hash)
			continue;
		expect_hash(DKIM_SIMPLE, chunks[i], in, r->simple_hash);
		expect_hash(DKIM_RELAXED, chunks[i], in, r->relaxed_hash);
	}
}

struct field_row {
	const char *name, *in, *relaxed;
};

/* RFC 6376 section 3.4.2 */
static const struct field_row field_rows[] = {
    {"3.4.5, A", "A: X", "a:X"},
    {"3.4.5, B", "B : Y\t\r\n\tZ  ", "b:Y Z"},
    {"name in lower case, value not", "SUBJect: AbC", "subject:AbC"},
    {"empty value", "Subject:", "subject:"},
    {"blank value", "X-Empty: \t ", "x-empty:"},
    {"folded blank value", "X:\r\n \r\n\t", "x:"},
    {"blanks before the colon", "A \t :b", "a:b"},
    {"fold first", "To:\r\n  Suzie\r\n\t<s@x>", "to:Suzie <s@x>"},
    {"runs of blanks", "A: b \t c\t\td", "a:b c d"},
    {"colon in the value", "A: b : c", "a:b : c"},
    {"CR alone", "A: b\rc", "a:b\rc"},
    {"CR before CRLF", "A: b\r\r\n c", "a:b\r c"},
    {"CR at the end", "A: b \r", "a:b \r"},
    {"LF alone", "A: b\nc", "a:b\nc"},
    {"8-bit", "A: h\xc3\xa9", "a:h\xc3\xa9"},
    {"blank in a name", "A  B :c", "a b:c"},
    {"no colon", "Abc", "abc"},
};

static void
expect_field(
    enum dkim_canon how, size_t chunk, struct slice in, const char *want)
{
	struct buf out = BUF_INIT(1 << 16), crlf = BUF_INIT(1 << 16);

	for (int end = 0; end < 2; end++) {
		struct dkim_sink sink = DKIM_SINK(to_buf, end ? &crlf : &out);
		struct slice rest = in;
		struct dkim_canon_field f;

		dkim_canon_field_begin(&f, how, &sink);
		while (rest.len)
			dkim_canon_field_add(&f, next_part(&rest, chunk));
		assert_int_equal(dkim_canon_field_end(&f, end == 1), 0);
	}
	assert_slice(buf_slice(&out), slice_z(want));
	buf_addz(&out, "\r\n");
	assert_slice(buf_slice(&crlf), buf_slice(&out));
	buf_free(&out);
	buf_free(&crlf);
}

static void
check_field(void **state)
{
	const struct field_row *r = *state;
	struct slice in = slice_z(r->in);

	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		expect_field(DKIM_RELAXED, chunks[i], in, r->relaxed);
		expect_field(DKIM_SIMPLE, chunks[i], in, r->in);
	}
}

/* More than a sink holds, in all sorts of pieces. */
static void
test_long_body(void **state)
{
	struct buf in = BUF_INIT(1 << 16), want = BUF_INIT(1 << 16);

	(void)state;
	for (int i = 0; i < 300; i++) {
		buf_addf(&in, "%*d \t%0600d  \r\n", i % 7, i, i * 3);
		buf_addf(&want, "%s%d %0600d\r\n",
		    i % 7 > (i > 99         ? 3
				    : i > 9 ? 2
					    : 1)
			? " "
			: "",
		    i, i * 3);
		if (i % 50 == 0) {
			buf_addz(&in, "\r\n \r\n");
			buf_addz(&want, "\r\n\r\n");
		}
		if (want.len > 60000)
			break;
	}
	assert_int_equal(buf_status(&in) || buf_status(&want), 0);
	for (size_t chunk = 0; chunk < 1100; chunk += 97)
		expect_body(
		    DKIM_RELAXED, chunk, buf_slice(&in), buf_slice(&want));
	expect_body(DKIM_SIMPLE, 510, buf_slice(&in), buf_slice(&in));
	buf_free(&in);
	buf_free(&want);
}

static int
refuse(void *arg, const void *octets, size_t len)
{
	(void)octets;
	(void)len;
	++*(int *)arg;
	return -1;
}

static void
test_a_sink_that_fails(void **state)
{
	static const char big[2000];
	int calls = 0;
	struct dkim_sink sink = DKIM_SINK(refuse, &calls);
	struct dkim_canon_body b;

	(void)state;
	dkim_canon_body_begin(&b, DKIM_SIMPLE, &sink);
	for (int i = 0; i < 3; i++)
		dkim_canon_body_add(&b, slice_of(big, sizeof(big)));
	assert_int_equal(dkim_canon_body_end(&b), -1);
	assert_int_equal(calls, 1);
}

int
main(void)
{
	UNIT_TABLE(body_rows, check_body);
	UNIT_TABLE(field_rows, check_field);
	UNIT_TEST(test_long_body);
	UNIT_TEST(test_a_sink_that_fails);
	return unit_end();
}
