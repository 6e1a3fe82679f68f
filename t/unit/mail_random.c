/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From fields grown from the grammar, the obsolete part of it included: each
 * is valid, and its author domain is known before it is parsed. What looks
 * like another address is put wherever the grammar has room for any text.
 * Encoded words stand in names only, and a name of two labels and more has no
 * blank in it: address.h is stricter there.
 */
#include "mail/address.h"

#include "base/buf.h"
#include "readers.h"
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
	static const char *const some[] = {
	    "a", "Bob", "!#$%&'*+-/=^_`{|}~?", "\xe2\x82\xac", "0"};

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

static void
name_word(struct dice *d)
{
	if (roll(d, 6))
		word(d);
	else
		buf_addz(d->out, "=?utf-8?q?x=40trap.example?=");
}

/* word *(word / "." / CFWS) */
static void
phrase(struct dice *d)
{
	uint32_t n = roll(d, 4);

	name_word(d);
	for (uint32_t i = 0; i < n; i++) {
		buf_addz(d->out, " ");
		blank(d);
		if (roll(d, 4) == 0)
			buf_addz(d->out, ".");
		name_word(d);
	}
}

static void
dots(struct dice *d, const char *const *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool whole = labels && i > 1;

		if (i) {
			if (!whole)
				blank(d);
			buf_addz(d->out, ".");
		}
		if (!whole)
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

/*
 * One octet that no rule has before or behind a mailbox: the same author or
 * none, and no other reader finds another one.
 */
static bool
is_still_author(struct slice text)
{
	struct arena *a = arena_new(1 << 20);
	struct from f;

	assert_int_equal(from_parse(text, a, &f, NULL), 0);
	arena_free(a);
	if (f.status != FROM_OK)
		return false;
	assert_string_equal(f.domain.text, "author.example");
	assert_false(readers_disagree(text, &f.domain));
	return true;
}

static void
test_one_octet_too_many(void **state)
{
	static const char *const bad[] = {")", "\\", "]", "\r", "\x80"};
	struct buf b = BUF_INIT(ROOM), c = BUF_INIT(ROOM);
	struct dice d = {9989, &b};
	int n[2] = {0};

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		const char *octet = PICK(&d, bad);

		buf_clear(&b);
		buf_addz(&b, "Name <");
		if (i % 2)
			buf_addz(&b, "a@author.example");
		else
			addr_spec(&d, false);
		buf_addz(&b, ">");
		buf_clear(&c);
		buf_addf(&c, "%s%s", buf_str(&b), octet);
		n[is_still_author(buf_slice(&c))]++;
		buf_clear(&c);
		buf_addf(&c, "%s%s", octet, buf_str(&b));
		n[is_still_author(buf_slice(&c))]++;
	}
	assert_true(n[false] > 100 && n[true] > 100);
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
