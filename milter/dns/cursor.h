/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a DNS message from its beginning to its end (RFC 1035 section 4.1).
 * Past the end, or where it is malformed, everything reads as nothing and bad
 * is set, so that one look at the end is enough.
 */
#ifndef ASSAY_DNS_CURSOR_H
#define ASSAY_DNS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

#define CURSOR_HEADER 12 /* octets of a message's header */
#define CURSOR_CLASS_IN 1
#define CURSOR_NAME_MAX 255 /* RFC 1035 section 2.3.4, with the root */

struct cursor {
	struct slice message;
	size_t at;
	bool bad;
};

unsigned cursor_u16(struct cursor *);
uint32_t cursor_u32(struct cursor *);

/*
 * Moves past a name, pointers followed (section 4.1.4): is it the one wanted,
 * labels divided by dots, whatever the case?
 */
bool cursor_name_is(struct cursor *, struct slice want);

/* Moves past a name and writes it without pointers; its octets, 0 when bad. */
size_t cursor_name(struct cursor *, unsigned char out[CURSOR_NAME_MAX]);

/* The head of a record; its data lie at c->at. */
struct record {
	unsigned type, class;
	uint32_t ttl_s;
	size_t len; /* of the data; never past the message's end */
};

/* Of the record whose owner has just been read. False when bad. */
MUST_CHECK bool cursor_record(struct cursor *, struct record *out);

#endif
