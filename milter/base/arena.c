/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bump allocation in chunks that double up to 64 KiB; a larger request gets
 * a chunk of its own. No single free: see arena.h.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN 4096
#define CHUNK_MAX 65536

struct chunk {
	struct chunk *next;
	size_t len, used;
	alignas(max_align_t) unsigned char octets[];
};

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct chunk *chunks;
	struct cleanup *cleanups;
	size_t max, used, next_len;
};

struct arena *
arena_new(size_t max)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a) {
		a->max = max;
		a->next_len = CHUNK_MIN;
	}
	return a;
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	/* The entries live in the chunks, so run all before freeing any. */
	for (struct cleanup *c = a->cleanups; c; c = c->next)
		c->fn(c->arg);
	while (a->chunks) {
		struct chunk *c = a->chunks;

		a->chunks = c->next;
		free(c);
	}
	free(a);
}

static struct chunk *
chunk_add(struct arena *a, size_t want)
{
	size_t len = want > a->next_len ? want : a->next_len;
	struct chunk *c;

	if (len > SIZE_MAX - sizeof(*c))
		return NULL;
	c = malloc(sizeof(*c) + len);
	if (!c)
		return NULL;
	*c = (struct chunk){.len = len};
	/*
	 * A chunk made for one large object is full at once; keep the
	 * current one first so that its room is not lost.
	 */
	if (a->chunks && want > a->next_len) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
		if (a->next_len < CHUNK_MAX)
			a->next_len *= 2;
	}
	return c;
}

void *
arena_alloc(struct arena *a, size_t len)
{
	const size_t align = alignof(max_align_t);
	struct chunk *c = a->chunks;
	void *p;

	if (len > SIZE_MAX - align)
		return NULL;
	len = (len + align - 1) / align * align;
	if (len == 0)
		len = align;
	if (len > a->max - a->used)
		return NULL;
	if (!c || len > c->len - c->used)
		c = chunk_add(a, len);
	if (!c)
		return NULL;
	p = c->octets + c->used;
	c->used += len;
	a->used += len;
	/* What is handed out, and not the chunk: most of that is never used. */
	return memset(p, 0, len);
}

void *
arena_array(struct arena *a, size_t n, size_t len)
{
	if (len && n > SIZE_MAX / len)
		return NULL;
	return arena_alloc(a, n * len);
}

char *
arena_strdup(struct arena *a, struct slice s)
{
	char *p;

	if (s.len == SIZE_MAX)
		return NULL;
	p = arena_alloc(a, s.len + 1);
	if (p && s.len)
		memcpy(p, s.ptr, s.len);
	return p;
}

int
arena_copy(struct arena *a, struct slice s, struct slice *out)
{
	char *p = arena_strdup(a, s);

	if (!p)
		return -1;
	*out = slice_of(p, s.len);
	return 0;
}

int
arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct cleanup *c = arena_alloc(a, sizeof(*c));

	if (!c) {
		fn(arg);
		return -1;
	}
	*c = (struct cleanup){a->cleanups, fn, arg};
	a->cleanups = c;
	return 0;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
