/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's own time: how long the world has certainly had since a step was
 * taken. A calendar clock jumps (no battery, a wrong NTP server, a person);
 * a key revoked a month early breaks mail, one revoked late breaks nothing.
 * So this time runs slow at worst, never fast: between two readings it
 * advances by the smaller of what the monotonic clock and the calendar say.
 * Time during which the machine was off does not count.
 */
#ifndef ASSAY_KEYS_ELAPSE_H
#define ASSAY_KEYS_ELAPSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

struct elapse {
	int64_t own_ms;  /* from 1000 on */
	int64_t wall_s;  /* at the last reading */
	int64_t mono_ms; /* likewise */
};

/* A store without a past. */
void elapse_begin(struct elapse *, int64_t wall_s, int64_t mono_ms);
/* The next reading, by this process or another, in this boot or a later. */
void elapse_advance(struct elapse *, int64_t wall_s, int64_t mono_ms);
int64_t elapse_own_s(const struct elapse *);

void elapse_format(const struct elapse *, struct buf *);
MUST_CHECK bool elapse_parse(struct slice, struct elapse *);

#endif
