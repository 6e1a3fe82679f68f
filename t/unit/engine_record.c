/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a message is kept in the journal, and that it can be read again. */
#include "journal/entry.h"
#include "journal/reader.h"
#include "scene.h"
#include "scratch.h"

static const char zone[] =
    "example.com TXT \"v=spf1 -all\"\n"
    "_dmarc.example.com TXT \"v=DMARC1; p=reject; sp=none; aspf=s; fo=1\"\n";

static const char mail[] =
    "From: a@mail.example.com\nMessage-ID: <1@example.com>\n"
    "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; "
    "bh=AAAA; b=AAAA\n"
    "DKIM-Signature: v=1; a=rsa-sha256; d=other.example; s=\"\033\"; "
    "h=from; bh=AAAA; b=AAAA\n\nHi\n";

struct kept {
	char dir[64], room[LIMIT_JOURNAL_RECORD];
	struct entry e;
	struct journal_reader *reader;
	struct slice pairs;
};

/* One message through the engine, and its one record. */
static void
keep(struct kept *k, const char *config, const struct scene_client *c)
{
	struct journal_options o = {
	    .on = true, .dir = k->dir, .megabytes = 1, .files = 2};
	struct err err = ERR_INIT;
	struct scene s;

	(void)snprintf(k->dir, sizeof(k->dir), "/tmp/assay-record-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	scene_open(&s, config, zone);
	s.engine.journal = journal_new(&o, s.engine.clock, s.engine.log, &err);
	scene_send(&s, c, mail);
	journal_free(s.engine.journal);
	scene_close(&s);
	k->reader = journal_reader_open(k->dir, &err);
	assert_int_equal(journal_reader_next(k->reader, &k->pairs, &err), 1);
	assert_int_equal(entry_parse(k->pairs, k->room, &k->e), 0);
}

static void
drop(struct kept *k)
{
	struct err err = ERR_INIT;

	assert_int_equal(journal_reader_next(k->reader, &k->pairs, &err), 0);
	journal_reader_close(k->reader);
	scratch_remove(k->dir);
}

static void
test_inbound(void **state)
{
	static const struct {
		enum entry_key key;
		const char *want;
	} want[] = {
	    {ENTRY_QID, "Q1"},
	    {ENTRY_DIRECTION, "inbound"},
	    {ENTRY_FROM, "mail.example.com"},
	    {ENTRY_MFROM, "b@example.com"},
	    {ENTRY_CLIENT, "192.0.2.9"},
	    {ENTRY_SPF, "fail"},
	    {ENTRY_SPF_D, "example.com"},
	    {ENTRY_SPF_SCOPE, "mfrom"},
	    {ENTRY_SPF_HELO_D, "helo.example"},
	    {ENTRY_DMARC, "fail"},
	    {ENTRY_POLICY, "none"},
	    {ENTRY_POLICY_D, "example.com"},
	    {ENTRY_ORG, "example.com"},
	    {ENTRY_P, "reject"},
	    {ENTRY_SP, "none"},
	    {ENTRY_NP, ""},
	    {ENTRY_ADKIM, "r"},
	    {ENTRY_ASPF, "s"},
	    {ENTRY_TESTING, ""},
	    {ENTRY_DISCOVERY, "tree-walk"},
	    {ENTRY_RECORD, "v=DMARC1; p=reject; sp=none; aspf=s; fo=1"},
	    {ENTRY_ACTION, "accept"},
	    {ENTRY_MID, "<1@example.com>"},
	};
	const struct scene_client c = {.ip = "192.0.2.9",
	    .helo = "helo.example",
	    .mail_from = "<b@example.com>"};
	struct kept k;

	(void)state;
	keep(&k, "", &c);
	assert_int_equal(k.e.time_s, SCENE_NOW);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_slice(k.e.value[want[i].key], slice_z(want[i].want));
	assert_int_equal(k.e.nsigs, 2);
	assert_true(slice_starts(k.e.sigs[0],
	    SLICE_LIT("result=permerror d=example.com s=s1 a=rsa-sha256")));
	drop(&k);
}

static void
test_refused(void **state)
{
	const struct scene_client c = {.ip = "192.0.2.9",
	    .helo = "example.com",
	    .mail_from = "<b@example.com>"};
	struct kept k;

	(void)state;
	keep(&k, "enforce = reject\nspf_reject = mailfrom-fail\n", &c);
	assert_slice(k.e.value[ENTRY_ACTION], SLICE_LIT("reject"));
	assert_true(slice_starts(k.e.value[ENTRY_REPLY],
	    SLICE_LIT("550 5.7.23 SPF validation failed")));
	drop(&k);
}

static void
test_outbound(void **state)
{
	const struct scene_client c = {.ip = "127.0.0.1",
	    .helo = "x",
	    .mail_from = "<b@example.com>",
	    .user = "bob"};
	struct kept k;

	(void)state;
	keep(&k, "", &c);
	assert_slice(k.e.value[ENTRY_DIRECTION], SLICE_LIT("outbound"));
	assert_slice(k.e.value[ENTRY_SIGNED], SLICE_LIT("no"));
	assert_slice(k.e.value[ENTRY_USER], SLICE_LIT("bob"));
	assert_int_equal(k.e.nsigs, 0);
	drop(&k);
}

int
main(void)
{
	UNIT_TEST(test_inbound);
	UNIT_TEST(test_refused);
	UNIT_TEST(test_outbound);
	return unit_end();
}
