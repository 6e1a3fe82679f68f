/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of hashes and times, a few places each key may take. Two keys of
 * one hash count as one: that a line is missing is all that comes of it. See
 * quota.h.
 */
#include "log/quota.h"

#include <pthread.h>
#include <stdlib.h>

#define WAYS 8

struct place {
	uint64_t hash; /* 0: free */
	int64_t told_ms;
};

struct quota {
	pthread_mutex_t lock;
	int64_t period_ms;
	uint64_t untold;
	size_t nsets;
	struct place places[];
};

struct quota *
quota_new(size_t nkeys, int64_t period_ms)
{
	size_t nsets = (nkeys + WAYS - 1) / WAYS;
	struct quota *q =
	    calloc(1, sizeof(*q) + nsets * WAYS * sizeof(q->places[0]));

	if (!q)
		return NULL;
	(void)pthread_mutex_init(&q->lock, NULL);
	q->period_ms = period_ms;
	q->nsets = nsets;
	return q;
}

void
quota_free(struct quota *q)
{
	if (!q)
		return;
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}

/* FNV-1a, and a last mixing since its low bits choose the set. */
static uint64_t
hash(struct slice key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.ptr[i]) * 0x100000001b3u;
	h ^= h >> 32;
	return h ? h : 1;
}

/* The key's own place, or one that may be had; NULL: neither. */
static struct place *
find(struct quota *q, uint64_t h, int64_t now_ms)
{
	struct place *set = &q->places[h % q->nsets * WAYS], *room = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].hash == h)
			return &set[i];
		if (set[i].hash == 0 ||
		    now_ms - set[i].told_ms >= q->period_ms)
			room = &set[i];
	}
	return room;
}

bool
quota_ask(struct quota *q, struct slice key, int64_t now_ms, uint64_t *untold)
{
	uint64_t h = hash(key);
	struct place *p;
	bool yes = false;

	*untold = 0;
	(void)pthread_mutex_lock(&q->lock);
	p = find(q, h, now_ms);
	if (!p) {
		q->untold++;
	} else if (p->hash != h || now_ms - p->told_ms >= q->period_ms) {
		*p = (struct place){h, now_ms};
		*untold = q->untold;
		q->untold = 0;
		yes = true;
	}
	(void)pthread_mutex_unlock(&q->lock);
	return yes;
}
