/* SPDX-License-Identifier: BSD-2-Clause */
/* Open addressing with linear probing, at most three quarters full. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64

struct map_slot {
	const char *key; /* NULL: free */
	uint32_t len, value;
};

void
map_free(struct map *m)
{
	free(m->slots);
	*m = (struct map){0};
}

/* The slot that has the key, or the free one where it belongs. */
static struct map_slot *
probe(const struct map *m, struct slice key)
{
	size_t i = (size_t)hash_octets(&m->hash, key) & (m->cap - 1);

	while (m->slots[i].key &&
	    !slice_eq(slice_of(m->slots[i].key, m->slots[i].len), key))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

static int
grow(struct map *m)
{
	struct map bigger = {.n = m->n,
	    .cap = m->cap ? 2 * m->cap : SLOTS_MIN,
	    .hash = m->hash};

	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -1;
	for (size_t i = 0; i < m->cap; i++) {
		const struct map_slot *s = &m->slots[i];

		if (s->key)
			*probe(&bigger, slice_of(s->key, s->len)) = *s;
	}
	free(m->slots);
	*m = bigger;
	return 0;
}

uint32_t
map_get(const struct map *m, struct slice key)
{
	const struct map_slot *s;

	if (m->n == 0)
		return MAP_NONE;
	s = probe(m, key);
	return s->key ? s->value : MAP_NONE;
}

uint32_t *
map_at(struct map *m, struct slice key)
{
	struct map_slot *s;

	if (key.len >= UINT32_MAX || (m->n >= m->cap / 4 * 3 && grow(m)))
		return NULL;
	s = probe(m, key);
	if (!s->key) {
		*s = (struct map_slot){
		    key.ptr ? key.ptr : "", (uint32_t)key.len, MAP_NONE};
		m->n++;
	}
	return &s->value;
}
