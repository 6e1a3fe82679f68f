/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language of the control socket. A client sends one line and gets one
 * reply:
 *
 *	assay/1 status LF               assay/1 ok LF
 *	                                SECTION TAB KEY TAB VALUE ... LF
 *	                                . LF
 *
 * The last line tells that nothing was cut. Values are printable ASCII,
 * other octets as \xHH; there is no TAB in them.
 */
#ifndef ASSAY_CONTROL_REQUEST_H
#define ASSAY_CONTROL_REQUEST_H

#include "base/buf.h"
#include "base/names.h"
#include "base/slice.h"

enum control_verb {
	CONTROL_STATUS,
	CONTROL_RELOAD,
	CONTROL_DRAIN,
};

extern const struct name control_verb_words[];

/* What stands after "assay/1" in a reply. */
enum control_outcome {
	CONTROL_OK,
	CONTROL_FAILED,  /* done, and it did not go well; lines tell why */
	CONTROL_DENIED,  /* not for this user */
	CONTROL_UNKNOWN, /* no such request */
	CONTROL_BUSY,    /* too many clients */
};

extern const struct name control_outcome_words[];

enum request_state {
	REQUEST_PARTIAL, /* more octets may make it whole */
	REQUEST_WHOLE,
	REQUEST_WRONG, /* no octets can */
};

/*
 * Looks at all the octets that a client has sent so far: LIMIT_CONTROL_REQUEST
 * at most, its line end included; nothing may follow that. CR before LF is
 * fine, as with telnet.
 */
enum request_state request_parse(struct slice, enum control_verb *out);

void request_format(struct buf *, enum control_verb);

/* A value in it: what is not printable ASCII as \xHH. */
void reply_value(struct buf *, struct slice);
/* The first and the last line of a reply. */
void reply_begin(struct buf *, enum control_outcome);
void reply_end(struct buf *);
/*
 * The parts of a whole reply; false when it is none, or cut: body is then
 * empty.
 */
bool reply_parse(struct slice, enum control_outcome *, struct slice *body);

#endif
