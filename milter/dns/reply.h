/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message that a resolver answers with (RFC 1035 section 4), read into an
 * answer: the chain of aliases followed, names without pointers. That it is
 * the answer to the question asked is known to who hands it over. No I/O.
 */
#ifndef ASSAY_DNS_REPLY_H
#define ASSAY_DNS_REPLY_H

#include "base/attr.h"
#include "base/slice.h"
#include "dns/resolver.h"

/*
 * *out holds all but secure. Its TTL is the least of the chain and of the data;
 * of an answer without data that of the SOA (RFC 2308 section 5), 0 without
 * one. What is malformed or cut is DNS_SERVFAIL. rdata, with all it points to,
 * is one piece for free(). 0, or -1 when there is no memory.
 */
MUST_CHECK int reply_read(
    struct slice message, enum dns_type, struct answer *out);

#endif
