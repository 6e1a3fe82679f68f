/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/request.h"
#include "mail/limits.h"

#include "unit.h"

struct ask {
	const char *name, *text;
	size_t len; /* 0: all of it */
	enum request_state want;
	enum control_verb verb;
};

static const struct ask asks[] = {
    {"status", "assay/1 status\n", 0, REQUEST_WHOLE, CONTROL_STATUS},
    {"reload", "assay/1 reload\n", 0, REQUEST_WHOLE, CONTROL_RELOAD},
    {"drain, as telnet has it", "assay/1 drain\r\n", 0, REQUEST_WHOLE,
	CONTROL_DRAIN},
    {"nothing", "", 0, REQUEST_PARTIAL, 0},
    {"half", "assay/1 sta", 0, REQUEST_PARTIAL, 0},
    {"no line end", "assay/1 status", 0, REQUEST_PARTIAL, 0},
    {"empty line", "\n", 0, REQUEST_WRONG, 0},
    {"no version", "status\n", 0, REQUEST_WRONG, 0},
    {"another version", "assay/2 status\n", 0, REQUEST_WRONG, 0},
    {"no verb", "assay/1 \n", 0, REQUEST_WRONG, 0},
    {"a prefix of a verb", "assay/1 stat\n", 0, REQUEST_WRONG, 0},
    {"more than a verb", "assay/1 status now\n", 0, REQUEST_WRONG, 0},
    {"two requests", "assay/1 status\nassay/1 drain\n", 0, REQUEST_WRONG, 0},
    {"NUL", "assay/1 status\0\n", 16, REQUEST_WRONG, 0},
    {"CR alone", "assay/1 status\r", 0, REQUEST_PARTIAL, 0},
    {"two CR", "assay/1 status\r\r\n", 0, REQUEST_WRONG, 0},
    {"HTTP", "GET / HTTP/1.1\r\n", 0, REQUEST_WRONG, 0},
    {"not ASCII", "assay/1 \303\244\n", 0, REQUEST_WRONG, 0},
};

static void
check_ask(void **state)
{
	const struct ask *r = *state;
	enum control_verb verb = CONTROL_STATUS;

	assert_int_equal(
	    request_parse(
		slice_of(r->text, r->len ? r->len : strlen(r->text)), &verb),
	    r->want);
	if (r->want == REQUEST_WHOLE)
		assert_int_equal(verb, r->verb);
}

static void
ceiling(void **state)
{
	char text[LIMIT_CONTROL_REQUEST + 1];
	enum control_verb verb;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(
	    request_parse(slice_of(text, sizeof(text) - 2), &verb),
	    REQUEST_PARTIAL);
	assert_int_equal(
	    request_parse(slice_of(text, sizeof(text) - 1), &verb),
	    REQUEST_WRONG);
	text[sizeof(text) - 1] = '\n';
	assert_int_equal(
	    request_parse(slice_of(text, sizeof(text)), &verb), REQUEST_WRONG);
}

struct told {
	const char *name, *text;
	bool want;
	enum control_outcome outcome;
	const char *body;
};

static const struct told replies[] = {
    {"empty", "assay/1 ok\n.\n", true, CONTROL_OK, ""},
    {"lines", "assay/1 failed\nwhy\ttext\tx\n.\n", true, CONTROL_FAILED,
	"why\ttext\tx\n"},
    {"cut after a line", "assay/1 ok\nwhy\ttext\tx\n", false, 0, ""},
    {"cut in a line", "assay/1 ok\nwhy\ttext\tx", false, 0, ""},
    {"a line that ends like the end", "assay/1 ok\nwhy\ttext\tx.\n", false, 0,
	""},
    {"nothing", "", false, 0, ""},
    {"another program", "HTTP/1.1 400 Bad Request\r\n.\n", false, 0, ""},
    {"no such outcome", "assay/1 fine\n.\n", false, 0, ""},
    {"the end alone", ".\n", false, 0, ""},
};

static void
check_reply(void **state)
{
	const struct told *r = *state;
	enum control_outcome outcome = CONTROL_OK;
	struct slice body;

	assert_int_equal(
	    reply_parse(slice_z(r->text), &outcome, &body), r->want);
	assert_slice(body, slice_z(r->body));
	if (r->want)
		assert_int_equal(outcome, r->outcome);
}

static void
values(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	reply_value(&b, slice_of("a\tb\n\0\377\"\\", 8));
	assert_string_equal(buf_str(&b), "a\\x09b\\x0a\\x00\\xff\"\\");
	buf_free(&b);
}

int
main(void)
{
	UNIT_TABLE(asks, check_ask);
	UNIT_TEST(ceiling);
	UNIT_TABLE(replies, check_reply);
	UNIT_TEST(values);
	return unit_end();
}
