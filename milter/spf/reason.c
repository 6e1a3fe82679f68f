/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts of reason.h. They are read by people and by log filters. */
#include "spf/reason.h"

const struct name spf_reasons[] = {
    {SPF_OK, "ok"},
    {SPF_MATCHED, "term matched"},
    {SPF_DEFAULT, "no term matched"},
    {SPF_NO_CLIENT, "no client address"},
    {SPF_BAD_DOMAIN, "malformed domain"},
    {SPF_NO_DOMAIN, "no such domain"},
    {SPF_NO_RECORD, "no record"},
    {SPF_DNS_ERROR, "DNS error"},
    {SPF_DNS_TIMEOUT, "timeout"},
    {SPF_DNS_BUDGET, "DNS budget spent"},
    {SPF_SEVERAL_RECORDS, "several records"},
    {SPF_RECORD_LONG, "record too long"},
    {SPF_INCLUDE_NONE, "no record to include"},
    {SPF_REDIRECT_NONE, "no record to redirect to"},
    {SPF_BAD_VERSION, "not an SPF record"},
    {SPF_BAD_OCTET, "octet outside visible ASCII"},
    {SPF_UNKNOWN_MECHANISM, "unknown mechanism"},
    {SPF_BAD_ARGUMENT, "argument missing or misplaced"},
    {SPF_BAD_TARGET, "malformed domain-spec"},
    {SPF_BAD_MACRO, "malformed macro"},
    {SPF_BAD_ADDRESS, "malformed address"},
    {SPF_BAD_PREFIX, "malformed prefix length"},
    {SPF_DUPLICATE_MODIFIER, "modifier given twice"},
    {SPF_MANY_TERMS, "too many DNS terms"},
    {SPF_MANY_VOIDS, "too many void lookups"},
    {SPF_MANY_MX, "too many MX hosts"},
    {SPF_MANY_QUERIES, "too many DNS queries"},
    {0, NULL},
};

const char *
spf_reason_text(enum spf_reason reason)
{
	const char *text = names_word(spf_reasons, (int)reason);

	return text ? text : "";
}
