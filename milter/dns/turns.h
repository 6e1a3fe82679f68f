/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who does libunbound's work. It is done in turns, by one thread at a time: a
 * thread that asks sends its query itself, and one that waits for an answer
 * takes whatever comes back, for the others too, as long as it waits. A thread
 * of our own steps in when there is work and nobody waits. So a message whose
 * answers come while it waits for them wakes nobody else.
 *
 * A lookup is shared between who asked, and may lose interest, and the
 * library, whose answer comes later in any case: the last of the two frees it.
 */
#ifndef ASSAY_DNS_TURNS_H
#define ASSAY_DNS_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct turns;
struct events;

/* What is asked; the first member of the caller's own struct. */
struct asked {
	/* Private: */
	pthread_cond_t answered; /* or it is asked to take over */
	bool done;               /* the answer is there */
	bool told;      /* so is the caller; nobody else refers to it */
	bool abandoned; /* the caller has let go */
	bool waits;     /* among those who wait */
	struct asked *next, **link; /* of pending, then answered */
	struct asked *next_to_ask;
	struct asked *next_waiting, **link_waiting;
};

struct turns_ops {
	/* In a turn: hands the question to the library, which may answer. */
	void (*ask)(struct asked *);
	void (*free)(struct asked *);
};

/* NULL, and err says why: no memory, no descriptors. */
MUST_CHECK struct turns *turns_new(const struct turns_ops *, struct err *);
/* Starts the thread, which takes no signal that ends a program. */
MUST_CHECK int turns_start(struct turns *, struct err *);
/* Ends the thread. The library's context may be freed then, and not before. */
void turns_end(struct turns *);
/* Frees what was asked and never answered. NULL is fine. */
void turns_free(struct turns *);

/* What the library's context is made on. */
struct events *turns_events(struct turns *);

/* A lookup before it is put. */
void asked_init(struct asked *);
/* Has it asked, soon: by this thread, or by who is at work. Never blocks. */
void turns_put(struct turns *, struct asked *);
/* For the library's callback: the answer is in the lookup. */
void turns_answer(struct turns *, struct asked *);
/*
 * Waits for the answer until the monotonic clock shows deadline_ms (INT64_MAX:
 * as long as it takes); with one in the past it only looks. Is it there?
 */
bool turns_wait(struct turns *, struct asked *, int64_t deadline_ms);
/* The caller lets go. False: the answer had not come. */
bool turns_drop(struct turns *, struct asked *);

#endif
