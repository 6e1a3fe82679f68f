/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of one message: every field with its raw octets, in order, as
 * the wire had them. DKIM hashes raw; everybody else reads name and value.
 */
#ifndef ASSAY_MAIL_HEADER_H
#define ASSAY_MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"

#define FIELD_NONE SIZE_MAX

struct field {
	/* "Name: value" with folding as CRLF, without the CRLF at its end. */
	struct slice raw;
	struct slice name;  /* in raw; blanks before the colon left out */
	struct slice value; /* in raw: all that follows the colon */
	size_t prev; /* index of the field of this name above it, FIELD_NONE */
	size_t nth;  /* 1 for the topmost field of its name, 2 below ... */
	uint32_t hash; /* of the lower-case name */
};

struct header {
	struct arena *arena;
	struct field *fields; /* topmost first */
	size_t n;
	size_t octets; /* of all raw fields kept, a CRLF each counted */
	/*
	 * A ceiling of limits.h was reached: the fields from there on are not
	 * here, From fields apart. Nothing may be judged by what is missing.
	 */
	bool over;
	size_t from_beyond; /* From fields after that */
	bool from_over;     /* and some of them are not here */
	uint32_t seed;      /* of the name hash */
	size_t cap;
	size_t *last; /* index of the bottom field by bucket, see header.c */
	size_t *chain;
};

/*
 * Is it a From field? Some mailer may hand on " From", and some reader take
 * it for From.
 */
bool field_is_from(struct slice name);

/* An empty header whose memory comes from arena. Returns 0, or -1: no room. */
MUST_CHECK int header_init(struct header *, struct arena *);

/*
 * Appends a field as a milter gets it (SMFIP_HDR_LEADSPC): value is all that
 * followed the colon, folded with bare LF or CRLF. A bare LF becomes CRLF;
 * a CR alone stays. Returns 0 (also when the field is over a ceiling: see
 * over), or -1: no memory.
 */
MUST_CHECK int header_add(
    struct header *, struct slice name, struct slice value);

/*
 * Splits a whole message: fields are added up to the first empty line (or the
 * first line that can be no field), *body gets what follows. Lines may end
 * with LF or CRLF. Returns 0, or -1: no memory.
 */
MUST_CHECK int header_parse(
    struct header *, struct slice message, struct slice *body);

/* The bottom field of this name (ASCII case aside), or FIELD_NONE. */
size_t header_last(const struct header *, struct slice name);
/* How many fields of this name there are. */
size_t header_count(const struct header *, struct slice name);

/*
 * The value on one line: folding removed (each CRLF dropped), blanks at both
 * ends too. Returns 0, or -1: no memory.
 */
MUST_CHECK int field_unfold(
    const struct field *, struct arena *, struct slice *out);

#endif
