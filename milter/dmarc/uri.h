/* SPDX-License-Identifier: BSD-2-Clause */
/* The URIs that reports go to (RFC 9989 section 4.6, RFC 3986). Pure. */
#ifndef ASSAY_DMARC_URI_H
#define ASSAY_DMARC_URI_H

#include <stdbool.h>

#include "base/slice.h"

/* Syntactically valid? "," and "!" must be encoded (section 4.8). */
bool dmarc_uri_valid(struct slice);

/* The next item of a list (*more as slice_cut), its old "!10m" left out. */
struct slice dmarc_uri_next(struct slice *list, bool *more);

#endif
