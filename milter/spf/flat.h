/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flattening: another record, or a few, that give every client the result the
 * record gives, with addresses in place of names. What depends on the message
 * (ptr, exists, macros) stays as it is, and where it is.
 *
 * The results are equal as long as the original breaks no limit of RFC 7208
 * section 4.6.4 and the DNS says what it says now.
 */
#ifndef ASSAY_SPF_FLAT_H
#define ASSAY_SPF_FLAT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"
#include "spf/tree.h"

enum spf_flat_fault {
	SPF_FLAT_OK,
	SPF_FLAT_NO_RECORD, /* there is nothing to flatten */
	SPF_FLAT_BROKEN, /* a record below is missing or faulty: tree->broken */
	SPF_FLAT_OVER,   /* too large to be followed to its end */
	SPF_FLAT_LOOKUPS, /* even so it needs more than ten lookups */
	SPF_FLAT_LONG,    /* what can't be moved is too long for a record */
};

extern const struct name spf_flat_faults[];

struct spf_flat_options {
	const char *prefix; /* "_spf": further records at _spf1.DOMAIN ... */
	size_t octets;      /* of one record; 0: 255, or 450 when it must be */
};

struct spf_flat_record {
	struct slice name, text;
};

struct spf_flat {
	enum spf_flat_fault fault;
	struct spf_flat_record *records; /* the domain's own first */
	size_t n;
	unsigned lookups;   /* that the new record needs */
	size_t networks;    /* written */
	struct slice *kept; /* terms that were left as they are */
	size_t nkept;
};

/* All lives in the arena. Returns 0, or -1: no memory. */
MUST_CHECK int spf_flat_make(const struct spf_tree *,
    const struct spf_flat_options *, struct arena *, struct spf_flat *out);

#endif
