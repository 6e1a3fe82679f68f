/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash table from octets to small numbers (places in the caller's array).
 * Keys are the caller's and must stay where they are. Nothing is ever taken
 * out. Lookups by several threads at once are fine, additions are not.
 */
#ifndef ASSAY_BASE_MAP_H
#define ASSAY_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/slice.h"

#define MAP_NONE UINT32_MAX

struct map {
	struct map_slot *slots; /* NULL while it is empty */
	size_t n, cap;
	/* To be set before the first key where a peer chooses keys. */
	struct hash_key hash;
};

/* A zeroed struct is an empty map. */
void map_free(struct map *);

/* The number of a key, or MAP_NONE. */
uint32_t map_get(const struct map *, struct slice key);

/*
 * Where the number of a key stands: MAP_NONE in it when the key is new. Valid
 * until the next map_at. NULL: no memory, or a key of 4 GiB.
 */
MUST_CHECK uint32_t *map_at(struct map *, struct slice key);

#endif
