/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has happened to mail since the start, counted. Relaxed atomics: a
 * message costs some twenty uncontended increments, a ten-thousandth of what
 * its hash does, and no lock; a reader waits for nobody. Everything counted is
 * of a closed set of ours: nothing in a message can make a new row.
 */
#ifndef ASSAY_CONTROL_COUNTERS_H
#define ASSAY_CONTROL_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/names.h"
#include "engine/message.h"

enum counted_direction {
	COUNTED_INBOUND,
	COUNTED_OUTBOUND,
	COUNTED_DIRECTIONS,
};

enum counted_method {
	COUNTED_AUTH,
	COUNTED_IPREV,
	COUNTED_SPF,  /* of MAIL FROM */
	COUNTED_HELO, /* SPF of the HELO name */
	COUNTED_DKIM, /* each signature; none once a message without one */
	COUNTED_DMARC,
	COUNTED_METHODS,
};

/* Messages that got no verdict. */
enum counted_left {
	COUNTED_ABORTED, /* by the client or the MTA */
	COUNTED_SKIPPED, /* came in on a listener we leave alone */
	COUNTED_FAILED,  /* a failure of our own */
	COUNTED_PUT_OFF, /* begun while assayd was ending */
	COUNTED_LEFT,
};

#define COUNTED_ACTIONS 4 /* ACTION_ACCEPT to ACTION_TEMPFAIL */
#define COUNTED_WORDS 9   /* AR_NOT_RUN to AR_PERMERROR */
#define COUNTED_ALGS 3    /* DKIM_RSA_SHA256 and its like */

extern const struct name counted_direction_words[];
extern const struct name counted_method_words[];
extern const struct name counted_left_words[];

struct counters {
	atomic_uint_fast64_t connections;
	atomic_uint_fast64_t messages[COUNTED_DIRECTIONS][COUNTED_ACTIONS];
	atomic_uint_fast64_t results[COUNTED_DIRECTIONS][COUNTED_METHODS]
				    [COUNTED_WORDS];
	atomic_uint_fast64_t left[COUNTED_LEFT];
	atomic_uint_fast64_t signatures[COUNTED_ALGS];
	atomic_uint_fast64_t unsigned_messages; /* outbound */
	struct histogram wait; /* of clients for our answer to a message */
	atomic_uint_fast64_t reloads, reloads_refused;
	/* Answers to whole messages, begun and given: see daemon/pulse.h. */
	atomic_uint_fast64_t answers_begun, answers_given;
};

/* Adds one. */
void counters_add(atomic_uint_fast64_t *);
uint64_t counters_get(const atomic_uint_fast64_t *);

/* A message after message_eom, once. */
void counters_message(struct counters *, const struct message *);

#endif
