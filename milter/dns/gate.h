/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of the questions is asked next, when there are more than may be under
 * way at a time. Names whose servers never answer hold a place for seconds
 * each, and whoever sends mail chooses the names. So
 *
 * - names of one domain have LIMIT_DNS_DOMAIN places at most;
 * - LIMIT_DNS_UNPROVEN are for all; the others for domains that answer: each
 *   answer gives its domain one of them more, each failure takes eight;
 * - what waits goes newest first: the oldest are those whose owners give up
 *   first, and beyond LIMIT_DNS_WAITING they are refused;
 * - what its owner has given up is never asked.
 *
 * Not locked: one thread at a time. Nothing is owned and, once made, nothing
 * allocated.
 */
#ifndef ASSAY_DNS_GATE_H
#define ASSAY_DNS_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/slice.h"

struct gate;

/* One question; the caller keeps it where it is until gate_leave. */
struct gated {
	/* Set by any thread at any time: nobody wants the answer. */
	atomic_bool given_up;
	/* Of what gate_next returns: ask it. If not, it is given up. */
	bool under_way;
	/* Private: */
	struct gated *newer, *older;
	uint32_t domain; /* hash; see gate_new */
	bool unproven;   /* takes one of those places */
	bool counted;    /* by its domain's entry */
};

/*
 * The key is for domains, which peers choose: who could make two meet in the
 * table would take away what an honest one has earned. NULL: no memory.
 */
MUST_CHECK struct gate *gate_new(const struct hash_key *);
/* NULL is fine. */
void gate_free(struct gate *);

/*
 * It waits now. name: without a dot at its end. Returns one that has waited
 * for too long with too many others, and is out; or NULL.
 */
struct gated *gate_enter(struct gate *, struct gated *, struct slice name);
/*
 * The next that may be asked, which is under way from then on; or one that is
 * given up, and is out. NULL: none.
 */
struct gated *gate_next(struct gate *);
/* The answer is there to one under way. answered: not "trouble". */
void gate_leave(struct gate *, const struct gated *, bool answered);

#endif
