/* SPDX-License-Identifier: BSD-2-Clause */
/* Options and messages in; what happens to them and what is told of it out. */
#include "scene.h"

#include <sys/stat.h>
#include <unistd.h>

/* RFC 8463 appendix A: the key of SIGNED. */
static const char zone[] =
    "brisbane._domainkey.football.example.com TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "_dmarc.rej.example TXT \"v=DMARC1; p=reject\"\n"
    "rej.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "soft.example TXT \"v=spf1 ip4:192.0.2.1 ~all\"\n"
    "_dmarc.soft.example TXT \"v=DMARC1; p=reject; np=reject\"\n"
    "why.example TXT \"v=spf1 -all exp=e.why.example\"\n"
    "e.why.example TXT \"%{i} is not ours\"\n"
    "_dmarc.test.example TXT \"v=DMARC1; p=reject; t=y\"\n"
    "test.example TXT \"v=spf1 -all\"\n"
    "_dmarc.odd.example TXT \"v=DMARC1; p=reject; p=none\"\n"
    "fwd.example TXT \"v=spf1 ip4:198.51.100.7 -all\"\n"
    "mail.fwd.example A 198.51.100.7\n"
    "7.100.51.198.in-addr.arpa PTR mail.fwd.example\n"
    "any.example TXT \"v=spf1 ptr +all\"\n"
    "loose.example TXT \"v=spf1 ip4:0.0.0.0/2 ?all\"\n"
    "lame.example TXT \"v=spf1 include:nowhere.example -all\"\n"
    "helo.example TXT \"v=spf1 -all\"\n";

struct row {
	const char *name, *config;
	struct scene_client client;
	const char *header;
	enum action action;
	const char *xcode, *text; /* of the reply or the quarantine; "" none */
	const char *log, *authres; /* must occur */
};

#define MX(addr, name, sender) \
	{ \
		.ip = addr, .helo = name, .mail_from = sender \
	}
#define EVIL MX("198.51.100.1", "h", "<a@rej.example>")
#define BY_POLICY "Email rejected per DMARC policy for "

/* clang-format off */
static const struct row rows[] = {
{"SPF fail and no signature", "enforce = reject\n", EVIL, "From: a@rej.example\r\n",
 ACTION_REJECT, "5.7.1", BY_POLICY "rej.example (SPF fail, no valid DKIM signature)",
 "action=reject rule=spf_fail_no_dkim ms=", "dis=reject"},
{"the same, of a list", "enforce = reject\n", EVIL, "From: a@rej.example\r\nList-Id: <l.example>\r\n",
 ACTION_QUARANTINE, NULL, "dmarc fail p=reject dom=rej.example",
 "action=quarantine rule=dmarc_fail forward=list", "dis=quarantine"},
{"the same, SRS", "enforce = reject\n", MX("198.51.100.1", "h", "<SRS0=a=b=c=d@rej.example>"), "From: a@rej.example\r\n",
 ACTION_QUARANTINE, NULL, "dmarc fail p=reject dom=rej.example",
 "rule=dmarc_fail forward=srs", "dis=quarantine"},
{"the same in shadow", "enforce = shadow\n", EVIL, "From: a@rej.example\r\n",
 ACTION_ACCEPT, NULL, "",
 "action=accept rule=spf_fail_no_dkim would=reject ms=", "dis=none"},
{"the same under quarantine", "", EVIL, "From: a@rej.example\r\n",
 ACTION_QUARANTINE, NULL, "dmarc fail p=reject dom=rej.example",
 "action=quarantine rule=spf_fail_no_dkim would=reject", "dis=quarantine"},
{"the same under none", "enforce = none\n", EVIL, "From: a@rej.example\r\n",
 ACTION_ACCEPT, NULL, "", "action=accept rule=enforce_none ms=", "dis=none"},
{"no second ground", "enforce = reject\n", MX("198.51.100.1", "h", "<a@soft.example>"), "From: a@soft.example\r\n",
 ACTION_QUARANTINE, NULL, "dmarc fail p=reject dom=soft.example",
 "spf=softfail spf_d=soft.example", "dis=quarantine"},
{"no second ground, reject-always, code and page",
 "enforce = reject-always\nreply_code_dmarc = 5.7.26\nreply_url = \"https://mx.example/%41\"\n",
 MX("198.51.100.1", "h", "<a@soft.example>"), "From: a@soft.example\r\n",
 ACTION_REJECT, "5.7.26", BY_POLICY "soft.example (p=reject), see https://mx.example/%41",
 "rule=reject_always", "dis=reject"},
{"an author that does not exist", "enforce = reject\n", MX("198.51.100.1", "h", "<a@soft.example>"),
 "From: a@nx.soft.example\r\n",
 ACTION_REJECT, "5.7.1", BY_POLICY "nx.soft.example (no such domain)", "rule=no_such_author", "dis=reject"},
{"t=y (RFC 9989 section 4.7)", "enforce = reject\n", MX("198.51.100.1", "h", "<a@test.example>"), "From: a@test.example\r\n",
 ACTION_QUARANTINE, NULL, "dmarc fail p=quarantine dom=test.example", "rule=dmarc_fail", "t=y dis=quarantine"},
{"half of the mail: heads", "enforce = reject\nenforce_percent = 51\n", EVIL, "From: a@rej.example\r\n",
 ACTION_REJECT, "5.7.1", BY_POLICY "rej.example (SPF fail, no valid DKIM signature)", "action=reject", "dis=reject"},
{"half of the mail: tails", "enforce = reject\nenforce_percent = 50\n", EVIL, "From: a@rej.example\r\n",
 ACTION_QUARANTINE, NULL, "dmarc fail p=reject dom=rej.example", "action=quarantine rule=spf_fail_no_dkim would=reject",
 "dis=quarantine"},
{"a forwarder by address", "enforce = reject\ntrusted_forwarders = { \"198.51.100.7 spf=fwd.example\" }\n",
 MX("198.51.100.7", "h", "<a@fwd.example>"), "From: a@nx.soft.example\r\n",
 ACTION_ACCEPT, NULL, "",
 "action=accept rule=trusted_forwarder override=trusted_forwarder exception=\"198.51.100.7 spf=fwd.example\" ms=",
 "dis=none override=trusted_forwarder"},
{"a forwarder by name", "enforce = reject\ntrusted_forwarders = { \".fwd.example spf=fwd.example\" }\n",
 MX("198.51.100.7", "h", "<a@fwd.example>"), "From: a@nx.soft.example\r\n",
 ACTION_ACCEPT, NULL, "", "rule=trusted_forwarder", "override=trusted_forwarder"},
{"somebody who uses its name", "enforce = reject\ntrusted_forwarders = { \".fwd.example spf=fwd.example\" }\n",
 MX("198.51.100.1", "mail.fwd.example", "<a@fwd.example>"), "From: a@nx.soft.example\r\n",
 ACTION_REJECT, "5.7.1", BY_POLICY "nx.soft.example (no such domain)", "rule=no_such_author", "dis=reject"},
{"a list", "enforce = reject\nmailing_lists = { \"198.51.100.7 spf=fwd.example list-id=l.fwd.example\" }\n",
 MX("198.51.100.7", "h", "<a@fwd.example>"), "From: a@nx.soft.example\r\nList-Id: L <l.fwd.example>\r\n",
 ACTION_ACCEPT, NULL, "", "rule=mailing_list override=mailing_list", "override=mailing_list"},
{"its List-Id alone", "enforce = reject\nmailing_lists = { \"198.51.100.7 spf=fwd.example list-id=l.fwd.example\" }\n",
 MX("198.51.100.1", "h", "<a@rej.example>"), "From: a@nx.soft.example\r\nList-Id: L <l.fwd.example>\r\n",
 ACTION_REJECT, "5.7.1", BY_POLICY "nx.soft.example (no such domain)", "rule=no_such_author", "dis=reject"},
{"two From fields", "enforce = reject\n", EVIL, "From: a@rej.example\r\nFrom: b@rej.example\r\n",
 ACTION_REJECT, "5.7.1", "Message has several From fields", "rule=several_from", "dmarc=permerror"},
{"two authors", "enforce = reject\non_bad_from = reject\n", EVIL, "From: a@rej.example, b@soft.example\r\n",
 ACTION_REJECT, "5.7.1", "Message has no author's address: several domains in the From field", "rule=bad_from", "dmarc=permerror"},
{"two authors, accepted", "enforce = reject\n", EVIL, "From: a@rej.example, b@soft.example\r\n",
 ACTION_ACCEPT, NULL, "", "rule=no_failure", "dmarc=permerror"},
{"spf_reject", "enforce = reject\nspf_reject = mailfrom-fail\n", MX("198.51.100.1", "h", "<a@why.example>"),
 "From: a@plain.example\r\n",
 ACTION_REJECT, "5.7.23", "SPF validation failed for MAIL FROM domain why.example", "rule=spf_fail", "dmarc=none"},
{"spf_reject, HELO", "enforce = reject\nspf_reject = helo-fail\n", MX("198.51.100.1", "helo.example", "<a@why.example>"),
 "From: a@plain.example\r\n",
 ACTION_REJECT, "5.7.23", "SPF validation failed for HELO name helo.example", "rule=spf_helo_fail", "dmarc=none"},
{"spf_reject, null sender", "enforce = reject\nspf_reject = helo-fail\n", MX("198.51.100.1", "helo.example", "<>"),
 "From: a@plain.example\r\n",
 ACTION_REJECT, "5.7.23", "SPF validation failed for HELO name helo.example", "rule=spf_helo_fail", "smtp.helo=helo.example"},
{"spf_reject of HELO, MAIL FROM fails", "enforce = reject\nspf_reject = helo-fail\n", MX("198.51.100.1", "h", "<a@why.example>"),
 "From: a@plain.example\r\n", ACTION_ACCEPT, NULL, "", "rule=no_failure ms=", "spf=fail"},
{"spf_reject in shadow", "enforce = shadow\nspf_reject = mailfrom-fail\n", MX("198.51.100.1", "h", "<a@why.example>"),
 "From: a@plain.example\r\n", ACTION_ACCEPT, NULL, "", "rule=spf_fail would=reject", "spf=fail"},
{"spf_reject under none", "enforce = none\nspf_reject = mailfrom-fail\n", MX("198.51.100.1", "h", "<a@why.example>"),
 "From: a@plain.example\r\n", ACTION_ACCEPT, NULL, "", "rule=spf_fail would=reject", "spf=fail"},
{"spf_reject, a gateway of ours", "enforce = reject\nspf_reject = mailfrom-fail\ntrusted_relays = { 198.51.100.1 }\n",
 MX("198.51.100.1", "h", "<a@why.example>"), "From: a@plain.example\r\n",
 ACTION_ACCEPT, NULL, "", "rule=trusted_relay", "dmarc=none"},
{"spf_reject, our user", "enforce = reject\nspf_reject = mailfrom-fail\n",
 {.ip = "198.51.100.1", .helo = "h", .mail_from = "<a@why.example>", .user = "joe"}, "From: a@why.example\r\n",
 ACTION_ACCEPT, NULL, "", "direction=outbound", NULL},
{"spf_reject, a record that is none", "enforce = reject\nspf_reject = mailfrom-fail\nspf_reject_permerror = yes\n",
 MX("198.51.100.1", "h", "<a@lame.example>"), "From: a@plain.example\r\n",
 ACTION_REJECT, "5.7.24", "SPF validation error in the record of lame.example", "rule=spf_permerror", "spf=permerror"},
{"iprev_reject", "enforce = reject\niprev_reject = no-ptr\n", MX("198.51.100.1", "h", "<a@plain.example>"),
 "From: a@plain.example\r\n",
 ACTION_REJECT, "5.7.25", "Reverse DNS validation failed for 198.51.100.1", "rule=iprev_fail", "iprev=fail"},
{"require_dkim", "enforce = reject\nrequire_dkim = { rej.example }\n", MX("192.0.2.1", "h", "<a@rej.example>"),
 "From: a@rej.example\r\n",
 ACTION_REJECT, "5.7.20", "No passing DKIM signature found, required for rej.example", "rule=dkim_missing", "dmarc=pass"},
{"why, in words and with the record", "", EVIL, "From: a@odd.example\r\n", ACTION_ACCEPT, NULL, "",
 "dmarc=none dmarc_why=\"duplicate tag\" dmarc_at=p", "(duplicate tag: p)"},
{"what SPF used", "", MX("198.51.100.1", "h", "<a@lame.example>"), "From: a@plain.example\r\n", ACTION_ACCEPT, NULL, "",
 "spf=permerror spf_d=lame.example spf_term=include:nowhere.example spf_why=\"no record to include\" "
 "spf_helo=none spf_lookups=1 spf_voids=1 spf_record=\"v=spf1 include:nowhere.example -all\"",
 "spf=permerror (include:nowhere.example)"},
};
/* clang-format on */

static unsigned
fifty(void)
{
	return 50;
}

static void
open_stage(struct scene *s, const char *config)
{
	scene_open(s, config, zone);
	s->engine.dice = fifty;
	s->engine.tells = quota_new(100, 1000000);
	assert_non_null(s->engine.tells);
}

static void
close_stage(struct scene *s)
{
	struct quota *q = s->engine.tells;

	scene_close(s);
	quota_free(q);
}

static void
assert_told(const struct scene *s, const char *want)
{
	struct slice log = log_captured(s->engine.log);

	if (!slice_icontains(log, slice_z(want)))
		assert_string_equal(log.ptr, want);
}

static void
check(void **state)
{
	const struct row *r = *state;
	const struct disposition *d;
	struct scene s;

	open_stage(&s, r->config);
	scene_send(&s, &r->client, r->header);
	d = &s.message->disposition;
	assert_told(&s, r->log);
	assert_int_equal(d->action, r->action);
	assert_string_equal(d->text, r->text);
	if (r->xcode)
		assert_string_equal(d->xcode, r->xcode);
	if (r->authres) {
		struct slice ar =
		    slice_z(scene_inserted(&s, "Authentication-Results", 0));
		struct arena *arena = arena_new(1u << 20);
		char *flat = arena_strdup(arena, ar);

		for (char *p = flat; *p; p++)
			if (*p == '\n' || *p == '\t')
				*p = ' ';
		for (char *p = flat; (p = strstr(p, "  "));)
			memmove(p, p + 1, strlen(p));
		if (!strstr(flat, r->authres))
			assert_string_equal(flat, r->authres);
		arena_free(arena);
	}
	close_stage(&s);
}

/* --- fields ------------------------------------------------------------------ */

static void
test_received_spf(void **state)
{
	struct scene_client in = EVIL;
	struct scene_client relay = MX("192.0.2.9", "h", "<a@rej.example>");
	struct scene s;

	(void)state;
	open_stage(&s,
	    "received_spf = yes\nenforce = none\n"
	    "trusted_relays = { 192.0.2.9 }\n");
	scene_send(&s, &in, "From: a@plain.example\r\n");
	assert_memory_equal(
	    scene_inserted(&s, "Received-SPF", 0), " fail\n\t(", 8);
	assert_string_equal(
	    s.message->edits.items[1].name, "Authentication-Results");
	scene_send(&s, &relay, "From: a@plain.example\r\n");
	assert_string_equal(scene_inserted(&s, "Received-SPF", 0), "");
	close_stage(&s);
}

static void
test_explanation(void **state)
{
	static const char config[] =
	    "enforce = reject\nspf_reject = mailfrom-fail\n";
	struct scene_client in = MX("198.51.100.1", "h", "<a@why.example>");
	struct scene s;

	(void)state;
	open_stage(&s, config);
	scene_send(&s, &in, "From: a@plain.example\r\n");
	assert_string_equal(s.message->disposition.more, "");
	close_stage(&s);
	open_stage(&s,
	    "enforce = reject\nspf_reject = mailfrom-fail\n"
	    "spf_explanation = yes\n");
	scene_send(&s, &in, "From: a@plain.example\r\n");
	assert_string_equal(s.message->disposition.more,
	    "The domain why.example explains: 198.51.100.1 is not ours");
	close_stage(&s);
}

/* --- whose domain it is -------------------------------------------------------- */

static void
test_own_domains(void **state)
{
	static const struct {
		const char *more, *from;
		enum action action;
	} cases[] = {
	    {"", "From: a@own.example\r\n", ACTION_REJECT},
	    {"", "From: a@sub.own.example\r\n", ACTION_ACCEPT},
	    {"", "From: a@example\r\n", ACTION_ACCEPT},
	    {"", "From: a@other.example\r\n", ACTION_ACCEPT},
	    {"", "From:\r\n", ACTION_ACCEPT},
	    {"sign_subdomains = yes\n", "From: a@sub.own.example\r\n",
		ACTION_REJECT},
	    {"sign_subdomains = yes\n", "From: a@own.example\r\n",
		ACTION_REJECT},
	    {"sign_subdomains = yes\n", "From: a@other.example\r\n",
		ACTION_ACCEPT},
	};
	struct scene_client in = MX("198.51.100.1", "h", "<a@other.example>");
	char dir[] = "/tmp/assay-keys-XXXXXX", own[100], config[400];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(own, sizeof(own), "%s/own.example", dir);
	assert_int_equal(mkdir(own, 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		(void)snprintf(config, sizeof(config),
		    "enforce = reject\nprotect_own_domains = yes\n"
		    "key_dir = %s\n%s",
		    dir, cases[i].more);
		open_stage(&s, config);
		scene_send(&s, &in, cases[i].from);
		assert_int_equal(
		    s.message->disposition.action, cases[i].action);
		close_stage(&s);
	}
	assert_int_equal(rmdir(own), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Domains of OpenDKIM's tables are ours as those of the directory are. */
static void
test_own_domains_of_tables(void **state)
{
	static const struct {
		const char *from;
		enum action action;
	} cases[] = {
	    {"From: a@own.example\r\n", ACTION_REJECT},
	    {"From: a@sub.own.example\r\n", ACTION_REJECT},
	    {"From: ceo@user.example\r\n", ACTION_REJECT},
	    {"From: a@user.example\r\n", ACTION_ACCEPT},
	    /* Signed with the key of another domain: not ours by that. */
	    {"From: a@guest.example\r\n", ACTION_ACCEPT},
	    {"From: a@other.example\r\n", ACTION_ACCEPT},
	    {"From:\r\n", ACTION_ACCEPT},
	};
	struct scene_client in = MX("198.51.100.1", "h", "<a@other.example>");
	char dir[] = "/tmp/assay-tables-XXXXXX", config[400];
	char keys[100], lines[100];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(keys, sizeof(keys), "%s/keys", dir);
	(void)snprintf(lines, sizeof(lines), "%s/lines", dir);
	write_file(keys,
	    "k own.example:s:/nowhere/k.pem\n"
	    "u user.example:s:/nowhere/u.pem\n"
	    "any %:s:/nowhere/%.pem\n");
	write_file(lines,
	    "own.example k\n.own.example k\nguest.example k\n"
	    "ceo@user.example u\n* any\n");
	(void)snprintf(config, sizeof(config),
	    "enforce = reject\nprotect_own_domains = yes\nkey_dir = %s\n"
	    "signing_table = %s\nkey_table = %s\n",
	    dir, lines, keys);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		open_stage(&s, config);
		scene_send(&s, &in, cases[i].from);
		assert_int_equal(
		    s.message->disposition.action, cases[i].action);
		close_stage(&s);
	}
	assert_int_equal(unlink(keys), 0);
	assert_int_equal(unlink(lines), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* --- observe ------------------------------------------------------------------ */

struct seen_row {
	const char *name, *header, *differs;
};

#define STAMPED "From: a@rej.example\r\nAuthentication-Results: "

/* Ours: dmarc=fail iprev=fail spf=fail (mailfrom) spf=none (helo) dkim=none */
static const struct seen_row seen_rows[] = {
    {"nothing", "From: a@rej.example\r\n", "differs=unstamped"},
    {"somebody else's", STAMPED "other.example; dmarc=pass\r\n",
	"differs=unstamped"},
    {"the same",
	STAMPED "mx.test.example; spf=fail smtp.mailfrom=rej.example; "
		"dkim=none; dmarc=fail header.from=rej.example\r\n",
	"differs=none"},
    {"DMARC", STAMPED "mx.test.example; dmarc=pass\r\n",
	"differs=dmarc:pass/fail"},
    {"two fields, a former id, any case",
	STAMPED "OLD.example; dmarc=Fail\r\n"
		"Authentication-Results: mx.test.example; spf=softfail "
		"smtp.mailfrom=rej.example\r\n",
	"differs=spf(mailfrom):softfail/fail"},
    {"HELO", STAMPED "mx.test.example; spf=pass smtp.helo=h\r\n",
	"differs=spf(helo):pass/none"},
    {"MAIL FROM, and HELO beside it",
	STAMPED "mx.test.example; spf=fail smtp.mailfrom=rej.example "
		"smtp.helo=h\r\n",
	"differs=none "},
    {"a signature that we do not find",
	STAMPED "mx.test.example; dkim=pass header.d=rej.example\r\n",
	"differs=dkim(rej.example):pass/-"},
    {"by header.i",
	STAMPED "mx.test.example; dkim=fail header.i=@x.example\r\n",
	"differs=dkim(x.example):fail/-"},
    {"a method we have not", STAMPED "mx.test.example; arc=pass\r\n",
	"differs=unstamped"},
    {"no results", STAMPED "mx.test.example; none\r\n", "differs=unstamped"},
    {"a word nobody knows", STAMPED "mx.test.example; iprev=maybe\r\n",
	"differs=iprev:maybe/fail"},
    {"no grammar", STAMPED "mx.test.example; dmarc=(((\r\n",
	"differs=unstamped"},
    {"hostile",
	STAMPED "mx.test.example; dkim=pass "
		"header.d=\"a\\\"b \xff=x,y\"\r\n",
	"dkim(a\\\"b \\xff=x,y):pass/-"},
};

static void
check_seen(void **state)
{
	const struct seen_row *r = *state;
	struct scene_client in = EVIL;
	struct scene s;

	open_stage(&s,
	    "observe = yes\nenforce = reject\nreceived_spf = yes\n"
	    "own_authserv_ids = { old.example }\n");
	scene_send(&s, &in, r->header);
	assert_told(&s, "action=accept rule=spf_fail_no_dkim would=reject ");
	assert_told(&s, r->differs);
	assert_int_equal(s.message->edits.n, 0);
	assert_int_equal(s.message->disposition.action, ACTION_ACCEPT);
	assert_null(s.message->hold);
	close_stage(&s);
}

#define SIGNED \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; " \
	"d=football.example.com;\r\n s=brisbane; t=1700000000;\r\n" \
	" h=From:Subject;\r\n" \
	" bh=j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=;\r\n" \
	" b=dmn091/lgd/a1PTfNmU6ATKjSs3h31Z3TFWMz6wb7/8fLVno4IGQVSOvGuNjYqWp" \
	"Kv8j153custKIM8ybSX3BQ==\r\n" \
	"From: Joe <joe@football.example.com>\r\n" \
	"Subject: Hi\r\n\r\nHi\r\n"

/* Of signatures they speak, or they do not. */
static void
test_signatures_seen(void **state)
{
	static const struct {
		const char *text, *differs;
	} cases[] = {
	    {"Authentication-Results: mx.test.example; dmarc=none\r\n" SIGNED,
		"differs=none"},
	    {"Authentication-Results: mx.test.example; dkim=pass "
	     "header.d=FOOTBALL.example.com\r\n" SIGNED,
		"differs=none"},
	    {"Authentication-Results: mx.test.example; dkim=fail "
	     "header.d=other.example\r\n" SIGNED,
		"differs=dkim(football.example.com):-/pass,"
		"dkim(other.example):fail/- "},
	    {"Authentication-Results: mx.test.example; dkim=none\r\n" SIGNED,
		"dkim(football.example.com):-/pass"},
	};
	struct scene_client in = EVIL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		open_stage(&s, "observe = yes\n");
		scene_send(&s, &in, cases[i].text);
		assert_told(&s, cases[i].differs);
		close_stage(&s);
	}
}

/* Of a null sender there is HELO alone, under whichever name. */
static void
test_null_sender_seen(void **state)
{
	static const struct {
		const char *said, *differs;
	} cases[] = {
	    {"spf=none smtp.mailfrom=h", "differs=none "},
	    {"spf=none smtp.helo=h", "differs=none "},
	    {"spf=pass smtp.mailfrom=h", "differs=spf(helo):pass/none "},
	};
	struct scene_client in = MX("198.51.100.1", "h", "<>");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text = BUF_INIT(1000);
		struct scene s;

		buf_addf(
		    &text, STAMPED "mx.test.example; %s\r\n", cases[i].said);
		open_stage(&s, "observe = yes\n");
		scene_send(&s, &in, buf_str(&text));
		assert_told(&s, cases[i].differs);
		close_stage(&s);
		buf_free(&text);
	}
}

/* However many results there are, a line tells of them. */
static void
test_many_seen(void **state)
{
	struct buf text = BUF_INIT(1u << 20);
	struct scene_client in = EVIL;
	struct scene s;

	(void)state;
	for (int i = 0; i < 200; i++)
		buf_addf(&text,
		    "Authentication-Results: mx.test.example; dkim=pass "
		    "header.d=d%d.example; spf=pass\r\n",
		    i);
	buf_addz(&text, "From: a@rej.example\r\n");
	open_stage(&s, "observe = yes\n");
	scene_send(&s, &in, buf_str(&text));
	assert_told(&s, "dkim(d9.example):pass/-");
	close_stage(&s);
	buf_free(&text);
}

static void
test_observe_outbound(void **state)
{
	struct scene_client out = MX("127.0.0.1", "h", "<a@rej.example>");
	struct scene s;

	(void)state;
	open_stage(&s, "observe = yes\nstamp_outbound = yes\n");
	scene_send(&s, &out,
	    "From: a@rej.example\r\n"
	    "Authentication-Results: mx.test.example; dmarc=pass\r\n");
	assert_int_equal(s.message->edits.n, 0);
	assert_told(&s, "direction=outbound");
	close_stage(&s);
}

/* --- what is told of a domain once an hour ------------------------------------ */

static void
test_weak_records(void **state)
{
	struct scene_client any = MX("203.0.113.9", "h", "<a@any.example>");
	struct scene_client loose =
	    MX("203.0.113.9", "any.example", "<a@loose.example>");
	struct scene s;
	const char *log;
	size_t n = 0;

	(void)state;
	open_stage(&s, "");
	for (int i = 0; i < 3; i++) {
		scene_send(&s, &any, "From: a@plain.example\r\n");
		scene_send(&s, &loose, "From: a@plain.example\r\n");
	}
	assert_told(&s,
	    "spf_weak d=any.example what=+all,ptr "
	    "record=\"v=spf1 ptr +all\"");
	assert_told(
	    &s, "spf_weak d=loose.example what=\"?all,broad network\"");
	log = log_captured(s.engine.log).ptr;
	while ((log = strstr(log, "spf_weak"))) {
		log++;
		n++;
	}
	assert_int_equal(n, 2);
	close_stage(&s);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(seen_rows, check_seen);
	UNIT_TEST(test_received_spf);
	UNIT_TEST(test_explanation);
	UNIT_TEST(test_own_domains);
	UNIT_TEST(test_own_domains_of_tables);
	UNIT_TEST(test_signatures_seen);
	UNIT_TEST(test_null_sender_seen);
	UNIT_TEST(test_many_seen);
	UNIT_TEST(test_observe_outbound);
	UNIT_TEST(test_weak_records);
	return unit_end();
}
