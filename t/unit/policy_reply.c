/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/policy.h"

#include "unit.h"

#define LINE_MAX_OCTETS 512 /* RFC 5321 section 4.5.3.1.5 */

/* One SPF fail of MAIL FROM, as reply or as quarantine. */
static struct disposition
spf_fail(const struct policy_rules *how, struct slice explanation)
{
	struct policy_rules rules = *how;
	struct policy_facts facts = {.own_domain = false};
	struct verdict v = {.mfrom = {.word = AR_FAIL}};

	rules.enforce = ENFORCE_REJECT;
	rules.enforce_percent = 100;
	rules.spf_reject = SPF_REJECT_MAILFROM_FAIL;
	v.mfrom.explanation = explanation;
	assert_true(domain_parse(SLICE_LIT("a.example"), &v.mfrom.domain));
	return policy_decide(&v, &facts, &rules, 0);
}

struct row {
	const char *name;
	struct slice explanation;
	bool wanted;
	const char *more;
};

#define S(lit) \
	{ \
		(lit), sizeof(lit) - 1 \
	}

static const struct row rows[] = {
    {"shown (RFC 7208 section 6.2)", S("See http://a.example/why"), true,
	"The domain a.example explains: See http://a.example/why"},
    {"not asked for", S("See http://a.example/why"), false, ""},
    {"none", S(""), true, ""},
    {"hostile", S("a\r\n250 ok\0b\xff"), true,
	"The domain a.example explains: a??250 ok?b?"},
    {"percent signs", S("100%s %n"), true,
	"The domain a.example explains: 100%s %n"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct policy_rules rules = {.spf_explanation = r->wanted};
	struct disposition d = spf_fail(&rules, r->explanation);

	assert_string_equal(d.rule, "spf_fail");
	assert_string_equal(
	    d.text, "SPF validation failed for MAIL FROM domain a.example");
	assert_string_equal(d.more, r->more);
}

static void
test_url(void **state)
{
	struct policy_rules rules = {
	    .spf_explanation = true, .reply_url = "https://x.example/%41"};
	struct disposition d = spf_fail(&rules, SLICE_LIT("why"));

	(void)state;
	assert_string_equal(d.text,
	    "SPF validation failed for MAIL FROM domain a.example, see "
	    "https://x.example/%41");
	assert_string_equal(d.more, "The domain a.example explains: why");
}

/* Their words belong to the rule of SPF's, to no other. */
static void
test_explanation_is_for_spf(void **state)
{
	struct policy_rules rules = {.enforce = ENFORCE_REJECT_ALWAYS,
	    .enforce_percent = 100,
	    .spf_explanation = true};
	struct policy_facts facts = {.own_domain = false};
	struct verdict v = {.mfrom = {.word = AR_FAIL},
	    .dmarc = {.word = AR_FAIL, .effective = DMARC_REJECT}};
	struct disposition d;

	(void)state;
	v.mfrom.explanation = SLICE_LIT("why");
	d = policy_decide(&v, &facts, &rules, 0);
	assert_string_equal(d.rule, "reject_always");
	assert_string_equal(d.more, "");
}

/* The longest of everything: lines are whole, and SMTP takes them. */
static void
test_longest(void **state)
{
	char url[POLICY_URL_MAX + 1], long_name[LIMIT_DOMAIN + 1];
	char text[LIMIT_SPF_EXPLANATION];
	struct policy_rules rules = {.enforce = ENFORCE_REJECT,
	    .enforce_percent = 100,
	    .protect_own_domains = true,
	    .spf_reject = SPF_REJECT_MAILFROM_FAIL,
	    .spf_explanation = true,
	    .reply_url = url};
	struct policy_facts facts = {.own_domain = false};
	struct verdict v = {.mfrom = {.word = AR_FAIL},
	    .dmarc = {.word = AR_FAIL, .effective = DMARC_REJECT}};
	struct disposition d;
	size_t head = strlen("550-5.7.26 \r\n");

	(void)state;
	memset(url, 'u', POLICY_URL_MAX);
	url[POLICY_URL_MAX] = '\0';
	for (size_t i = 0; i < LIMIT_DOMAIN; i++)
		long_name[i] = i % 62 == 61 ? '.' : 'd';
	long_name[LIMIT_DOMAIN] = '\0';
	memset(text, 'e', sizeof(text));
	v.mfrom.explanation = slice_of(text, sizeof(text));
	assert_true(domain_parse(slice_z(long_name), &v.mfrom.domain));
	v.dmarc.author = v.mfrom.domain;

	d = policy_decide(&v, &facts, &rules, 0);
	assert_string_equal(d.rule, "spf_fail");
	assert_true(slice_iends(slice_z(d.text), slice_z(url)));
	assert_true(head + strlen(d.text) <= LINE_MAX_OCTETS);
	assert_true(head + strlen(d.more) <= LINE_MAX_OCTETS);
	rules.spf_reject = SPF_REJECT_NO;
	d = policy_decide(&v, &facts, &rules, 0);
	assert_string_equal(d.rule, "spf_fail_no_dkim");
	assert_true(slice_iends(slice_z(d.text), slice_z(url)));
	assert_true(head + strlen(d.text) <= LINE_MAX_OCTETS);
	facts.own_domain = true;
	d = policy_decide(&v, &facts, &rules, 0);
	assert_string_equal(d.rule, "own_domain");
	assert_true(slice_iends(slice_z(d.text), slice_z(url)));
	assert_true(head + strlen(d.text) <= LINE_MAX_OCTETS);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_url);
	UNIT_TEST(test_explanation_is_for_spf);
	UNIT_TEST(test_longest);
	return unit_end();
}
