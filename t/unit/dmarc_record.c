/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/record.h"

#include "dmarc/uri.h"
#include "mail/limits.h"
#include "unit.h"

struct reason_row {
	const char *name, *text;
	enum dmarc_reason reason;
	const char *detail;
	bool record;
};

static const struct reason_row reason_rows[] = {
    {"nothing to remark", "v=DMARC1; p=none; rua=mailto:a@b.example",
	DMARC_REASON_NONE, "", true},
    {"D-7 pct, rf, ri are not remarked on",
	"v=DMARC1; p=none; pct=50; rf=afrf; ri=1; fo=1; ruf=mailto:a@b.c",
	DMARC_REASON_NONE, "", true},
    {"trailing separators", "v=DMARC1; p=none;; ;", DMARC_REASON_NONE, "",
	true},
    {"D-4 unknown tag", "v=DMARC1; p=none; zz=1", DMARC_REASON_UNKNOWN_TAG,
	"zz", true},
    {"the first of two slips of a kind", "v=DMARC1; p=none; zz=1; yy=2",
	DMARC_REASON_UNKNOWN_TAG, "zz", true},
    {"D-4 not a tag", "v=DMARC1; p=reject; mailto:report@example.com",
	DMARC_REASON_NOT_A_TAG, "mailto:report@example.com", true},
    {"not a tag, with an equals sign",
	"v=DMARC1; p=reject; mailto:a@b.example?subject=x",
	DMARC_REASON_NOT_A_TAG, "mailto:a@b.example?subject=x", true},
    {"D-4 no name", "v=DMARC1; p=reject; =", DMARC_REASON_NOT_A_TAG, "=",
	true},
    {"D-4 all at once", "v=DMARC1; p=reject; adkim=x; zz=1; =;",
	DMARC_REASON_BAD_VALUE, "adkim=x", true},
    {"aspf", "v=DMARC1; p=reject; aspf = strict ", DMARC_REASON_BAD_VALUE,
	"aspf = strict", true},
    {"t", "v=DMARC1; p=reject; t=maybe", DMARC_REASON_BAD_VALUE, "t=maybe",
	true},
    {"D-22 psd", "v=DMARC1; p=reject; psd=maybe", DMARC_REASON_BAD_VALUE,
	"psd=maybe", true},
    {"psd=u", "v=DMARC1; p=reject; psd=U", DMARC_REASON_NONE, "", true},
    {"rua", "v=DMARC1; p=reject; rua=report@example.com",
	DMARC_REASON_BAD_VALUE, "rua=report@example.com", true},
    {"D-6 p missing", "v=DMARC1; rua=mailto:a@b.example; zz=1",
	DMARC_REASON_BAD_POLICY, "p", true},
    {"D-6 p bad", "v=DMARC1; p=monitor; adkim=x", DMARC_REASON_BAD_POLICY,
	"p=monitor", true},
    {"D-6 sp bad", "v=DMARC1; p=none; sp=foo; np=bar", DMARC_REASON_BAD_POLICY,
	"sp=foo", true},
    {"D-6 np bad", "v=DMARC1; p=none; np=", DMARC_REASON_BAD_POLICY,
	"np=", true},
    {"D-8 duplicate", "v=DMARC1; p=none; p=reject", DMARC_REASON_DUPLICATE_TAG,
	"p", false},
    {"D-8 duplicate in another case", "v=DMARC1; p=none; P=none",
	DMARC_REASON_DUPLICATE_TAG, "P", false},
    {"D-8 duplicate v", "v=DMARC1; p=none; v=DMARC1",
	DMARC_REASON_DUPLICATE_TAG, "v", false},
    {"D-8 duplicate unknown tag", "v=DMARC1; p=none; x=1; x=2",
	DMARC_REASON_DUPLICATE_TAG, "x", false},
    {"D-8 what is no tag may stand twice", "v=DMARC1; p=none; a-b=1; a-b=1",
	DMARC_REASON_NOT_A_TAG, "a-b=1", true},
    {"D-2 v in lower case", "v=dmarc1; p=reject", DMARC_REASON_VERSION,
	"v=dmarc1; p=reject", false},
    {"D-2 v not first", "p=reject; v=DMARC1", DMARC_REASON_VERSION,
	"p=reject; v=DMARC1", false},
    {"D-2 v=DMARC1.0", "v=DMARC1.0; p=reject", DMARC_REASON_VERSION,
	"v=DMARC1.0; p=reject", false},
    {"D-2 v of another case is fine", "V =\tDMARC1 ;p=none", DMARC_REASON_NONE,
	"", true},
    {"D-3 other text", "v=spf1 -all", DMARC_REASON_NONE, "", false},
    {"D-3 nothing", "", DMARC_REASON_NONE, "", false},
};

static void
check_reason(void **state)
{
	const struct reason_row *row = *state;
	struct dmarc_record r;

	assert_int_equal(
	    dmarc_record_parse(slice_z(row->text), &r), row->record);
	assert_string_equal(names_word(dmarc_reason_words, (int)r.reason),
	    names_word(dmarc_reason_words, (int)row->reason));
	assert_slice(r.detail, slice_z(row->detail));
	assert_slice(r.text, slice_z(row->text));
}

struct uri_row {
	const char *name, *in;
	bool valid;
};

static const struct uri_row uri_rows[] = {
    {"mailto", "mailto:a@example.com", true},
    {"upper case", "MAILTO:A@EXAMPLE.COM", true},
    {"with a query", "mailto:a@example.com?subject=x", true},
    {"encoded", "mailto:a%21b%2c@example.com", true},
    {"https", "https://u@r.example.com:8080/x/y?z=1#f", true},
    {"IPv6 host", "https://[2001:db8::1]/", true},
    {"nothing after the scheme", "mailto:", true},
    {"no scheme", "a@example.com", false},
    {"underscore in the scheme", "mail_to:a@example.com", false},
    {"no scheme, colon", ":a@example.com", false},
    {"scheme begins with a digit", "1mailto:a@example.com", false},
    {"blank", "mailto:a b@example.com", false},
    {"comma", "mailto:a,b@example.com", false},
    {"exclamation mark", "mailto:a!b@example.com", false},
    {"bad encoding", "mailto:a%2@example.com", false},
    {"encoding cut short", "mailto:a%2", false},
    {"two fragments", "https://r.example.com/#a#b", false},
    {"brackets in a path", "mailto:a[b]@example.com", false},
    {"quote", "mailto:\"a\"@example.com", false},
    {"8-bit", "mailto:\xc3\xbc@example.com", false},
    {"empty", "", false},
};

static void
check_uri(void **state)
{
	const struct uri_row *row = *state;

	assert_int_equal(dmarc_uri_valid(slice_z(row->in)), row->valid);
}

static void
test_uri_list(void **state)
{
	static const char *const want[] = {"mailto:a@b.example",
	    "mailto:c@b.example", "", "x!10q", "x!m", "x!y", "x!", "y"};
	struct slice list = SLICE_LIT(
	    "mailto:a@b.example!10m , mailto:c@b.example!7,,x!10q,x!m,x!y!2k,"
	    "x!,y!1T");
	bool more = true;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(more);
		assert_slice(dmarc_uri_next(&list, &more), slice_z(want[i]));
	}
	assert_false(more);
}

static void
test_limits(void **state)
{
	struct buf b = BUF_INIT(LIMIT_DMARC_RECORD + 64);
	struct dmarc_record r;
	char name[3] = "aa";

	(void)state;
	buf_addz(&b, "v=DMARC1; p=none");
	while (b.len < LIMIT_DMARC_RECORD)
		buf_addc(&b, ' ');
	assert_true(dmarc_record_parse(buf_slice(&b), &r));
	buf_addc(&b, ' ');
	assert_false(dmarc_record_parse(buf_slice(&b), &r));
	assert_int_equal(r.reason, DMARC_REASON_RECORD_LIMIT);
	assert_slice(r.detail, SLICE_LIT("octets"));

	buf_clear(&b);
	buf_addz(&b, "v=DMARC1; p=none");
	for (int i = 2; i < LIMIT_DMARC_TAGS; i++) {
		name[0] = (char)('a' + i / 26);
		name[1] = (char)('a' + i % 26);
		buf_addf(&b, "; %s=1", name);
	}
	assert_true(dmarc_record_parse(buf_slice(&b), &r));
	buf_addz(&b, "; zz=1");
	assert_false(dmarc_record_parse(buf_slice(&b), &r));
	assert_int_equal(r.reason, DMARC_REASON_RECORD_LIMIT);
	buf_free(&b);
}

static void
test_write(void **state)
{
	struct buf b = BUF_INIT(DMARC_RECORD_WRITTEN);
	struct dmarc_record r;

	(void)state;
	assert_true(dmarc_record_parse(
	    SLICE_LIT("v=DMARC1;ADKIM=s;zz=1;np=Quarantine;p=Quarantine;"
		      "t=y;PSD=n;sp=Quarantine;rua=mailto:a@b.c"),
	    &r));
	dmarc_record_write(&r, &b);
	assert_string_equal(buf_str(&b),
	    "v=DMARC1; p=quarantine; sp=quarantine; np=quarantine; adkim=s; "
	    "aspf=r; psd=n; t=y; pct=100");
	assert_int_equal(buf_status(&b), 0);
	buf_clear(&b);
	assert_true(dmarc_record_parse(SLICE_LIT("v=DMARC1; p=none"), &r));
	dmarc_record_write(&r, &b);
	assert_string_equal(
	    buf_str(&b), "v=DMARC1; p=none; adkim=r; aspf=r; pct=100");
	buf_free(&b);
}

/* An octet 0 is no value's: it ends nothing, here or in the library. */
static void
test_nul(void **state)
{
	static const char text[] = "v=DMARC1; p=none\0; p=reject";
	struct dmarc_record r;

	(void)state;
	assert_false(dmarc_record_parse(slice_of(text, sizeof(text) - 1), &r));
	assert_int_equal(r.reason, DMARC_REASON_DUPLICATE_TAG);
	assert_true(dmarc_record_parse(slice_of(text, 17), &r));
	assert_int_equal(r.p, DMARC_UNSET);
	assert_int_equal(dmarc_record_use(&r), DMARC_USE_NOT);
}

int
main(void)
{
	UNIT_TABLE(reason_rows, check_reason);
	UNIT_TABLE(uri_rows, check_uri);
	UNIT_TEST(test_uri_list);
	UNIT_TEST(test_limits);
	UNIT_TEST(test_write);
	UNIT_TEST(test_nul);
	return unit_end();
}
