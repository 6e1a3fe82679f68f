/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asking a name server that holds a zone, by its address, past every cache.
 * An interface, so that tests need no network; direct.h has the real one.
 */
#ifndef ASSAY_DNS_AUTHORITY_H
#define ASSAY_DNS_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/slice.h"
#include "dns/resolver.h"

struct authority_question {
	struct ip server;
	struct slice name;
	enum dns_type type;
	/* The answer: */
	enum dns_status status; /* DNS_TIMEOUT: none came */
	bool authoritative;     /* it speaks for the zone */
	bool no_route;          /* no way to this kind of address from here */
	bool cname;             /* the name is an alias */
	uint32_t ttl_s;
	size_t nrr;
	struct slice *rdata; /* in the arena */
};

struct authority {
	/*
	 * Asks all of them at once and returns when each has an answer or the
	 * monotonic clock shows deadline_ms. A server without an address
	 * does not answer. Out of memory is a SERVFAIL.
	 */
	void (*ask)(struct authority *, struct authority_question *, size_t n,
	    struct arena *, int64_t deadline_ms);
	void (*free)(struct authority *);
};

#endif
