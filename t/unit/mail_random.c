/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From fields grown from the grammar, the obsolete part of it included: each
 * is valid, and its author domain is known before it is parsed. What looks
 * like another address is put wherever the grammar has room for any text.
 */
#include "mail/address.h"

#include "base/buf.h"
#include "unit.h"

#define ROUNDS 1500
#define ROOM 65536

struct dice {
	uint32_t seed;
	struct buf *out;
};

static uint32_t
roll(struct dice *d, uint32_t below)
{
	d->seed = d->seed * 1664525u + 1013904223u;
	return (d->seed >> 16) % below;
}

#define PICK(d, list) (list)[roll(d, ARRAY_LEN(list))]

/* [CFWS] */
static void
blank(struct dice *d)
{
	static const char *const some[] = {"", "", "", " ", "\t ", "\r\n ",
	    " \r\n\t", "(x)", " (a@trap.example) ", "(<a@trap.example>,)",
	    "(\\()", "(a(b)\\\\)", "(\xc3\xbc\r\n \\\")"};

	buf_addz(d->out, PICK(d, some));
}

static void
quoted(struct dice *d)
{
	static const char *const some[] = {"\"\"", "\"a b\"", "\"a\\\"b\"",
	    "\"<a@trap.example>\"", "\"a@trap.example\"", "\"x\\\\\"",
	    "\"a,b;c:d\"", "\"(\"", "\"\r\n \xc3\xbc\""};

	buf_addz(d->out, PICK(d, some));
}

static void
atom(struct dice *d)
{
	static const char *const some[] = {"a", "Bob",
	    "=?utf-8?q?x?=", "!#$%&'*+-/=?^_`{|}~", "\xe2\x82\xac", "0"};

	buf_addz(d->out, PICK(d, some));
}

static void
word(struct dice *d)
{
	if (roll(d, 3))
		atom(d);
	else
		quoted(d);
}

/* word *(word / "." / CFWS) */
static void
phrase(struct dice *d)
{
	uint32_t n = roll(d, 4);

	word(d);
	for (uint32_t i = 0; i < n; i++) {
		buf_addz(d->out, " ");
		blank(d);
		if (roll(d, 4) == 0)
			buf_addz(d->out, ".");
		word(d);
	}
}

static void
dots(struct dice *d, const char *const *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i) {
			blank(d);
			buf_addz(d->out, ".");
		}
		blank(d);
		if (labels)
			buf_addz(d->out, labels[i]);
		else
			word(d);
	}
	blank(d);
}

/* local-part "@" domain, the domain one of two. */
static void
addr_spec(struct dice *d, bool other)
{
	static const char *const author[] = {"Author", "example"};
	static const char *const second[] = {"sec", "author", "example"};

	dots(d, NULL, 1 + roll(d, 3));
	buf_addz(d->out, "@");
	if (other)
		dots(d, second, ARRAY_LEN(second));
	else
		dots(d, author, ARRAY_LEN(author));
}

static void
route(struct dice *d)
{
	static const char *const trap[] = {"trap", "example"};

	blank(d);
	do {
		buf_addz(d->out, roll(d, 3) ? "@" : ",@");
		dots(d, trap, ARRAY_LEN(trap));
		buf_addz(d->out, roll(d, 2) ? "," : "");
	} while (d->out->ptr[d->out->len - 1] == ',' && roll(d, 2));
	buf_addz(d->out, ":");
}

static void
mailbox(struct dice *d, bool other)
{
	blank(d);
	if (roll(d, 3) == 0) {
		addr_spec(d, other);
		return;
	}
	if (roll(d, 3))
		phrase(d);
	blank(d);
	buf_addz(d->out, "<");
	if (roll(d, 3) == 0)
		route(d);
	addr_spec(d, other);
	buf_addz(d->out, ">");
	blank(d);
}

static void
element(struct dice *d, bool other)
{
	if (roll(d, 4)) {
		mailbox(d, other);
		return;
	}
	blank(d);
	phrase(d);
	blank(d);
	buf_addz(d->out, ":");
	blank(d);
	buf_addz(d->out, roll(d, 3) ? "" : ",");
	mailbox(d, other);
	buf_addz(d->out, roll(d, 3) ? ";" : ",;");
	blank(d);
}

static void
check(struct dice *d, enum from_status want)
{
	struct arena *a = arena_new(1 << 20);
	struct from f;

	assert_int_equal(buf_status(d->out), 0);
	assert_int_equal(from_parse(buf_slice(d->out), a, &f, NULL), 0);
	if (f.status != want)
		fail_msg("%s: \"%s\"",
		    names_word(from_status_words, (int)f.status),
		    buf_str(d->out));
	assert_string_equal(
	    f.domain.text, want == FROM_OK ? "author.example" : "");
	assert_true(slice_icontains(f.address, SLICE_LIT("@")));
	arena_free(a);
}

static void
test_one_author(void **state)
{
	struct buf b = BUF_INIT(ROOM);
	struct dice d = {5322, &b};

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t more = roll(&d, 3);

		buf_clear(&b);
		element(&d, false);
		while (more-- > 0) {
			buf_addz(&b, roll(&d, 3) ? "," : ",,");
			element(&d, false);
		}
		check(&d, FROM_OK);
	}
	buf_free(&b);
}

static void
test_two_domains(void **state)
{
	struct buf b = BUF_INIT(ROOM);
	struct dice d = {6854, &b};

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		bool first = roll(&d, 2);

		buf_clear(&b);
		element(&d, first);
		buf_addz(&b, ",");
		element(&d, !first);
		check(&d, FROM_SEVERAL_DOMAINS);
	}
	buf_free(&b);
}

/* One octet that no rule has, anywhere outside quotes and comments. */
static void
test_one_octet_too_many(void **state)
{
	static const char *const bad[] = {")", "\\", "]", "\r", "\x80"};
	struct buf b = BUF_INIT(ROOM), c = BUF_INIT(ROOM);
	struct dice d = {9989, &b};

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new(1 << 20);
		struct from f;

		buf_clear(&b);
		buf_addz(&b, "Name <");
		addr_spec(&d, false);
		buf_addz(&b, ">");
		buf_clear(&c);
		buf_add(&c, buf_slice(&b));
		buf_addz(&c, PICK(&d, bad));
		assert_int_equal(from_parse(buf_slice(&c), a, &f, NULL), 0);
		assert_int_equal(f.status, FROM_SYNTAX);
		buf_clear(&c);
		buf_addz(&c, PICK(&d, bad));
		buf_add(&c, buf_slice(&b));
		assert_int_equal(from_parse(buf_slice(&c), a, &f, NULL), 0);
		assert_int_equal(f.status, FROM_SYNTAX);
		arena_free(a);
	}
	buf_free(&b);
	buf_free(&c);
}

int
main(void)
{
	UNIT_TEST(test_one_author);
	UNIT_TEST(test_two_domains);
	UNIT_TEST(test_one_octet_too_many);
	return unit_end();
}
