/* SPDX-License-Identifier: BSD-2-Clause */
/* Names by hash, patterns one by one. See index.h. */
#include "tables/index.h"

#include "tables/pattern.h"

struct table_pattern {
	struct slice text;
	uint32_t entry;
};

static void
free_map(void *map)
{
	map_free(map);
}

int
table_index_init(struct table_index *ix, size_t entries, struct arena *arena)
{
	*ix = (struct table_index){.npatterns = 0};
	ix->next = arena_array(arena, entries, sizeof(*ix->next));
	ix->last = arena_array(arena, entries, sizeof(*ix->last));
	ix->patterns = arena_array(arena, entries, sizeof(*ix->patterns));
	if (!ix->next || !ix->last || !ix->patterns || entries >= MAP_NONE)
		return -1;
	return arena_defer(arena, free_map, &ix->map);
}

int
table_index_add(
    struct table_index *ix, struct slice name, uint32_t entry, uint32_t *first)
{
	uint32_t *at = map_at(&ix->map, name);

	if (!at)
		return -1;
	if (*at == MAP_NONE)
		*at = entry;
	else
		ix->next[ix->last[*at]] = entry;
	ix->next[entry] = MAP_NONE;
	ix->last[*at] = entry;
	*first = *at;
	return 0;
}

void
table_index_add_pattern(
    struct table_index *ix, struct slice text, uint32_t entry)
{
	ix->patterns[ix->npatterns++] = (struct table_pattern){text, entry};
}

uint32_t
table_index_get(const struct table_index *ix, struct slice name)
{
	return map_get(&ix->map, name);
}

/* False when it comes after all there is room for. */
static bool
hit(struct table_hits *h, uint32_t entry)
{
	size_t at = h->n;

	if (h->n == h->max && (h->n == 0 || h->entries[h->n - 1] < entry))
		return false;
	if (h->n < h->max)
		h->n++;
	else
		at--;
	for (; at > 0 && h->entries[at - 1] > entry; at--)
		h->entries[at] = h->entries[at - 1];
	h->entries[at] = entry;
	return true;
}

void
table_index_find(
    const struct table_index *ix, struct slice name, struct table_hits *h)
{
	uint32_t entry = table_index_get(ix, name);

	while (entry != MAP_NONE && hit(h, entry))
		entry = ix->next[entry];
}

void
table_index_find_patterns(
    const struct table_index *ix, struct slice text, struct table_hits *h)
{
	for (size_t i = 0; i < ix->npatterns; i++) {
		const struct table_pattern *p = &ix->patterns[i];

		if (h->n == h->max && h->n && h->entries[h->n - 1] < p->entry)
			return;
		if (pattern_fits(p->text, text) && !hit(h, p->entry))
			return;
	}
}
