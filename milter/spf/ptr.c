/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The validated names of the client: RFC 7208 section 5.5 and, for %{p},
 * section 7.3. See eval.h.
 */
#include "spf/eval.h"

#include "dns/rdata.h"

/* Is the client among the addresses of this name? */
static bool
validates(struct spf_eval *e, struct slice name, enum spf_ask how)
{
	enum dns_type type = e->values.ip.family == IP_V6 ? DNS_AAAA : DNS_A;
	const struct answer *a = spf_eval_ask(e, name, type, how);
	struct ip ip;

	/*
	 * "If a DNS error occurs while doing an A RR lookup, then that domain
	 * name is skipped and the search continues."
	 */
	for (size_t i = 0; a && i < a->nrr && i < LIMIT_ANSWER_RECORDS; i++)
		if (rdata_ip(a->rdata[i], &ip) && ip_eq(&ip, &e->values.ip))
			return true;
	return false;
}

bool
spf_ptr_validate(struct spf_eval *e, enum spf_ask how)
{
	char reverse[IP_REVERSE_MAX], name[RDATA_NAME_MAX];
	const struct answer *a;

	if (e->names_known)
		return true;
	e->names_known = true;
	a = spf_eval_ask(
	    e, slice_z(ip_reverse(&e->values.ip, reverse)), DNS_PTR, how);
	/*
	 * Section 4.6.4: "all records other than the first 10 MUST be
	 * ignored"; they are not under the publishing domain's control.
	 */
	for (size_t i = 0; a && i < a->nrr && i < LIMIT_SPF_PTR; i++) {
		if (!rdata_name(a->rdata[i], name) ||
		    !validates(e, slice_z(name), how))
			continue;
		if (arena_copy(
			e->arena, slice_z(name), &e->names[e->nnames])) {
			(void)spf_eval_fail(e);
			return false;
		}
		e->nnames++;
	}
	return how == SPF_ASK_EXP ? !e->failed : e->word == AR_NOT_RUN;
}

/* Is name below domain? */
static bool
below(struct slice name, struct slice domain)
{
	return name.len > domain.len && domain.len &&
	    slice_iends(name, domain) &&
	    name.ptr[name.len - domain.len - 1] == '.';
}

/*
 * Section 5.5 asks for "a subdomain of the <target-name>" first and says the
 * reverse of it below; its examples and erratum 4751 decide for the former.
 */
bool
spf_ptr_matches(const struct spf_eval *e, struct slice domain)
{
	for (size_t i = 0; i < e->nnames; i++)
		if (slice_ieq(e->names[i], domain) ||
		    below(e->names[i], domain))
			return true;
	return false;
}

struct slice
spf_ptr_name(const struct spf_eval *e, struct slice domain)
{
	for (size_t i = 0; i < e->nnames; i++)
		if (slice_ieq(e->names[i], domain))
			return e->names[i];
	for (size_t i = 0; i < e->nnames; i++)
		if (below(e->names[i], domain))
			return e->names[i];
	return e->nnames ? e->names[0] : SLICE_LIT("unknown");
}
