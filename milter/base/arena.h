/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arena is memory that dies at once: everything parsed from one message
 * (or one configuration) is allocated from its arena and freed by one call.
 * Objects of other libraries hang on its cleanup list.
 *
 * One thread at a time.
 */
#ifndef ASSAY_BASE_ARENA_H
#define ASSAY_BASE_ARENA_H

#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"

struct arena;

/*
 * max is the ceiling on the octets ever handed out; allocations beyond it
 * fail like those the system refuses. Returns NULL when out of memory.
 */
MUST_CHECK struct arena *arena_new(size_t max);

/* Runs the cleanups, last registered first, then frees all. NULL is fine. */
void arena_free(struct arena *);

/* Zeroed, aligned for any type. NULL at the ceiling or out of memory. */
MUST_CHECK void *arena_alloc(struct arena *, size_t len);
/* n objects of len octets each; a product that overflows gives NULL. */
MUST_CHECK void *arena_array(struct arena *, size_t n, size_t len);

/* A copy with a NUL after its last octet; NULL when there is no room. */
MUST_CHECK char *arena_strdup(struct arena *, struct slice);
/* The same as a slice (len without the NUL). Returns 0, or -1: no room. */
MUST_CHECK int arena_copy(struct arena *, struct slice, struct slice *out);

/*
 * fn(arg) will run at arena_free. When the entry itself cannot be made, fn
 * runs at once and -1 is returned: either way the caller owns arg no more.
 */
MUST_CHECK int arena_defer(struct arena *, void (*fn)(void *), void *arg);

/* Octets handed out so far. */
size_t arena_used(const struct arena *);

#endif
