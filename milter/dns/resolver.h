/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resolver interface. A resolver answers from somewhere (libunbound, a
 * table) asynchronously: a lookup is started, goes on by itself, is waited
 * for and dropped. Any thread may call any function of a resolver; one lookup
 * belongs to one thread at a time.
 *
 * Protocol rooms do not use this directly: they ask an inquiry (inquiry.h).
 */
#ifndef ASSAY_DNS_RESOLVER_H
#define ASSAY_DNS_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/names.h"
#include "base/slice.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_DS = 43,
	DNS_SPF = 99, /* obsolete: RFC 7208 section 3.1 */
};

/*
 * Five different things, everywhere. A CNAME is followed by the resolver:
 * the status is that of the name where the chain ends.
 */
enum dns_status {
	DNS_OK,       /* at least one record */
	DNS_NODATA,   /* the name exists, not with this type */
	DNS_NXDOMAIN, /* the name does not exist, nor anything below it */
	DNS_SERVFAIL, /* SERVFAIL, REFUSED, bogus DNSSEC, an unusable answer */
	DNS_TIMEOUT,  /* nothing before the deadline */
};

extern const struct name dns_status_words[];

/* SERVFAIL or TIMEOUT: another try may tell something else. */
bool dns_is_temporary(enum dns_status);
/* NODATA or NXDOMAIN: RFC 7208's "void lookup". */
bool dns_is_void(enum dns_status);

struct answer {
	enum dns_status status;
	bool secure;         /* validated by DNSSEC */
	uint32_t ttl_s;      /* how long it may be kept */
	size_t nrr;          /* 0 unless DNS_OK */
	struct slice *rdata; /* of the type asked, wire format, no pointers */
};

struct resolver;
struct lookup;

struct resolver_ops {
	/*
	 * Starts a query for name (raw octets; labels divided by dots, no dot
	 * at its end, already checked) and never blocks. NULL: no memory.
	 */
	struct lookup *(*start)(
	    struct resolver *, struct slice name, enum dns_type);
	/*
	 * Waits until the answer is there or the monotonic clock shows
	 * deadline_ms. NULL at the deadline; else the answer, valid until
	 * drop. With a deadline in the past it only looks.
	 */
	const struct answer *(*wait)(struct lookup *, int64_t deadline_ms);
	/* Ends interest in a lookup, answered or not. */
	void (*drop)(struct lookup *);
	void (*free)(struct resolver *);
};

/* Each kind of resolver and lookup begins with these. */
struct resolver {
	const struct resolver_ops *ops;
};

struct lookup {
	const struct resolver_ops *ops;
};

/* No lookup may be under way. NULL is fine. */
void resolver_free(struct resolver *);

/*
 * Can this name be asked at all? Labels of 1 to 63 octets (any octet but the
 * dot), at most 253 in all. A name that can't be has no records: NXDOMAIN.
 */
bool dns_name_valid(struct slice);

#endif
