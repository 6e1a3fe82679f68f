/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/exception.h"

#include "unit.h"

static const char form[] =
    "must be CLIENT dkim=DOMAIN or CLIENT spf=DOMAIN, as in \"192.0.2.1 "
    "dkim=lists.example.org\"";

/* --- reading --------------------------------------------------------------- */

struct text_row {
	const char *name, *text, *wrong; /* wrong NULL: it is fine */
};

static const struct text_row text_rows[] = {
    {"address", "192.0.2.1 dkim=lists.example.org", NULL},
    {"IPv6 network", "2001:db8::/32 spf=example.org", NULL},
    {"name", "mail.example.org spf=example.org", NULL},
    {"all below a name", ".mail.example.org spf=.example.org", NULL},
    {"upper case, blanks", "  Mail.Example.ORG \t DKIM=Example.org ", NULL},
    {"a list", "192.0.2.1 dkim=example.org list-id=dev.example.org", NULL},
    {"a list in brackets",
	"192.0.2.1 dkim=example.org list-id=<dev.example.org>", NULL},
    {"two lists", "192.0.2.1 dkim=example.org list-id=a.example list-id=b",
	form},
    {"brackets alone", "192.0.2.1 dkim=example.org list-id=<>", form},
    {"one bracket", "192.0.2.1 dkim=example.org list-id=>", NULL},
    {"U-labels",
	"m\xc3\xbcll.example dkim=b\xc3\xbc"
	"cher.example",
	NULL},
    {"nothing", "", form},
    {"client alone", "192.0.2.1", form},
    {"client and list", "192.0.2.1 list-id=dev.example.org", form},
    {"proof alone", "dkim=example.org", form},
    {"two proofs", "192.0.2.1 dkim=example.org spf=example.org", form},
    {"one proof twice", "192.0.2.1 dkim=a.example dkim=b.example", form},
    {"unknown word", "192.0.2.1 dkim=example.org arc=example.org", form},
    {"empty proof", "192.0.2.1 dkim=", form},
    {"empty list", "192.0.2.1 dkim=example.org list-id=", form},
    {"a dot", ". dkim=example.org", form},
    {"no domain", "192.0.2.1 dkim=a..b", form},
    {"a top level", "192.0.2.1 dkim=.com", "names a whole top level"},
    {"a top level as client", ".com spf=example.org",
	"names a whole top level"},
    {"one label", "localhost spf=example.org", "names a whole top level"},
    {"everybody", "0.0.0.0/0 dkim=example.org", "names too wide a network"},
    {"half of them", "128.0.0.0/1 dkim=example.org",
	"names too wide a network"},
    {"everybody's IPv6", "::/0 dkim=example.org", "names too wide a network"},
    {"a whole /8", "10.0.0.0/8 dkim=example.org", NULL},
};

static void
check_text(void **state)
{
	const struct text_row *r = *state;
	struct exception e;
	const char *wrong = exception_parse(r->text, &e);

	if (r->wrong)
		assert_string_equal(wrong, r->wrong);
	else
		assert_null(wrong);
	assert_ptr_equal(e.text, r->text);
}

/* --- matching -------------------------------------------------------------- */

struct match_row {
	const char *name, *text;
	enum ar_word iprev, dkim, spf;
	const char *iprev_name, *dkim_d, *spf_d;
	enum exception_match want;
};

#define NO EXCEPTION_NO
#define MAYBE EXCEPTION_UNDECIDED
#define YES EXCEPTION_YES

/* The client is 192.0.2.1. */
static const struct match_row match_rows[] = {
    {"address and signature", "192.0.2.1 dkim=l.example", 0, AR_PASS, 0, NULL,
	"l.example", NULL, YES},
    {"network and SPF", "192.0.2.0/24 spf=l.example", 0, 0, AR_PASS, NULL,
	NULL, "l.example", YES},
    {"name and signature", "m.l.example dkim=l.example", AR_PASS, AR_PASS, 0,
	"m.l.example", "l.example", NULL, YES},
    {"below a name", ".l.example dkim=l.example", AR_PASS, AR_PASS, 0,
	"m.l.example", "l.example", NULL, YES},
    {"the name itself", ".l.example dkim=l.example", AR_PASS, AR_PASS, 0,
	"l.example", "l.example", NULL, YES},
    {"a name that ends alike", ".l.example dkim=l.example", AR_PASS, AR_PASS,
	0, "evil.example", "l.example", NULL, NO},
    {"a name that is longer", "l.example dkim=l.example", AR_PASS, AR_PASS, 0,
	"m.l.example", "l.example", NULL, NO},
    {"glued to the name", ".l.example dkim=l.example", AR_PASS, AR_PASS, 0,
	"evil-l.example", "l.example", NULL, NO},
    {"another address", "192.0.2.2 dkim=l.example", 0, AR_PASS, 0, NULL,
	"l.example", NULL, NO},
    {"a name not confirmed", "m.l.example dkim=l.example", AR_FAIL, AR_PASS, 0,
	"", "l.example", NULL, NO},
    {"a name not asked for", "m.l.example dkim=l.example", AR_NOT_RUN, AR_PASS,
	0, "", "l.example", NULL, NO},
    {"no address at all", "m.l.example dkim=l.example", AR_PERMERROR, AR_PASS,
	0, "", "l.example", NULL, NO},
    {"a signature that fails", "192.0.2.1 dkim=l.example", 0, AR_FAIL, 0, NULL,
	"l.example", NULL, NO},
    {"a signature set aside", "192.0.2.1 dkim=l.example", 0, AR_POLICY, 0,
	NULL, "l.example", NULL, NO},
    {"a signature of a child", "192.0.2.1 dkim=l.example", 0, AR_PASS, 0, NULL,
	"x.l.example", NULL, NO},
    {"any child's will do", "192.0.2.1 dkim=.l.example", 0, AR_PASS, 0, NULL,
	"x.l.example", NULL, YES},
    {"somebody else's", "192.0.2.1 dkim=l.example", 0, AR_PASS, 0, NULL,
	"evil.example", NULL, NO},
    {"no signature", "192.0.2.1 dkim=l.example", 0, 0, AR_PASS, NULL, NULL,
	"l.example", NO},
    {"SPF softfail", "192.0.2.1 spf=l.example", 0, 0, AR_SOFTFAIL, NULL, NULL,
	"l.example", NO},
    {"SPF of another", "192.0.2.1 spf=l.example", 0, 0, AR_PASS, NULL, NULL,
	"evil.example", NO},
    {"SPF of nobody", "192.0.2.1 spf=l.example", 0, 0, AR_NOT_RUN, NULL, NULL,
	"", NO},
    {"no name for now", "m.l.example dkim=l.example", AR_TEMPERROR, AR_PASS, 0,
	"", "l.example", NULL, MAYBE},
    {"no key for now", "192.0.2.1 dkim=l.example", 0, AR_TEMPERROR, 0, NULL,
	"l.example", NULL, MAYBE},
    {"another's key for now", "192.0.2.1 dkim=l.example", 0, AR_TEMPERROR, 0,
	NULL, "evil.example", NULL, NO},
    {"no SPF for now", "192.0.2.1 spf=l.example", 0, 0, AR_TEMPERROR, NULL,
	NULL, "l.example", MAYBE},
    {"no name for now, and no signature", "m.l.example dkim=l.example",
	AR_TEMPERROR, AR_FAIL, 0, "", "l.example", NULL, NO},
    {"no key for now, from elsewhere", "192.0.2.2 dkim=l.example", 0,
	AR_TEMPERROR, 0, NULL, "l.example", NULL, NO},
    {"nothing for now", "m.l.example dkim=l.example", AR_TEMPERROR,
	AR_TEMPERROR, 0, "", "l.example", NULL, MAYBE},
};

static void
domain(const char *text, struct domain *out)
{
	if (text && text[0])
		assert_true(domain_parse(slice_z(text), out));
}

static void
check_match(void **state)
{
	const struct match_row *r = *state;
	struct dkim_result sigs[2] = {{.word = AR_FAIL}, {.word = r->dkim}};
	struct verdict v = {.iprev = {.word = r->iprev},
	    .mfrom = {.word = r->spf},
	    .dkim = sigs,
	    .ndkim = r->dkim_d ? 2 : 0};
	struct exception e;
	struct ip client;

	domain(r->iprev_name, &v.iprev.name);
	domain(r->spf_d, &v.mfrom.domain);
	domain(r->dkim_d, &sigs[1].domain);
	assert_int_equal(ip_parse(SLICE_LIT("192.0.2.1"), &client), 0);
	assert_null(exception_parse(r->text, &e));
	assert_int_equal(exception_holds(&e, &v, &client), r->want);
}

static void
test_lists(void **state)
{
	struct exception any, one;

	(void)state;
	assert_null(exception_parse("192.0.2.1 dkim=l.example", &any));
	assert_null(exception_parse(
	    "192.0.2.1 dkim=l.example list-id=Dev.l.example", &one));
	assert_true(exception_is_list(&any, SLICE_LIT("x")));
	assert_false(exception_is_list(&any, SLICE_EMPTY));
	assert_true(exception_is_list(&one, SLICE_LIT("dev.L.example")));
	assert_false(exception_is_list(&one, SLICE_LIT("dev.l.example.net")));
	assert_false(exception_is_list(&one, SLICE_EMPTY));
	assert_null(exception_parse(
	    "192.0.2.1 dkim=l.example list-id=<dev.l.example>", &one));
	assert_true(exception_is_list(&one, SLICE_LIT("dev.l.example")));
}

int
main(void)
{
	UNIT_TABLE(text_rows, check_text);
	UNIT_TABLE(match_rows, check_match);
	UNIT_TEST(test_lists);
	return unit_end();
}
