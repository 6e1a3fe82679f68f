/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/quote.h"

#include "mail/lex.h"
#include "unit.h"

#define S(lit) \
	{ \
		(lit), sizeof(lit) - 1 \
	}

struct row {
	const char *name;
	struct slice in;
	const char *string, *comment;
};

static const struct row rows[] = {
    {"plain", S("a b"), "\"a b\"", "a b"},
    {"empty", S(""), "\"\"", ""},
    {"quotes and backslashes (RFC 5322 section 3.2.4)", S("\"\\"),
	"\"\\\"\\\\\"", "'/"},
    {"parentheses, semicolon", S("(;)"), "\"(;)\"", "[,]"},
    {"CR, LF, NUL, TAB", S("a\r\nB: c\0\td"), "\"a??B: c??d\"", "a??B: c??d"},
    {"beyond ASCII, DEL", S("\xc3\xbc\x7f"), "\"???\"", "???"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct buf b = BUF_INIT(1000);

	quote_string(&b, r->in);
	assert_string_equal(buf_str(&b), r->string);
	buf_clear(&b);
	quote_comment(&b, r->in);
	assert_string_equal(buf_str(&b), r->comment);
	buf_free(&b);
}

/* Any octet, alone and beside any other, is one whole string and comment. */
static void
test_every_pair(void **state)
{
	struct buf b = BUF_INIT(1000);

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		const char pair[2] = {(char)(i >> 8), (char)i};
		struct slice rest, word;

		buf_clear(&b);
		quote_string(&b, slice_of(pair, 2));
		rest = buf_slice(&b);
		assert_true(lex_quoted_string(&rest, &word));
		assert_int_equal(rest.len, 0);
		buf_clear(&b);
		quote_comment(&b, slice_of(pair, 2));
		for (size_t k = 0; k < b.len; k++)
			assert_true(is_print(b.ptr[k]) &&
			    !strchr("()\\\";", b.ptr[k]));
	}
	buf_free(&b);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_every_pair);
	return unit_end();
}
