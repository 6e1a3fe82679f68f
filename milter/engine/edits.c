/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of header changes. See edits.h. */
#include "engine/edits.h"

#include <string.h>

static int
push(struct edits *e, struct arena *arena, struct edit edit)
{
	if (e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 8;
		struct edit *p = arena_array(arena, cap, sizeof(*p));

		if (!p)
			return -1;
		if (e->n)
			memcpy(p, e->items, e->n * sizeof(*p));
		e->items = p;
		e->cap = cap;
	}
	e->items[e->n++] = edit;
	return 0;
}

int
edits_delete(
    struct edits *e, struct arena *arena, const char *name, size_t nth)
{
	return push(e, arena,
	    (struct edit){.kind = EDIT_DELETE, .name = name, .nth = nth});
}

int
edits_insert(struct edits *e, struct arena *arena, const char *name,
    struct slice value, size_t position)
{
	char *copy = arena_alloc(arena, value.len + 1);
	size_t n = 0;

	if (!copy)
		return -1;
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] != '\r')
			copy[n++] = value.ptr[i];
	return push(e, arena,
	    (struct edit){.kind = EDIT_INSERT,
		.name = name,
		.value = copy,
		.nth = position});
}
