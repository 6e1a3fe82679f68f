/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A circuit breaker around a resolver: while nothing at all is answered, a
 * message does not wait its whole deadline for what will not come.
 *
 * Down is when the waits of LIMIT_BREAKER_FAILURES lookups in a row, for names
 * in LIMIT_BREAKER_PLACES different domains, have ended in vain or in
 * SERVFAIL, and no lookup has brought an answer for LIMIT_BREAKER_QUIET_MS. One
 * domain whose servers are broken is no outage, then.
 *
 * Down does not mean that nothing is asked, only that each lookup is waited
 * for LIMIT_BREAKER_WAIT_MS at most. So every lookup is a trial, one of those
 * whose owner has gone is kept until its answer comes, and the first answer
 * ends it. Whoever can bring it about (with mail from many domains that do not
 * answer, at a quiet hour) gains that others' DNS has one second, not that it
 * is not asked.
 */
#ifndef ASSAY_DNS_BREAKER_H
#define ASSAY_DNS_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "dns/resolver.h"

struct breaker_news {
	bool down;            /* or up again */
	enum dns_status last; /* how the last lookup in vain ended */
	uint64_t failures;    /* lookups in vain since the last answer */
	int64_t since_ms; /* so long ago there was an answer, or it began */
};

/* Told once at each beginning and end, from the thread that notices. */
typedef void breaker_tell(void *arg, const struct breaker_news *);

/*
 * It owns the other resolver from now on, also when it fails. tell may be
 * NULL. NULL: no memory.
 */
MUST_CHECK struct resolver *dns_breaker_new(struct resolver *other,
    const struct clock *, breaker_tell *tell, void *arg);

#endif
