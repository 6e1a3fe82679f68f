/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/forward.h"

#include "mail/limits.h"
#include "unit.h"

struct row {
	const char *name, *header, *mailfrom;
	const char *sign; /* NULL: none */
	const char *list_id;
};

static const struct row rows[] = {
    {"nothing", "From: a@x\r\nSubject: s\r\n", "<a@x.example>", NULL, ""},
    {"List-Id", "From: a@x\r\nList-Id: A list <l.x.example>\r\n", "<a@x>",
	"list", "l.x.example"},
    {"List-Unsubscribe, any case", "lIST-uNSUBSCRIBE: <m>\r\n", "<a@x>",
	"list", ""},
    {"List without hyphen", "List: x\r\nListing: y\r\n", "<a@x>", NULL, ""},
    {"Resent-From", "Resent-From: a@x\r\n", "<a@x>", "resent", ""},
    {"X-Forwarded-To", "X-Forwarded-To: a@x\r\n", "<a@x>", "x-forwarded", ""},
    {"X-Forwarded alone", "X-Forwarded: y\r\n", "<a@x>", NULL, ""},
    {"ARC-Seal", "ARC-Seal: i=1\r\n", "<a@x>", "arc", ""},
    {"the first counts", "ARC-Seal: i=1\r\nList-Id: l\r\n", "<a@x>", "arc",
	"l"},
    {"SRS0", "", "<SRS0=HHH=TT=orig.example=local@fwd.example>", "srs", ""},
    {"SRS1, another separator", "", "<srs1+HHH=x@fwd.example>", "srs", ""},
    {"SRS0 in quotes", "", "<\"SRS0=a b\"@fwd.example>", "srs", ""},
    {"SRS0 without separator", "", "<srs0@fwd.example>", NULL, ""},
    {"srs elsewhere", "", "<a.srs0=x@fwd.example>", NULL, ""},
    {"BATV", "", "<prvs=0123456789=a@x.example>", "batv", ""},
    {"BATV of Barracuda", "", "<btv1==123==a@x.example>", "batv", ""},
    {"Message Systems", "", "<msprvs1=abc=bounces@x.example>", "batv", ""},
    {"the null sender", "", "<>", NULL, ""},
    {"no path", "", "<srs0=@@>", NULL, ""},
    {"a bare List-Id", "List-Id: l.x.example\r\n", "<a@x>", "list",
	"l.x.example"},
    {"List-Id, folded, brackets in the phrase",
	"List-Id: \"a <b> c\"\r\n\t<l.x.example> (c)\r\n", "<a@x>", "list",
	"l.x.example"},
    {"List-Id, no end", "List-Id: a <l.x.example\r\n", "<a@x>", "list",
	"a <l.x.example"},
    {"List-Id, turned round", "List-Id: >l<\r\n", "<a@x>", "list", ""},
    {"the topmost List-Id", "List-Id: <top>\r\nX: y\r\nList-Id: <low>\r\n",
	"<a@x>", "list", "top"},
    {"an empty List-Id", "List-Id:\r\n", "<a@x>", "list", ""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *arena = arena_new(1u << 20);
	struct header h;
	struct slice body;
	struct path path;
	const char *word;

	assert_int_equal(header_init(&h, arena), 0);
	assert_int_equal(header_parse(&h, slice_z(r->header), &body), 0);
	path_parse(slice_z(r->mailfrom), &path);
	word = names_word(forward_sign_words, (int)forward_sign_of(&h, &path));
	if (r->sign)
		assert_string_equal(word, r->sign);
	else
		assert_null(word);
	assert_slice(list_id_of(&h), slice_z(r->list_id));
	arena_free(arena);
}

/* What was not kept may have been a sign. */
static void
test_over(void **state)
{
	struct header h = {.over = true};
	struct path path = {.valid = true};

	(void)state;
	assert_int_equal(forward_sign_of(&h, &path), FORWARD_UNSEEN);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_over);
	return unit_end();
}
