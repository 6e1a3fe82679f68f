/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked early, and that it changes neither result nor count. */
#include "spf_unit.h"

static const char zone[] =
    "terms.example TXT \"v=spf1 a mx:mx.example include:inc.example"
    " exists:%{i}.ex.example redirect=re.example\"\n"
    "terms.example A 192.0.2.1\n"
    "mx.example MX 10 one.example\nmx.example MX 20 two.example\n"
    "mx.example MX 30 three.example\n"
    "one.example A 192.0.2.2\n"
    "hosts.example TXT \"v=spf1 mx:mx.example -all\"\n"
    "p.example TXT \"v=spf1 a:x.example exists:%{p}.ex.example ptr -all\"\n"
    "x.example A 192.0.2.1\n"
    "net.example TXT \"v=spf1 a:x.example ip4:192.0.2.0/24 a:y.example"
    " -all\"\n"
#define DEEP(n, next) \
	"w" n ".example TXT \"v=spf1 include:w" next ".example a:1." n \
	".w.example a:2." n ".w.example a:3." n ".w.example a:4." n \
	".w.example a:5." n ".w.example a:6." n ".w.example a:7." n \
	".w.example a:8." n ".w.example\"\n"
    DEEP("1", "2") DEEP("2", "3") DEEP("3", "4") DEEP("4", "5") DEEP("5", "6")
	DEEP("6", "7") DEEP("7", "8") DEEP("8", "none");

static const struct row {
	const char *name, *ip, *sender;
	enum ar_word word;
	unsigned queries; /* what the terms asked, in their turn */
	unsigned asked;   /* with what was asked early */
} rows[] = {
    /* its TXT and A; early: MX, TXT, A of exists, TXT of the redirect */
    {"the first term matches", "192.0.2.1", "u@terms.example", AR_PASS, 2, 6},
    {"the second does, by its first host", "192.0.2.2", "u@terms.example",
	AR_PASS, 4, 9},
    {"hosts of an mx", "192.0.2.2", "u@hosts.example", AR_PASS, 3, 5},
    {"nothing early for p and ptr", "192.0.2.1", "u@p.example", AR_PASS, 2, 2},
    {"nothing behind a network that matches", "192.0.2.9", "u@net.example",
	AR_PASS, 2, 2},
    {"IPv6 asks for AAAA", "2001:db8::1", "u@hosts.example", AR_PERMERROR, 5,
	5},
    {"no more than so many, however deep", "192.0.2.1", "u@w1.example",
	AR_PERMERROR, 9, 9 + LIMIT_SPF_AHEAD},
};

static void
check(void **state)
{
	const struct row *row = *state;
	struct spf_request rq =
	    spf_unit_request(row->ip, "h.example", row->sender);
	struct checked c = spf_unit_check(zone, &rq);

	assert_int_equal(c.result.word, row->word);
	assert_int_equal(c.result.queries, row->queries);
	assert_int_equal(inquiry_count(c.inquiry), row->asked);
	spf_unit_free(&c);
}

int
main(void)
{
	spf_init();
	UNIT_TABLE(rows, check);
	return unit_end();
}
