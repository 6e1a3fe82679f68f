/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/domain.h"

#include "unit.h"

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define L61 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi"

struct row {
	const char *name, *in, *want; /* want NULL: refused */
};

static const struct row rows[] = {
    {"plain", "example.com", "example.com"},
    {"case and dot", "EXAMPLE.com.", "example.com"},
    {"one label", "localhost", "localhost"},
    {"underscore", "_dmarc.example.com", "_dmarc.example.com"},
    {"digits", "123.45", "123.45"},
    {"U-label",
	"b\xc3\xbc"
	"cher.example",
	"xn--bcher-kva.example"},
    {"U-label upper case",
	"B\xc3\x9c"
	"CHER.example",
	"xn--bcher-kva.example"},
    {"A-label", "XN--BCHER-KVA.example", "xn--bcher-kva.example"},
    {"sharp s is itself",
	"stra\xc3\x9f"
	"e.example",
	"xn--strae-oqa.example"},
    {"ideographic dot",
	"b\xc3\xbc"
	"cher\xe3\x80\x82"
	"example",
	"xn--bcher-kva.example"},
    {"empty", "", NULL},
    {"dot", ".", NULL},
    {"empty label", "a..b", NULL},
    {"leading dot", ".a", NULL},
    {"two trailing dots", "a.b..", NULL},
    {"blank", "a b.example", NULL},
    {"literal", "[192.0.2.1]", NULL},
    {"parenthesis", "example.net(.example.com", NULL},
    {"quote", "a'b.example", NULL},
    {"CRLF", "a\r\nb.example", NULL},
    {"bad UTF-8", "a\xff\xfe.example", NULL},
    {"fullwidth at sign",
	"a\xef\xbc\xa0"
	"b.example",
	NULL},
    {"label of 63", L63 ".example", L63 ".example"},
    {"label of 64", L63 "a.example", NULL},
    {"name of 253", L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61},
    {"name of 254", L63 "." L63 "." L63 "." L61 "a", NULL},
    {"name of 253 and dot", L63 "." L63 "." L63 "." L61 ".",
	L63 "." L63 "." L63 "." L61},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct domain d;
	bool ok = domain_parse(slice_z(r->in), &d);

	assert_int_equal(ok, r->want != NULL);
	assert_string_equal(d.text, r->want ? r->want : "");
	assert_int_equal(d.len, strlen(d.text));
}

static void
test_nul(void **state)
{
	struct domain d;

	(void)state;
	assert_false(domain_parse(slice_of("a.b\0c", 5), &d));
	assert_false(domain_parse(slice_of("\xc3\xbc\0.b", 5), &d));
	assert_false(domain_parse(SLICE_EMPTY, &d));
}

struct under_row {
	const char *name, *d, *top;
	bool want;
};

static const struct under_row under_rows[] = {
    {"same", "example.com", "example.com", true},
    {"below", "a.example.com", "example.com", true},
    {"above", "com", "example.com", false},
    {"suffix only", "badexample.com", "example.com", false},
    {"other", "example.net", "example.com", false},
};

static void
check_under(void **state)
{
	const struct under_row *r = *state;
	struct domain d, top;

	assert_true(domain_parse(slice_z(r->d), &d));
	assert_true(domain_parse(slice_z(r->top), &top));
	assert_int_equal(domain_is_under(&d, &top), r->want);
}

static void
test_labels(void **state)
{
	struct domain d, t, none = {.len = 0};

	(void)state;
	assert_true(domain_parse(SLICE_LIT("a.b.example.com"), &d));
	assert_int_equal(domain_nlabels(&d), 4);
	assert_int_equal(domain_nlabels(&none), 0);
	t = domain_tail(&d, 1);
	assert_string_equal(t.text, "com");
	t = domain_tail(&d, 2);
	assert_string_equal(t.text, "example.com");
	t = domain_tail(&d, 4);
	assert_string_equal(t.text, "a.b.example.com");
	t = domain_tail(&d, 9);
	assert_string_equal(t.text, "a.b.example.com");
	t = domain_tail(&d, 0);
	assert_string_equal(t.text, "");
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_nul);
	UNIT_TABLE(under_rows, check_under);
	UNIT_TEST(test_labels);
	return unit_end();
}
