/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why an SPF check ended as it did. The word (pass, fail, permerror ...) says
 * what; the reason is for the log, the comment of the field we write, and
 * whoever has to mend the record. Each has a stable text in spf_reasons.
 */
#ifndef ASSAY_SPF_REASON_H
#define ASSAY_SPF_REASON_H

#include "base/names.h"

enum spf_reason {
	SPF_OK, /* no fault: of a record only, never of a check */
	/* pass, fail, softfail, neutral */
	SPF_MATCHED, /* a term matched */
	SPF_DEFAULT, /* none did (RFC 7208 section 4.7) */
	/* none */
	SPF_NO_CLIENT,  /* no client address: a local submission */
	SPF_BAD_DOMAIN, /* the identity has no usable domain (section 4.3) */
	SPF_NO_DOMAIN,  /* the domain does not exist */
	SPF_NO_RECORD,
	/* temperror */
	SPF_DNS_ERROR,
	SPF_DNS_TIMEOUT,
	SPF_DNS_BUDGET, /* the inquiry's budget was spent by others */
	/* permerror: the record can't be used */
	SPF_SEVERAL_RECORDS,
	SPF_RECORD_LONG,
	SPF_INCLUDE_NONE,  /* no record at the target (section 5.2) */
	SPF_REDIRECT_NONE, /* the same (section 6.1) */
	/* permerror: syntax (section 12), with the term at fault */
	SPF_BAD_VERSION,
	SPF_BAD_OCTET, /* not visible ASCII */
	SPF_UNKNOWN_MECHANISM,
	SPF_BAD_ARGUMENT, /* missing, or where none belongs */
	SPF_BAD_TARGET,   /* no domain-spec */
	SPF_BAD_MACRO,
	SPF_BAD_ADDRESS,
	SPF_BAD_PREFIX,
	SPF_DUPLICATE_MODIFIER,
	/* permerror: limits (section 4.6.4) */
	SPF_MANY_TERMS,
	SPF_MANY_VOIDS,
	SPF_MANY_MX,
	SPF_MANY_QUERIES,
};

extern const struct name spf_reasons[];

/* The text of a reason; never NULL. */
const char *spf_reason_text(enum spf_reason);

#endif
