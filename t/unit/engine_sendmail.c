/* SPDX-License-Identifier: BSD-2-Clause */
/* What t/mta/verifiers.t saw a real Sendmail do to these forms. */
#include "engine/sendmail.h"

#include "base/arena.h"
#include "mail/limits.h"
#include "unit.h"

struct row {
	const char *name, *value;
	bool keeps;
};

static const struct row rows[] = {
    {"one address", " a@x.example", true},
    {"in angles", " <a@x.example>", true},
    {"a phrase", " Ann Lee <a@x.example>", true},
    {"a quoted phrase", " \"Lee, Ann\" <a@x.example>", false},
    {"a quoted phrase with a dot", " \"J. Doe\" <a@x.example>", true},
    {"an encoded word", " =?utf-8?q?=C3=A4?= <a@x.example>", true},
    {"UTF-8", " J\xc3\xb6 <a@x.example>", true},
    {"a list", " a@x.example, B <b@x.example>, <c@x.example>", true},
    {"folded after a comma", " a@x.example,\r\n\tb@x.example", true},
    {"two blanks", " a@x.example,  b@x.example ", true},
    {"no blank after a comma", " a@x.example,b@x.example", false},
    {"a blank before a comma", " a@x.example , b@x.example", false},
    {"a comma at the end", " a@x.example,", false},
    {"a blank and a comma at the end", " a@x.example, ", false},
    {"no domain", " a", false},
    {"no domain in a list", " a@x.example, b", false},
    {"a phrase with a dot", " J. Doe <a@x.example>", false},
    {"a phrase with a quote", " O'Lee <a@x.example>", false},
    {"no blank before the angle", " Ann<a@x.example>", false},
    {"a comment", " a@x.example (Ann)", false},
    {"a group", " friends: a@x.example;", false},
    {"a route", " <@y.example:a@x.example>", false},
    {"a quoted local part", " \"a b\"@x.example", false},
    {"an address literal", " a@[192.0.2.1]", false},
    {"two at signs", " a@b@x.example", false},
    {"empty", "", false},
    {"blank", " \t", false},
    {"cut", " Ann <a@x.example", false},
    {"cut in quotes", " \"Ann", false},
    {"only a quote", "\"", false},
    {"only an at sign", "@", false},
};

static void
check(void **state)
{
	const struct row *r = *state;

	assert_int_equal(sendmail_keeps(slice_z(r->value)), r->keeps);
}

static void
test_names(void **state)
{
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct slice names[SENDMAIL_NAMES_MAX];
	struct header h;
	struct slice body;

	(void)state;
	assert_int_equal(header_init(&h, a), 0);
	assert_int_equal(
	    header_parse(&h,
		SLICE_LIT("From: a,b\r\nCC: a@x.example,b@x.example\r\n"
			  "To: a@x.example\r\nSubject: a,b\r\n"
			  "cc: c@x.example\r\nreply-to: a\r\n\r\n"),
		&body),
	    0);
	assert_int_equal(sendmail_changes(&h, names), 2);
	assert_true(slice_eqz(names[0], "Cc"));
	assert_true(slice_eqz(names[1], "Reply-To"));
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_names);
	return unit_end();
}
