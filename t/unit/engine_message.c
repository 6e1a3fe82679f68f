/* SPDX-License-Identifier: BSD-2-Clause */
#include "scene.h"

/* RFC 8463 appendix A: the key of these signatures. */
static const char zone[] =
    "brisbane._domainkey.football.example.com TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "football.example.com TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
    "_dmarc.football.example.com TXT \"v=DMARC1; p=reject\"\n"
    "shop.example TXT \"v=spf1 a:mail.shop.example -all\"\n"
    "mail.shop.example A 192.0.2.7\n"
    "mail.shop.example TXT \"v=spf1 a -all\"\n"
    "_dmarc.shop.example TXT \"v=DMARC1; p=quarantine; sp=none\"\n"
    "_dmarc.x.com TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.slow.example TIMEOUT\n"
    "7.2.0.192.in-addr.arpa PTR mail.shop.example\n"
    "evil.com TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"
    /* The explanation that crashes libspf2 when it sees it. */
    "crash.example TXT \"v=spf1 -all exp=e.crash.example\"\n"
    "e.crash.example TXT \"A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}"
    "A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}"
    "A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}A%{d}"
    "A%{d}A%{d}A%{d}A%{d}%-%-%{d}B\"\n";

#define SIGNED_HEADER \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; " \
	"d=football.example.com;\r\n s=brisbane; t=1700000000;\r\n" \
	" h=From:Subject;\r\n" \
	" bh=j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=;\r\n" \
	" b=dmn091/lgd/a1PTfNmU6ATKjSs3h31Z3TFWMz6wb7/8fLVno4IGQVSOvGuNjYqWp" \
	"Kv8j153custKIM8ybSX3BQ==\r\n"
#define SIGNED_REST \
	"From: Joe <joe@football.example.com>\r\n" \
	"To: Suzie <suzie@shopping.example.net>\r\n" \
	"Subject: Hi\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n\r\nHi\r\n"

struct row {
	const char *name, *config;
	struct scene_client client;
	const char *text;
	enum action action;
	const char *authres; /* the field, unfolded; "" none */
	const char *log;     /* must occur in the log line */
};

#define MX(addr, name, sender) \
	{ \
		.ip = addr, .helo = name, .mail_from = sender \
	}

static const struct row rows[] = {
    {"all pass", "",
	MX("192.0.2.7", "mail.shop.example", "<joe@football.example.com>"),
	SIGNED_HEADER SIGNED_REST, ACTION_ACCEPT,
	" mx.test.example; iprev=pass (mail.shop.example) "
	"policy.iprev=192.0.2.7; "
	"spf=pass (ip4:192.0.2.0/24) smtp.mailfrom=football.example.com; "
	"spf=pass (a) smtp.helo=mail.shop.example; "
	"dkim=pass header.d=football.example.com header.s=brisbane "
	"header.a=ed25519-sha256 header.b=\"dmn091/l\"; "
	"dmarc=pass (p=reject dis=none) header.from=football.example.com "
	"policy.dmarc=reject",
	"aligned=spf,dkim action=accept rule=dmarc_pass"},
    {"a changed body", "", MX("198.51.100.1", "h", "<>"),
	SIGNED_HEADER "From: Joe <joe@football.example.com>\r\n"
		      "Subject: Hi\r\n\r\nHi!\r\n",
	ACTION_QUARANTINE,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=none (malformed domain) smtp.helo=h; "
	"dkim=fail (body hash did not verify) header.d=football.example.com "
	"header.s=brisbane header.a=ed25519-sha256 header.b=\"dmn091/l\"; "
	"dmarc=fail (p=reject dis=quarantine) "
	"header.from=football.example.com policy.dmarc=reject",
	"dkim_why=\"body hash did not verify\" dmarc=fail policy=reject"},
    /* A one-letter label aligned with anything in libopendmarc. */
    {"forged x.com signed and sent by evil.com",
	"enforce = reject\nalways_reject = { x.com }\n",
	MX("198.51.100.1", "mail.evil.com", "<a@evil.com>"),
	"From: x@x.com\r\nSubject: Hi\r\n\r\nHi\r\n", ACTION_REJECT,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=pass (ip4:198.51.100.0/24) smtp.mailfrom=evil.com; "
	"dkim=none; dmarc=fail (p=reject dis=reject) header.from=x.com "
	"policy.dmarc=reject",
	"action=reject rule=always_reject"},
    {"T8 the explanation that crashes libspf2", "",
	MX("198.51.100.1", "mail.crash.example", "<a@crash.example>"),
	"From: x@crash.example\r\n\r\n", ACTION_ACCEPT,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=fail (-all) smtp.mailfrom=crash.example; dkim=none; "
	"dmarc=none (no record for: crash.example) header.from=crash.example",
	"spf=fail spf_d=crash.example spf_term=-all"},
    {"two From fields", "", MX("198.51.100.1", "h", "<a@evil.com>"),
	"From: x@x.com\r\nFrom: a@evil.com\r\n\r\n", ACTION_QUARANTINE,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=pass (ip4:198.51.100.0/24) smtp.mailfrom=evil.com; dkim=none; "
	"dmarc=permerror (no author domain: several From fields)",
	"action=quarantine rule=several_from would=reject"},
    {"subdomain policy", "", MX("198.51.100.1", "h", "<a@evil.com>"),
	"From: x@mail.shop.example\r\n\r\n", ACTION_ACCEPT,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=pass (ip4:198.51.100.0/24) smtp.mailfrom=evil.com; dkim=none; "
	"dmarc=fail (p=quarantine sp=none dis=none) "
	"header.from=mail.shop.example policy.dmarc=none",
	"policy=none policy_d=shop.example action=accept rule=policy_none"},
    {"DNS does not answer", "", MX("198.51.100.1", "h", "<a@evil.com>"),
	"From: x@slow.example\r\n\r\n", ACTION_ACCEPT,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=pass (ip4:198.51.100.0/24) smtp.mailfrom=evil.com; dkim=none; "
	"dmarc=temperror (no answer for: _dmarc.slow.example) "
	"header.from=slow.example",
	"dmarc=temperror"},
    {"DNS does not answer, tempfail", "on_temperror = tempfail\n",
	MX("198.51.100.1", "h", "<a@evil.com>"),
	"From: x@slow.example\r\n\r\n", ACTION_TEMPFAIL, NULL,
	"action=tempfail rule=dmarc_temperror"},
    {"trusted relay", "trusted_relays = { 198.51.100.1 }\n",
	MX("198.51.100.1", "h", "<a@evil.com>"),
	"From: x@football.example.com\r\n\r\n", ACTION_ACCEPT,
	" mx.test.example; dkim=none; dmarc=fail (p=reject dis=none "
	"override=local_policy) header.from=football.example.com "
	"policy.dmarc=reject",
	"rule=trusted_relay override=local_policy"},
    {"authenticated users are not judged", "",
	{.ip = "198.51.100.1",
	    .helo = "h",
	    .mail_from = "<a@evil.com>",
	    .user = "joe"},
	"From: x@football.example.com\r\n\r\n", ACTION_ACCEPT, "",
	"direction=outbound from=football.example.com mfrom=a@evil.com "
	"client=198.51.100.1 name=client.example helo=h signed=no why=\"no "
	"key for football.example.com\" user=joe action=accept"},
    {"stamp_outbound", "stamp_outbound = yes\n",
	{.ip = "198.51.100.1",
	    .helo = "h",
	    .mail_from = "<a@evil.com>",
	    .user = "joe@x"},
	"From: x@football.example.com\r\n\r\n", ACTION_ACCEPT,
	" mx.test.example; auth=pass smtp.auth=joe@x", "user=joe@x"},
    {"internal network", "", MX("127.0.0.1", "h", "a@evil.com"),
	"From: x@football.example.com\r\n\r\n", ACTION_ACCEPT, "",
	"direction=outbound"},
    {"a listener for our users", "outbound_daemons = { ORIGINATING }\n",
	{.ip = "198.51.100.1",
	    .helo = "h",
	    .mail_from = "<a@evil.com>",
	    .daemon_name = "originating"},
	"From: x@football.example.com\r\n\r\n", ACTION_ACCEPT, "",
	"direction=outbound"},
    {"submitted here", "internal_networks = {}\n",
	{.local = true, .helo = "h", .mail_from = "me"},
	"From: x@football.example.com\r\n\r\n", ACTION_ACCEPT, "",
	"direction=outbound"},
    /* Sendmail adds a From field with the envelope's sender. */
    {"no From field behind Sendmail, a forged sender", "",
	{.ip = "198.51.100.1",
	    .helo = "h",
	    .mail_from = "<joe@football.example.com>",
	    .mta = "8.17.1.9"},
	"Subject: x\r\n\r\n", ACTION_QUARANTINE,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=fail (-all) smtp.mailfrom=football.example.com; dkim=none; "
	"dmarc=fail (p=reject dis=quarantine) "
	"header.from=football.example.com policy.dmarc=reject",
	"from_why=\"no From field\""},
    {"no From field behind Sendmail, a true sender", "",
	{.ip = "192.0.2.1",
	    .helo = "h",
	    .mail_from = "<joe@football.example.com>",
	    .mta = "8.17.1.9"},
	"Subject: x\r\n\r\n", ACTION_ACCEPT, NULL,
	"dmarc=permerror dmarc_why=\"no author domain\""},
    {"no From field behind Postfix", "",
	{.ip = "198.51.100.1",
	    .helo = "h",
	    .mail_from = "<joe@football.example.com>",
	    .mta = "Postfix 3.7.11"},
	"Subject: x\r\n\r\n", ACTION_ACCEPT, NULL,
	"dmarc=permerror dmarc_why=\"no author domain\""},
    {"an address that Sendmail adds one to, true", "",
	{.ip = "192.0.2.1",
	    .helo = "h",
	    .mail_from = "<joe@football.example.com>",
	    .mta = "8.17.1.9"},
	"From: ceo, <joe@football.example.com>\r\n\r\n", ACTION_ACCEPT, NULL,
	"from_why=\"malformed From field\""},
    {"an address that Sendmail adds one to, forged", "",
	{.ip = "198.51.100.1",
	    .helo = "h",
	    .mail_from = "<a@evil.com>",
	    .mta = "8.17.1.9"},
	"From: ceo, <joe@football.example.com>\r\n\r\n", ACTION_QUARANTINE,
	NULL, "dmarc=fail policy=reject"},
    {"the same behind Postfix, true", "",
	{.ip = "192.0.2.1",
	    .helo = "h",
	    .mail_from = "<joe@football.example.com>",
	    .mta = "Postfix 3.7.11"},
	"From: ceo, <joe@football.example.com>\r\n\r\n", ACTION_ACCEPT, NULL,
	"dmarc=pass"},
    /* Not the null sender, so HELO says nothing: CVE-2019-20790. */
    {"T2 a sender that is no address", "",
	MX("198.51.100.1", "evil.com", "<x@football.example.com(.evil.com>"),
	"From: x@evil.com\r\n\r\n", ACTION_ACCEPT,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; spf=none (malformed domain) "
	"smtp.mailfrom=\"<x@football.example.com(.evil.com>\"; "
	"spf=pass (ip4:198.51.100.0/24) smtp.helo=evil.com; dkim=none; "
	"dmarc=none (no record for: evil.com) header.from=evil.com",
	"mfrom=<x@football.example.com(.evil.com>"},
    {"empty message", "", MX("198.51.100.1", "h", "<a@evil.com>"), "",
	ACTION_ACCEPT,
	" mx.test.example; iprev=fail (no PTR record) "
	"policy.iprev=198.51.100.1; "
	"spf=pass (ip4:198.51.100.0/24) smtp.mailfrom=evil.com; dkim=none; "
	"dmarc=permerror (no author domain: no From field)",
	"from_why=\"no From field\""},
};

/* Folding gone: LF TAB and LF SP are one blank. */
static const char *
unfold(const char *value, char *out, size_t size)
{
	size_t n = 0;

	for (; *value && n + 1 < size; value++) {
		if (*value == '\n')
			continue;
		out[n++] = *value == '\t' ? ' ' : *value;
	}
	out[n] = '\0';
	return out;
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene s;
	char got[4000];

	scene_open(&s, r->config, zone);
	scene_send(&s, &r->client, r->text);
	if (r->authres)
		assert_string_equal(
		    unfold(scene_inserted(&s, "Authentication-Results", 0),
			got, sizeof(got)),
		    r->authres);
	assert_int_equal(s.message->disposition.action, r->action);
	if (!slice_icontains(log_captured(s.engine.log), slice_z(r->log)))
		assert_string_equal(log_captured(s.engine.log).ptr, r->log);
	scene_close(&s);
}

static void
test_forged_results_go(void **state)
{
	static const char text[] =
	    "Authentication-Results: mx.test.example; dkim=pass\r\n"
	    "authentication-results: other.example; dkim=pass\r\n"
	    "Authentication-Results:\r\n (hi) \"MX.test.EXAMPLE\" 1 ; x=y\r\n"
	    "X-Assay-Quarantine: no\r\n"
	    "Authentication-Results: former.example; none\r\n"
	    "From: x@football.example.com\r\n\r\n";
	static const struct {
		const char *name;
		size_t nth;
	} want[] = {{"Authentication-Results", 4},
	    {"Authentication-Results", 3}, {"Authentication-Results", 1},
	    {"X-Assay-Quarantine", 1}};
	struct scene_client in = MX("198.51.100.1", "h", "<a@evil.com>");
	struct scene_client out = MX("127.0.0.1", "h", "<a@evil.com>");
	struct scene s;

	(void)state;
	scene_open(&s, "own_authserv_ids = { former.example }\n", zone);
	scene_send(&s, &in, text);
	for (size_t i = 0; i < 4; i++) {
		const struct edit *e = &s.message->edits.items[i];

		assert_int_equal(e->kind, EDIT_DELETE);
		assert_string_equal(e->name, want[i].name);
		assert_int_equal(e->nth, want[i].nth);
	}
	/* Outbound: results go too, the sender's own fields stay. */
	scene_send(&s, &out, text);
	assert_int_equal(s.message->edits.n, 3);
	assert_string_equal(
	    s.message->edits.items[2].name, "Authentication-Results");
	scene_close(&s);
}

/* No padding carries a forged field past the ceilings of the header. */
static void
test_forged_results_behind_padding(void **state)
{
	struct buf text = BUF_INIT(4u << 20);
	struct scene_client in = MX("198.51.100.1", "h", "<a@evil.com>");
	struct scene s;
	const struct edit *e;

	(void)state;
	for (int i = 0; i < LIMIT_HEADER_FIELDS - 1; i++)
		buf_addz(&text, "X: y\r\n");
	scene_open(&s, "", zone);
	/* scene_send splits with header_parse, which has the same ceiling:
	 * so the last two go in by hand. */
	scene_send(&s, &in, "From: x@football.example.com\r\n\r\n");
	message_free(s.message);
	s.message = message_new(
	    s.session, &(struct message_facts){"<a@evil.com>", NULL}, NULL);
	for (int i = 0; i < LIMIT_HEADER_FIELDS + 10; i++)
		assert_int_equal(
		    message_header(s.message, "X", " y", NULL), 0);
	assert_int_equal(message_header(s.message, "Authentication-Results",
			     " mx.test.example; dmarc=pass", NULL),
	    0);
	assert_int_equal(
	    message_header(s.message, "From", " x@football.example.com", NULL),
	    0);
	assert_int_equal(message_eoh(s.message, NULL), 0);
	assert_int_equal(message_eom(s.message, NULL), 0);
	e = &s.message->edits.items[0];
	assert_int_equal(e->kind, EDIT_DELETE);
	assert_int_equal(e->nth, 1);
	assert_int_equal(s.message->verdict.dmarc.word, AR_FAIL);
	scene_close(&s);
	buf_free(&text);
}

/* What can't be removed is not let in, nor is it our own trouble. */
static void
test_more_forged_results_than_can_go(void **state)
{
	struct scene_client clients[] = {
	    MX("198.51.100.1", "h", "<a@evil.com>"),
	    MX("127.0.0.1", "h", "<a@evil.com>"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		for (size_t more = 0; more < 2; more++) {
			struct buf text = BUF_INIT(1u << 20);
			struct scene s;

			for (size_t k = 0; k < LIMIT_STRIP_FIELDS + more; k++)
				buf_addz(&text,
				    "Authentication-Results: "
				    "mx.test.example; none\r\n");
			buf_addz(&text, "From: x@plain.example\r\n\r\n");
			scene_open(&s, "", zone);
			scene_send(&s, &clients[i], buf_str(&text));
			assert_int_equal(s.message->disposition.action,
			    more ? ACTION_REJECT : ACTION_ACCEPT);
			assert_string_equal(s.message->disposition.rule,
			    more    ? "too_many_forged"
				: i ? "outbound"
				    : "no_failure");
			scene_close(&s);
			buf_free(&text);
		}
	}
}

static void
test_quarantine_actions(void **state)
{
	static const char text[] = "From: x@football.example.com\r\n\r\n";
	static const struct {
		const char *config, *field, *hold;
	} cases[] = {
	    {"", " dmarc fail p=reject dom=football.example.com", NULL},
	    {"quarantine_action = hold", "",
		"dmarc fail p=reject dom=football.example.com"},
	    {"quarantine_action = both",
		" dmarc fail p=reject dom=football.example.com",
		"dmarc fail p=reject dom=football.example.com"},
	};
	struct scene_client in = MX("198.51.100.1", "h", "<a@evil.com>");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		scene_open(&s, cases[i].config, zone);
		scene_send(&s, &in, text);
		assert_string_equal(
		    scene_inserted(&s, "X-Assay-Quarantine", 0),
		    cases[i].field);
		if (cases[i].hold)
			assert_string_equal(s.message->hold, cases[i].hold);
		else
			assert_null(s.message->hold);
		scene_close(&s);
	}
}

/* However much there is to say of signatures, DMARC's result is said. */
static void
test_many_signatures_leave_room_for_dmarc(void **state)
{
#define L60 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy."
	static const char wide[] = L60 L60 L60 L60 "com";
	struct scene_client in = MX("198.51.100.1", "h", "<a@evil.com>");

	(void)state;
	/* The last signature is what fits or does not. */
	for (size_t cut = 0; cut < sizeof(wide) - 10; cut += 20) {
		struct buf text = BUF_INIT(1u << 20);
		struct scene s;

		for (size_t i = 0; i < 60; i++)
			buf_addf(&text,
			    "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=%s; "
			    "h=from; bh=x; b=x\r\n",
			    wide, wide + (i % 2 ? cut : 0));
		buf_addz(&text, "From: x@football.example.com\r\n\r\n");
		scene_open(&s, "max_signatures = 60", zone);
		scene_send(&s, &in, buf_str(&text));
		assert_non_null(
		    strstr(scene_inserted(&s, "Authentication-Results", 0),
			"\n\tdmarc=fail (p=reject dis=quarantine)"));
		assert_true(s.message->authres_dropped > 0);
		scene_close(&s);
		buf_free(&text);
	}
#undef L60
}

/* No length of a peer's keeps the verdict out of the line. */
static void
test_long_names_hide_nothing(void **state)
{
	char helo[1001], from[1101] = "<";
	struct scene_client in = MX("198.51.100.1", helo, from);

	(void)state;
	memset(helo, 1, 1000);
	helo[1000] = '\0';
	for (size_t i = 0; i < 490; i++)
		memcpy(from + 1 + 2 * i, "\xc3\xa4", 3);
	memcpy(from + 981, "@evil.com>", 11);
	for (int json = 0; json < 2; json++) {
		struct log_options lo = {.sink = LOG_SINK_CAPTURE,
		    .level = LOG_LEVEL_INFO,
		    .format = json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT};
		struct scene s;

		scene_open(&s, "", zone);
		assert_int_equal(log_set(s.engine.log, &lo, NULL), 0);
		scene_send(&s, &in, "From: x@football.example.com\r\n\r\n");
		assert_true(slice_icontains(log_captured(s.engine.log),
		    slice_z(json ? "\"action\":\"quarantine\""
				 : " action=quarantine ")));
		assert_true(slice_icontains(
		    log_captured(s.engine.log), SLICE_LIT("...")));
		scene_close(&s);
	}
}

static void
test_compat_lines(void **state)
{
	struct log_options lo = {.sink = LOG_SINK_CAPTURE,
	    .level = LOG_LEVEL_ERROR,
	    .compat = LOG_COMPAT_OPENDKIM | LOG_COMPAT_OPENDMARC};
	struct scene_client in =
	    MX("192.0.2.7", "h", "<joe@football.example.com>");
	struct scene s;

	(void)state;
	scene_open(&s, "", zone);
	assert_int_equal(log_set(s.engine.log, &lo, NULL), 0);
	scene_send(&s, &in, SIGNED_HEADER SIGNED_REST);
	assert_string_equal(log_captured(s.engine.log).ptr,
	    "opendkim: Q1: s=brisbane d=football.example.com "
	    "a=ed25519-sha256 SSL \n"
	    "opendkim: Q1: DKIM verification successful\n"
	    "opendmarc: Q1: SPF(mailfrom): football.example.com pass\n"
	    "opendmarc: Q1: football.example.com pass\n");
	scene_close(&s);
	/* Nothing was done, and who does it says so. */
	scene_open(&s, "observe = yes\n", zone);
	assert_int_equal(log_set(s.engine.log, &lo, NULL), 0);
	scene_send(&s, &in, SIGNED_HEADER SIGNED_REST);
	assert_int_equal(log_captured(s.engine.log).len, 0);
	scene_close(&s);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_forged_results_go);
	UNIT_TEST(test_forged_results_behind_padding);
	UNIT_TEST(test_more_forged_results_than_can_go);
	UNIT_TEST(test_quarantine_actions);
	UNIT_TEST(test_many_signatures_leave_room_for_dmarc);
	UNIT_TEST(test_long_names_hide_nothing);
	UNIT_TEST(test_compat_lines);
	return unit_end();
}
