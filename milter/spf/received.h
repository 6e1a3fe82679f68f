/* SPDX-License-Identifier: BSD-2-Clause */
/* The Received-SPF field: RFC 7208 section 9.1. */
#ifndef ASSAY_SPF_RECEIVED_H
#define ASSAY_SPF_RECEIVED_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/ip.h"
#include "base/slice.h"
#include "spf/spf.h"

struct spf_received {
	const struct spf_result *result; /* of the MAIL FROM identity */
	bool null_sender;                /* then it is that of HELO */
	struct ip client;
	struct slice helo;     /* as the client said it */
	struct slice receiver; /* our name */
};

/*
 * The value, with the blank that follows the colon, lines ended by LF and
 * begun by TAB. Printable ASCII, whatever octets the peer chose; each value
 * of its is cut at LIMIT_SPF_RECEIVED_VALUE octets. Returns 0, or -1: no
 * memory.
 */
MUST_CHECK int spf_received_write(
    const struct spf_received *, struct arena *, struct slice *value);

#endif
