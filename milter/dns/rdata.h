/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Record data out of wire format (RFC 1035 section 3.3). Each octet is the
 * zone owner's, so each function checks lengths and refuses what is cut short.
 */
#ifndef ASSAY_DNS_RDATA_H
#define ASSAY_DNS_RDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/ip.h"
#include "base/slice.h"

/*
 * The character-strings of one TXT record joined without a separator (RFC
 * 7208 section 3.3, RFC 6376 section 3.6.2.2, RFC 9989 section 4.5). 0, or
 * -1 when there is no memory; malformed data gives the strings before the
 * fault.
 */
MUST_CHECK int rdata_txt(
    struct slice rdata, struct arena *, struct slice *out);

/*
 * The same without a copy: true when the record is one character-string,
 * which *out then is, for as long as rdata.
 */
MUST_CHECK bool rdata_txt_single(struct slice rdata, struct slice *out);

/*
 * A name as raw octets with dots between labels, none at the end; "" is the
 * root. False when malformed, too long, or when a label holds a dot or a NUL
 * (no such name can be the owner of anything we would ask).
 */
#define RDATA_NAME_MAX 256
MUST_CHECK bool rdata_name(struct slice rdata, char out[RDATA_NAME_MAX]);

/* An MX record: preference and exchange (as rdata_name). */
MUST_CHECK bool rdata_mx(
    struct slice rdata, uint16_t *preference, char out[RDATA_NAME_MAX]);

/* A SOA record's MINIMUM: the negative TTL (RFC 2308 section 4). */
MUST_CHECK bool rdata_soa_minimum(struct slice rdata, uint32_t *out);

/* An A (4 octets) or AAAA (16 octets) record. */
MUST_CHECK bool rdata_ip(struct slice rdata, struct ip *out);

#endif
