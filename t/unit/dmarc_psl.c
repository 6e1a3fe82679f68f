/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/psl.h"

#include <unistd.h>

#include "unit.h"

struct row {
	const char *name, *in, *want; /* want NULL: it is a suffix itself */
};

/* Suffixes that were there long before any list in use today. */
static const struct row rows[] = {
    {"registered", "example.com", "example.com"},
    {"below", "a.b.example.com", "example.com"},
    {"two labels", "a.example.co.uk", "example.co.uk"},
    {"suffix", "com", NULL},
    {"suffix of two labels", "co.uk", NULL},
    {"private suffix", "a.victim.github.io", "victim.github.io"},
    {"private suffix itself", "github.io", NULL},
    {"wildcard", "x.b.foo.ck", "b.foo.ck"},
    {"wildcard's suffix", "foo.ck", NULL},
    {"exception", "a.www.ck", "www.ck"},
    {"A-label suffix", "a.xn--85x722f.com.cn", "xn--85x722f.com.cn"},
    {"suffix nobody lists", "a.b.nosuchsuffix", "b.nosuchsuffix"},
    {"one letter", "a.x.com", "x.com"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct dmarc_psl *psl = dmarc_psl_new(NULL, NULL);
	struct domain d, org;

	assert_non_null(psl);
	assert_true(domain_parse(slice_z(r->in), &d));
	assert_int_equal(dmarc_psl_org(psl, &d, &org), r->want != NULL);
	if (r->want)
		assert_string_equal(org.text, r->want);
	dmarc_psl_free(psl);
}

static void
test_files(void **state)
{
	char path[] = "/tmp/assay-psl-XXXXXX";
	int fd = mkstemp(path);
	static const char remark[] = "// a list\n";
	static const char list[] = "com\nblog.example\n";
	struct err err = ERR_INIT;
	struct dmarc_psl *psl;
	struct domain d, org;

	(void)state;
	assert_true(fd >= 0);
	/* A file without a rule is no list. */
	assert_null(dmarc_psl_new(path, NULL));
	assert_int_equal(
	    write(fd, remark, sizeof(remark) - 1), sizeof(remark) - 1);
	assert_null(dmarc_psl_new(path, &err));
	assert_non_null(strstr(err.text, path));
	assert_int_equal(write(fd, list, sizeof(list) - 1), sizeof(list) - 1);
	assert_int_equal(close(fd), 0);
	psl = dmarc_psl_new(path, NULL);
	assert_non_null(psl);
	assert_true(domain_parse(SLICE_LIT("a.b.blog.example"), &d));
	assert_true(dmarc_psl_org(psl, &d, &org));
	assert_string_equal(org.text, "b.blog.example");
	dmarc_psl_free(psl);
	assert_int_equal(unlink(path), 0);
	err = ERR_INIT;
	assert_null(dmarc_psl_new(path, &err));
	assert_non_null(strstr(err.text, path));
	dmarc_psl_free(NULL);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_files);
	return unit_end();
}
