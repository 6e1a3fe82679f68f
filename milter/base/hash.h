/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for tables whose
 * keys a peer chooses. Who does not know the key can't make keys collide.
 */
#ifndef ASSAY_BASE_HASH_H
#define ASSAY_BASE_HASH_H

#include <stdint.h>

#include "base/slice.h"

struct hash_key {
	uint64_t k[2];
};

uint64_t hash_octets(const struct hash_key *, struct slice);

#endif
