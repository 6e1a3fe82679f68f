/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libopendmarc as a second pair of eyes: it gets the canonical record and
 * the results found aligned, and must come to our verdict.
 */
#ifndef ASSAY_DMARC_OPENDMARC_H
#define ASSAY_DMARC_OPENDMARC_H

#include "base/attr.h"
#include "base/err.h"
#include "dmarc/dmarc.h"

/*
 * Returns 0 when the library agrees with a pass or fail (any other result it
 * is not asked about), or -1 with err.
 */
MUST_CHECK int dmarc_library_agrees(const struct dmarc_result *, struct err *);

#endif
