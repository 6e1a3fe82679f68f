/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/sign.h"

#include <openssl/pem.h>

#include "dkim.h"
#include "dkim/base64.h"
#include "dkim/key.h"

#define NOW 1700000000

/* The private keys of RFC 8463 appendix A.1. */
static const char rsa_pem[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
    "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
    "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
    "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
    "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
    "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
    "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
    "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
    "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
    "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
    "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
    "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
    "-----END RSA PRIVATE KEY-----\n";

/* 512 bits */
static const char small_pem[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIBOgIBAAJBAMSnLmYDjRYXvSs172YOa1tgHz00xgoPlWcC1u5fLwhk0Ef8xq22\n"
    "xWFpbqoqP4mx/88cyeAF5wXdbtVW3UD4FU8CAwEAAQJAGEmFg3fgzt+zr0iD/pi9\n"
    "TZW7hfWkl82A6C4DmYEL7/879c1rpy5ci4ipgWfRgx6GnfQ6ArnEvHW2AHLfqjBJ\n"
    "0QIhAOtWXkP6Ay6J7WpDi3zsTLfliRq102Bn1tgtCjskRsN7AiEA1etQJxZRfJfv\n"
    "voAB6vFmPPQtZjMfoQ0nV0TlNHReMz0CIBI7JaBUfOydCMRjqSmrUKIqaP2lulNM\n"
    "mAs1Kga837KDAiEAwdDL9D4iYlJ+owjzs9w3l25cW8ZiF9cFF+qSCG6OkrkCIHeb\n"
    "cxSnuv+oA7ZeCe43pIB0HSEAQevViwf7q5aybJbT\n"
    "-----END RSA PRIVATE KEY-----\n";

static EVP_PKEY *
rsa_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	assert_non_null(pkey);
	BIO_free(bio);
	return pkey;
}

static EVP_PKEY *
ed25519_key(void)
{
	unsigned char seed[DKIM_BASE64_ROOM(44)];
	size_t len;

	assert_true(dkim_base64_decode(SLICE_LIT(ED25519_SEED), seed, &len));
	return EVP_PKEY_new_raw_private_key_ex(
	    NULL, "ED25519", NULL, seed, len);
}

static EVP_PKEY *ed, *rsa;

static const char zone[] =
    "ed._domainkey.example.com TXT \"k=ed25519; p=" ED25519_P "\"\n"
    "rsa._domainkey.example.com TXT \"p=" RFC8463_RSA_P "\"\n"
    "ed._domainkey.xn--bcher-kva.example TXT \"k=ed25519; p=" ED25519_P "\"\n"
    "xn--mrz-qla._domainkey.xn--bcher-kva.example TXT \"k=ed25519; "
    "p=" ED25519_P "\"\n";

struct signing {
	struct arena *arena;
	EVP_PKEY *ed, *rsa;
	struct dkim_signer *signer;
	struct slice *values;
	size_t n;
};

static void
begin(struct signing *s, const struct dkim_sign_options *o)
{
	*s = (struct signing){
	    .arena = arena_new(LIMIT_MESSAGE_ARENA), .ed = ed, .rsa = rsa};
	assert_int_equal(dkim_signer_new(o, s->arena, &s->signer, NULL), 0);
}

static void
add(struct signing *s, enum dkim_alg alg, const char *domain,
    const char *selector, const char *identity)
{
	struct dkim_sign_key k = {slice_z(domain), slice_z(selector),
	    slice_z(identity), alg,
	    alg == DKIM_ED25519_SHA256 ? s->ed : s->rsa, 0};

	assert_int_equal(dkim_signer_add(s->signer, &k, NULL), 0);
}

static void
run(struct signing *s, struct slice message, size_t chunk)
{
	struct header h;
	struct slice body;

	assert_int_equal(header_init(&h, s->arena), 0);
	assert_int_equal(header_parse(&h, message, &body), 0);
	assert_int_equal(dkim_signer_eoh(s->signer, &h, NULL), 0);
	while (body.len) {
		struct slice part = slice_upto(body, chunk ? chunk : body.len);

		assert_int_equal(
		    dkim_signer_body(s->signer, part.ptr, part.len, NULL), 0);
		body = slice_from(body, part.len);
	}
	assert_int_equal(
	    dkim_signer_eom(s->signer, NOW, &s->values, &s->n, NULL), 0);
}

static void
end(struct signing *s)
{
	arena_free(s->arena);
}

/* The message with the signatures on top, verified: each must pass. */
static void
expect_pass(struct signing *s, struct slice message, const char *author)
{
	struct buf b = BUF_INIT(1 << 20);
	struct dkim_run r;
	char text[128];

	for (size_t i = 0; i < s->n; i++) {
		buf_addz(&b, "DKIM-Signature:");
		buf_add(&b, s->values[i]);
		buf_addz(&b, "\r\n");
	}
	buf_add(&b, message);
	dkim_run(
	    &r, zone, buf_slice(&b), 0, &dkim_verify_defaults, NOW, author);
	assert_int_equal(r.n, s->n);
	for (size_t i = 0; i < r.n; i++)
		assert_string_equal(
		    dkim_result_text(&r.results[i], text), "pass");
	dkim_run_end(&r);
	buf_free(&b);
}

static const struct dkim_sign_options defaults = {
    .header_canon = DKIM_RELAXED,
    .body_canon = DKIM_RELAXED,
    .sign = (const struct slice[]){{"From", 4}, {"Subject", 7}},
    .nsign = 2,
    .oversign = (const struct slice[]){{"From", 4}},
    .noversign = 1,
};

#define MESSAGE "From: Joe <joe@example.com>\r\nSubject: Hi\r\n\r\nHi\r\n"

static void
test_text(void **state)
{
	struct dkim_sign_options o = defaults;
	struct signing s;

	(void)state;
	o.expire_s = 1000;
	begin(&s, &o);
	add(&s, DKIM_ED25519_SHA256, "example.com", "ed", "joe@a.example.com");
	run(&s, SLICE_LIT(MESSAGE), 0);
	assert_int_equal(s.n, 1);
	/* Ed25519 is deterministic: the whole text can be compared. */
	assert_slice(s.values[0],
	    SLICE_LIT(" v=1; a=ed25519-sha256; c=relaxed/relaxed; "
		      "d=example.com; s=ed;\r\n"
		      " i=joe@a.example.com; t=1700000000; x=1700001000; "
		      "h=From:From:Subject;\r\n"
		      " bh=j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=; "
		      "b=DrW54St82thiuszRDU7HVohxsc\r\n"
		      " tnijgg3yEcqiFxqo/YyqLGBaIlEilmFeKZayfElkUuFf/"
		      "KsDNC7ykINBXoBw=="));
	expect_pass(&s, SLICE_LIT(MESSAGE), "example.com");
	end(&s);
}

/* Both algorithms, all four pairs of canonicalizations, any chunking. */
static void
test_all_forms(void **state)
{
	static const size_t chunks[] = {0, 1, 2, 3, 7};
	static const char *const messages[] = {
	    MESSAGE,
	    "From: a@example.com\r\n\r\n",
	    "From: a@example.com\r\nSubject:\r\n\r\n\r\n\r\n",
	    "Received: 1\r\nFrom:\r\n\ta@example.com \r\nSubject: \t \r\n"
	    "X: \xc3\xa4\r\n\r\n a \t b \r\n\r\n \r\nc",
	    "From: a@example.com\r\nSubject : folded\r\n \r\n twice\r\n\r\n"
	    "8-bit: \xff\xfe\r\n..\r\n",
	};

	(void)state;
	for (size_t i = 0; i < 4 * ARRAY_LEN(messages); i++) {
		struct dkim_sign_options o = defaults;
		struct slice m = slice_z(messages[i / 4]);
		struct signing s;

		o.header_canon = i & 1 ? DKIM_RELAXED : DKIM_SIMPLE;
		o.body_canon = i & 2 ? DKIM_RELAXED : DKIM_SIMPLE;
		begin(&s, &o);
		add(&s, DKIM_ED25519_SHA256, "example.com", "ed", "");
		add(&s, DKIM_RSA_SHA256, "Example.COM", "rsa", "@example.com");
		run(&s, m, chunks[i % ARRAY_LEN(chunks)]);
		assert_int_equal(s.n, 2);
		expect_pass(&s, m, "example.com");
		end(&s);
	}
}

/* RFC 5322 section 2.1.1: 78 columns, whatever stands in the field. */
static void
test_folding(void **state)
{
	struct slice many[60];
	struct dkim_sign_options o = defaults;
	struct buf m = BUF_INIT(1 << 16);
	char names[60][16];
	struct signing s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(many); i++) {
		snprintf(names[i], sizeof(names[i]), "X-%.*s",
		    (int)(i % 12 + 1), "abcdefghijkl");
		many[i] = slice_z(names[i]);
		buf_addf(&m, "%s: y\r\n", names[i]);
	}
	buf_addz(&m, MESSAGE);
	o.sign = many;
	o.nsign = ARRAY_LEN(many);
	begin(&s, &o);
	add(&s, DKIM_RSA_SHA256, "example.com", "rsa", "");
	add(&s, DKIM_ED25519_SHA256, "example.com", "ed",
	    "a.very.long.local.part.of.some.size@quite.a.subdomain.of"
	    ".example.com");
	run(&s, buf_slice(&m), 0);
	assert_int_equal(s.n, 2);
	for (size_t i = 0; i < s.n; i++) {
		struct slice rest = s.values[i];
		size_t first = sizeof("DKIM-Signature:") - 1;
		bool more = true;

		assert_true(rest.ptr[0] == ' ');
		while (more) {
			struct slice line = slice_cut(&rest, '\n', &more);

			if (more) {
				assert_true(line.ptr[line.len - 1] == '\r');
				line.len--;
				assert_true(rest.ptr[0] == ' ');
			}
			assert_int_equal(slice_find(line, '\r'), line.len);
			assert_in_range(line.len + first, 2, 79);
			assert_true(slice_trim(line).len > 0);
			/* Only the i= that fits no line makes one longer. */
			if (line.len + first > 78)
				assert_true(slice_starts(
				    line, SLICE_LIT(" i=a.very")));
			first = 0;
		}
	}
	expect_pass(&s, buf_slice(&m), NULL);
	buf_free(&m);
	end(&s);
}

/* RFC 8616 section 5 */
static void
test_labels(void **state)
{
	static const struct {
		const char *message, *domain, *selector, *identity;
		const char *want;
	} rows[] = {
	    {"From: j\xc3\xb6@b\xc3\xbc"
	     "cher.example\r\n\r\n",
		"b\xc3\xbc"
		"cher.example",
		"m\xc3\xa4rz",
		"j\xc3\xb6 x@b\xc3\xbc"
		"cher.example",
		"d=b\xc3\xbc"
		"cher.example; s=m\xc3\xa4rz; "
		"i=j\xc3\xb6=20x@b\xc3\xbc"
		"cher.example;"},
	    {"From: j\xc3\xb6@b\xc3\xbc"
	     "cher.example\r\n\r\n",
		"xn--bcher-kva.example.", "xn--mrz-qla", "",
		"d=xn--bcher-kva.example; s=xn--mrz-qla; t="},
	    {"From: joe@xn--bcher-kva.example\r\n\r\n",
		"b\xc3\xbc"
		"cher.example",
		"m\xc3\xa4rz",
		"j\xc3\xb6;@a.b\xc3\xbc"
		"cher.example",
		"d=xn--bcher-kva.example; s=xn--mrz-qla; "
		"i=j=C3=B6=3B@a.xn--bcher-kva.example;"},
	    {"From: j\xc3\xb6@b\xc3\xbc"
	     "cher.example\r\n\r\n",
		"b\xc3\xbc"
		"cher.example.",
		"m\xc3\xa4rz", "",
		"d=b\xc3\xbc"
		"cher.example; s=m\xc3\xa4rz; t="},
	    /* Latin-1 is no internationalized header. */
	    {"From: joe@xn--bcher-kva.example\r\nX: \xe9\r\n\r\n",
		"b\xc3\xbc"
		"cher.example",
		"ed", "", "d=xn--bcher-kva.example; s=ed; t="},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice m = slice_z(rows[i].message), got;
		struct signing s;
		char flat[2000] = "";
		size_t n = 0;

		begin(&s, &defaults);
		add(&s, DKIM_ED25519_SHA256, rows[i].domain, rows[i].selector,
		    rows[i].identity);
		run(&s, m, 0);
		assert_int_equal(s.n, 1);
		got = s.values[0];
		for (size_t k = 0; k < got.len; k++)
			if (got.ptr[k] != '\r' && got.ptr[k] != '\n')
				flat[n++] = got.ptr[k];
		if (!strstr(flat, rows[i].want))
			assert_string_equal(flat, rows[i].want);
		expect_pass(&s, m, "xn--bcher-kva.example");
		end(&s);
	}
}

struct refuse_row {
	const char *name;
	const char *domain, *selector, *identity;
	enum dkim_alg alg, key;
	const char *want;
};

static const struct refuse_row refuse_rows[] = {
    {"domain of one label", "com", "s", "", DKIM_RSA_SHA256, DKIM_RSA_SHA256,
	"cannot sign as \"com\""},
    {"domain with a blank", "a b.com", "s", "", DKIM_RSA_SHA256,
	DKIM_RSA_SHA256, "cannot sign as \"a b.com\""},
    {"no domain", "", "s", "", DKIM_RSA_SHA256, DKIM_RSA_SHA256,
	"cannot sign as \"\""},
    {"no selector", "example.com", "", "", DKIM_RSA_SHA256, DKIM_RSA_SHA256,
	"\"\" is no selector"},
    {"selector with a semicolon", "example.com", "a;b", "", DKIM_RSA_SHA256,
	DKIM_RSA_SHA256, "\"a;b\" is no selector"},
    {"identity elsewhere", "example.com", "s", "a@badexample.com",
	DKIM_RSA_SHA256, DKIM_RSA_SHA256,
	"\"a@badexample.com\" is not below example.com"},
    {"identity without @", "example.com", "s", "example.com", DKIM_RSA_SHA256,
	DKIM_RSA_SHA256, "\"example.com\" is not below example.com"},
    {"identity with CR LF", "example.com", "s", "a\r\nX: b@example.com",
	DKIM_RSA_SHA256, DKIM_RSA_SHA256,
	"\"a\r\nX: b@example.com\" is not below example.com"},
    {"identity not UTF-8", "example.com", "s", "\xff@example.com",
	DKIM_RSA_SHA256, DKIM_RSA_SHA256,
	"\"\xff@example.com\" is not below example.com"},
    {"other kind of key", "example.com", "s", "", DKIM_RSA_SHA256,
	DKIM_ED25519_SHA256,
	"the key of s._domainkey.example.com is not rsa-sha256"},
    {"RFC 8301: rsa-sha1", "example.com", "s", "", DKIM_RSA_SHA1,
	DKIM_RSA_SHA256,
	"the key of s._domainkey.example.com is not rsa-sha1"},
};

static void
check_refused(void **state)
{
	const struct refuse_row *r = *state;
	struct err err = ERR_INIT;
	struct signing s;
	struct dkim_sign_key k = {slice_z(r->domain), slice_z(r->selector),
	    slice_z(r->identity), r->alg, NULL, 0};

	begin(&s, &defaults);
	k.pkey = r->key == DKIM_RSA_SHA256 ? s.rsa : s.ed;
	assert_int_equal(dkim_signer_add(s.signer, &k, &err), -1);
	assert_string_equal(err.text, r->want);
	end(&s);
}

static void
test_small_and_missing_keys(void **state)
{
	struct err err = ERR_INIT;
	struct signing s;
	struct dkim_sign_key k = {SLICE_LIT("example.com"), SLICE_LIT("s"),
	    SLICE_EMPTY, DKIM_RSA_SHA256, NULL, 0};

	(void)state;
	begin(&s, &defaults);
	assert_int_equal(dkim_signer_add(s.signer, &k, NULL), -1);
	/* RFC 8301 section 3.2 */
	k.pkey = rsa_key(small_pem);
	assert_non_null(k.pkey);
	assert_int_equal(dkim_signer_add(s.signer, &k, &err), -1);
	assert_string_equal(
	    err.text, "the key of s._domainkey.example.com is too small");
	EVP_PKEY_free(k.pkey);
	end(&s);
}

/* A public key cannot sign: our own error, no half-made field. */
static void
test_public_key_only(void **state)
{
	struct dkim_key key;
	struct err err = ERR_INIT;
	struct signing s;
	struct dkim_sign_key k = {SLICE_LIT("example.com"), SLICE_LIT("ed"),
	    SLICE_EMPTY, DKIM_ED25519_SHA256, NULL, 0};
	struct header h;
	struct slice body;

	(void)state;
	assert_int_equal(
	    dkim_key_parse(SLICE_LIT("k=ed25519; p=" ED25519_P), &key, NULL),
	    0);
	begin(&s, &defaults);
	k.pkey = key.pkey;
	assert_int_equal(dkim_signer_add(s.signer, &k, NULL), 0);
	assert_int_equal(header_init(&h, s.arena), 0);
	assert_int_equal(header_parse(&h, SLICE_LIT(MESSAGE), &body), 0);
	assert_int_equal(dkim_signer_eoh(s.signer, &h, NULL), 0);
	assert_int_equal(
	    dkim_signer_eom(s.signer, NOW, &s.values, &s.n, &err), -1);
	assert_int_equal(s.n, 0);
	assert_true(err.text[0]);
	end(&s);
	dkim_key_clear(&key);
}

struct message_row {
	const char *name, *message;
	bool sign_malformed;
	enum dkim_reason want;
};

static const struct message_row message_rows[] = {
    {"sound", MESSAGE, false, DKIM_REASON_NONE},
    {"no From", "Subject: x\r\n\r\n", false, DKIM_REASON_NOT_ONE_FROM},
    {"two From", "From: a\r\nFrom: b\r\n\r\n", true, DKIM_REASON_NOT_ONE_FROM},
    {"8.15: two To", "From: a\r\nTo: b\r\nTo: c\r\n\r\n", false,
	DKIM_REASON_REPEATED_FIELD},
    {"8.15: two To, by option", "From: a\r\nTo: b\r\nTo: c\r\n\r\n", true,
	DKIM_REASON_NONE},
    {"5.3: CR alone in the body", "From: a\r\n\r\na\rb\r\n", false,
	DKIM_REASON_BARE_CR_LF},
    {"5.3: CR alone, by option", "From: a\r\n\r\na\rb\r\n", true,
	DKIM_REASON_NONE},
    {"CR at the very end", "From: a\r\n\r\na\r", false,
	DKIM_REASON_BARE_CR_LF},
};

static void
check_message(void **state)
{
	const struct message_row *r = *state;
	struct dkim_sign_options o = defaults;
	struct signing s;

	o.sign_malformed = r->sign_malformed;
	begin(&s, &o);
	add(&s, DKIM_ED25519_SHA256, "example.com", "ed", "");
	run(&s, slice_z(r->message), 1);
	assert_int_equal(dkim_signer_refusal(s.signer), r->want);
	assert_int_equal(s.n, r->want == DKIM_REASON_NONE ? 1 : 0);
	if (s.n)
		expect_pass(&s, slice_z(r->message), NULL);
	end(&s);
}

/* Sendmail's additions after the milter: never_absent */
static void
test_never_absent(void **state)
{
	static const struct slice date[] = {{"Date", 4}, {"Message-ID", 10}};
	struct dkim_sign_options o = defaults;
	struct signing s;

	(void)state;
	o.oversign = dkim_default_oversign;
	o.noversign = dkim_default_oversign_n;
	o.never_absent = date;
	o.nnever_absent = 2;
	begin(&s, &o);
	add(&s, DKIM_ED25519_SHA256, "example.com", "ed", "");
	run(&s, SLICE_LIT(MESSAGE), 0);
	expect_pass(&s, SLICE_LIT(MESSAGE), NULL);
	expect_pass(
	    &s, SLICE_LIT("Date: now\r\nMessage-Id: <x@y>\r\n" MESSAGE), NULL);
	end(&s);
}

/* What the MTA changes after the milter: neither signed nor sealed. */
static void
test_omitted(void **state)
{
	static const struct slice omit[] = {{"subject", 7}, {"To", 2}};
	struct dkim_sign_options o = defaults;
	struct signing s;

	(void)state;
	o.oversign = dkim_default_oversign;
	o.noversign = dkim_default_oversign_n;
	o.omit = omit;
	o.nomit = 2;
	begin(&s, &o);
	add(&s, DKIM_ED25519_SHA256, "example.com", "ed", "");
	run(&s, SLICE_LIT("To: b\r\n" MESSAGE), 0);
	expect_pass(&s, SLICE_LIT("To: b@c, d@e\r\n" MESSAGE), NULL);
	expect_pass(
	    &s, SLICE_LIT("From: Joe <joe@example.com>\r\n\r\nHi\r\n"), NULL);
	end(&s);
}

/* Whether a key may sign can be known as late as at the end. */
static void
test_key_added_at_the_end(void **state)
{
	struct dkim_sign_key k = {SLICE_LIT("example.com"), SLICE_LIT("ed"),
	    SLICE_EMPTY, DKIM_ED25519_SHA256, ed, 0};
	struct signing s;
	struct slice body;
	struct header h;

	(void)state;
	begin(&s, &defaults);
	assert_int_equal(header_init(&h, s.arena), 0);
	assert_int_equal(header_parse(&h, SLICE_LIT(MESSAGE), &body), 0);
	assert_int_equal(dkim_signer_eoh(s.signer, &h, NULL), 0);
	assert_int_equal(
	    dkim_signer_body(s.signer, body.ptr, body.len, NULL), 0);
	assert_int_equal(dkim_signer_add(s.signer, &k, NULL), 0);
	assert_int_equal(
	    dkim_signer_eom(s.signer, NOW, &s.values, &s.n, NULL), 0);
	assert_int_equal(s.n, 1);
	expect_pass(&s, SLICE_LIT(MESSAGE), NULL);
	end(&s);
}

/* Keys of other options sign in the same pass, each by its own. */
static void
test_groups(void **state)
{
	static const struct slice fields[] = {
	    {"From", 4}, {"Subject", 7}, {"To", 2}};
	struct dkim_sign_options simple = {.header_canon = DKIM_SIMPLE,
	    .body_canon = DKIM_SIMPLE,
	    .sign = fields,
	    .nsign = 2,
	    .expire_s = 60};
	struct dkim_sign_options strict = defaults;
	struct dkim_sign_key k = {SLICE_LIT("example.com"), SLICE_LIT("ed"),
	    SLICE_EMPTY, DKIM_ED25519_SHA256, ed, 0};
	struct slice both[2];
	struct signing s;
	struct err err = ERR_INIT;

	(void)state;
	strict.max_line = 10;
	begin(&s, &defaults);
	assert_int_equal(
	    dkim_signer_group(s.signer, &simple, &k.group, NULL), 0);
	assert_int_equal(k.group, 1);
	assert_int_equal(dkim_signer_add(s.signer, &k, NULL), 0);
	assert_int_equal(
	    dkim_signer_group(s.signer, &strict, &k.group, NULL), 0);
	assert_int_equal(dkim_signer_add(s.signer, &k, NULL), 0);
	add(&s, DKIM_ED25519_SHA256, "example.com", "ed", "");
	k.group = 3;
	assert_int_equal(dkim_signer_add(s.signer, &k, &err), -1);
	run(&s, SLICE_LIT(MESSAGE), 0);
	assert_int_equal(s.n, 3);
	assert_true(
	    slice_icontains(s.values[0], SLICE_LIT("c=simple/simple;")));
	assert_true(
	    slice_icontains(s.values[0], SLICE_LIT("h=From:Subject;")));
	assert_true(slice_icontains(s.values[0], SLICE_LIT("x=1700000060;")));
	assert_int_equal(s.values[1].len, 0);
	assert_int_equal(dkim_signer_refusal(s.signer), DKIM_REASON_LONG_LINE);
	assert_true(
	    slice_icontains(s.values[2], SLICE_LIT("c=relaxed/relaxed;")));
	assert_false(slice_icontains(s.values[2], SLICE_LIT("x=")));
	both[0] = s.values[0];
	both[1] = s.values[2];
	s.values = both;
	s.n = 2;
	expect_pass(&s, SLICE_LIT(MESSAGE), NULL);
	end(&s);
}

static void
test_any_number_of_keys(void **state)
{
	struct signing s;

	(void)state;
	begin(&s, &defaults);
	run(&s, SLICE_LIT(MESSAGE), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(dkim_signer_refusal(s.signer), DKIM_REASON_NONE);
	end(&s);
	begin(&s, &defaults);
	for (int i = 0; i < 10; i++)
		add(&s, DKIM_ED25519_SHA256, "example.com", "ed", "");
	run(&s, SLICE_LIT(MESSAGE), 0);
	assert_int_equal(s.n, 10);
	expect_pass(&s, SLICE_LIT(MESSAGE), NULL);
	end(&s);
}

int
main(void)
{
	int rc;

	ed = ed25519_key();
	rsa = rsa_key(rsa_pem);
	UNIT_TEST(test_text);
	UNIT_TEST(test_all_forms);
	UNIT_TEST(test_folding);
	UNIT_TEST(test_labels);
	UNIT_TABLE(refuse_rows, check_refused);
	UNIT_TEST(test_small_and_missing_keys);
	UNIT_TEST(test_public_key_only);
	UNIT_TABLE(message_rows, check_message);
	UNIT_TEST(test_never_absent);
	UNIT_TEST(test_omitted);
	UNIT_TEST(test_key_added_at_the_end);
	UNIT_TEST(test_groups);
	UNIT_TEST(test_any_number_of_keys);
	rc = unit_end();
	EVP_PKEY_free(ed);
	EVP_PKEY_free(rsa);
	return rc;
}
