/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a resolver has been through, counted without a lock: any thread adds
 * while any other reads.
 */
#ifndef ASSAY_DNS_STATS_H
#define ASSAY_DNS_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/histogram.h"
#include "dns/resolver.h"

/* DNS_OK to DNS_TIMEOUT. */
#define DNS_STATUSES 5

struct dns_stats {
	atomic_uint_fast64_t asked;
	/*
	 * What came of them. DNS_TIMEOUT: nobody waited for the answer any
	 * longer; it may still have come, and is then counted as well.
	 */
	atomic_uint_fast64_t answers[DNS_STATUSES];
	atomic_uint_fast64_t bogus; /* of DNS_SERVFAIL: DNSSEC says no */
	struct histogram latency;   /* of answers that came */
	/* Monotonic milliseconds; 0: never. */
	atomic_int_fast64_t answered_ms; /* any answer */
	atomic_int_fast64_t good_ms;     /* neither SERVFAIL nor TIMEOUT */
};

void dns_stats_asked(struct dns_stats *);
void dns_stats_answered(
    struct dns_stats *, enum dns_status, int64_t took_us, int64_t now_ms);
void dns_stats_gave_up(struct dns_stats *);

/* A copy to look at. */
struct dns_stats_sum {
	uint64_t asked, answers[DNS_STATUSES], bogus;
	uint64_t pending; /* asked, and not answered yet */
	struct histogram_sum latency;
	int64_t answered_ms, good_ms;
};

struct dns_stats_sum dns_stats_read(const struct dns_stats *);

#endif
