/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver over a table in memory: hermetic tests, replays, tools trying a
 * record before it is published. Answers are there at once.
 *
 * The text has one record a line, in the manner of a zone file:
 *	example.com		TXT	"v=spf1 -all"
 *	sel._domainkey.example.com TXT	"v=DKIM1; " "p=..."
 *	mail.example.com	A	192.0.2.1
 *	example.com		MX	10 mail.example.com
 *	1.2.0.192.in-addr.arpa	PTR	mail.example.com
 *	www.example.com		CNAME	mail.example.com
 *	broken.example.com	SERVFAIL	(for types it has no record of)
 *	slow.example.com	TIMEOUT
 *	empty.example.com	EXISTS	(and has no record)
 *	signed.example.com	SECURE	(DNSSEC vouches for its answers)
 *	*.wild.example.com	TXT	"any name below"
 * Names are absolute, with or without the dot at their end. In a name and in
 * a quoted string, backslash and three digits is an octet, backslash and
 * another character that character; outside quotes, ";" begins a comment. A
 * name that has a record or stands above one exists; all others are NXDOMAIN.
 */
#ifndef ASSAY_DNS_ZONE_H
#define ASSAY_DNS_ZONE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "dns/resolver.h"

/* NULL, and err says which line, when the text can't be read. */
MUST_CHECK struct resolver *zone_new(struct slice text, struct err *);

/*
 * The i-th different question since the start ("_dmarc.example.com TXT"), or
 * NULL. A question asked again counts once for each lookup started.
 */
const char *zone_asked(struct resolver *, size_t i);

#endif
