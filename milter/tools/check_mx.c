/* SPDX-License-Identifier: BSD-2-Clause */
/* assay check: MX; the addresses that send; tracking hosts. */
#include <stdio.h>

#include "dns/rdata.h"
#include "iprev/iprev.h"
#include "mail/limits.h"
#include "spf/spf.h"
#include "tools/check.h"

/* --- MX (RFC 5321 section 5.1, RFC 7505) -------------------------------------------- */

static void
mx_host(struct check *c, struct slice host)
{
	struct domain d;
	struct ip ip;

	if (ip_parse(host, &ip) == 0 || !domain_parse(host, &d))
		check_found(c, FIND_MX_HOST, host, NULL);
	else if (check_ask(c, host, DNS_CNAME)->nrr)
		check_found(c, FIND_MX_ALIAS, host, NULL);
	else if (!check_has_address(c, host))
		check_found(c,
		    check_may_have_address(c, host) ? FIND_MX_ADDRESS_DNS
						    : FIND_MX_ADDRESS,
		    host, NULL);
}

static void
mx_records(struct check *c, const struct answer *a)
{
	struct out *o = &c->env.out;
	size_t nulls = 0;

	out_array(o, "records");
	for (size_t i = 0; i < a->nrr && i < LIMIT_ANSWER_RECORDS; i++) {
		char host[RDATA_NAME_MAX], text[RDATA_NAME_MAX + 16];
		uint16_t preference;

		if (!rdata_mx(a->rdata[i], &preference, host))
			continue;
		(void)snprintf(text, sizeof(text), "%u %s", preference,
		    host[0] ? host : ".");
		check_record(c, NULL, slice_z(text));
		if (host[0] && c->nmx < CHECK_MX_MAX &&
		    domain_parse(slice_z(host), &c->mx[c->nmx]))
			c->nmx++;
		nulls += host[0] == '\0';
		if (host[0])
			mx_host(c, slice_z(host));
	}
	out_close(o);
	c->null_mx = nulls && nulls == a->nrr;
	c->has_mx = a->nrr > nulls;
	if (c->null_mx)
		check_found(c, FIND_MX_NULL, SLICE_EMPTY, NULL);
	else if (nulls)
		check_found(c, FIND_MX_NULL_BESIDE, SLICE_EMPTY, NULL);
}

void
check_mx(struct check *c)
{
	struct slice name = domain_slice(&c->domain);
	const struct answer *a = check_ask(c, name, DNS_MX);

	if (a->status == DNS_NXDOMAIN)
		check_found(c, FIND_DOMAIN_MISSING, name, NULL);
	else if (dns_is_temporary(a->status))
		check_found(c, FIND_MX_DNS,
		    slice_z(names_word(dns_status_words, (int)a->status)),
		    NULL);
	else if (a->nrr == 0)
		check_found(c, FIND_MX_NONE,
		    check_has_address(c, name) ? SLICE_LIT("it has an address")
			: check_may_have_address(c, name)
			? SLICE_EMPTY
			: SLICE_LIT("nor an address"),
		    NULL);
	else
		mx_records(c, a);
}

/* --- addresses that send ------------------------------------------------------------- */

/* "host-192-0-2-1.provider.example": each octet stands in the name. */
static bool
is_generic(const struct ip *ip, const struct domain *name)
{
	size_t found = 0;

	if (ip->family != IP_V4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		char octet[8];

		(void)snprintf(octet, sizeof(octet), "%u", ip->octets[i]);
		found += slice_icontains(domain_slice(name), slice_z(octet));
	}
	return found == 4;
}

/* Its word, AR_NOT_RUN without memory. */
static enum ar_word
address_spf(struct check *c, const struct ip *ip, struct slice text)
{
	struct inquiry *q = env_inquiry(&c->env, LIMIT_SPF_QUERIES);
	char sender[LIMIT_DOMAIN + 16];
	struct spf_request rq = {.ip = *ip,
	    .helo = domain_slice(&c->domain),
	    .identity = SPF_MAILFROM,
	    .now_s = clock_now_s(c->env.engine.clock)};
	struct spf_result r = {.word = AR_NOT_RUN};
	struct err err = ERR_INIT;

	(void)snprintf(
	    sender, sizeof(sender), "postmaster@%s", c->domain.text);
	rq.sender = slice_z(sender);
	if (!q || spf_check(&rq, q, c->arena, &r, &err))
		c->no_memory = true;
	inquiry_free(q);
	out_result(&c->env.out, "spf", r.word);
	if (r.word != AR_PASS && r.word != AR_TEMPERROR)
		check_found(c, FIND_ADDRESS_SPF, text, NULL);
	return r.word;
}

static void
address(struct check *c, const char *text)
{
	struct out *o = &c->env.out;
	struct iprev_result r;
	struct ip ip;

	if (ip_parse(slice_z(text), &ip)) {
		(void)env_wrong(&c->env, text, "IP address", c->err);
		return;
	}
	r = iprev_check(&ip, c->inquiry);
	out_object(o, NULL);
	out_z(o, "address", text);
	out_result(o, "iprev", r.word);
	out_str(o, "name", domain_slice(&r.name));
	if (r.reason == IPREV_NO_PTR)
		check_found(c, FIND_ADDRESS_NO_PTR, slice_z(text), NULL);
	else if (r.word != AR_PASS && r.word != AR_TEMPERROR)
		check_found(c, FIND_ADDRESS_NO_MATCH, slice_z(text), NULL);
	else if (r.word == AR_PASS && is_generic(&ip, &r.name))
		check_found(
		    c, FIND_ADDRESS_GENERIC, domain_slice(&r.name), NULL);
	if (address_spf(c, &ip, slice_z(text)) == AR_TEMPERROR ||
	    r.word == AR_TEMPERROR)
		check_found(c, FIND_ADDRESS_DNS, slice_z(text), NULL);
	out_close(o);
}

void
check_addresses(struct check *c)
{
	if (c->addresses.n == 0)
		return;
	out_array(&c->env.out, "checked");
	for (size_t i = 0; i < c->addresses.n; i++)
		address(c, c->addresses.items[i]);
	out_close(&c->env.out);
}

/* --- tracking hosts -------------------------------------------------------------------- */

void
check_tracking(struct check *c)
{
	for (size_t i = 0; i < c->tracking.n; i++) {
		struct slice name = slice_z(c->tracking.items[i]);
		const struct answer *alias = check_ask(c, name, DNS_CNAME);
		bool there = check_has_address(c, name);

		if (dns_is_temporary(alias->status) ||
		    (!there && check_may_have_address(c, name)))
			check_found(c, FIND_TRACKING_DNS, name, NULL);
		else if (alias->nrr && !there)
			check_found(c, FIND_TRACKING_DANGLING, name, NULL);
		else if (!there)
			check_found(c, FIND_TRACKING_MISSING, name, NULL);
		else if (!alias->nrr)
			check_found(c, FIND_TRACKING_NO_ALIAS, name, NULL);
	}
}
