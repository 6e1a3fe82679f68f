/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One DNS message out and one in, as a name server that holds the zone is
 * asked (RFC 1035 section 4, RFC 6891): no recursion wanted, and the answer
 * counts only with the AA bit. No I/O.
 */
#ifndef ASSAY_DNS_WIRE_H
#define ASSAY_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"
#include "dns/resolver.h"
#include "mail/limits.h"

/* Header, name, type and class, an OPT record. */
#define WIRE_QUERY_MAX (12 + 255 + 4 + 11)
/* What we say we take over UDP: fits one Ethernet frame. */
#define WIRE_UDP_PAYLOAD 1232
#define WIRE_MESSAGE_MAX 65535
/* Records of one answer looked at: more are not a key. */
#define WIRE_RECORDS 8

/* Octets of the query; 0 when the name can't be asked. */
MUST_CHECK size_t wire_query(uint16_t id, struct slice name, enum dns_type,
    unsigned char out[WIRE_QUERY_MAX]);

struct wire_answer {
	enum dns_status status;
	bool authoritative, truncated;
	bool cname; /* the name is an alias here */
	uint32_t ttl_s;
	size_t nrr;
	struct slice rdata[WIRE_RECORDS]; /* into the message */
};

/*
 * Reads a message. False when it is no answer to this question: then it is
 * somebody else's and we go on waiting. A malformed answer is a SERVFAIL.
 */
MUST_CHECK bool wire_parse(struct slice message, uint16_t id,
    struct slice name, enum dns_type, struct wire_answer *out);

#endif
