/* SPDX-License-Identifier: BSD-2-Clause */
/* What all resolvers share. See resolver.h. */
#include "dns/resolver.h"

#include "mail/limits.h"

const struct name dns_status_words[] = {
    {DNS_OK, "ok"},
    {DNS_NODATA, "nodata"},
    {DNS_NXDOMAIN, "nxdomain"},
    {DNS_SERVFAIL, "servfail"},
    {DNS_TIMEOUT, "timeout"},
    {0, NULL},
};

bool
dns_is_temporary(enum dns_status s)
{
	return s == DNS_SERVFAIL || s == DNS_TIMEOUT;
}

bool
dns_is_void(enum dns_status s)
{
	return s == DNS_NODATA || s == DNS_NXDOMAIN;
}

void
resolver_free(struct resolver *r)
{
	if (r)
		r->ops->free(r);
}

bool
dns_name_valid(struct slice name)
{
	bool more = true;

	if (name.len == 0 || name.len > LIMIT_DOMAIN)
		return false;
	while (more) {
		struct slice label = slice_cut(&name, '.', &more);

		if (label.len == 0 || label.len > LIMIT_LABEL)
			return false;
	}
	return true;
}
