/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/sig.h"

#include "base/buf.h"
#include "mail/limits.h"
#include "unit.h"

#define BH "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; "
#define REST "d=example.com; s=sel; h=From; " BH "b=YWJj"
#define GOOD "v=1; a=rsa-sha256; " REST

struct row {
	const char *name, *in;
	enum dkim_reason reason;
};

static const struct row rows[] = {
    {"minimal", GOOD, DKIM_REASON_NONE},
    {"6376 3.2: duplicate", GOOD "; d=example.com", DKIM_REASON_DUPLICATE_TAG},
    {"6376 3.2: unknown tag", GOOD "; zz=top", DKIM_REASON_NONE},
    {"3.2: B= is another tag", GOOD "; B=x", DKIM_REASON_NONE},
    {"3.5: z= is not looked at", GOOD "; z=From:x|To", DKIM_REASON_NONE},
    {"no tag list", "hello", DKIM_REASON_SYNTAX},
    {"empty", "", DKIM_REASON_SYNTAX},
    /* RFC 6376 3.5, 6.1.1: v= */
    {"3.5: v=2", "v=2; a=rsa-sha256; " REST, DKIM_REASON_VERSION},
    {"3.5: v=1.0", "v=1.0; a=rsa-sha256; " REST, DKIM_REASON_VERSION},
    {"3.5: v=01", "v=01; a=rsa-sha256; " REST, DKIM_REASON_VERSION},
    {"3.5: v= empty", "v=; a=rsa-sha256; " REST, DKIM_REASON_VERSION},
    /* RFC 6376 6.1.1: required tags */
    {"6.1.1: no v=", "a=rsa-sha256; " REST, DKIM_REASON_MISSING_TAG},
    {"6.1.1: no a=", "v=1; " REST, DKIM_REASON_MISSING_TAG},
    {"6.1.1: no b=", "v=1; a=rsa-sha256; d=example.com; s=s; h=From; bh=YQ==",
	DKIM_REASON_MISSING_TAG},
    {"6.1.1: no bh=", "v=1; a=rsa-sha256; d=example.com; s=s; h=From; b=YQ==",
	DKIM_REASON_MISSING_TAG},
    {"6.1.1: no d=", "v=1; a=rsa-sha256; s=s; h=From; " BH "b=YQ==",
	DKIM_REASON_MISSING_TAG},
    {"6.1.1: no h=", "v=1; a=rsa-sha256; d=example.com; s=s; " BH "b=YQ==",
	DKIM_REASON_MISSING_TAG},
    {"6.1.1: no s=", "v=1; a=rsa-sha256; d=example.com; h=From; " BH "b=YQ==",
	DKIM_REASON_MISSING_TAG},
    /* RFC 6376 3.5: a= */
    {"RFC 8463: ed25519", "v=1; a=ed25519-sha256; " REST, DKIM_REASON_NONE},
    {"RFC 8301: rsa-sha1", "v=1; a=rsa-sha1; " REST, DKIM_REASON_SHA1},
    {"3.3.4: rsa-sha512", "v=1; a=rsa-sha512; " REST, DKIM_REASON_ALGORITHM},
    {"3.2: values are case-sensitive", "v=1; a=RSA-SHA256; " REST,
	DKIM_REASON_ALGORITHM},
    {"a= with a blank", "v=1; a=rsa- sha256; " REST, DKIM_REASON_ALGORITHM},
    {"a= without hash", "v=1; a=rsa-; " REST, DKIM_REASON_ALGORITHM},
    {"a= without key", "v=1; a=-sha256; " REST, DKIM_REASON_ALGORITHM},
    {"a= empty", "v=1; a=; " REST, DKIM_REASON_ALGORITHM},
    /* RFC 6376 3.5: c= */
    {"3.5: c= two", GOOD "; c=relaxed/simple", DKIM_REASON_NONE},
    {"3.5: c= one", GOOD "; c=relaxed", DKIM_REASON_NONE},
    {"3.4: c= unknown", GOOD "; c=nowsp", DKIM_REASON_CANON},
    {"3.4: c= body unknown", GOOD "; c=relaxed/nowsp", DKIM_REASON_CANON},
    {"c= with slash only", GOOD "; c=relaxed/", DKIM_REASON_CANON},
    {"c= three", GOOD "; c=relaxed/simple/simple", DKIM_REASON_CANON},
    {"c= empty", GOOD "; c=", DKIM_REASON_CANON},
    {"c= upper case", GOOD "; c=Relaxed", DKIM_REASON_CANON},
    /* RFC 6376 3.5: d=, s= */
    {"3.5: d= one label",
	"v=1; a=rsa-sha256; d=com; s=s; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_D},
    {"3.5: d= empty",
	"v=1; a=rsa-sha256; d=; s=s; h=From; " BH "b=YQ==", DKIM_REASON_BAD_D},
    {"3.5: d= ends with a dot",
	"v=1; a=rsa-sha256; d=example.com.; s=s; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_D},
    {"3.5: d= address literal",
	"v=1; a=rsa-sha256; d=[192.0.2.1]; s=s; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_D},
    {"d= with a comment (CVE-2020-12272)",
	"v=1; a=rsa-sha256; d=x.org(.example.com; s=s; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_D},
    {"d= with a quote",
	"v=1; a=rsa-sha256; d=x.org'.example.com; s=s; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_D},
    {"d= folded",
	"v=1; a=rsa-sha256; d=example.\r\n com; s=s; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_D},
    {"3.5: s=a..b",
	"v=1; a=rsa-sha256; d=example.com; s=a..b; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_S},
    {"3.5: s= empty",
	"v=1; a=rsa-sha256; d=example.com; s=; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_S},
    {"s= of two labels, underscore",
	"v=1; a=rsa-sha256; d=example.com; s=a_1.b; h=From; " BH "b=YQ==",
	DKIM_REASON_NONE},
    {"s= wildcard",
	"v=1; a=rsa-sha256; d=example.com; s=*; h=From; " BH "b=YQ==",
	DKIM_REASON_BAD_S},
    /* RFC 6376 3.5, 6.1.1: i= */
    {"3.5: i= the same domain", GOOD "; i=joe@EXAMPLE.com", DKIM_REASON_NONE},
    {"3.5: i= below", GOOD "; i=@a.b.example.com", DKIM_REASON_NONE},
    {"3.5: i= folded", GOOD "; i=joe@\r\n sub.example.com", DKIM_REASON_NONE},
    {"6.1.1: i= ends like d=", GOOD "; i=@badexample.com",
	DKIM_REASON_DOMAIN_MISMATCH},
    {"6.1.1: i= above d=", GOOD "; i=@com.org", DKIM_REASON_DOMAIN_MISMATCH},
    {"i= one label", GOOD "; i=@com", DKIM_REASON_BAD_I},
    {"i= no @", GOOD "; i=example.com", DKIM_REASON_BAD_I},
    {"i= empty", GOOD "; i=", DKIM_REASON_BAD_I},
    {"i= dot at the end", GOOD "; i=@example.com.", DKIM_REASON_BAD_I},
    {"2.11: i= encoded", GOOD "; i=a=3Bb@example.com", DKIM_REASON_NONE},
    {"2.11: i= encoded @ is an @", GOOD "; i=a@example.com=40evil.org",
	DKIM_REASON_DOMAIN_MISMATCH},
    {"i= @ in a quoted local part", GOOD "; i=\"a@evil.org\"@example.com",
	DKIM_REASON_NONE},
    {"2.11: i= lower-case hex", GOOD "; i=a=3bb@example.com",
	DKIM_REASON_BAD_I},
    {"2.11: i= = by itself", GOOD "; i=a=b@example.com", DKIM_REASON_BAD_I},
    {"RFC 8616: i= UTF-8 local part", GOOD "; i=j\xc3\xb6@example.com",
	DKIM_REASON_NONE},
    {"i= hides CR LF", GOOD "; i=a=0D=0AX@example.com", DKIM_REASON_BAD_I},
    /* RFC 6376 5.4, 6.1.1: From in h= */
    {"6.1.1: h= without From",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=To:Sender; " BH "b=YQ==",
	DKIM_REASON_FROM_UNSIGNED},
    {"3.5: h= any case, FWS",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=To\r\n :\tFROM ; " BH
	"b=YQ==",
	DKIM_REASON_NONE},
    {"3.5: h= empty",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=; " BH "b=YQ==",
	DKIM_REASON_BAD_H},
    {"3.5: h= empty name",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From::To; " BH "b=YQ==",
	DKIM_REASON_BAD_H},
    {"3.5: h= ends with a colon",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From:; " BH "b=YQ==",
	DKIM_REASON_BAD_H},
    {"h= blank in a name",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From:T o; " BH "b=YQ==",
	DKIM_REASON_BAD_H},
    {"h= 8-bit name",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From:\xc3\xbc; " BH "b=YQ==",
	DKIM_REASON_BAD_H},
    /* RFC 6376 3.5: t=, x= */
    {"3.5: x= after t=", GOOD "; t=100; x=101", DKIM_REASON_NONE},
    {"3.5: x= equals t=", GOOD "; t=100; x=100", DKIM_REASON_X_BEFORE_T},
    {"3.5: x= before t=", GOOD "; t=100; x=99", DKIM_REASON_X_BEFORE_T},
    {"x= alone", GOOD "; x=99", DKIM_REASON_NONE},
    {"t= negative", GOOD "; t=-1", DKIM_REASON_BAD_T},
    {"t= empty", GOOD "; t=", DKIM_REASON_BAD_T},
    {"t= fraction", GOOD "; t=1.5", DKIM_REASON_BAD_T},
    {"t= blank inside", GOOD "; t=1 5", DKIM_REASON_BAD_T},
    {"x= text", GOOD "; x=never", DKIM_REASON_BAD_X},
    {"x= empty", GOOD "; x=", DKIM_REASON_BAD_X},
    {"3.5: more than 12 digits is infinite", GOOD "; t=1; x=9999999999999",
	DKIM_REASON_NONE},
    {"both infinite", GOOD "; t=9999999999999; x=99999999999999",
	DKIM_REASON_X_BEFORE_T},
    /* RFC 6376 3.5: l= */
    {"3.5: l=0", GOOD "; l=0", DKIM_REASON_NONE},
    {"3.5: l= 20 digits", GOOD "; l=99999999999999999999", DKIM_REASON_NONE},
    {"3.5: l= 76 digits",
	GOOD "; l=1234567890123456789012345678901234567890"
	     "123456789012345678901234567890123456",
	DKIM_REASON_NONE},
    {"3.5: l= 77 digits",
	GOOD "; l=0000000000000000000000000000000000000000"
	     "0000000000000000000000000000000000001",
	DKIM_REASON_BAD_L},
    {"l= empty", GOOD "; l=", DKIM_REASON_BAD_L},
    {"l= negative", GOOD "; l=-1", DKIM_REASON_BAD_L},
    {"l= hexadecimal", GOOD "; l=0x10", DKIM_REASON_BAD_L},
    /* RFC 6376 3.5: q=, erratum 4810 */
    {"3.5: q=dns/txt", GOOD "; q=dns/txt", DKIM_REASON_NONE},
    {"3.5: q= one of them known", GOOD "; q=foo/bar : dns/txt",
	DKIM_REASON_NONE},
    {"3.5: q= none known", GOOD "; q=foo", DKIM_REASON_QUERY_METHOD},
    {"3.5: q=dns lacks its option", GOOD "; q=dns", DKIM_REASON_QUERY_METHOD},
    {"q= empty", GOOD "; q=", DKIM_REASON_QUERY_METHOD},
    /* b=, bh= */
    {"b= folded, no padding",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From; " BH "b= Y\r\n\tW J ",
	DKIM_REASON_NONE},
    {"b= empty", "v=1; a=rsa-sha256; d=example.com; s=s; h=From; " BH "b=",
	DKIM_REASON_BAD_B},
    {"b= no base64",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From; " BH "b=!!!!",
	DKIM_REASON_BAD_B},
    {"bh= empty", "v=1; a=rsa-sha256; d=example.com; s=s; h=From; bh=; b=YQ==",
	DKIM_REASON_BAD_BH},
    {"T15 bh= shorter than the hash",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From; bh=YQ==; b=YQ==",
	DKIM_REASON_BAD_BH},
    {"T15 bh= longer than the hash",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From; "
	"bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA; b=YQ==",
	DKIM_REASON_BAD_BH},
    {"bh= of SHA-1",
	"v=1; a=rsa-sha256; d=example.com; s=s; h=From; "
	"bh=uoq1oCgLlTqpdDX/iUbLy7J1Wic=; b=YQ==",
	DKIM_REASON_BAD_BH},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 16);
	struct dkim_sig sig;

	assert_int_equal(dkim_sig_parse(slice_z(r->in), a, &sig, NULL), 0);
	assert_string_equal(
	    dkim_reason_text(sig.reason), dkim_reason_text(r->reason));
	arena_free(a);
}

static void
test_all_tags_are_taken(void **state)
{
	static const char in[] =
	    " v = 1;\r\n\ta=ed25519-sha256; c=relaxed/simple;"
	    " d=B\xc3\xbc"
	    "cher.Example; s=M\xc3\xa4rz; i= j=3Boe\r\n @"
	    "sub.xn--bcher-kva.example; l=7; t=1700000000; x=1700000001;"
	    " h=From : To; bh=47DEQpj8HBSa+/TImW+5\r\n"
	    " JCeuQeRkm5NMpJWZG3hSuFU=; b= YW\r\n Jj ; q=dns/txt";
	struct arena *a = arena_new(1 << 16);
	struct slice value = slice_z(in);
	struct dkim_sig s;

	(void)state;
	assert_int_equal(dkim_sig_parse(value, a, &s, NULL), 0);
	assert_int_equal(s.reason, DKIM_REASON_NONE);
	assert_int_equal(s.alg, DKIM_ED25519_SHA256);
	assert_int_equal(s.header_canon, DKIM_RELAXED);
	assert_int_equal(s.body_canon, DKIM_SIMPLE);
	assert_string_equal(s.d.text, "xn--bcher-kva.example");
	assert_string_equal(s.selector.text, "xn--mrz-qla");
	assert_string_equal(s.i_domain.text, "sub.xn--bcher-kva.example");
	assert_slice(s.a, SLICE_LIT("ed25519-sha256"));
	assert_slice(s.s, SLICE_LIT("M\xc3\xa4rz"));
	assert_slice(s.i, SLICE_LIT("j=3Boe@sub.xn--bcher-kva.example"));
	assert_slice(s.b, SLICE_LIT("YWJj"));
	assert_slice(s.signature, SLICE_LIT("abc"));
	assert_int_equal(s.body_hash.len, 32);
	assert_slice(s.h, SLICE_LIT("From : To"));
	assert_int_equal(s.l, 7);
	assert_int_equal(s.t, 1700000000);
	assert_int_equal(s.x, 1700000001);
	assert_slice(slice_upto(slice_from(value, s.b_at), s.b_len),
	    SLICE_LIT(" YW\r\n Jj "));
	arena_free(a);
}

static void
test_defaults(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct dkim_sig s;

	(void)state;
	assert_int_equal(dkim_sig_parse(SLICE_LIT(GOOD), a, &s, NULL), 0);
	assert_int_equal(s.header_canon, DKIM_SIMPLE);
	assert_int_equal(s.body_canon, DKIM_SIMPLE);
	assert_string_equal(s.i_domain.text, "example.com");
	assert_int_equal(s.i.len, 0);
	assert_true(s.l == DKIM_NO_LENGTH);
	assert_true(s.t == DKIM_NO_TIME && s.x == DKIM_NO_TIME);
	arena_free(a);
}

/* What the log can still say of a broken field. */
static void
test_faults_leave_what_is_sound(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct dkim_sig s;

	(void)state;
	assert_int_equal(dkim_sig_parse(SLICE_LIT("v=1; d=example.com; s=a(b;"
						  " i=x; b=?; a=x-y; d=b"),
			     a, &s, NULL),
	    0);
	assert_int_equal(s.reason, DKIM_REASON_DUPLICATE_TAG);
	assert_string_equal(s.d.text, "example.com");
	assert_int_equal(s.s.len, 0);
	assert_int_equal(s.i.len, 0);
	assert_int_equal(s.b.len, 0);
	assert_slice(s.a, SLICE_LIT("x-y"));
	arena_free(a);
}

/* a= is told only when it may be the name of an algorithm. */
static void
test_algorithm_names(void **state)
{
	static const struct {
		const char *in;
		bool told;
	} names[] = {
	    {"a=rsa-sha512", true},
	    {"a=x1-y2", true},
	    {"a=1rsa-sha256", false},
	    {"a=rsa-2sha", false},
	    {"a=rsa", false},
	    {"a=rsa-", false},
	    {"a=-sha256", false},
	    {"a=rsa-sha-256", false},
	    {"a=rsa_x-sha256", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena *a = arena_new(1 << 16);
		struct slice in = slice_z(names[i].in);
		char *copy = malloc(in.len);
		struct dkim_sig s;

		memcpy(copy, in.ptr, in.len);
		assert_int_equal(
		    dkim_sig_parse(slice_of(copy, in.len), a, &s, NULL), 0);
		assert_int_equal(s.a.len > 0, names[i].told);
		free(copy);
		arena_free(a);
	}
}

/* T15: no number of names, tags or octets harms */
static void
test_ceilings(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct buf b = BUF_INIT(1 << 20);
	struct dkim_sig s;

	(void)state;
	buf_addz(
	    &b, "v=1; a=rsa-sha256; d=example.com; s=s; " BH "b=YQ==; h=");
	for (int i = 1; i < LIMIT_DKIM_H_ENTRIES; i++)
		buf_addz(&b, "X:");
	buf_addz(&b, "From");
	assert_int_equal(dkim_sig_parse(buf_slice(&b), a, &s, NULL), 0);
	assert_int_equal(s.reason, DKIM_REASON_NONE);
	buf_addz(&b, ":To");
	assert_int_equal(dkim_sig_parse(buf_slice(&b), a, &s, NULL), 0);
	assert_int_equal(s.reason, DKIM_REASON_LIMIT_H);
	while (b.len <= LIMIT_DKIM_SIG_OCTETS)
		buf_addc(&b, ' ');
	assert_int_equal(dkim_sig_parse(buf_slice(&b), a, &s, NULL), 0);
	assert_int_equal(s.reason, DKIM_REASON_LIMIT_FIELD);
	buf_free(&b);
	arena_free(a);
}

static void
test_no_memory_is_our_error(void **state)
{
	struct dkim_sig s;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t max = 0; max < 200; max += 16) {
		struct arena *a = arena_new(max);
		int rc = dkim_sig_parse(
		    SLICE_LIT(GOOD "; i=@example.com"), a, &s, &err);

		if (rc == 0) {
			assert_int_equal(s.reason, DKIM_REASON_NONE);
			assert_true(max > 64);
		}
		arena_free(a);
	}
	assert_true(err.text[0]);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_all_tags_are_taken);
	UNIT_TEST(test_defaults);
	UNIT_TEST(test_faults_leave_what_is_sound);
	UNIT_TEST(test_algorithm_names);
	UNIT_TEST(test_ceilings);
	UNIT_TEST(test_no_memory_is_our_error);
	return unit_end();
}
