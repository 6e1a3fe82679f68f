/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The attacks of the literature through the whole engine: "Composition Kills"
 * (USENIX Security 2020), server side a1 to a19, and older bugs of filters.
 * The victim is legit.example (p=reject, -all). The attacker owns
 * attack.example: SPF passes, all its keys are in DNS, and every signature
 * here is sound as far as cryptography goes. No message may get a pass but
 * for attack.example itself. t/data/ATTACKS says what tests the rest.
 */
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/buf.h"
#include "dkim.h"
#include "dkim/base64.h"
#include "scene.h"
#include "written.h"

#define BH "j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=" /* "Hi\r\n" */
#define KEY "\"k=ed25519; p=" ED25519_P "\"\n"

static const char zone[] =
    "legit.example TXT \"v=spf1 -all\"\n"
    "_dmarc.legit.example TXT \"v=DMARC1; p=reject\"\n"
    "strict.example TXT \"v=spf1 -all\"\n"
    "_dmarc.strict.example TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
    "xn--bcher-kva.example TXT \"v=spf1 ip4:192.0.2.66 -all\"\n"
    "_dmarc.xn--bcher-kva.example TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.apple.example TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.gmail.com TXT \"v=DMARC1; p=reject\"\n"
    "googlemail.com TXT \"v=spf1 ip4:192.0.2.66 -all\"\n"
    "xn--pple-43d.example TXT \"v=spf1 ip4:192.0.2.66 -all\"\n"
    "sub.strict.example TXT \"v=spf1 ip4:192.0.2.66 -all\"\n"
    "attack.example TXT \"v=spf1 ip4:192.0.2.66 -all\"\n"
    "*.attack.example TXT \"v=spf1 ip4:192.0.2.66 -all\"\n"
    "_dmarc.attack.example TXT \"v=DMARC1; p=none\"\n"
    /* Whatever the attacker's name server is asked, it has a key. */
    "sel._domainkey.attack.example TXT " KEY
    "sel._domainkey.legit.example'a.attack.example TXT " KEY
    "sel._domainkey.legit.example\\(.attack.example TXT " KEY
    "sel._domainkey.legit.example\\000.attack.example TXT " KEY
    "sel._domainkey.sub.strict.example TXT " KEY
    "attack.example.\\000._domainkey.legit.example TXT " KEY
    "legit.example'a.attack.example TXT \"v=spf1 +all\"\n"
    "legit.example\\(.attack.example TXT \"v=spf1 +all\"\n";

struct row {
	const char *name;
	const char *header; /* the message's */
	const char *helo, *mail_from;
	const char *d;    /* of a signature of the attacker's; NULL: none */
	const char *want; /* the word and header.from */
};

#define SELF "mail.attack.example", "<a@attack.example>"
#define ATTACK "attack.example"
#define LEGIT "From: a@legit.example\r\n"
#define FAIL "fail legit.example"
#define PASS "pass attack.example"
#define ERROR "permerror"

static const struct row rows[] = {
    {"the attacker as himself", "From: a@attack.example\r\n", SELF, ATTACK,
	PASS},
    {"T20 plain forgery", LEGIT, SELF, ATTACK, FAIL},
    {"T20 nothing passes", LEGIT, "h", "<a@nothing.example>", NULL, FAIL},

    {"an address in the local part",
	"From: \"<a@legit.example>\"@attack.example\r\n", SELF, ATTACK,
	"permerror"},
    {"an address in a comment in it",
	"From: b(@legit.example)@attack.example\r\n", SELF, ATTACK,
	"permerror"},
    {"a route by the victim", "From: <@legit.example:a@attack.example>\r\n",
	SELF, ATTACK, "permerror"},
    {"a route of the attacker's",
	"From: <@attack.example:a@legit.example>\r\n", SELF, ATTACK, FAIL},
    {"the attacker in the local part",
	"From: \"a@attack.example\"@legit.example\r\n", SELF, ATTACK, FAIL},
    {"a quoted local part, as people have it",
	"From: \"a b\"@attack.example\r\n", SELF, ATTACK, PASS},

    /* what SPF and DKIM are asked about */
    {"a1 a name of the victim's that does not exist", LEGIT, ATTACK,
	"<any@notexist.legit.example>", NULL, FAIL},
    {"a2 T2 null sender, HELO of the attacker's", LEGIT, ATTACK, "<>", NULL,
	FAIL},
    {"a2 T2 null sender, HELO of the victim's", LEGIT, "legit.example", "<>",
	NULL, FAIL},
    {"T2 HELO of the victim's, sender of the attacker's", LEGIT,
	"legit.example", "<a@attack.example>", NULL, FAIL},
    {"T2 HELO of the attacker's, sender malformed",
	"From: a@attack.example\r\n", ATTACK, "<a@attack.example(>", NULL,
	"fail attack.example"},
    {"T2 HELO of the attacker's, no domain in the sender",
	"From: a@attack.example\r\n", ATTACK, "<root>", NULL,
	"fail attack.example"},
    {"T2 null sender, and it counts", "From: a@attack.example\r\n",
	"mail.attack.example", "<>", NULL, PASS},
    {"a3 NUL as text in d=", LEGIT, SELF, "legit.example\\0.attack.example",
	FAIL},
    {"a3 NUL in s=, cut there", LEGIT, SELF,
	"legit.example; s=attack.example.", FAIL},
    {"a4 quote in d=", LEGIT, SELF, "legit.example'a.attack.example", FAIL},
    {"T3 parenthesis in d=", LEGIT, SELF, "legit.example(.attack.example",
	FAIL},
    {"T3 comment in d=", LEGIT, SELF, "legit.example(x).attack.example", FAIL},
    {"T13 semicolon and more in d=", LEGIT, SELF,
	"attack.example; d=legit.example", FAIL},
    {"a5 parenthesis in the sender", LEGIT, ATTACK,
	"<any@legit.example(.attack.example>", NULL, FAIL},
    {"a5 parenthesis in HELO", LEGIT, "legit.example(.attack.example", "<>",
	NULL, FAIL},
    {"a6 quote in the sender", LEGIT, ATTACK,
	"<any@legit.example'@any.attack.example>", NULL, FAIL},
    {"a6 quote in HELO", LEGIT, "legit.example'.attack.example", "<>", NULL,
	FAIL},
    {"a7 route in the sender", LEGIT, ATTACK,
	"<@legit.example,@any.example:'any@attack.example>", NULL, FAIL},
    {"a7 route alone", LEGIT, ATTACK, "<@legit.example:>", NULL, FAIL},
    {"T20 at sign in a quoted local part of the sender", LEGIT, ATTACK,
	"<\"a@legit.example\"@attack.example>", NULL, FAIL},

    /* which From is it */
    {"a8 two fields, attacker first",
	"From: <a@attack.example>\r\nFrom: <b@legit.example>\r\n", SELF,
	ATTACK, ERROR},
    {"a8 two fields, victim first",
	"From: <b@legit.example>\r\nFrom: <a@attack.example>\r\n", SELF,
	ATTACK, ERROR},
    {"a9 blank before the colon",
	"From : <b@legit.example>\r\nFrom: <a@attack.example>\r\n", SELF,
	ATTACK, ERROR},
    {"a9 blank before the colon, below",
	"From: <a@attack.example>\r\nFrom\t: <b@legit.example>\r\n", SELF,
	NULL, ERROR},
    {"a10 blank before the name",
	"To: x\r\n From: <b@legit.example>\r\nFrom: <a@attack.example>\r\n",
	SELF, ATTACK, PASS},
    {"a11 name folded",
	"From\r\n : <b@legit.example>\r\nFrom: <a@attack.example>\r\n", SELF,
	NULL, ERROR},
    {"a12 Sender", LEGIT "Sender: a@attack.example\r\n", SELF, ATTACK, FAIL},
    {"a12 Sender alone", "Sender: a@attack.example\r\n", SELF, NULL, ERROR},
    {"a13 Resent-From", LEGIT "Resent-From: a@attack.example\r\n", SELF,
	ATTACK, FAIL},
    {"T1 identical twice", LEGIT LEGIT, SELF, ATTACK, ERROR},
    {"T1 none", "To: x\r\n", SELF, NULL, ERROR},
    {"T1 empty group", "From: undisclosed:;\r\n", SELF, ATTACK, ERROR},

    /* which address is it */
    {"a14 attacker first", "From: a@attack.example, b@legit.example\r\n", SELF,
	ATTACK, ERROR},
    {"a14 victim first", "From: b@legit.example, a@attack.example\r\n", SELF,
	ATTACK, ERROR},
    {"a15 encoded address",
	"From: =?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=,<a@attack.example>"
	"\r\n",
	SELF, ATTACK, ERROR},
    {"a16 route", "From: <@attack.example,@any.example:b@legit.example>\r\n",
	SELF, ATTACK, FAIL},
    {"a17 quoted pair", "From: <b@legit.example>\\,<a@attack.example>\r\n",
	SELF, ATTACK, ERROR},
    {"a18 specials", "From: b@legit.example,<a@attack.example>\r\n", SELF,
	ATTACK, ERROR},
    {"a19 address and name", "From: <a@attack.example>b@legit.example\r\n",
	SELF, ATTACK, ERROR},
    {"a19 name and address", "From: b@legit.example<a@attack.example>\r\n",
	SELF, ATTACK, ERROR},
    {"T5 no at sign", "From: legit.example\r\n", SELF, ATTACK, ERROR},
    {"T5 empty address", "From: x <>\r\n", SELF, ATTACK, ERROR},
    {"T20 quoted local part", "From: \"a@attack.example\"@legit.example\r\n",
	SELF, ATTACK, FAIL},
    {"T21 trailing >", "From: a@legit.example>\r\n", SELF, ATTACK, FAIL},
    {"T21 quoted pair in a name", "From: \"\\\"\" <a@legit.example>\r\n", SELF,
	ATTACK, FAIL},
    {"T22 Latin-1 in a name", "From: J\xf6rg <a@legit.example>\r\n", SELF,
	ATTACK, FAIL},
    {"T22 comma in a name", "From: Doe, John <a@legit.example>\r\n", SELF,
	ATTACK, FAIL},
    {"T22 address as a name", "From: a@legit.example <a@legit.example>\r\n",
	SELF, ATTACK, FAIL},
    {"T22 dots in the local part", "From: a..b@legit.example\r\n", SELF,
	ATTACK, FAIL},
    {"T22 quote never closed", "From: \"a <a@legit.example>\r\n", SELF, ATTACK,
	FAIL},
    {"T22 percent sign", "From: a%legit.example\r\n", SELF, ATTACK, FAIL},

    /* alignment */
    {"T21 strict alignment, SPF and DKIM below", "From: a@strict.example\r\n",
	"h", "<a@sub.strict.example>", "sub.strict.example",
	"fail strict.example"},
    {"T15 no name is rewritten", "From: a@gmail.com\r\n", "h",
	"<a@googlemail.com>", NULL, "fail gmail.com"},
    {"T23 U-label and A-label",
	"From: a@b\xc3\xbc"
	"cher.example\r\n",
	"h", "<a@xn--bcher-kva.example>", NULL, "pass xn--bcher-kva.example"},
    {"T23 homograph", "From: a@apple.example\r\n", "h",
	"<a@xn--pple-43d.example>", NULL, "fail apple.example"},
};

/* --- the attacker's signature ---------------------------------------------------- */

/* The last From field as it is: what h=From covers, simple. */
static struct slice
last_from(const char *header)
{
	const char *from = NULL, *end;

	for (const char *p = header; *p; p = strchr(p, '\n') + 1)
		if (slice_istarts(slice_z(p), SLICE_LIT("From")))
			from = p;
	if (!from)
		return SLICE_EMPTY;
	end = strchr(from, '\n') + 1;
	while (*end == ' ' || *end == '\t')
		end = strchr(end, '\n') + 1;
	return slice_of(from, (size_t)(end - from));
}

/* RFC 8463 section 3: Ed25519 of the SHA-256 of RFC 6376 section 3.7. */
static void
sign(struct slice covered, struct buf *out)
{
	unsigned char seed[DKIM_BASE64_ROOM(44)], hash[32], raw[64], text[89];
	size_t len, nraw = sizeof(raw);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *pkey;

	assert_true(dkim_base64_decode(SLICE_LIT(ED25519_SEED), seed, &len));
	pkey =
	    EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, len);
	SHA256((const unsigned char *)covered.ptr, covered.len, hash);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey), 1);
	assert_int_equal(
	    EVP_DigestSign(ctx, raw, &nraw, hash, sizeof(hash)), 1);
	EVP_EncodeBlock(text, raw, (int)nraw);
	buf_addz(out, (const char *)text);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
}

static void
write_message(const struct row *r, struct buf *out)
{
	struct buf field = BUF_INIT(2000), covered = BUF_INIT(4000);

	if (r->d) {
		buf_addf(&field,
		    "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; "
		    "d=%s;%s h=From; bh=" BH "; b=",
		    r->d, strstr(r->d, "s=") ? "" : " s=sel;");
		buf_add(&covered, last_from(r->header));
		buf_add(&covered, buf_slice(&field));
		buf_add(out, buf_slice(&field));
		sign(buf_slice(&covered), out);
		buf_addz(out, "\r\n");
	}
	buf_addf(out, "%s\r\nHi\r\n", r->header);
	buf_free(&field);
	buf_free(&covered);
}

/* --- a row ------------------------------------------------------------------------ */

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene_client c = {.ip = "192.0.2.66",
	    .helo = r->helo,
	    .mail_from = r->mail_from,
	    .mta = "Postfix"};
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct buf text = BUF_INIT(8000);
	const struct dmarc_result *dmarc;
	char got[300];
	struct scene s;

	scene_open(&s, "enforce = quarantine\n", zone);
	write_message(r, &text);
	scene_send(&s, &c, buf_str(&text));
	dmarc = &s.message->verdict.dmarc;
	snprintf(got, sizeof(got), "%s%s%s", ar_word(dmarc->word),
	    dmarc->author.len ? " " : "", dmarc->author.text);
	assert_string_equal(got, r->want);
	if (written_problem(s.message, log_captured(s.engine.log), a))
		fail_msg("%s",
		    written_problem(s.message, log_captured(s.engine.log), a));
	/* It would not be an attack, did the signature not hold. */
	if (r->d && !strcmp(r->d, ATTACK) && last_from(r->header).len)
		assert_int_equal(s.message->verdict.dkim[0].word, AR_PASS);
	scene_close(&s);
	buf_free(&text);
	arena_free(a);
}

/* T6: forged fields among those of others, whichever way written. */
static void
test_forged_results(void **state)
{
	static const char *const ours[] = {" mx.test.example; dkim=pass",
	    "\r\n mx.test.example;\r\n dkim=pass", " MX.test.example.;x=y",
	    " (x) \"mx.test.example\" 1; dkim=pass"};
	struct scene_client c = {.ip = "192.0.2.66",
	    .helo = "h",
	    .mail_from = "<a@attack.example>"};
	struct buf text = BUF_INIT(100000);
	struct scene s;
	size_t want = 140;

	(void)state;
	for (size_t i = 1; i <= want; i++)
		buf_addf(&text, "%s:%s\r\n",
		    i % 2 ? "Authentication-Results"
			  : "AUTHENTICATION-results",
		    i % 3 ? ours[i % 4] : " other.example; dkim=pass");
	buf_addz(&text, "From: a@attack.example\r\n\r\n");
	scene_open(&s, "", zone);
	scene_send(&s, &c, buf_str(&text));
	for (size_t i = 0; i < 94; i++) {
		const struct edit *e = &s.message->edits.items[i];

		while (want % 3 == 0)
			want--;
		assert_int_equal(e->kind, EDIT_DELETE);
		assert_int_equal(e->nth, want);
		want--;
	}
	assert_int_equal(s.message->edits.items[94].kind, EDIT_INSERT);
	scene_close(&s);
	buf_free(&text);
}

/* A From field behind more fields than are kept. */
static void
test_from_behind_a_heap(void **state)
{
	struct scene_client c = {.ip = "192.0.2.66",
	    .helo = "h",
	    .mail_from = "<a@attack.example>"};
	struct buf text = BUF_INIT(100000);
	struct scene s;

	(void)state;
	for (size_t i = 0; i <= LIMIT_HEADER_FIELDS; i++)
		buf_addz(&text, "X: \r\n");
	buf_addz(&text, "From: a@legit.example\r\n\r\n");
	scene_open(&s, "", zone);
	scene_send(&s, &c, buf_str(&text));
	assert_int_equal(s.message->verdict.dmarc.word, AR_FAIL);
	scene_close(&s);
	buf_free(&text);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_from_behind_a_heap);
	UNIT_TEST(test_forged_results);
	return unit_end();
}
