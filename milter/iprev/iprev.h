/* SPDX-License-Identifier: BSD-2-Clause */
/* The iprev method: RFC 8601 section 3, "forward-confirmed reverse DNS". */
#ifndef ASSAY_IPREV_IPREV_H
#define ASSAY_IPREV_IPREV_H

#include "authres/words.h"
#include "base/ip.h"
#include "base/names.h"
#include "dns/inquiry.h"
#include "dns/rdata.h"
#include "mail/domain.h"

enum iprev_reason {
	IPREV_REASON_NONE,
	IPREV_NO_PTR,     /* the address has no name */
	IPREV_NO_MATCH,   /* no name of it has this address */
	IPREV_DNS_ERROR,  /* a query failed and nothing matched */
	IPREV_NO_ADDRESS, /* there was no address to check */
};

extern const struct name iprev_reason_words[];

struct iprev_result {
	enum ar_word word; /* pass, fail, temperror, permerror */
	enum iprev_reason reason;
	struct ip ip;
	struct domain name; /* the confirmed name; empty unless pass */
};

/* Asks for the PTR record early. */
void iprev_prefetch(const struct ip *, struct inquiry *);

/*
 * The first LIMIT_IPREV_NAMES names of the answer are tried by the alphabet:
 * of several that are confirmed it is always the same. A name that is no host name (letters, digits, hyphens, underscores) never
 * matches, so the confirmed name is safe to print.
 */
struct iprev_result iprev_check(const struct ip *, struct inquiry *);

#endif
