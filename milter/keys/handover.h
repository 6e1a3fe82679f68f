/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A publication as octets, for the process that runs the programs. It names no
 * program: which one runs is the configuration's affair. Who reads it trusts
 * nothing in it.
 *
 *	octet 0x01, 4 octets: number of the request
 *	8 octets: fingerprint of the configuration that asks for it
 *	1 octet: what is wanted; 8 octets: TTL
 *	domain, selector, owner, zone, text: 2 octets of length each, octets
 *
 * An answer is 0x02, the number, the result, and what the program said. 0x03
 * and a fingerprint tell of the configuration that holds from now on.
 */
#ifndef ASSAY_KEYS_HANDOVER_H
#define ASSAY_KEYS_HANDOVER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"
#include "keys/publish.h"

/* Ceilings on one message of either kind. */
#define HANDOVER_MAX 6144
#define HANDOVER_SAID_MAX 1000

enum handover_kind {
	HANDOVER_REQUEST = 1,
	HANDOVER_ANSWER = 2,
	HANDOVER_CONFIG = 3,
};

struct handover {
	uint32_t number;
	uint64_t config; /* config.fingerprint */
	char selector[LIMIT_LABEL + 1];
	struct publication publication; /* its selector points above */
};

/* A request for p; buf_status(out) tells whether it fitted. */
void handover_format(const struct publication *p, uint32_t number,
    uint64_t config, struct buf *out);
/*
 * Reads a request: names are names, the record is one of a key's or none, and
 * no octet in it means anything to a name server or a JSON parser. 0, or -1:
 * not so. After 0 end with publication_clear.
 */
MUST_CHECK int handover_parse(struct slice, struct handover *);

void handover_answer_format(
    enum publish_result, uint32_t number, struct slice said, struct buf *out);
/* said points into the message. 0, or -1. */
MUST_CHECK int handover_answer_parse(
    struct slice, uint32_t *number, enum publish_result *, struct slice *said);

void handover_config_format(uint64_t config, struct buf *out);
/* 0, or -1: no such message. */
MUST_CHECK int handover_config_parse(struct slice, uint64_t *config);

#endif
