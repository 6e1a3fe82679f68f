/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of a table by their names. A name may have several; an entry is
 * a place in the owner's array, and they are added in the order of the file.
 */
#ifndef ASSAY_TABLES_INDEX_H
#define ASSAY_TABLES_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/map.h"
#include "base/slice.h"

struct table_pattern;

struct table_index {
	struct map map; /* name -> its first entry */
	uint32_t *next; /* by entry: the next of its name, or MAP_NONE */
	uint32_t *last; /* by first entry of a name: the last one */
	struct table_pattern *patterns;
	size_t npatterns;
};

/* Room for this many entries; the map lives on the arena, too. 0, or -1. */
MUST_CHECK int table_index_init(
    struct table_index *, size_t entries, struct arena *);

/* *first: the first entry of this name, this one if it is. 0, or -1. */
MUST_CHECK int table_index_add(
    struct table_index *, struct slice name, uint32_t entry, uint32_t *first);
void table_index_add_pattern(
    struct table_index *, struct slice pattern, uint32_t entry);

/* The first entry of a name, or MAP_NONE. */
uint32_t table_index_get(const struct table_index *, struct slice name);

#define TABLE_HITS_MAX 16

/* The first max entries that fit, in the order of the file. */
struct table_hits {
	uint32_t entries[TABLE_HITS_MAX];
	size_t n, max;
};

void table_index_find(
    const struct table_index *, struct slice name, struct table_hits *);
/* After table_index_find: the fewer patterns need be tried. */
void table_index_find_patterns(
    const struct table_index *, struct slice text, struct table_hits *);

#endif
