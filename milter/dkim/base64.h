/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base64 as DKIM writes it (RFC 6376 section 2.10, base64string): blanks and
 * folding anywhere, padding at the end or left out.
 */
#ifndef ASSAY_DKIM_BASE64_H
#define ASSAY_DKIM_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

/* Room that decoding text may need. */
#define DKIM_BASE64_ROOM(text_len) ((text_len) / 4 * 3 + 3)

/*
 * Decodes into out, which has room for DKIM_BASE64_ROOM(text.len) octets, and
 * stores how many there are. False for anything but base64, also for padding
 * that does not fit what it pads. Empty text is no octets.
 */
MUST_CHECK bool dkim_base64_decode(
    struct slice text, unsigned char *out, size_t *len);

/* Appends the octets as base64, padded, on one line. */
void dkim_base64_encode(struct slice octets, struct buf *);

#endif
