/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/select.h"

#include "base/buf.h"
#include "mail/limits.h"
#include "unit.h"

struct row {
	const char *name, *header;
	const char *sign, *oversign, *never_absent, *omit; /* "A:B" */
	const char *want;
};

#define H "From: a\r\nTo: b\r\nX: 1\r\nX: 2\r\nx: 3\r\nSubject: s\r\n"

static const struct row rows[] = {
    {"5.4: every instance of what is there", H, "From:Cc:X", "", "", "",
	"From:X:X:X"},
    {"5.4: once more than present", H, "", "From:Cc:x", "", "",
	"From:From:Cc:x:x:x:x"},
    {"in both lists", H, "from:subject", "Subject:From", "", "",
	"from:from:subject:subject"},
    {"names twice in a list", H, "From:FROM:to:To", "", "", "", "From:to"},
    {"absent, but not to be listed", H, "From", "Date:Message-ID:Cc",
	"message-id:date", "", "From:Cc"},
    {"present: oversigned all the same", H, "From", "To", "to", "",
	"From:To:To"},
    {"5.4: From is always signed", H, "To", "", "", "", "To:From"},
    {"omitted, present or not", H, "From:To:X", "To:Subject:Cc", "", "cc:TO",
	"From:X:X:X:Subject:Subject"},
    {"From can't be omitted", H, "From:To", "From", "", "From",
	"From:From:To"},
};

static size_t
split(const char *list, struct slice *out)
{
	struct slice rest = slice_z(list);
	bool more = rest.len > 0;
	size_t n = 0;

	while (more)
		out[n++] = slice_cut(&rest, ':', &more);
	return n;
}

static void
read_header(struct header *h, struct arena *a, const char *text)
{
	struct slice body;

	assert_int_equal(header_init(h, a), 0);
	assert_int_equal(header_parse(h, slice_z(text), &body), 0);
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct slice sign[8], oversign[8], never[8], omit[8];
	struct dkim_sign_options o = {.sign = sign,
	    .nsign = split(r->sign, sign),
	    .oversign = oversign,
	    .noversign = split(r->oversign, oversign),
	    .never_absent = never,
	    .nnever_absent = split(r->never_absent, never),
	    .omit = omit,
	    .nomit = split(r->omit, omit)};
	struct arena *a = arena_new(1 << 20);
	enum dkim_reason reason;
	struct dkim_names names;
	struct header h;
	char got[256] = "";

	read_header(&h, a, r->header);
	assert_int_equal(
	    dkim_select_names(&o, &h, a, &names, &reason, NULL), 0);
	assert_int_equal(reason, DKIM_REASON_NONE);
	for (size_t i = 0; i < names.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s" SLICE_FMT, i ? ":" : "", SLICE_ARG(names.names[i]));
	assert_string_equal(got, r->want);
	arena_free(a);
}

static void
test_too_many_names(void **state)
{
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct slice x[] = {SLICE_LIT("From"), SLICE_LIT("X")};
	struct dkim_sign_options o = {.sign = x, .nsign = 2};
	enum dkim_reason reason;
	struct dkim_names names;
	struct header h;

	(void)state;
	read_header(&h, a, "From: a\r\n");
	for (int i = 1; i < LIMIT_DKIM_H_ENTRIES; i++)
		assert_int_equal(
		    header_add(&h, SLICE_LIT("X"), SLICE_LIT(" 1")), 0);
	assert_int_equal(
	    dkim_select_names(&o, &h, a, &names, &reason, NULL), 0);
	assert_int_equal(reason, DKIM_REASON_NONE);
	assert_int_equal(names.n, LIMIT_DKIM_H_ENTRIES);
	assert_int_equal(header_add(&h, SLICE_LIT("X"), SLICE_LIT(" 1")), 0);
	assert_int_equal(
	    dkim_select_names(&o, &h, a, &names, &reason, NULL), 0);
	assert_int_equal(reason, DKIM_REASON_LIMIT_H);
	arena_free(a);
}

/* What to sign: RFC 6376 section 5.4.1, RFC 8058 section 4 */
static void
test_default_lists(void **state)
{
	static const char *const never[] = {"Return-Path", "Received",
	    "Comments", "Keywords", "DKIM-Signature", "Bcc", "Resent-Bcc",
	    "Authentication-Results"};
	static const char *const must[] = {"From", "Reply-To", "Subject",
	    "Date", "To", "Cc", "Resent-Date", "Resent-From", "Resent-To",
	    "Resent-Cc", "In-Reply-To", "References", "List-Id", "List-Help",
	    "List-Unsubscribe", "List-Subscribe", "List-Post", "List-Owner",
	    "List-Archive", "List-Unsubscribe-Post", "MIME-Version",
	    "Content-Type", "Message-ID", "Sender"};
	size_t n = dkim_default_sign_fields_n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(must); i++) {
		size_t k = 0;

		while (
		    k < n && !slice_ieqz(dkim_default_sign_fields[k], must[i]))
			k++;
		assert_true(k < n);
	}
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		for (size_t k = 0; k < n; k++)
			assert_false(
			    slice_ieqz(dkim_default_sign_fields[k], never[i]));
	/* Lists add List-* fields to what others signed. */
	for (size_t i = 0; i < dkim_default_oversign_n; i++)
		assert_false(slice_istarts(
		    dkim_default_oversign[i], SLICE_LIT("List-")));
}

static const struct dkim_sign_options strict = {.max_line = 0};
static const struct dkim_sign_options lax = {.sign_malformed = true};

struct check_row {
	const char *name, *header;
	bool sign_malformed;
	enum dkim_reason want;
};

static const struct check_row check_rows[] = {
    {"sound", "From: a\r\nSubject: b\r\n", false, DKIM_REASON_NONE},
    {"no From", "Subject: b\r\n", false, DKIM_REASON_NOT_ONE_FROM},
    {"no From, whatever the option", "Subject: b\r\n", true,
	DKIM_REASON_NOT_ONE_FROM},
    {"two From", "From: a\r\nfrom: b\r\n", true, DKIM_REASON_NOT_ONE_FROM},
    {"8.15: two Subject", "From: a\r\nSubject: b\r\nSUBJECT: b\r\n", false,
	DKIM_REASON_REPEATED_FIELD},
    {"8.15: two Subject, by option", "From: a\r\nSubject: b\r\nSUBJECT: b\r\n",
	true, DKIM_REASON_NONE},
    {"two Received", "Received: 1\r\nReceived: 2\r\nFrom: a\r\n", false,
	DKIM_REASON_NONE},
    {"5.3: CR alone", "From: a\r\nX: a\rb\r\n", false, DKIM_REASON_BARE_CR_LF},
    {"folded", "From: a\r\nX: a\r\n b\r\n", false, DKIM_REASON_NONE},
};

static void
check_header(void **state)
{
	const struct check_row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct header h;

	read_header(&h, a, r->header);
	assert_string_equal(dkim_reason_text(dkim_check_header(&h,
				&(struct dkim_sign_options){
				    .sign_malformed = r->sign_malformed})),
	    dkim_reason_text(r->want));
	arena_free(a);
}

static void
test_long_field(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char value[1200];
	struct header h;

	(void)state;
	memset(value, 'x', sizeof(value));
	value[0] = ' ';
	read_header(&h, a, "From: a\r\n");
	assert_int_equal(
	    header_add(&h, SLICE_LIT("X"), slice_of(value, 996)), 0);
	assert_int_equal(dkim_check_header(&h, &strict), DKIM_REASON_NONE);
	/* Folded, it may be as long as it likes. */
	memcpy(value + 900, "\r\n ", 3);
	assert_int_equal(
	    header_add(&h, SLICE_LIT("X"), slice_of(value, 1200)), 0);
	assert_int_equal(dkim_check_header(&h, &strict), DKIM_REASON_NONE);
	memcpy(value + 900, "xxx", 3);
	assert_int_equal(
	    header_add(&h, SLICE_LIT("X"), slice_of(value, 997)), 0);
	assert_int_equal(
	    dkim_check_header(&h, &strict), DKIM_REASON_LONG_LINE);
	assert_int_equal(dkim_check_header(&h, &lax), DKIM_REASON_NONE);
	arena_free(a);
}

static void
test_header_over(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct header h;

	(void)state;
	read_header(&h, a, "From: a\r\n");
	h.over = true;
	assert_int_equal(
	    dkim_check_header(&h, &lax), DKIM_REASON_LIMIT_HEADER);
	arena_free(a);
}

struct body_row {
	const char *name, *body;
	size_t repeat; /* of the octet x, at the % */
	enum dkim_reason want;
};

static const struct body_row body_rows[] = {
    {"empty", "", 0, DKIM_REASON_NONE},
    {"lines", "a\r\n\r\nb\r\n", 0, DKIM_REASON_NONE},
    {"no line end", "a", 0, DKIM_REASON_NONE},
    {"998 octets", "%\r\n%\r\n", 998, DKIM_REASON_NONE},
    {"998 octets, no line end", "%", 998, DKIM_REASON_NONE},
    {"RFC 5322 2.1.1: 999 octets", "a\r\n%\r\n", 999, DKIM_REASON_LONG_LINE},
    {"5.3: CR alone", "a\rb\r\n", 0, DKIM_REASON_BARE_CR_LF},
    {"CR CR LF", "a\r\r\n", 0, DKIM_REASON_BARE_CR_LF},
    {"CR at the end", "a\r\n\r", 0, DKIM_REASON_BARE_CR_LF},
    {"5.3: LF alone", "a\nb\r\n", 0, DKIM_REASON_BARE_CR_LF},
    {"LF first", "\na\r\n", 0, DKIM_REASON_BARE_CR_LF},
    {"8-bit", "\xc3\xbc\xff\r\n", 0, DKIM_REASON_NONE},
};

static void
check_body(void **state)
{
	static const size_t chunks[] = {1, 2, 3, 7, 4096};
	const struct body_row *r = *state;
	struct buf b = BUF_INIT(8192);

	for (const char *p = r->body; *p; p++)
		for (size_t i = 0; i < (*p == '%' ? r->repeat : 1); i++)
			buf_addc(&b, *p == '%' ? 'x' : *p);
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		struct dkim_body_check c = {.reason = DKIM_REASON_NONE};
		struct slice rest = buf_slice(&b);

		for (; rest.len; rest = slice_from(rest, chunks[i]))
			dkim_check_body(&c, slice_upto(rest, chunks[i]));
		assert_int_equal(dkim_check_body_end(&c), r->want);
	}
	buf_free(&b);
}

static void
test_nul(void **state)
{
	struct dkim_body_check c = {.reason = DKIM_REASON_NONE};

	(void)state;
	dkim_check_body(&c, SLICE_LIT("a\0b\r\n"));
	assert_int_equal(dkim_check_body_end(&c), DKIM_REASON_NUL);
}

/* Sendmail's mailers cut at 990. */
static void
test_max_line(void **state)
{
	const struct dkim_sign_options o = {.max_line = 10};
	struct dkim_body_check c = {.max_line = 10};
	struct arena *a = arena_new(1 << 20);
	struct header h;

	(void)state;
	dkim_check_body(&c, SLICE_LIT("1234567890\r\n"));
	assert_int_equal(dkim_check_body_end(&c), DKIM_REASON_NONE);
	dkim_check_body(&c, SLICE_LIT("12345678901\r\n"));
	assert_int_equal(dkim_check_body_end(&c), DKIM_REASON_LONG_LINE);
	read_header(&h, a, "From: 7890\r\nX: 4567890\r\n 12345\r\n");
	assert_int_equal(dkim_check_header(&h, &o), DKIM_REASON_NONE);
	read_header(&h, a, "From: 78901\r\n");
	assert_int_equal(dkim_check_header(&h, &o), DKIM_REASON_LONG_LINE);
	arena_free(a);
}

static void
test_is_utf8(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct header h;

	(void)state;
	read_header(&h, a, "From: a\r\n");
	assert_false(dkim_header_is_utf8(&h));
	read_header(&h, a, "From: a\r\nSubject: h\xc3\xa9\r\nTo: b\r\n");
	assert_true(dkim_header_is_utf8(&h));
	read_header(&h, a, "Subject: h\xc3\xa9\r\nX: \xe9\r\n");
	assert_false(dkim_header_is_utf8(&h));
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_too_many_names);
	UNIT_TEST(test_default_lists);
	UNIT_TABLE(check_rows, check_header);
	UNIT_TEST(test_long_field);
	UNIT_TEST(test_header_over);
	UNIT_TABLE(body_rows, check_body);
	UNIT_TEST(test_nul);
	UNIT_TEST(test_max_line);
	UNIT_TEST(test_is_utf8);
	return unit_end();
}
