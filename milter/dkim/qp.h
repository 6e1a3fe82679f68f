/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dkim-quoted-printable, RFC 6376 section 2.11 and RFC 8616 section 5: the
 * encoding of i=.
 */
#ifndef ASSAY_DKIM_QP_H
#define ASSAY_DKIM_QP_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

/*
 * Decodes text, blanks already removed. Malformed text, and text that hides a
 * control character, gives the empty slice. Returns 0, or -1: no memory.
 */
MUST_CHECK int dkim_qp_decode(
    struct slice text, struct arena *, struct slice *out);

/* Appends the octets encoded. utf8: what is not ASCII may stand as it is. */
void dkim_qp_encode(struct slice octets, bool utf8, struct buf *);

#endif
