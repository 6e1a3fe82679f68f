/* SPDX-License-Identifier: BSD-2-Clause */
/* The record to publish instead of one with slips in it. Pure. */
#ifndef ASSAY_TOOLS_MEND_H
#define ASSAY_TOOLS_MEND_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"
#include "spf/record.h"

/*
 * The tags that RFC 9989 knows, each once (the first), in its order, with the
 * values that they may have; a bare report address becomes rua=. A policy
 * that can't be read becomes "none". Appends to out.
 */
void mend_dmarc(struct slice text, struct buf *out);

/*
 * The terms of a sound record that are reached, each once, with "~all" at the
 * end where all passes everybody, says nothing or is missing. Appends.
 */
void mend_spf(const struct spf_record *, struct buf *out);

#endif
