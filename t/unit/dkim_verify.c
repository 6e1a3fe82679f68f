/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/verify.h"

#include "dkim.h"
#include "dkim/base64.h"
#include "dkim/hdrhash.h"
#include "dkim/pkey.h"

#define NOW 1700000100

static EVP_PKEY *
seed_key(void)
{
	unsigned char seed[DKIM_BASE64_ROOM(44)];
	size_t len;

	assert_true(dkim_base64_decode(SLICE_LIT(ED25519_SEED), seed, &len));
	return EVP_PKEY_new_raw_private_key_ex(
	    NULL, "ED25519", NULL, seed, len);
}

/* Puts what in place of the mark in *text. */
static void
fill(struct buf *text, const char *mark, struct slice what)
{
	struct buf out = BUF_INIT(1 << 20);
	char *at = strstr(text->ptr, mark);

	if (!at)
		return;
	buf_add(&out, slice_of(text->ptr, (size_t)(at - text->ptr)));
	buf_add(&out, what);
	buf_addz(&out, at + strlen(mark));
	buf_free(text);
	*text = out;
}

static void
fill_base64(struct buf *text, const char *mark, struct slice octets)
{
	struct buf b = BUF_INIT(1 << 12);

	dkim_base64_encode(octets, &b);
	fill(text, mark, buf_slice(&b));
	buf_free(&b);
}

/*
 * Appends a message signed with the Ed25519 key: tags are those of its
 * signature, where %B stands for the right bh= and %S for the right b=;
 * header is what stands below.
 */
static void
make(struct buf *out, const char *tags, const char *header, const char *body,
    const char *canon_body)
{
	struct arena *a = arena_new(1 << 20);
	struct buf field = BUF_INIT(1 << 16), text = BUF_INIT(1 << 20);
	EVP_PKEY *pkey = seed_key();
	struct dkim_hdrhash *hh;
	struct dkim_digest d;
	struct slice rest, sig;
	struct dkim_sig parsed;
	struct header h;
	EVP_MD *md;

	assert_int_equal(dkim_sha256_fetch(a, &md, NULL), 0);
	assert_int_equal(EVP_Digest(canon_body, strlen(canon_body), d.octets,
			     NULL, md, NULL),
	    1);
	buf_addz(&field, tags);
	fill_base64(&field, "%B", slice_of(d.octets, 32));
	buf_addf(
	    &text, "DKIM-Signature:%s\r\n%s\r\n", buf_str(&field), header);
	/* Any base64 will do to find where b= is. */
	fill(&text, "%S", SLICE_LIT("AAAA"));
	assert_int_equal(header_init(&h, a), 0);
	assert_int_equal(header_parse(&h, buf_slice(&text), &rest), 0);
	assert_int_equal(
	    dkim_sig_parse(h.fields[0].value, a, &parsed, NULL), 0);
	assert_int_equal(dkim_hdrhash_new(&h, md, a, &hh, NULL), 0);
	assert_int_equal(
	    dkim_hdrhash_fields(hh, parsed.header_canon, parsed.h, 0, NULL),
	    0);
	assert_int_equal(
	    dkim_hdrhash_digest(hh,
		slice_upto(h.fields[0].raw, 15 + parsed.b_at),
		slice_from(h.fields[0].raw, 15 + parsed.b_at + parsed.b_len),
		&d, NULL),
	    0);
	assert_int_equal(
	    dkim_pkey_sign(pkey, DKIM_ED25519_SHA256, md, &d, a, &sig, NULL),
	    0);
	fill_base64(&field, "%S", sig);
	buf_addf(out, "DKIM-Signature:%s\r\n%s\r\n%s", buf_str(&field), header,
	    body);
	EVP_PKEY_free(pkey);
	buf_free(&field);
	buf_free(&text);
	arena_free(a);
}

#define START " v=1; a=ed25519-sha256; s=brisbane; bh=%B;"
#define FOOTBALL " d=football.example.com;"
#define TAGS START FOOTBALL " h=from;"
#define HEADER "From: Joe <joe@football.example.com>\r\nSubject: Hi\r\n"

struct row {
	const char *name, *tags, *header, *body, *canon_body;
	const char *want;
	uint64_t unsigned_octets;
};

static const struct row rows[] = {
    {"plain", TAGS " b=%S", HEADER, "Hi\r\n", "Hi\r\n", "pass", 0},
    /* RFC 6376 section 3.7: b= is found as a tag */
    {"6376 3.7: b= first", " b=%S; " TAGS, HEADER, "Hi\r\n", "Hi\r\n", "pass",
	0},
    {"6376 3.7: b= folded, blanks round it",
	TAGS " b\r\n\t=\r\n  %S\r\n ; c=relaxed", HEADER, "Hi\r\n", "Hi\r\n",
	"pass", 0},
    {"6376 3.7: B= is another tag", TAGS " B=x; b=%S", HEADER, "Hi\r\n",
	"Hi\r\n", "pass", 0},
    {"6376 3.7: b= inside another value", TAGS " z=a|b=b; b=%S", HEADER,
	"Hi\r\n", "Hi\r\n", "pass", 0},
    {"6376 3.5: z= is not used", TAGS " z=From:evil@example.org; b=%S", HEADER,
	"Hi\r\n", "Hi\r\n", "pass", 0},
    /* section 3.2 */
    {"odd spacing",
	" v = 1 ;\r\n\ta\t=ed25519-sha256;s=brisbane;\r\n "
	"d=football.example.com;bh = %B ; h = From ; b = %S ; ",
	HEADER, "Hi\r\n", "Hi\r\n", "pass", 0},
    {"RFC 6376 3.5: i= by another name",
	TAGS " i=@sub.FOOTBALL.example.com; b=%S", HEADER, "Hi\r\n", "Hi\r\n",
	"pass", 0},
    /* T14, RFC 6376 3.7: the body hash has the body's canonicalization */
    {"6376 3.7: simple/relaxed, empty", TAGS " c=simple/relaxed; b=%S", HEADER,
	"", "", "pass", 0},
    {"6376 3.7: relaxed/simple, empty", TAGS " c=relaxed/simple; b=%S", HEADER,
	"", "\r\n", "pass", 0},
    {"6376 3.7: simple/relaxed", TAGS " c=simple/relaxed; b=%S", HEADER,
	"a  b \r\n", "a b\r\n", "pass", 0},
    {"6376 3.7: relaxed/simple", TAGS " c=relaxed/simple; b=%S", HEADER,
	"a  b \r\n", "a  b \r\n", "pass", 0},
    /* section 3.5, x= and t= */
    {"6376 3.5: x= ahead", TAGS " x=1700000101; b=%S", HEADER, "Hi\r\n",
	"Hi\r\n", "pass", 0},
    {"6376 3.5: x= past, in the skew", TAGS " x=1699999800; b=%S", HEADER,
	"Hi\r\n", "Hi\r\n", "pass", 0},
    {"6376 3.5: x= past", TAGS " x=1699999799; b=%S", HEADER, "Hi\r\n",
	"Hi\r\n", "fail (signature expired)", 0},
    {"6376 3.5: x=0", TAGS " x=0; b=%S", HEADER, "Hi\r\n", "Hi\r\n",
	"fail (signature expired)", 0},
    {"6376 3.5: x= infinite", TAGS " x=9999999999999999999999; b=%S", HEADER,
	"Hi\r\n", "Hi\r\n", "pass", 0},
    {"6376 3.5: t= ahead, in the skew", TAGS " t=1700003700; b=%S", HEADER,
	"Hi\r\n", "Hi\r\n", "pass", 0},
    {"6376 3.5: t= ahead", TAGS " t=1700003701; b=%S", HEADER, "Hi\r\n",
	"Hi\r\n", "policy (signature from the future)", 0},
    {"6376 3.5: t= infinite", TAGS " t=99999999999999999999; b=%S", HEADER,
	"Hi\r\n", "Hi\r\n", "policy (signature from the future)", 0},
    {"6376 3.5: t= ahead and wrong", TAGS " t=1700003701; b=%S", HEADER,
	"Ho\r\n", "Hi\r\n", "fail (body hash did not verify)", 0},
    /* l= */
    {"6376 3.5: l= all", TAGS " l=4; b=%S", HEADER, "Hi\r\n", "Hi\r\n", "pass",
	0},
    {"6376 3.5: l= too long", TAGS " l=5; b=%S", HEADER, "Hi\r\n", "Hi\r\n",
	"fail (body shorter than l= tag)", 0},
    {"6376 3.5: l= beyond 64 bits", TAGS " l=99999999999999999999; b=%S",
	HEADER, "Hi\r\n", "Hi\r\n", "fail (body shorter than l= tag)", 0},
    {"6376 8.2: appended", TAGS " l=4; b=%S", HEADER, "Hi\r\n<script>\r\n",
	"Hi\r\n", "policy (body partly unsigned)", 10},
    {"6376 8.2: appended and altered", TAGS " l=4; b=%S", HEADER,
	"Ho\r\n<script>\r\n", "Hi\r\n", "fail (body hash did not verify)", 0},
    {"6376 8.2: empty lines appended are no text", TAGS " l=4; b=%S", HEADER,
	"Hi\r\n\r\n\r\n", "Hi\r\n", "pass", 0},
    /* T19 */
    {"6376 3.5: l=0, empty relaxed body", TAGS " c=relaxed/relaxed; l=0; b=%S",
	HEADER, "", "", "pass", 0},
    {"6376 3.5: l=0, empty simple body", TAGS " l=0; b=%S", HEADER, "", "",
	"policy (body partly unsigned)", 2},
    {"6376 3.5: l=0, some body", TAGS " c=relaxed/relaxed; l=0; b=%S", HEADER,
	"all mine\r\n", "", "policy (body partly unsigned)", 10},
    /* section 3.5, q= */
    {"6376 3.5: q=foo:dns/txt", TAGS " q=foo:dns/txt; b=%S", HEADER, "Hi\r\n",
	"Hi\r\n", "pass", 0},
    /* T15: bodies that are nothing but line ends */
    {"6376 3.4.3: CR alone", TAGS " b=%S", HEADER, "\r", "\r\r\n", "pass", 0},
    {"6376 3.4.3: LF alone", TAGS " c=relaxed/relaxed; b=%S", HEADER, "\n",
	"\n\r\n", "pass", 0},
    {"6376 3.4.3: CRLF alone", TAGS " c=relaxed/relaxed; b=%S", HEADER, "\r\n",
	"", "pass", 0},
    {"section 3.5: d= in other case",
	START " d=FootBall.Example.COM; h=from; b=%S", HEADER, "Hi\r\n",
	"Hi\r\n", "pass", 0},
    {"a signature of other length", TAGS " b=AAAA", HEADER, "Hi\r\n", "Hi\r\n",
	"fail (signature did not verify)", 0},
};

static void
check(void **state)
{
	static const size_t chunks[] = {0, 1, 3};
	const struct row *t = *state;
	struct buf m = BUF_INIT(1 << 20);
	char text[128];

	make(&m, t->tags, t->header, t->body, t->canon_body);
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		struct dkim_run r;

		dkim_run(&r, ED25519_ZONE, buf_slice(&m), chunks[i],
		    &dkim_verify_defaults, NOW, NULL);
		assert_int_equal(r.n, 1);
		assert_string_equal(
		    dkim_result_text(r.results, text), t->want);
		assert_int_equal(
		    r.results->unsigned_octets, t->unsigned_octets);
		dkim_run_end(&r);
	}
	buf_free(&m);
}

static void
test_result_of_a_pass(void **state)
{
	struct buf m = BUF_INIT(1 << 16);
	struct dkim_run r;

	(void)state;
	buf_addz(&m, "Received: x\r\n");
	make(&m, TAGS " i=joe@a.football.example.com; b=%S", HEADER, "Hi\r\n",
	    "Hi\r\n");
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &dkim_verify_defaults,
	    NOW, NULL);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.results->word, AR_PASS);
	assert_int_equal(r.results->reason, DKIM_REASON_NONE);
	assert_string_equal(r.results->domain.text, "football.example.com");
	assert_slice(r.results->sig->s, SLICE_LIT("brisbane"));
	assert_slice(
	    r.results->sig->i, SLICE_LIT("joe@a.football.example.com"));
	assert_slice(r.results->sig->a, SLICE_LIT("ed25519-sha256"));
	assert_int_equal(r.results->sig->b.len, 88);
	assert_int_equal(r.results->key_bits, 256);
	assert_int_equal(r.results->field, 1);
	assert_int_equal(r.results->others, 0);
	assert_false(r.results->testing);
	assert_true(r.more);
	assert_string_equal(zone_asked(r.resolver, 0), BRISBANE " TXT");
	assert_null(zone_asked(r.resolver, 1));
	dkim_run_end(&r);
	buf_free(&m);
}

static void
test_no_signature(void **state)
{
	struct dkim_run r;

	(void)state;
	dkim_run(&r, "", SLICE_LIT(HEADER "\r\nHi\r\n"), 0,
	    &dkim_verify_defaults, NOW, NULL);
	assert_int_equal(r.n, 0);
	assert_false(r.more);
	dkim_run_end(&r);
}

/* RFC 6376 3.5, h=: one signature signs the other */
static void
test_signature_over_signature(void **state)
{
	struct buf inner = BUF_INIT(1 << 16), outer = BUF_INIT(1 << 16);
	char *end;
	struct dkim_run r;

	(void)state;
	make(&inner, TAGS " b=%S", HEADER, "Hi\r\n", "Hi\r\n");
	end = strstr(inner.ptr, "\r\n\r\n");
	end[2] = '\0';
	make(&outer,
	    START FOOTBALL " h=from:dkim-signature:DKIM-Signature;"
			   " b=%S",
	    inner.ptr, "Hi\r\n", "Hi\r\n");
	dkim_run(&r, ED25519_ZONE, buf_slice(&outer), 0, &dkim_verify_defaults,
	    NOW, NULL);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.results[0].word, AR_PASS);
	assert_int_equal(r.results[1].word, AR_PASS);
	dkim_run_end(&r);
	/* The inner one altered: both fail. */
	*strstr(strstr(outer.ptr, "\r\nDKIM-S"), "v=1") = ' ';
	dkim_run(&r, ED25519_ZONE, buf_slice(&outer), 0, &dkim_verify_defaults,
	    NOW, NULL);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.results[0].word, AR_FAIL);
	assert_int_equal(r.results[1].word, AR_PERMERROR);
	dkim_run_end(&r);
	buf_free(&inner);
	buf_free(&outer);
}

static void
test_partial_body_by_option(void **state)
{
	struct dkim_verify_options o = dkim_verify_defaults;
	struct buf m = BUF_INIT(1 << 16);
	struct domain other, its;
	struct dkim_run r;
	char text[128];

	(void)state;
	assert_true(domain_parse(SLICE_LIT("example.com"), &other));
	assert_true(domain_parse(SLICE_LIT("football.example.com"), &its));
	make(&m, TAGS " l=4; b=%S", HEADER, "Hi\r\nmore\r\n", "Hi\r\n");
	o.partial_body.items = &other;
	o.partial_body.n = 1;
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &o, NOW, NULL);
	assert_string_equal(dkim_result_text(r.results, text),
	    "policy (body partly unsigned)");
	dkim_run_end(&r);
	o.partial_body.items = &its;
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &o, NOW, NULL);
	assert_string_equal(
	    dkim_result_text(r.results, text), "pass (body partly unsigned)");
	assert_int_equal(r.results->unsigned_octets, 6);
	dkim_run_end(&r);
	o = dkim_verify_defaults;
	o.accept_partial_body = true;
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &o, NOW, NULL);
	assert_int_equal(r.results->word, AR_PASS);
	dkim_run_end(&r);
	buf_free(&m);
}

/* RFC 8301 3.2: between 1024 and the floor, a good signature is policy */
static void
test_min_rsa_bits(void **state)
{
	struct dkim_verify_options o = dkim_verify_defaults;
	const char *zone = "test._domainkey.football.example.com TXT "
			   "\"p=" RFC8463_RSA_P "\"\n" ED25519_ZONE;
	struct dkim_run r;
	char text[128];
	size_t len;
	char *m = dkim_data("rfc8463.eml", &len);

	(void)state;
	o.min_rsa_bits = 1025;
	dkim_run(&r, zone, slice_of(m, len), 0, &o, NOW, NULL);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.results[0].word, AR_PASS);
	assert_string_equal(dkim_result_text(&r.results[1], text),
	    "policy (key smaller than we accept)");
	assert_int_equal(r.results[1].key_bits, 1024);
	dkim_run_end(&r);
	m[len - 4] ^= 1;
	dkim_run(&r, zone, slice_of(m, len), 0, &o, NOW, NULL);
	assert_int_equal(r.results[1].word, AR_FAIL);
	dkim_run_end(&r);
	free(m);
}

/* RFC 8301 section 3.2: 1024 to 4096 must work; we go to 8192 */
static void
test_large_rsa_keys(void **state)
{
	static const unsigned bits[] = {2048, 4096, 8192};
	size_t zlen, len;
	char *zone = dkim_data("rsa.zone", &zlen);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
		char name[32], *m;
		struct dkim_run r;

		snprintf(name, sizeof(name), "rsa%u.eml", bits[i]);
		m = dkim_data(name, &len);
		dkim_run(&r, zone, slice_of(m, len), 0, &dkim_verify_defaults,
		    NOW, NULL);
		assert_int_equal(r.n, 1);
		assert_int_equal(r.results->word, AR_PASS);
		assert_int_equal(r.results->key_bits, bits[i]);
		dkim_run_end(&r);
		free(m);
	}
	free(zone);
}

/* RFC 8616: U-labels in d=, s= and i= are asked of the DNS as A-labels */
static void
test_eai(void **state)
{
	struct buf m = BUF_INIT(1 << 16);
	struct dkim_run r;

	(void)state;
	make(&m,
	    " v=1; a=ed25519-sha256; d=b\xc3\xbc"
	    "cher.example; s=m\xc3\xa4rz; i=j\xc3\xb6"
	    "e@xn--bcher-kva.example; h=from; bh=%B; b=%S",
	    "From: J\xc3\xb6"
	    "e <j\xc3\xb6"
	    "e@b\xc3\xbc"
	    "cher.example>\r\n",
	    "Hi\r\n", "Hi\r\n");
	dkim_run(&r,
	    "xn--mrz-qla._domainkey.xn--bcher-kva.example TXT \"k=ed25519; "
	    "p=" ED25519_P "\"",
	    buf_slice(&m), 0, &dkim_verify_defaults, NOW,
	    "xn--bcher-kva.example");
	assert_int_equal(r.n, 1);
	assert_int_equal(r.results->word, AR_PASS);
	assert_string_equal(r.results->domain.text, "xn--bcher-kva.example");
	dkim_run_end(&r);
	buf_free(&m);
}

/* --- ceilings --------------------------------------------------------------- */

/* n bogus signatures of d= above the message. */
static void
pad(struct buf *out, const char *d, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out,
		    "DKIM-Signature: v=1; a=ed25519-sha256; s=s%zu; d=%s; "
		    "h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; "
		    "b=AAAA\r\n",
		    i, d);
}

static size_t
questions(struct dkim_run *r)
{
	size_t n = 0;

	while (zone_asked(r->resolver, n))
		n++;
	return n;
}

/* RFC 6376 6.1: 100 signatures, the related one last */
static void
test_padding_hides_nothing(void **state)
{
	struct buf m = BUF_INIT(1 << 20);
	struct dkim_run r;
	size_t passes = 0;

	(void)state;
	pad(&m, "example.org", 100);
	make(&m, TAGS " b=%S", HEADER, "Hi\r\n", "Hi\r\n");
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &dkim_verify_defaults,
	    NOW, "example.com");
	/* The related one, the topmost nine, and one for the other 91. */
	assert_int_equal(r.n, 11);
	for (size_t i = 0; i < r.n; i++) {
		assert_true(
		    i == 0 || r.results[i].field > r.results[i - 1].field);
		passes += r.results[i].word == AR_PASS;
	}
	assert_int_equal(passes, 1);
	assert_int_equal(r.results[8].reason, DKIM_REASON_NO_KEY);
	assert_int_equal(r.results[9].reason, DKIM_REASON_LIMIT_SIGS);
	assert_int_equal(r.results[9].word, AR_NEUTRAL);
	assert_int_equal(r.results[9].field, 9);
	assert_int_equal(r.results[9].others, 90);
	assert_string_equal(r.results[9].domain.text, "example.org");
	assert_int_equal(r.results[10].word, AR_PASS);
	/* Ten guessed while the fields came, and the one that was chosen. */
	assert_int_equal(questions(&r), 11);
	dkim_run_end(&r);
	/* Without an author the topmost are taken. */
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &dkim_verify_defaults,
	    NOW, NULL);
	assert_int_equal(r.n, 11);
	for (size_t i = 0; i < r.n; i++)
		assert_int_not_equal(r.results[i].word, AR_PASS);
	dkim_run_end(&r);
	buf_free(&m);
}

static void
test_relation_to_the_author(void **state)
{
	static const struct {
		const char *author;
		bool related;
	} rows2[] = {
	    {"football.example.com", true},
	    {"a.b.football.example.com", true},
	    {"example.com", true},
	    {"notfootball.example.com", false},
	    {"tball.example.com", false},
	    {"example.net", false},
	};
	struct dkim_verify_options o = dkim_verify_defaults;
	struct buf m = BUF_INIT(1 << 16);

	(void)state;
	o.max_sigs = 1;
	pad(&m, "example.org", 1);
	make(&m, TAGS " b=%S", HEADER, "Hi\r\n", "Hi\r\n");
	for (size_t i = 0; i < ARRAY_LEN(rows2); i++) {
		struct dkim_run r;

		dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &o, NOW,
		    rows2[i].author);
		assert_int_equal(r.n, 2);
		assert_int_equal(
		    r.results[1].word == AR_PASS, rows2[i].related);
		assert_int_equal(
		    r.results[0].word == AR_NEUTRAL, rows2[i].related);
		dkim_run_end(&r);
	}
	buf_free(&m);
}

/* Malformed ones take no place from those that can be evaluated. */
static void
test_malformed_come_last(void **state)
{
	struct dkim_verify_options o = dkim_verify_defaults;
	struct buf m = BUF_INIT(1 << 16);
	struct dkim_run r;

	(void)state;
	o.max_sigs = 2;
	for (int i = 0; i < 5; i++)
		buf_addz(
		    &m, "DKIM-Signature: v=2; d=football.example.com\r\n");
	make(&m, TAGS " b=%S", HEADER, "Hi\r\n", "Hi\r\n");
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &o, NOW, "example.com");
	assert_int_equal(r.n, 3);
	assert_int_equal(r.results[0].reason, DKIM_REASON_VERSION);
	assert_int_equal(r.results[1].reason, DKIM_REASON_LIMIT_SIGS);
	assert_int_equal(r.results[1].others, 3);
	assert_int_equal(r.results[2].word, AR_PASS);
	dkim_run_end(&r);
	buf_free(&m);
}

/* 10 000 DKIM-Signature fields */
static void
test_ten_thousand_fields(void **state)
{
	struct buf m = BUF_INIT(1 << 22);
	struct dkim_run r;

	(void)state;
	pad(&m, "example.org", 10000);
	make(&m, TAGS " b=%S", HEADER, "Hi\r\n", "Hi\r\n");
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &dkim_verify_defaults,
	    NOW, NULL);
	assert_false(r.header.over);
	assert_int_equal(r.n, 11);
	assert_int_equal(r.results[10].reason, DKIM_REASON_LIMIT_SIGS);
	assert_int_equal(r.results[10].others, 9990);
	assert_int_equal(questions(&r), 10);
	dkim_run_end(&r);
	buf_free(&m);
}

/* As many as are kept may be asked for: one stays over for the rest. */
static void
test_max_sigs_above_the_ceiling(void **state)
{
	struct dkim_verify_options o = dkim_verify_defaults;
	struct buf m = BUF_INIT(1 << 20);
	struct dkim_run r;

	(void)state;
	o.max_sigs = SIZE_MAX;
	pad(&m, "example.org", LIMIT_DKIM_SIGNATURES + 5);
	buf_addz(&m, HEADER "\r\n");
	dkim_run(&r, "", buf_slice(&m), 0, &o, NOW, NULL);
	assert_int_equal(r.n, LIMIT_DKIM_SIGNATURES);
	assert_int_equal(r.results[r.n - 1].reason, DKIM_REASON_LIMIT_SIGS);
	assert_int_equal(r.results[r.n - 1].others, 5);
	dkim_run_end(&r);
	o.max_sigs = 0;
	dkim_run(&r, "", buf_slice(&m), 0, &o, NOW, NULL);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.results->others, LIMIT_DKIM_SIGNATURES + 4);
	assert_int_equal(questions(&r), 0);
	dkim_run_end(&r);
	buf_free(&m);
}

/* What is missing may be what was signed: nothing passes. */
static void
test_header_over_its_ceiling(void **state)
{
	struct buf m = BUF_INIT(1 << 20);
	struct dkim_run r;

	(void)state;
	make(&m, TAGS " b=%S", HEADER, "", "\r\n");
	m.len -= 2;
	for (int i = 0; i < LIMIT_HEADER_FIELDS; i++)
		buf_addz(&m, "X: y\r\n");
	buf_addz(&m, "\r\nHi\r\n");
	dkim_run(&r, ED25519_ZONE, buf_slice(&m), 0, &dkim_verify_defaults,
	    NOW, NULL);
	assert_true(r.header.over);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.results->word, AR_NEUTRAL);
	assert_int_equal(r.results->reason, DKIM_REASON_LIMIT_HEADER);
	assert_false(r.more);
	dkim_run_end(&r);
	buf_free(&m);
}

static void
assert_tellable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		assert_true(
		    is_print(s.ptr[i]) && s.ptr[i] != ' ' && s.ptr[i] != ';');
}

static void
check_told(const char *tag, char bad)
{
	struct arena *a = arena_new(1 << 16);
	struct buf b = BUF_INIT(1 << 12);
	struct dkim_sig s;

	buf_addf(&b, "v=1; h=from; %s=x.y", tag);
	buf_addc(&b, bad);
	buf_addz(&b, "X: y@example.com");
	assert_int_equal(dkim_sig_parse(buf_slice(&b), a, &s, NULL), 0);
	assert_int_not_equal(s.reason, DKIM_REASON_NONE);
	assert_tellable(domain_slice(&s.d));
	assert_tellable(s.s);
	assert_tellable(s.i);
	assert_tellable(s.a);
	assert_tellable(s.b);
	buf_free(&b);
	arena_free(a);
}

/* No question left to ask: no key, and another try may have one. */
static void
test_queries_over_their_ceiling(void **state)
{
	struct buf m = BUF_INIT(1 << 16);
	struct dkim_run r;
	char text[128];

	(void)state;
	make(&m, TAGS " b=%S", HEADER, "", "\r\n");
	dkim_run_header(
	    &r, ED25519_ZONE, buf_slice(&m), &dkim_verify_defaults, NULL);
	inquiry_free(r.q);
	r.q = inquiry_new(r.resolver, 0);
	assert_int_equal(
	    dkim_verifier_eom(r.v, r.q, NOW, &r.results, &r.n, NULL), 0);
	assert_int_equal(r.n, 1);
	assert_string_equal(
	    dkim_result_text(r.results, text), "temperror (key unavailable)");
	assert_true(inquiry_over(r.q));
	dkim_run_end(&r);
	buf_free(&m);
}

/* T13: hostile octets never reach what is told of a signature */
static void
test_what_is_told_is_printable(void **state)
{
	static const char bad[] = {
	    0, '\r', '\n', ';', '(', ')', '"', (char)0x80, ' ', '\\'};
	static const char *const tags[] = {"d", "s", "i", "a", "b"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad); i++)
		for (size_t k = 0; k < ARRAY_LEN(tags); k++)
			check_told(tags[k], bad[i]);
}

static void
test_no_memory_is_our_error(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct dkim_verifier *v;
	struct err err = ERR_INIT;
	size_t left;

	(void)state;
	assert_int_equal(
	    dkim_verifier_new(&dkim_verify_defaults, a, &v, &err), 0);
	/* Use the arena up. */
	for (left = 1 << 15; left; left /= 2)
		while (arena_alloc(a, left))
			continue;
	assert_int_equal(
	    dkim_verifier_field(v, SLICE_LIT(" v=1"), 0, NULL, &err), -1);
	assert_true(err.text[0]);
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_result_of_a_pass);
	UNIT_TEST(test_no_signature);
	UNIT_TEST(test_signature_over_signature);
	UNIT_TEST(test_partial_body_by_option);
	UNIT_TEST(test_min_rsa_bits);
	UNIT_TEST(test_large_rsa_keys);
	UNIT_TEST(test_eai);
	UNIT_TEST(test_padding_hides_nothing);
	UNIT_TEST(test_relation_to_the_author);
	UNIT_TEST(test_malformed_come_last);
	UNIT_TEST(test_ten_thousand_fields);
	UNIT_TEST(test_max_sigs_above_the_ceiling);
	UNIT_TEST(test_header_over_its_ceiling);
	UNIT_TEST(test_queries_over_their_ceiling);
	UNIT_TEST(test_what_is_told_is_printable);
	UNIT_TEST(test_no_memory_is_our_error);
	return unit_end();
}
