/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole signed messages (t/data/dkim): those of RFC 8463 appendix A and RFC
 * 6376 appendix A.2, and small ones by the Ed25519 key of the former. Each
 * goes through in pieces of 1, 2, 3 and 7 octets and whole, and the hash of
 * the header is compared, too.
 */
#include "dkim/hdrhash.h"

#include "dkim.h"
#include "dkim/key.h"

static const char rsa_zone[] =
    "test._domainkey.football.example.com TXT \"v=DKIM1; k=rsa; "
    "p=" RFC8463_RSA_P "\"\n"
    "brisbane._domainkey.example.com TXT \"v=DKIM1; p=" RFC6376_RSA_P
    "\"\n" ED25519_ZONE;

struct vector {
	const char *name;
	const char *want[2];       /* result of each signature */
	const char *hdr_sha256[2]; /* NULL: not told */
};

static const struct vector vectors[] = {
    {"rfc8463", {"pass", "pass"},
	{"48ce9a2c710ece1710ff156996b836a7f45470e43efe5643074d6e1690ed62e7",
	    "fed71e6d70fb123bb5c353adc42821b304b6b9d54fc867f304f7c61daaaa111"
	    "1"}},
    {"rfc6376", {"pass"},
	{"59b46b9f45f762ab3bb6b1c152d4298ed57d27c1e70ac6881b0ec6d012ff0c2"
	 "2"}},
    {"empty-body-simple", {"pass"},
	{"2e94997feb9f3a4c966d7535b6d4cda855af839b6cb011a4eb50b41e0dda3fa7"}},
    {"empty-body-relaxed", {"pass"},
	{"622395f29cca1f04556bad6f7a878e7950faccac6908c6b4119ce57bba133a8c"}},
    {"c-single-value", {"pass"},
	{"708ae547ded62ff6d175b5d9635b6032f0c3550fe7be1a456440f2f9cefb6e0d"}},
    {"no-trailing-crlf", {"pass"},
	{"d07311754c3dd62882aa5a25deee6b98a6866da5eff3dfc9d603b63e608e91be"}},
    {"repeated-bottom-up", {"pass"},
	{"b6835e47b718f4f8477180e1b69af40bbeb07ec6262d7be70aebf01705be0fd0"}},
    {"repeated-unsigned-top-changed", {"pass"},
	{"b6835e47b718f4f8477180e1b69af40bbeb07ec6262d7be70aebf01705be0fd0"}},
    {"repeated-signed-changed", {"fail (signature did not verify)"}, {NULL}},
    {"oversign", {"pass"},
	{"5b19847bf30eb0542a4c966dd1eac68a86d72cebc2465c608f37b78df5b3472e"}},
    {"oversign-added-replyto", {"fail (signature did not verify)"}, {NULL}},
    {"oversign-second-from-prepended", {"fail (signature did not verify)"},
	{NULL}},
    {"not-oversigned-second-from-prepended", {"pass"},
	{"71bba8ea3a0bcd18323848ae6fa9a8c86438bfb285608dff0385553b21612394"}},
    {"empty-value-and-folding", {"pass"},
	{"70ad67db96f3e1e5712ee262b1643a236b37d02ad4e1c6eac28bdf33142fc129"}},
    {"l-tag-exact", {"pass"},
	{"18b74b370ea7efcd339920930358ca9d0a47583f251357aed29d25e342c137d6"}},
    {"l-tag-appended", {"policy (body partly unsigned)"},
	{"18b74b370ea7efcd339920930358ca9d0a47583f251357aed29d25e342c137d6"}},
    {"l-tag-too-long", {"fail (body shorter than l= tag)"}, {NULL}},
    {"simple-header", {"pass"},
	{"b7357cd048e85010c9ed65a757d5e46e64a6d8857262706ccc4f10e57bdce63f"}},
    {"simple-header-wsp-changed", {"fail (signature did not verify)"}, {NULL}},
    {"i-subdomain-and-unknown-tag", {"pass"},
	{"470732c5598e23ee18bfe94caedf0fa13b8552f307c43cbd54e1ea2aec0429d6"}},
    {"i-not-under-d", {"permerror (domain mismatch)"}, {NULL}},
    {"from-not-signed", {"permerror (From field not signed)"}, {NULL}},
    {"x-before-t", {"permerror (x= not after t=)"}, {NULL}},
    {"eai-utf8-headers", {"pass"},
	{"d63c15662b2ab7aa1415ae37c4b64e6acdd9f391a9aeaa3e2fdbf9f9be015159"}},
};

static void
expect_hash(struct dkim_run *r, const struct dkim_result *one, const char *hex)
{
	const struct field *f = &r->header.fields[one->field];
	size_t at = f->raw.len - f->value.len + one->sig->b_at;
	char got[65] = "";
	struct dkim_hdrhash *hh;
	struct dkim_digest d;
	EVP_MD *md;

	assert_int_equal(dkim_sha256_fetch(r->arena, &md, NULL), 0);
	assert_int_equal(
	    dkim_hdrhash_new(&r->header, md, r->arena, &hh, NULL), 0);
	assert_int_equal(dkim_hdrhash_fields(hh, one->sig->header_canon,
			     one->sig->h, one->field, NULL),
	    0);
	assert_int_equal(
	    dkim_hdrhash_digest(hh, slice_upto(f->raw, at),
		slice_from(f->raw, at + one->sig->b_len), &d, NULL),
	    0);
	for (size_t i = 0; i < 32; i++)
		snprintf(got + 2 * i, 3, "%02x", d.octets[i]);
	assert_string_equal(got, hex);
}

static void
check(void **state)
{
	static const size_t chunks[] = {1, 2, 3, 7, 0};
	const struct vector *t = *state;
	size_t len, n = t->want[1] ? 2 : 1;
	char *message, file[64];

	snprintf(file, sizeof(file), "%s.eml", t->name);
	message = dkim_data(file, &len);

	for (size_t c = 0; c < ARRAY_LEN(chunks); c++) {
		struct dkim_run r;
		char text[128];

		dkim_run(&r, rsa_zone, slice_of(message, len), chunks[c],
		    &dkim_verify_defaults, 1700000100, NULL);
		assert_int_equal(r.n, n);
		for (size_t i = 0; i < n; i++) {
			assert_string_equal(
			    dkim_result_text(&r.results[i], text), t->want[i]);
			if (t->hdr_sha256[i])
				expect_hash(
				    &r, &r.results[i], t->hdr_sha256[i]);
		}
		dkim_run_end(&r);
	}
	free(message);
}

/* Changing an octet of what is signed is seen (every third is tried). */
static void
test_each_octet_counts(void **state)
{
	size_t len, signature;
	char *message = dkim_data("simple-header.eml", &len);

	(void)state;
	/* DKIM-Signature, From, To, Subject, Date: To and Date are unsigned */
	signature = (size_t)(strstr(message, "From: Joe") - message);
	for (size_t i = 0; i < len; i += 3) {
		struct dkim_run r;
		char c = message[i];
		bool is_signed = i < signature ||
		    (i >= signature &&
			i < (size_t)(strstr(message, "\r\nTo:") - message)) ||
		    i >= len - 4;

		if (!is_signed || c == '\r' || c == '\n')
			continue;
		message[i] = c == 'x' ? 'y' : 'x';
		dkim_run(&r, rsa_zone, slice_of(message, len), 0,
		    &dkim_verify_defaults, 1700000100, NULL);
		for (size_t k = 0; k < r.n; k++)
			assert_int_not_equal(r.results[k].word, AR_PASS);
		dkim_run_end(&r);
		message[i] = c;
	}
	free(message);
}

/* --- key records tried with one message ------------------------------------ */

struct key_row {
	const char *name, *message, *records; /* "name TXT" before each */
	const char *want;
	bool testing;
};

#define TXT(t) BRISBANE " TXT \"" t "\"\n"
#define P "p=" ED25519_P

static const struct key_row key_rows[] = {
    {"3.6.1: no v=", "simple-header", TXT(P "; k=ed25519"), "pass", false},
    {"3.6.1: v= not first", "simple-header", TXT("k=ed25519; v=DKIM1; " P),
	"permerror (key syntax error)", false},
    {"3.6.1: revoked", "simple-header", TXT("v=DKIM1; k=ed25519; p="),
	"permerror (key revoked)", false},
    {"3.6.1: no p=", "simple-header", TXT("v=DKIM1; k=ed25519"),
	"permerror (key syntax error)", false},
    {"6.1.2: k=rsa", "simple-header", TXT("v=DKIM1; k=rsa; " P),
	"permerror (inappropriate key algorithm)", false},
    {"6.1.2: no k=, Ed25519 key", "simple-header", TXT("v=DKIM1; " P),
	"permerror (inappropriate key algorithm)", false},
    {"6.1.2: a real RSA key", "simple-header",
	TXT("v=DKIM1; k=rsa; p=" RFC8463_RSA_P),
	"permerror (inappropriate key algorithm)", false},
    {"6.1.2: no k=", "simple-header", TXT("v=DKIM1; p=" RFC8463_RSA_P),
	"permerror (inappropriate key algorithm)", false},
    {"6.1.2: h=sha1", "simple-header", TXT("v=DKIM1; k=ed25519; h=sha1; " P),
	"permerror (inappropriate hash algorithm)", false},
    {"6.1.2: h=sha1:sha256", "simple-header",
	TXT("v=DKIM1; k=ed25519; h=sha1:sha256; " P), "pass", false},
    {"3.6.1: s=tlsrpt", "simple-header",
	TXT("v=DKIM1; k=ed25519; s=tlsrpt; " P),
	"permerror (key not meant for email)", false},
    {"3.6.1: s=email:foo, t=y", "simple-header",
	TXT("v=DKIM1; k=ed25519; s=email:foo; t=y:zz; n=x; zz=1; " P), "pass",
	true},
    {"3.6.1: t=s, i= below d=", "i-subdomain-and-unknown-tag",
	TXT("v=DKIM1; k=ed25519; t=s; " P),
	"permerror (i= below d= but key has t=s)", false},
    {"3.6.1: t=s, no i=", "simple-header", TXT("v=DKIM1; k=ed25519; t=s; " P),
	"pass", false},
    {"3.6.1: t=y does not hide a failure", "simple-header-wsp-changed",
	TXT("v=DKIM1; k=ed25519; t=y; " P), "fail (signature did not verify)",
	true},
    {"RFC 8463: 31 octets", "simple-header",
	TXT("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUQ=="),
	"permerror (malformed public key)", false},
    {"6.1.2: junk and a key", "simple-header",
	TXT("hello world") TXT("k=ed25519; " P), "pass", false},
    {"6.1.2: a key and junk", "simple-header",
	TXT("k=ed25519; " P) TXT("v=spf1 -all"), "pass", false},
    {"6.1.2: another key and the key", "simple-header",
	TXT("p=" RFC8463_RSA_P) TXT("k=ed25519; " P), "pass", false},
    {"6.1.2: two wrong keys", "simple-header",
	TXT("v=DKIM2; " P) TXT("v=DKIM1; p="), "permerror (key revoked)",
	false},
    {"6.1.2: at most 3 keys", "simple-header",
	TXT("p=") TXT("p=") TXT("p=") TXT("k=ed25519; " P),
	"permerror (key revoked)", false},
    {"junk is no key: passed over", "simple-header",
	TXT("a") TXT("b") TXT("c") TXT("d") TXT("k=ed25519; " P), "pass",
	false},
    {"3.2: V= is an unknown tag", "simple-header",
	TXT("V=DKIM1; k=ed25519; " P), "pass", false},
    {"3.6.2.2: many strings", "simple-header",
	BRISBANE " TXT \"v=DK\" \"\" \"IM1; k=ed255\" \"19; p=11qYAYKxCrfVS\""
		 " \"/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n",
	"pass", false},
    {"6.1.2: no such name", "simple-header", "",
	"permerror (no key for signature)", false},
    {"6.1.2: no TXT there", "simple-header", BRISBANE " A 192.0.2.1\n",
	"permerror (no key for signature)", false},
    {"6.1.2: SERVFAIL", "simple-header", BRISBANE " SERVFAIL\n",
	"temperror (key unavailable)", false},
    {"6.1.2: timeout", "simple-header", BRISBANE " TIMEOUT\n",
	"temperror (key query timed out)", false},
    {"6376 3.6.2.1: CNAME chain", "simple-header",
	BRISBANE " CNAME a.example.net\na.example.net CNAME b.example.org\n"
		 "b.example.org CNAME c.example.org\n"
		 "c.example.org TXT \"k=ed25519; " P "\"\n",
	"pass", false},
    {"6376 3.6.2.1: CNAME loop", "simple-header",
	BRISBANE " CNAME a.example.net\na.example.net CNAME " BRISBANE "\n",
	"temperror (key unavailable)", false},
    {"6376 6.1: a bad signature under SERVFAIL", "simple-header-wsp-changed",
	BRISBANE " SERVFAIL\n", "temperror (key unavailable)", false},
};

static void
check_key(void **state)
{
	const struct key_row *t = *state;
	struct dkim_run r;
	char text[128];
	size_t len;
	char *message, file[64];

	snprintf(file, sizeof(file), "%s.eml", t->message);
	message = dkim_data(file, &len);

	dkim_run(&r, t->records, slice_of(message, len), 0,
	    &dkim_verify_defaults, 1700000100, NULL);
	assert_int_equal(r.n, 1);
	assert_string_equal(dkim_result_text(r.results, text), t->want);
	assert_int_equal(r.results->testing, t->testing);
	dkim_run_end(&r);
	free(message);
}

int
main(void)
{
	UNIT_TABLE(vectors, check);
	UNIT_TEST(test_each_octet_counts);
	UNIT_TABLE(key_rows, check_key);
	return unit_end();
}
