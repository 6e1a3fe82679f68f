/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libunbound waits for, descriptors and times, over epoll(7), so that its
 * work is done in a thread of our choice (unbound-event.h). One thread waits
 * at a time; libunbound's work may be done in any, by one at a time: who does
 * it sees to that (turns.h), and calls all but events_wait and events_wake
 * while nobody else does.
 */
#ifndef ASSAY_DNS_EVENTS_H
#define ASSAY_DNS_EVENTS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

struct events;
struct ub_event_base;

/* NULL and err: no memory, or no descriptors. */
MUST_CHECK struct events *events_new(struct err *);
/* When the context is gone that used it. NULL is fine. */
void events_free(struct events *);

/* For ub_ctx_create_ub_event. */
struct ub_event_base *events_base(struct events *);

/* Does libunbound wait for anything? */
bool events_busy(const struct events *);

/*
 * Milliseconds for events_wait, -1 without an end: until the first time to be
 * kept, or somewhat earlier. For the thread that waits.
 */
int events_plan(struct events *);
/* Blocks for so long, until a descriptor is ready, or for events_wake. */
void events_wait(struct events *, int timeout_ms);
/* Calls libunbound for what events_wait found and for times that have come. */
void events_run(struct events *);

/*
 * For another thread after libunbound's work: wakes the one that waits when it
 * would sleep past a time to be kept.
 */
void events_settle(struct events *);
/* Ends events_wait. Any thread, at any time. */
void events_wake(struct events *);

#endif
