/* SPDX-License-Identifier: BSD-2-Clause */
#include "iprev/iprev.h"

#include "dns/zone.h"
#include "unit.h"

static const char zone[] =
    "1.2.0.192.in-addr.arpa PTR mail.example.com\n"
    "mail.example.com A 192.0.2.1\n"
    "2.2.0.192.in-addr.arpa PTR liar.example.com\n"
    "liar.example.com A 198.51.100.1\n"
    "3.2.0.192.in-addr.arpa PTR nx.example.com\n"
    "3.2.0.192.in-addr.arpa PTR mail3.example.com\n"
    "mail3.example.com A 192.0.2.3\n"
    "4.2.0.192.in-addr.arpa SERVFAIL\n"
    "5.2.0.192.in-addr.arpa PTR slow.example.com\n"
    "slow.example.com TIMEOUT\n"
    "6.2.0.192.in-addr.arpa PTR slow.example.com\n"
    "6.2.0.192.in-addr.arpa PTR mail6.example.com\n"
    "mail6.example.com A 192.0.2.6\n"
    "7.2.0.192.in-addr.arpa PTR a(b.example.com\n"
    "a(b.example.com A 192.0.2.7\n"
    "8.2.0.192.in-addr.arpa PTR n1.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n2.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n3.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n4.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n5.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n6.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n7.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n8.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n9.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n10.example.com\n"
    "8.2.0.192.in-addr.arpa PTR n11.example.com\n"
    "n11.example.com A 192.0.2.8\n"
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
    " PTR six.example.com\n"
    "six.example.com AAAA 2001:db8::1\n"
    "six.example.com A 192.0.2.66\n"
    "10.2.0.192.in-addr.arpa PTR a.example.com\n"
    "10.2.0.192.in-addr.arpa PTR b.example.com\n"
    "11.2.0.192.in-addr.arpa PTR b.example.com\n"
    "11.2.0.192.in-addr.arpa PTR a.example.com\n"
    "a.example.com A 192.0.2.10\na.example.com A 192.0.2.11\n"
    "b.example.com A 192.0.2.10\nb.example.com A 192.0.2.11\n";

struct row {
	const char *name, *ip;
	enum ar_word word;
	enum iprev_reason reason;
	const char *host;
};

static const struct row rows[] = {
    {"pass", "192.0.2.1", AR_PASS, IPREV_REASON_NONE, "mail.example.com"},
    {"mapped", "::ffff:192.0.2.1", AR_PASS, IPREV_REASON_NONE,
	"mail.example.com"},
    {"v6", "2001:db8::1", AR_PASS, IPREV_REASON_NONE, "six.example.com"},
    {"another address", "192.0.2.2", AR_FAIL, IPREV_NO_MATCH, ""},
    {"second name", "192.0.2.3", AR_PASS, IPREV_REASON_NONE,
	"mail3.example.com"},
    {"of two names the same in any order", "192.0.2.10", AR_PASS,
	IPREV_REASON_NONE, "a.example.com"},
    {"of two names the same, the other order", "192.0.2.11", AR_PASS,
	IPREV_REASON_NONE, "a.example.com"},
    {"no PTR", "192.0.2.99", AR_FAIL, IPREV_NO_PTR, ""},
    {"PTR fails", "192.0.2.4", AR_TEMPERROR, IPREV_DNS_ERROR, ""},
    {"name times out", "192.0.2.5", AR_TEMPERROR, IPREV_DNS_ERROR, ""},
    {"one times out, one matches", "192.0.2.6", AR_PASS, IPREV_REASON_NONE,
	"mail6.example.com"},
    {"T11 a name that is none", "192.0.2.7", AR_FAIL, IPREV_NO_MATCH, ""},
    {"the eleventh name is not tried", "192.0.2.8", AR_FAIL, IPREV_NO_MATCH,
	""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct resolver *z = zone_new(slice_z(zone), NULL);
	struct inquiry *q = inquiry_new(z, 50);
	struct iprev_result res;
	struct ip ip;

	assert_int_equal(ip_parse(slice_z(r->ip), &ip), 0);
	iprev_prefetch(&ip, q);
	res = iprev_check(&ip, q);
	assert_string_equal(ar_word(res.word), ar_word(r->word));
	assert_int_equal(res.reason, r->reason);
	assert_string_equal(res.name.text, r->host);
	inquiry_free(q);
	resolver_free(z);
}

static void
test_no_address(void **state)
{
	struct ip none = {.family = IP_NONE};

	(void)state;
	assert_int_equal(iprev_check(&none, NULL).word, AR_PERMERROR);
	iprev_prefetch(&none, NULL);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_no_address);
	return unit_end();
}
