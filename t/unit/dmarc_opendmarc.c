/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/opendmarc.h"

#include "dmarc_scene.h"

#define POLICIES 3

/* A result as the evaluation makes them, without one. */
static struct dmarc_result
result_of(const char *author, const char *record_domain, int aligned,
    enum dmarc_policy policy)
{
	struct dmarc_result r = {
	    .word = aligned ? AR_PASS : AR_FAIL,
	    .p = policy,
	    .policy = policy,
	    .aligned_spf = aligned & 1,
	    .aligned_dkim = (aligned & 2) != 0,
	};

	assert_true(domain_parse(slice_z(author), &r.author));
	assert_true(domain_parse(slice_z(record_domain), &r.record_domain));
	return r;
}

struct row {
	const char *name, *author, *record_domain;
};

static const struct row rows[] = {
    {"own record", "example.com", "example.com"},
    {"record above", "a.example.com", "example.com"},
    {"record far above", "a.b.c.d.e.f.g.h.i.j.example.com", "com"},
    {"one-letter label", "x.com", "x.com"},
    {"below a one-letter label", "a.x.com", "x.com"},
    {"one-letter labels", "a.b.c", "c"},
    {"one label", "localhost", "localhost"},
    {"one letter", "x", "x"},
    {"underscore", "_x.a_b.example", "_x.a_b.example"},
    {"digits", "192.0.2.1", "192.0.2.1"},
    {"hyphens", "-a-.example", "example"},
    {"A-label", "xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"suffixes", "a.example.co.uk", "co.uk"},
};

static void
check_one(const struct row *r, enum dmarc_policy policy, enum dmarc_policy p,
    int bits)
{
	struct dmarc_result one =
	    result_of(r->author, r->record_domain, bits & 3, policy);
	struct err err = ERR_INIT;

	one.p = p;
	one.strict_spf = (bits & 4) != 0;
	one.strict_dkim = (bits & 8) != 0;
	if (dmarc_library_agrees(&one, &err))
		fail_msg("%s", err.text);
}

/* Every policy, any alignment, both modes: the library says the same. */
static void
check(void **state)
{
	for (int policy = 1; policy <= POLICIES; policy++)
		for (int p = 0; p <= POLICIES; p++)
			for (int bits = 0; bits < 16; bits++)
				check_one(*state, (enum dmarc_policy)policy,
				    (enum dmarc_policy)p, bits);
}

/* Nothing is asked when there is no verdict to compare. */
static void
test_other_words(void **state)
{
	struct dmarc_result r = {.word = AR_NONE};

	(void)state;
	assert_int_equal(dmarc_library_agrees(&r, NULL), 0);
	r.word = AR_TEMPERROR;
	assert_int_equal(dmarc_library_agrees(&r, NULL), 0);
	r.word = AR_PERMERROR;
	assert_int_equal(dmarc_library_agrees(&r, NULL), 0);
}

static void
refused(struct dmarc_result r, const char *why)
{
	struct err err = ERR_INIT;

	assert_int_equal(dmarc_library_agrees(&r, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

/* A verdict of ours that does not follow from its parts is an error. */
static void
test_disagreement_is_an_error(void **state)
{
	struct dmarc_result r =
	    result_of("example.com", "example.com", 0, DMARC_REJECT);

	(void)state;
	r.word = AR_PASS; /* and nothing aligned */
	refused(r, "libopendmarc says 16");
	r = result_of("example.com", "example.com", 1, DMARC_REJECT);
	r.word = AR_FAIL; /* and SPF aligned */
	refused(r, "libopendmarc says 15");
	r = result_of("example.com", "example.com", 0, DMARC_UNSET);
	refused(r, "libopendmarc refuses");
	r = result_of("example.com", "example.com", 0, DMARC_REJECT);
	r.author.len = 0;
	r.author.text[0] = '\0';
	refused(r, "libopendmarc refuses");
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_other_words);
	UNIT_TEST(test_disagreement_is_an_error);
	return unit_end();
}
