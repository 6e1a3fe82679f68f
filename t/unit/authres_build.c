/* SPDX-License-Identifier: BSD-2-Clause */
#include "authres/build.h"

#include "authres/parse.h"
#include "mail/limits.h"
#include "unit.h"

static struct authres ar;
static struct arena *arena;

static void
begin(const char *id)
{
	arena = arena_new(1 << 20);
	assert_non_null(arena);
	authres_init(&ar, slice_z(id));
}

static struct slice
finish(void)
{
	struct slice value = SLICE_EMPTY;

	assert_int_equal(authres_finish(&ar, arena, &value), 0);
	return value;
}

static void
end(void)
{
	authres_free(&ar);
	arena_free(arena);
}

struct row {
	const char *name;
	struct slice in;
	const char *want;
};

/* A-1, RFC 8601 section 2.2: value = token / quoted-string */
static const struct row prop_rows[] = {
    {"A-1 domain", {"example.com", 11}, "example.com"},
    {"A-1 IPv6", {"2001:db8::1", 11}, "\"2001:db8::1\""},
    {"A-1 base64", {"a/b+c12=", 8}, "\"a/b+c12=\""},
    {"A-1 plain base64", {"oINeO8hg", 8}, "oINeO8hg"},
    {"A-1 empty", {"", 0}, "\"\""},
    {"A-1 NULL", {NULL, 0}, "\"\""},
    {"A-1 quote and backslash", {"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},
    {"A-1 blank", {"a b", 3}, "\"a b\""},
    {"token of odd characters", {"!#$%&'*+-^_`{|}~", 16}, "!#$%&'*+-^_`{|}~"},
    {"T13 CRLF", {"a\r\nX-Evil: 1", 12}, "\"a??X-Evil: 1\""},
    {"T13 bare LF", {"a\nb", 3}, "\"a?b\""},
    {"T13 NUL", {"a\0b", 3}, "\"a?b\""},
    {"T13 TAB, DEL", {"a\tb\x7f", 4}, "\"a?b?\""},
    {"T13 semicolon", {"a; dkim=pass", 12}, "\"a; dkim=pass\""},
    {"T13 quote first", {"\"; dkim=pass", 12}, "\"\\\"; dkim=pass\""},
    {"T13 8-bit",
	{"b\xc3\xbc"
	 "cher",
	    7},
	"\"b??cher\""},
    {"T3 parenthesis", {"example.net(.example.com", 24},
	"\"example.net(.example.com\""},
};

static void
check_prop(void **state)
{
	const struct row *r = *state;
	char want[300];

	begin("mx.example");
	authres_method(&ar, "dkim", AR_PASS);
	authres_prop(&ar, "header", "d", r->in);
	(void)snprintf(want, sizeof(want),
	    " mx.example;\n\tdkim=pass header.d=%s", r->want);
	assert_slice(finish(), slice_z(want));
	end();
}

/* A comment tells nothing but words, even to a reader that knows no quoting */
static const struct row comment_rows[] = {
    {"plain", {"p=REJECT dis=NONE", 17}, "p=REJECT dis=NONE"},
    {"ends the comment", {"x) dkim=pass (y", 15}, "x] dkim=pass [y"},
    {"semicolon", {"x; dkim=pass", 12}, "x, dkim=pass"},
    {"quoted-pair at the end", {"x\\", 2}, "x/"},
    {"quote", {"\"x", 2}, "'x"},
    {"CR LF NUL 8-bit", {"a\r\n\0\xc3", 5}, "a????"},
    {"CR LF only", {"\r\n", 2}, "??"},
};

static void
check_comment(void **state)
{
	const struct row *r = *state;
	char want[300];

	begin("mx.example");
	authres_method(&ar, "dmarc", AR_FAIL);
	authres_comment(&ar, r->in);
	(void)snprintf(
	    want, sizeof(want), " mx.example;\n\tdmarc=fail (%s)", r->want);
	assert_slice(finish(), slice_z(want));
	end();
}

struct address_row {
	const char *name, *local, *domain, *want;
};

/* A-2: "If the value [...] identifies something intended to be an email
 * identity, then it MUST use the right hand portion" */
static const struct address_row address_rows[] = {
    {"A-2 both", "joe", "example.com", "joe@example.com"},
    {"A-2 domain only", "", "d", "@d"},
    {"A-2 dots, plus", "joe.x+y=z", "d.example", "joe.x+y=z@d.example"},
    {"A-2 quoted already", "\"a;b\"", "d", "\"a;b\"@d"},
    {"A-2 quoted pair kept", "\"a\\\"b\"", "d", "\"a\\\"b\"@d"},
    {"A-2 needs quotes", "a b", "x", "\"a b\"@x"},
    {"two dots", "a..b", "x", "\"a..b\"@x"},
    {"half a quoted-string", "\"a", "x", "\"\\\"a\"@x"},
    {"at sign in quotes", "\"a@b\"", "x", "\"a@b\"@x"},
    {"at sign bare", "a@b", "x", "\"a@b\"@x"},
    {"quoted, then more", "\"a\"; dkim=pass", "x",
	"\"\\\"a\\\"; dkim=pass\"@x"},
    {"CRLF in a quoted one", "\"a\r\n b\"", "x", "\"\\\"a?? b\\\"\"@x"},
    {"UTF-8 local part", "\xc3\xbc", "x", "\"\?\?\"@x"},
    {"underscore", "a", "_x.example", "a@_x.example"},
    {"no domain", "a", "", "\"a@\""},
    {"nothing", "", "", "\"@\""},
    {"T3 parenthesis", "a", "x(.example", "\"a@x(.example\""},
    {"address literal", "a", "[192.0.2.1]", "\"a@[192.0.2.1]\""},
    {"empty label", "a", "x..example", "\"a@x..example\""},
    {"CRLF in the domain", "a", "x\r\nX-Evil: 1", "\"a@x??X-Evil: 1\""},
};

static void
check_address(void **state)
{
	const struct address_row *r = *state;
	char want[300];

	begin("mx.example");
	authres_method(&ar, "dkim", AR_PASS);
	authres_prop_address(
	    &ar, "header", "i", slice_z(r->local), slice_z(r->domain));
	(void)snprintf(want, sizeof(want),
	    " mx.example;\n\tdkim=pass header.i=%s", r->want);
	assert_slice(finish(), slice_z(want));
	end();
}

static void
test_no_method_says_none(void **state)
{
	(void)state;
	begin("mx.example");
	assert_slice(finish(), SLICE_LIT(" mx.example; none"));
	end();
}

/* A-4: a method that did not run leaves no trace of it */
static void
test_not_run_is_skipped_whole(void **state)
{
	(void)state;
	begin("mx.example");
	authres_method(&ar, "spf", AR_NOT_RUN);
	authres_comment(&ar, SLICE_LIT("c"));
	authres_reason(&ar, SLICE_LIT("r"));
	authres_prop(&ar, "smtp", "helo", SLICE_LIT("h"));
	authres_prop_address(
	    &ar, "smtp", "mailfrom", SLICE_LIT("a"), SLICE_LIT("b"));
	assert_slice(finish(), SLICE_LIT(" mx.example; none"));
	end();

	begin("mx.example");
	authres_prop(&ar, "smtp", "helo", SLICE_LIT("before any method"));
	authres_method(&ar, "spf", AR_PASS);
	authres_method(&ar, "dkim", AR_NOT_RUN);
	authres_prop(&ar, "header", "d", SLICE_LIT("d"));
	authres_method(&ar, "dmarc", AR_NONE);
	assert_slice(
	    finish(), SLICE_LIT(" mx.example;\n\tspf=pass;\n\tdmarc=none"));
	end();
}

static void
test_folds_at_78(void **state)
{
	(void)state;
	begin("mx.example.org");
	authres_method(&ar, "dkim", AR_FAIL);
	authres_comment(&ar, SLICE_LIT("body hash"));
	authres_reason(&ar, SLICE_LIT("the body was changed on its way"));
	authres_prop(&ar, "header", "d", SLICE_LIT("example.com"));
	authres_prop_address(
	    &ar, "header", "i", SLICE_EMPTY, SLICE_LIT("news.example.com"));
	authres_method(&ar, "iprev", AR_PASS);
	authres_prop(&ar, "policy", "iprev", SLICE_LIT("2001:db8::1"));
	assert_slice(finish(),
	    SLICE_LIT(" mx.example.org;\n"
		      "\tdkim=fail (body hash) reason=\"the body was changed "
		      "on its way\"\n"
		      "\theader.d=example.com header.i=@news.example.com;\n"
		      "\tiprev=pass policy.iprev=\"2001:db8::1\""));
	end();
}

/* Columns of the longest line, the first one after the field's name. */
static size_t
longest_line(struct slice value)
{
	size_t longest = 0, column = sizeof("Authentication-Results:") - 1;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		column = c == '\n' ? 0 : c == '\t' ? 8 : column + 1;
		if (column > longest)
			longest = column;
	}
	return longest;
}

static void
test_no_line_is_too_long(void **state)
{
	char text[70];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = 1; n < 57; n++) {
		begin("mx.example.org");
		authres_method(&ar, "dkim", AR_PASS);
		authres_prop(&ar, "header", "d", slice_of(text, n));
		authres_prop(&ar, "header", "s", slice_of(text, n));
		authres_method(&ar, "dkim", AR_PASS);
		authres_comment(&ar, slice_of(text, n));
		authres_method(&ar, "spf", AR_PASS);
		assert_in_range(longest_line(finish()), 1, 78);
		end();
	}
}

/* 78 columns with the ";" that may follow; one more breaks the line. */
static void
test_fold_is_exact(void **state)
{
	char text[70];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = 47; n < 53; n++) {
		/* 8 for the TAB, "dkim=pass header.d=", ";" */
		size_t column = 8 + 19 + n + 1;
		struct slice value;

		begin("mx.example.org");
		authres_method(&ar, "dkim", AR_PASS);
		authres_prop(&ar, "header", "d", slice_of(text, n));
		authres_method(&ar, "spf", AR_PASS);
		value = finish();
		assert_int_equal(
		    slice_icontains(value, SLICE_LIT("dkim=pass header.d")),
		    column <= 78);
		end();
	}
}

/* The longest local part and domain that are written as they are. */
static void
test_longest_address(void **state)
{
	char text[LIMIT_AUTHRES_VALUE + 1], want[600];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (int quoted = 0; quoted < 2; quoted++) {
		for (size_t over = 0; over < 2; over++) {
			size_t n = LIMIT_AUTHRES_VALUE + over;

			text[0] = quoted ? '"' : 'x';
			text[n - 1] = text[0];
			begin("mx.example");
			authres_method(&ar, "dkim", AR_PASS);
			authres_prop_address(&ar, "header", "i",
			    slice_of(text, n), SLICE_LIT("d"));
			(void)snprintf(want, sizeof(want), "=" SLICE_FMT "@d",
			    (int)n, text);
			assert_int_equal(
			    slice_icontains(finish(), slice_z(want)), !over);
			end();
		}
	}
	for (size_t n = LIMIT_DOMAIN; n < LIMIT_DOMAIN + 2; n++) {
		memset(text, 'x', sizeof(text));
		begin("mx.example");
		authres_method(&ar, "dkim", AR_PASS);
		authres_prop_address(
		    &ar, "header", "i", SLICE_EMPTY, slice_of(text, n));
		assert_int_equal(slice_icontains(finish(), SLICE_LIT("=@x")),
		    n == LIMIT_DOMAIN);
		end();
	}
}

/* RFC 5322 section 2.1.1: no line may pass 998, whatever a peer sends. */
static void
test_longest_values(void **state)
{
	static char text[100000];
	char domain[LIMIT_DOMAIN];
	struct slice value;

	(void)state;
	memset(text, '"', sizeof(text));
	memset(domain, 'd', sizeof(domain));
	begin("mx.example");
	authres_method(&ar, "dkim", AR_FAIL);
	authres_comment(&ar, slice_of(text, sizeof(text)));
	authres_reason(&ar, slice_of(text, sizeof(text)));
	authres_prop(&ar, "header", "d", slice_of(text, sizeof(text)));
	authres_prop_address(&ar, "header", "i",
	    slice_of(text, sizeof(text) / 2), slice_of(domain, LIMIT_DOMAIN));
	authres_prop_address(&ar, "header", "i",
	    slice_of(text, sizeof(text) / 2),
	    slice_of(text, sizeof(text) / 2));
	value = finish();
	assert_in_range(longest_line(value), 2 * LIMIT_AUTHRES_VALUE, 998);
	assert_in_range(value.len, 1, 6 * 2 * LIMIT_AUTHRES_VALUE + 200);
	end();
}

/* What a peer's octets fill up is cut between results, and is no error. */
static void
test_ceiling_drops_whole_results(void **state)
{
	struct ar_field f;
	char text[LIMIT_AUTHRES_VALUE];
	struct slice value;
	size_t n = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	begin("mx.example");
	for (int i = 0; i < 100; i++) {
		authres_method(&ar, "dkim", AR_FAIL);
		authres_prop(&ar, "header", "s", slice_of(text, 200));
		authres_prop(&ar, "header", "d", slice_of(text, sizeof(text)));
	}
	authres_method(&ar, "spf", AR_PASS);
	value = finish();
	assert_true(value.len <= LIMIT_AUTHRES_OCTETS);
	assert_true(ar.dropped > 0);
	assert_int_equal(ar_field_parse(value, arena, &f), 0);
	assert_true(f.valid);
	for (struct ar_result *r = f.results; r; r = r->next) {
		n++;
		if (!r->next) {
			assert_slice(r->method, SLICE_LIT("spf"));
			break;
		}
		assert_non_null(r->props->next);
		assert_int_equal(r->props->next->value.len, sizeof(text));
	}
	assert_int_equal(n, ar.written);
	assert_int_equal(n + ar.dropped, 101);
	end();
}

static void
test_no_room_is_an_error(void **state)
{
	struct slice value;

	(void)state;
	begin("mx.example");
	arena_free(arena);
	arena = arena_new(8);
	authres_method(&ar, "spf", AR_PASS);
	assert_int_equal(authres_finish(&ar, arena, &value), -1);
	end();
}

/* T13: each octet in each place; what is read back is what was meant. */
static struct slice
printable(const char *in, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		out[i] = is_print(in[i]) ? in[i] : '?';
	return slice_of(out, len);
}

static void
try_octets(const char *text, size_t len)
{
	struct slice in = slice_of(text, len), value;
	char clean[64], whole[80];
	struct ar_field f;
	struct ar_prop *p;

	begin("mx.example");
	authres_method(&ar, "dkim", AR_PASS);
	authres_comment(&ar, in);
	authres_reason(&ar, in);
	authres_prop(&ar, "header", "d", in);
	authres_prop_address(&ar, "header", "i", in, SLICE_LIT("d.example"));
	authres_prop_address(&ar, "header", "i", SLICE_LIT("a"), in);
	authres_prop(&ar, "header", "s", SLICE_LIT("end"));
	value = finish();
	for (size_t i = 0; i < value.len; i++)
		assert_true(is_print(value.ptr[i]) ||
		    ((value.ptr[i] == '\n') == (value.ptr[i + 1] == '\t') &&
			i + 1 < value.len) ||
		    value.ptr[i] == '\t');
	assert_int_equal(ar_field_parse(value, arena, &f), 0);
	assert_true(f.valid);
	assert_non_null(f.results);
	assert_null(f.results->next);
	in = printable(text, len, clean);
	assert_slice(f.results->reason, in);
	p = f.results->props;
	assert_slice(p->value, in);
	p = p->next;
	assert_slice(p->domain, SLICE_LIT("d.example"));
	p = p->next;
	(void)snprintf(whole, sizeof(whole), "a@" SLICE_FMT, SLICE_ARG(in));
	assert_slice(p->value, slice_z(whole));
	p = p->next;
	assert_slice(p->value, SLICE_LIT("end"));
	assert_null(p->next);
	end();
}

static void
test_every_octet_everywhere(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[] = "a-b; dkim=pass header.d=bank.example (x";

		for (size_t at = 0; at < 3; at++) {
			text[1] = '-';
			text[at == 2 ? sizeof(text) - 2 : at] = (char)c;
			try_octets(text, sizeof(text) - 1);
		}
		text[0] = (char)c;
		try_octets(text, 1);
	}
}

/* The id is ours, but a slip in the configuration must not end the field. */
static void
test_id_is_escaped_too(void **state)
{
	(void)state;
	begin("mx\r\n.example; x");
	assert_slice(finish(), SLICE_LIT(" \"mx??.example; x\"; none"));
	end();
}

static void
test_empty_comment(void **state)
{
	(void)state;
	begin("mx.example");
	authres_method(&ar, "dmarc", AR_FAIL);
	authres_comment(&ar, SLICE_EMPTY);
	assert_slice(finish(), SLICE_LIT(" mx.example;\n\tdmarc=fail"));
	end();
}

int
main(void)
{
	UNIT_TABLE(prop_rows, check_prop);
	UNIT_TABLE(comment_rows, check_comment);
	UNIT_TABLE(address_rows, check_address);
	UNIT_TEST(test_no_method_says_none);
	UNIT_TEST(test_not_run_is_skipped_whole);
	UNIT_TEST(test_folds_at_78);
	UNIT_TEST(test_no_line_is_too_long);
	UNIT_TEST(test_fold_is_exact);
	UNIT_TEST(test_longest_address);
	UNIT_TEST(test_longest_values);
	UNIT_TEST(test_ceiling_drops_whole_results);
	UNIT_TEST(test_no_room_is_an_error);
	UNIT_TEST(test_every_octet_everywhere);
	UNIT_TEST(test_id_is_escaped_too);
	UNIT_TEST(test_empty_comment);
	return unit_end();
}
