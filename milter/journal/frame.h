/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record among octets that may have been cut or damaged:
 *	RS A1 LENGTH CRC32 pairs LF
 * RS is the octet 0x1e, which the pairs, printable as they are, never hold
 * (RFC 7464 has it for the same end); LENGTH (decimal) and CRC32 (8 hexadecimal digits) are of the pairs.
 */
#ifndef ASSAY_JOURNAL_FRAME_H
#define ASSAY_JOURNAL_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "mail/limits.h"

/* RS, "A1 32768 01234567 " at most, and its NUL */
#define FRAME_HEAD_MAX 24
/* Octets one record may take in all. */
#define FRAME_MAX (FRAME_HEAD_MAX + LIMIT_JOURNAL_RECORD + 1)

/* What stands before the pairs of a record. Returns its length. */
size_t frame_head(struct slice pairs, char head[FRAME_HEAD_MAX]);

enum frame_found {
	FRAME_WHOLE,   /* a record */
	FRAME_MORE,    /* more octets are needed to say */
	FRAME_DAMAGED, /* octets were passed over */
};

/* A zeroed struct is at the beginning of a file. */
struct frames {
	bool lost;          /* amid damage: only a line end leads out */
	bool within;        /* the last thing passed over was damage, too */
	uint64_t octets;    /* passed over */
	uint64_t stretches; /* of them, one or more octets each */
};

/*
 * Looks at the front of *in and takes off what it has understood. end: no more
 * octets will come. With FRAME_MORE nothing is taken, and the caller brings
 * more: FRAME_MAX octets are always enough.
 */
enum frame_found frame_next(
    struct frames *, struct slice *in, bool end, struct slice *pairs);

#endif
