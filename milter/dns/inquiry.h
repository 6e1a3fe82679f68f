/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An inquiry is what one message (or one SPF check) may ask the DNS: it holds
 * the deadline and the budget, and remembers each answer so that no name is
 * asked twice. Protocol code asks as if synchronously; whoever knows early
 * what will be asked calls inquiry_prefetch, and the answer is then there.
 *
 * One thread at a time.
 */
#ifndef ASSAY_DNS_INQUIRY_H
#define ASSAY_DNS_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"
#include "dns/resolver.h"

struct inquiry;

/*
 * max_queries bounds the different questions. Without a deadline
 * (inquiry_set_deadline) it waits as long as the resolver does.
 * NULL: no memory.
 */
MUST_CHECK struct inquiry *inquiry_new(struct resolver *, size_t max_queries);
/* Drops what is under way. Answers die here. NULL is fine. */
void inquiry_free(struct inquiry *);

/* Monotonic milliseconds, as clock_mono_ms tells them. */
void inquiry_set_deadline(struct inquiry *, int64_t deadline_ms);

/* Starts the question unless it was asked already. Never blocks. */
void inquiry_prefetch(struct inquiry *, struct slice name, enum dns_type);

/*
 * The answer, never NULL; it lives as long as the inquiry. A name that can't
 * be asked is DNS_NXDOMAIN without a query. Past the deadline: DNS_TIMEOUT.
 * Past the budget, or out of memory: DNS_SERVFAIL, and inquiry_over or
 * inquiry_failed say so.
 */
const struct answer *inquiry_ask(
    struct inquiry *, struct slice name, enum dns_type);

/* Are the answers to all questions so far there? Never blocks. */
bool inquiry_is_answered(struct inquiry *);

/* Did a question find no answer before the deadline? */
bool inquiry_unanswered(const struct inquiry *);
/* Was a question refused because of max_queries? */
bool inquiry_over(const struct inquiry *);
/* Did we run out of memory? Then the results so far mean nothing. */
bool inquiry_failed(const struct inquiry *);
/* Different questions sent so far. */
size_t inquiry_count(const struct inquiry *);

#endif
