/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file over HTTPS, as those who send mail fetch it: TLS 1.2 or later, a
 * certificate for the host's name, no redirect followed (RFC 8461 section
 * 3.3), a ceiling on its octets, a deadline.
 */
#ifndef ASSAY_TOOLS_FETCH_H
#define ASSAY_TOOLS_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/names.h"

#define FETCH_ADDRESSES_MAX 8

enum fetch_fault {
	FETCH_OK,
	FETCH_NO_ADDRESS,
	FETCH_CONNECT,
	FETCH_TIMEOUT,
	FETCH_TLS,
	FETCH_CERTIFICATE,
	FETCH_HTTP,
	FETCH_REDIRECT,
	FETCH_STATUS,
	FETCH_LARGE,
};

extern const struct name fetch_faults[];

struct fetch_request {
	const char *host; /* without a dot at its end */
	struct slice path;
	struct ip ips[FETCH_ADDRESSES_MAX]; /* tried in this order */
	size_t nips;
	uint16_t port;
	const char *ca_file; /* NULL: what the system trusts */
	int64_t deadline_ms; /* monotonic */
};

struct fetch_reply {
	enum fetch_fault fault;
	char detail[200]; /* of the fault; printable ASCII, or empty */
	unsigned status;
	char type[64]; /* media type, as sent */
};

/*
 * body: its max is the ceiling. Whatever the server does is a fault of the
 * reply, and 0 is returned; -1 with err for our own trouble.
 */
MUST_CHECK int fetch(const struct fetch_request *, struct fetch_reply *,
    struct buf *body, struct err *);

#endif
