/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting what comes of queries. See stats.h. */
#include "dns/stats.h"

#define RELAXED memory_order_relaxed

void
dns_stats_asked(struct dns_stats *s)
{
	atomic_fetch_add_explicit(&s->asked, 1, RELAXED);
}

void
dns_stats_answered(struct dns_stats *s, enum dns_status status,
    int64_t took_us, int64_t now_ms)
{
	atomic_fetch_add_explicit(&s->answers[status], 1, RELAXED);
	histogram_note(&s->latency, took_us);
	atomic_store_explicit(&s->answered_ms, now_ms, RELAXED);
	if (!dns_is_temporary(status))
		atomic_store_explicit(&s->good_ms, now_ms, RELAXED);
}

void
dns_stats_gave_up(struct dns_stats *s)
{
	atomic_fetch_add_explicit(&s->answers[DNS_TIMEOUT], 1, RELAXED);
}

struct dns_stats_sum
dns_stats_read(const struct dns_stats *s)
{
	struct dns_stats_sum sum = {.latency = histogram_read(&s->latency)};
	uint64_t came = sum.latency.upto[HISTOGRAM_BOUNDS];

	for (int i = 0; i < DNS_STATUSES; i++)
		sum.answers[i] = atomic_load_explicit(&s->answers[i], RELAXED);
	sum.bogus = atomic_load_explicit(&s->bogus, RELAXED);
	/* Read last: it is never less than what was answered before. */
	sum.asked = atomic_load_explicit(&s->asked, RELAXED);
	sum.pending = sum.asked > came ? sum.asked - came : 0;
	sum.answered_ms = atomic_load_explicit(&s->answered_ms, RELAXED);
	sum.good_ms = atomic_load_explicit(&s->good_ms, RELAXED);
	return sum;
}
