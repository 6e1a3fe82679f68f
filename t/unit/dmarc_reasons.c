/* SPDX-License-Identifier: BSD-2-Clause */
/* Each oddity gives a result and a reason that names what it is about. */
#include "dmarc_scene.h"

#include "base/buf.h"

#define COM "example.com"
#define SUB "sub.example.com"
#define ORG REC(COM, "v=DMARC1; p=reject")

struct reason_row {
	const char *name, *zone, *author;
	enum ar_word word;
	enum dmarc_reason reason;
	const char *detail;
};

static const struct reason_row reason_rows[] = {
    {"no record", "", SUB, AR_NONE, DMARC_REASON_NO_RECORD, SUB},
    {"nothing to remark", ORG, COM, AR_FAIL, DMARC_REASON_NONE, ""},
    {"several records", ORG ORG, COM, AR_NONE, DMARC_REASON_SEVERAL_RECORDS,
	COM},
    {"several records, inherited",
	ORG REC(SUB, "v=DMARC1; p=none") REC(SUB, "v=DMARC1; p=none"), SUB,
	AR_FAIL, DMARC_REASON_SEVERAL_RECORDS, SUB},
    {"duplicate tag", REC(COM, "v=DMARC1; p=none; p=reject"), COM, AR_NONE,
	DMARC_REASON_DUPLICATE_TAG, "p"},
    {"the nearest slip",
	REC(COM, "v=DMARC1; p=none; p=reject") REC(SUB, "v=DMARC2; p=none"),
	SUB, AR_NONE, DMARC_REASON_VERSION, "v=DMARC2; p=none"},
    {"a slip above the record in use",
	ORG REC("com", "v=DMARC1; p=none; p=none"), COM, AR_FAIL,
	DMARC_REASON_NONE, ""},
    {"version", REC(COM, "v=dmarc1; p=reject"), COM, AR_NONE,
	DMARC_REASON_VERSION, "v=dmarc1; p=reject"},
    {"missing p with rua", REC(COM, "v=DMARC1; rua=mailto:a@b.c"), COM,
	AR_FAIL, DMARC_REASON_BAD_POLICY, "p"},
    {"missing p", REC(COM, "v=DMARC1; sp=reject"), COM, AR_PERMERROR,
	DMARC_REASON_NO_POLICY, "p"},
    {"bad sp", REC(COM, "v=DMARC1; p=reject; SP = foo"), COM, AR_PERMERROR,
	DMARC_REASON_NO_POLICY, "SP = foo"},
    {"unknown tag", REC(COM, "v=DMARC1; p=reject; zz=1"), COM, AR_FAIL,
	DMARC_REASON_UNKNOWN_TAG, "zz"},
    {"a bare mailto:",
	REC(COM, "v=DMARC1; p=reject; sp=reject; mailto:report@example.com"),
	COM, AR_FAIL, DMARC_REASON_NOT_A_TAG, "mailto:report@example.com"},
    {"upper case, odd spaces",
	REC(COM, "V =DMARC1;P= REJECT ;  SP=None;ADKIM=S;"), COM, AR_FAIL,
	DMARC_REASON_NONE, ""},
    {"bad value", REC(COM, "v=DMARC1; p=reject; adkim=strict"), COM, AR_FAIL,
	DMARC_REASON_BAD_VALUE, "adkim=strict"},
    {"octets that do not print",
	REC(COM, "v=DMARC1; p=reject; a\\013\\010\\000\\255\\127=1"), COM,
	AR_FAIL, DMARC_REASON_NOT_A_TAG, "a?\?\?\?\?=1"},
    {"no answer", BAD("_dmarc.example.com"), COM, AR_TEMPERROR,
	DMARC_REASON_DNS, "_dmarc.example.com"},
};

static void
check_reason(void **state)
{
	const struct reason_row *r = *state;
	struct scene s = {.zone = r->zone, .author = r->author};
	struct played p;

	scene_play(&s, &p);
	assert_int_equal(p.result.word, r->word);
	assert_string_equal(
	    names_word(dmarc_reason_words, (int)p.result.reason),
	    names_word(dmarc_reason_words, (int)r->reason));
	assert_slice(p.result.detail, slice_z(r->detail));
	scene_same_with_prefetch(&s, &p);
	scene_end(&p);
}

static void
test_long_detail_is_cut(void **state)
{
	struct buf zone = BUF_INIT(2000);
	struct scene s = {.author = COM};
	struct played p;

	(void)state;
	buf_addz(&zone, "_dmarc.example.com TXT \"v=DMARC1; p=none; ");
	for (int i = 0; i < 1000; i++)
		buf_addc(&zone, 'a');
	buf_addc(&zone, '"');
	s.zone = buf_str(&zone);
	scene_play(&s, &p);
	assert_int_equal(p.result.reason, DMARC_REASON_NOT_A_TAG);
	assert_int_equal(p.result.detail.len, LIMIT_DMARC_DETAIL);
	assert_int_equal(p.result.record.len, 1018);
	scene_end(&p);
	buf_free(&zone);
}

static void
test_every_value_has_a_word(void **state)
{
	(void)state;
	for (int i = 0; i <= DMARC_REASON_IDENTIFIERS; i++)
		assert_non_null(names_word(dmarc_reason_words, i));
	for (int i = 0; i <= DMARC_EXISTS_NOT; i++)
		assert_non_null(names_word(dmarc_existence_words, i));
	for (int i = 0; i <= DMARC_ORG_PSL; i++)
		assert_non_null(names_word(dmarc_org_words, i));
	for (int i = DMARC_NONE; i <= DMARC_REJECT; i++)
		assert_non_null(names_word(dmarc_policy_words, i));
	assert_null(names_word(dmarc_policy_words, DMARC_UNSET));
}

int
main(void)
{
	UNIT_TABLE(reason_rows, check_reason);
	UNIT_TEST(test_long_detail_is_cut);
	UNIT_TEST(test_every_value_has_a_word);
	return unit_end();
}
