/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8601 section 3. See iprev.h. */
#include "iprev/iprev.h"

#include <string.h>

#include "mail/limits.h"

const struct name iprev_reason_words[] = {
    {IPREV_REASON_NONE, ""},
    {IPREV_NO_PTR, "no PTR record"},
    {IPREV_NO_MATCH, "no name leads back"},
    {IPREV_DNS_ERROR, "DNS error"},
    {IPREV_NO_ADDRESS, "no address"},
    {0, NULL},
};

static bool
answer_has(const struct answer *a, const struct ip *ip)
{
	for (size_t i = 0; i < a->nrr; i++) {
		struct ip one;

		if (rdata_ip(a->rdata[i], &one) && ip_eq(&one, ip))
			return true;
	}
	return false;
}

void
iprev_prefetch(const struct ip *ip, struct inquiry *q)
{
	char reverse[IP_REVERSE_MAX];

	if (ip->family != IP_NONE)
		inquiry_prefetch(q, slice_z(ip_reverse(ip, reverse)), DNS_PTR);
}

/* Adds a name where it belongs in the alphabet. */
static void
add_name(struct domain *names, size_t n, const struct domain *d)
{
	for (; n > 0 && strcmp(names[n - 1].text, d->text) > 0; n--)
		names[n] = names[n - 1];
	names[n] = *d;
}

/*
 * The names that can be asked. Name servers turn the order of an answer round
 * each time; which of several names is the client's may not depend on that.
 */
static size_t
collect_names(const struct answer *ptr, struct domain names[LIMIT_IPREV_NAMES])
{
	char name[RDATA_NAME_MAX];
	struct domain d;
	size_t n = 0;

	for (size_t i = 0; i < ptr->nrr && i < LIMIT_IPREV_NAMES; i++)
		if (rdata_name(ptr->rdata[i], name) &&
		    domain_parse(slice_z(name), &d))
			add_name(names, n++, &d);
	return n;
}

static struct iprev_result
check_names(const struct ip *ip, const struct answer *ptr, struct inquiry *q)
{
	enum dns_type type = ip->family == IP_V4 ? DNS_A : DNS_AAAA;
	struct iprev_result res = {
	    .word = AR_FAIL, .reason = IPREV_NO_MATCH, .ip = *ip};
	struct domain names[LIMIT_IPREV_NAMES];
	size_t n = collect_names(ptr, names);

	for (size_t i = 0; i < n; i++)
		inquiry_prefetch(q, domain_slice(&names[i]), type);
	for (size_t i = 0; i < n; i++) {
		const struct answer *a =
		    inquiry_ask(q, domain_slice(&names[i]), type);

		if (answer_has(a, ip)) {
			res.word = AR_PASS;
			res.reason = IPREV_REASON_NONE;
			res.name = names[i];
			return res;
		}
		if (dns_is_temporary(a->status)) {
			res.word = AR_TEMPERROR;
			res.reason = IPREV_DNS_ERROR;
		}
	}
	return res;
}

struct iprev_result
iprev_check(const struct ip *ip, struct inquiry *q)
{
	struct iprev_result res = {
	    .word = AR_PERMERROR, .reason = IPREV_NO_ADDRESS, .ip = *ip};
	char reverse[IP_REVERSE_MAX];
	const struct answer *ptr;

	if (ip->family == IP_NONE)
		return res;
	ptr = inquiry_ask(q, slice_z(ip_reverse(ip, reverse)), DNS_PTR);
	if (ptr->status == DNS_OK)
		return check_names(ip, ptr, q);
	if (dns_is_temporary(ptr->status)) {
		res.word = AR_TEMPERROR;
		res.reason = IPREV_DNS_ERROR;
	} else {
		res.word = AR_FAIL;
		res.reason = IPREV_NO_PTR;
	}
	return res;
}
