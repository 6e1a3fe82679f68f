/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/policy.h"

#include "unit.h"

#define NONE DMARC_NONE
#define QUAR DMARC_QUARANTINE
#define REJ DMARC_REJECT

struct row {
	const char *name;
	enum ar_word dmarc;
	enum dmarc_policy effective;
	enum policy_enforce enforce;
	enum policy_temperror on_temperror;
	struct policy_facts facts;
	const char *author; /* always_reject holds listed.example */
	enum action action;
	const char *rule, *code, *text;
};

#define IN \
	{ \
		false, false \
	}
#define OUT \
	{ \
		true, false \
	}
#define RELAY \
	{ \
		false, true \
	}

static const struct row rows[] = {
    {"pass", AR_PASS, REJ, ENFORCE_REJECT, 0, IN, "listed.example",
	ACTION_ACCEPT, "no_failure", NULL, ""},
    {"no record", AR_NONE, DMARC_UNSET, ENFORCE_REJECT, 0, IN,
	"listed.example", ACTION_ACCEPT, "no_failure", NULL, ""},
    {"permerror", AR_PERMERROR, DMARC_UNSET, ENFORCE_REJECT, 0, IN, "",
	ACTION_ACCEPT, "no_failure", NULL, ""},
    {"outbound is never judged", AR_FAIL, REJ, ENFORCE_REJECT, 0, OUT,
	"listed.example", ACTION_ACCEPT, "outbound", NULL, ""},
    {"outbound, temperror", AR_TEMPERROR, REJ, ENFORCE_REJECT,
	TEMPERROR_TEMPFAIL, OUT, "a.example", ACTION_ACCEPT, "outbound", NULL,
	""},
    {"temperror, accepted", AR_TEMPERROR, REJ, ENFORCE_REJECT,
	TEMPERROR_ACCEPT, IN, "listed.example", ACTION_ACCEPT, "no_failure",
	NULL, ""},
    {"temperror, deferred", AR_TEMPERROR, REJ, ENFORCE_NONE,
	TEMPERROR_TEMPFAIL, IN, "a.example", ACTION_TEMPFAIL,
	"dmarc_temperror", "451",
	"DMARC policy for a.example cannot be checked now, please try again "
	"later"},
    {"trusted relay", AR_FAIL, REJ, ENFORCE_REJECT, 0, RELAY, "listed.example",
	ACTION_ACCEPT, "trusted_relay", NULL, ""},
    {"p=none (RFC 9989 5.4)", AR_FAIL, NONE, ENFORCE_REJECT, 0, IN,
	"listed.example", ACTION_ACCEPT, "policy_none", NULL, ""},
    {"enforce = none", AR_FAIL, REJ, ENFORCE_NONE, 0, IN, "listed.example",
	ACTION_ACCEPT, "enforce_none", NULL, ""},
    {"p=quarantine", AR_FAIL, QUAR, ENFORCE_QUARANTINE, 0, IN, "a.example",
	ACTION_QUARANTINE, "dmarc_fail", NULL,
	"dmarc fail p=quarantine dom=a.example"},
    {"p=reject, enforce = quarantine", AR_FAIL, REJ, ENFORCE_QUARANTINE, 0, IN,
	"listed.example", ACTION_QUARANTINE, "dmarc_fail", NULL,
	"dmarc fail p=reject dom=listed.example"},
    {"p=reject alone is no ground (RFC 9989 7.4)", AR_FAIL, REJ,
	ENFORCE_REJECT, 0, IN, "a.example", ACTION_QUARANTINE, "dmarc_fail",
	NULL, "dmarc fail p=reject dom=a.example"},
    {"p=reject and on the list", AR_FAIL, REJ, ENFORCE_REJECT, 0, IN,
	"listed.example", ACTION_REJECT, "always_reject", "550",
	"Email rejected per DMARC policy for listed.example"},
    {"p=quarantine and on the list", AR_FAIL, QUAR, ENFORCE_REJECT, 0, IN,
	"listed.example", ACTION_QUARANTINE, "dmarc_fail", NULL,
	"dmarc fail p=quarantine dom=listed.example"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct domain listed;
	struct policy_rules rules = {
	    r->enforce, r->on_temperror, {&listed, 1}};
	struct verdict v = {
	    .dmarc = {.word = r->dmarc, .effective = r->effective}};
	struct disposition d;

	assert_true(domain_parse(SLICE_LIT("listed.example"), &listed));
	if (r->author[0])
		assert_true(domain_parse(slice_z(r->author), &v.dmarc.author));
	d = policy_decide(&v, &r->facts, &rules);
	assert_int_equal(d.action, r->action);
	assert_string_equal(d.rule, r->rule);
	assert_string_equal(d.text, r->text);
	if (r->code)
		assert_string_equal(d.code, r->code);
	else
		assert_null(d.code);
}

/* The longest domain leaves the reply whole. */
static void
test_text_fits(void **state)
{
	struct verdict v = {.dmarc = {.word = AR_TEMPERROR}};
	struct policy_rules rules = {.on_temperror = TEMPERROR_TEMPFAIL};
	struct policy_facts facts = IN;
	struct disposition d;

	(void)state;
	memset(v.dmarc.author.text, 'a', LIMIT_DOMAIN);
	v.dmarc.author.len = LIMIT_DOMAIN;
	d = policy_decide(&v, &facts, &rules);
	assert_non_null(strstr(d.text, "later"));
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_text_fits);
	return unit_end();
}
