/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay check: is the zone signed (RFC 4035), and do its answers validate?
 * The latter is known with a trust anchor alone.
 */
#include "dmarc/psl.h"
#include "tools/check.h"

/* The nearest DS at or above the domain, up to its organization. */
static bool
find_ds(struct check *c, struct domain *at, bool *silent)
{
	struct domain org;
	size_t n = domain_nlabels(&c->domain), least = n;

	if (dmarc_psl_org(c->env.engine.psl, &c->domain, &org))
		least = domain_nlabels(&org);
	for (; n >= least && n >= 1; n--) {
		const struct answer *a;

		*at = domain_tail(&c->domain, n);
		a = check_ask(c, domain_slice(at), DNS_DS);
		if (a->nrr)
			return true;
		*silent |= dns_is_temporary(a->status);
	}
	return false;
}

void
check_dnssec(struct check *c)
{
	struct out *o = &c->env.out;
	bool validates =
	    c->env.config->daemon.trust_anchor_file[0] || c->env.zone_path;
	const struct answer *a =
	    check_ask(c, domain_slice(&c->domain), DNS_MX);
	struct domain at;
	bool silent = false, is_signed = find_ds(c, &at, &silent);

	if (!is_signed && silent) {
		check_found(c, FIND_DNSSEC_DNS, SLICE_EMPTY, NULL);
		return;
	}
	out_bool(o, "signed", is_signed);
	check_seen(
	    c, "signed", is_signed ? domain_slice(&at) : SLICE_LIT("no"));
	if (is_signed)
		out_str(o, "ds_at", domain_slice(&at));
	if (!validates || c->env.record_path)
		out_z(o, "validated", "not looked at (no trust_anchor_file)");
	else
		out_bool(o, "validated", a->secure);
	if (!is_signed)
		check_found(c, FIND_DNSSEC_NONE, SLICE_EMPTY, NULL);
	/* Answers that do not validate come as SERVFAIL, not late. */
	else if (validates && !a->secure && a->status != DNS_TIMEOUT)
		check_found(c, FIND_DNSSEC_BROKEN, domain_slice(&at), NULL);
}
