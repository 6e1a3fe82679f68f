/* SPDX-License-Identifier: BSD-2-Clause */
#include "journal/entry.h"

#include "unit.h"

#define JSON true

struct row {
	const char *name, *text;
	bool json;
	int want;
	const char *from, *why; /* what ENTRY_FROM and ENTRY_WHY are */
};

static const struct row rows[] = {
    {"a line", "direction=inbound from=example.com action=accept", false, 0,
	"example.com", ""},
    {"values in quotes",
	"direction=outbound from=a.example why=\"no \\\"key\\\" \\x1b\" "
	"action=accept",
	false, 0, "a.example", "no \"key\" \033"},
    {"keys in another order", "action=accept why=x from=y direction=inbound",
	false, 0, "y", "x"},
    {"keys of a later version",
	"direction=inbound new=1 from=y newer=\"2 3\" action=accept", false, 0,
	"y", ""},
    {"no direction", "from=y action=accept", false, -1, "", ""},
    {"no action", "direction=inbound from=y", false, -1, "", ""},
    {"nothing", "", false, -1, "", ""},
    {"a key twice", "direction=inbound from=y from=z action=accept", false, -1,
	"", ""},
    {"cut in a value", "direction=inbound from=y action=accept why=\"no",
	false, -1, "", ""},
    {"JSON",
	"{\"event\":\"verdict\",\"direction\":\"inbound\","
	"\"from\":\"example.com\",\"action\":\"accept\",\"ms\":12}",
	JSON, 0, "example.com", ""},
    {"JSON, escapes",
	"{\"direction\":\"inbound\",\"from\":\"y\",\"why\":"
	"\"a\\\"\\u001b\\u00ff\xc3\xbc\",\"action\":\"accept\"}",
	JSON, 0, "y", "a\"\033\xff\xc3\xbc"},
    {"JSON, a key twice",
	"{\"direction\":\"inbound\",\"direction\":\"x\","
	"\"action\":\"accept\"}",
	JSON, -1, "", ""},
    {"JSON, cut", "{\"direction\":\"inbound\",\"action\":\"acc", JSON, -1, "",
	""},
    {"JSON, text behind", "{\"direction\":\"inbound\",\"action\":\"x\"} y",
	JSON, -1, "", ""},
    {"JSON, an array in it",
	"{\"direction\":\"inbound\",\"from\":"
	"[1,[2,\"]\"],3],\"action\":\"x\"}",
	JSON, 0, "", ""},
    {"JSON, a comma too many", "{\"direction\":\"inbound\",\"action\":\"x\",}",
	JSON, -1, "", ""},
    {"JSON, a control octet", "{\"direction\":\"in\tbound\",\"action\":\"x\"}",
	JSON, -1, "", ""},
    {"JSON, half a surrogate", "{\"direction\":\"\\ud800\",\"action\":\"x\"}",
	JSON, -1, "", ""},
    {"JSON, no object", "[]", JSON, -1, "", ""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct slice text = slice_z(r->text);
	char room[1000];
	struct entry e;

	assert_int_equal(r->json ? entry_parse_json(text, room, &e)
				 : entry_parse(text, room, &e),
	    r->want);
	if (r->want)
		return;
	assert_slice(e.value[ENTRY_FROM], slice_z(r->from));
	assert_slice(e.value[ENTRY_WHY], slice_z(r->why));
}

static void
test_signatures(void **state)
{
	static const char text[] =
	    "time=17 direction=inbound action=accept wait_ms=5 ms=x "
	    "sig=\"result=pass d=a.example\" sig=\"result=fail d=b.example\"";
	char room[1000];
	struct entry e;

	(void)state;
	assert_int_equal(entry_parse(slice_z(text), room, &e), 0);
	assert_int_equal(e.time_s, 17);
	assert_int_equal(entry_number(&e, ENTRY_WAIT_MS), 5);
	assert_int_equal(entry_number(&e, ENTRY_MS), 0);
	assert_int_equal(e.nsigs, 2);
	assert_slice(e.sigs[1], SLICE_LIT("result=fail d=b.example"));
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_signatures);
	return unit_end();
}
