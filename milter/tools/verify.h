/* SPDX-License-Identifier: BSD-2-Clause */
/* Between verify.c and explain*.c. */
#ifndef ASSAY_TOOLS_VERIFY_H
#define ASSAY_TOOLS_VERIFY_H

#include "base/attr.h"
#include "base/err.h"
#include "tools/run.h"

/* What the results were made from. Returns 0, or -1. */
MUST_CHECK int explain_dkim(const struct run *, struct out *,
    const struct dkim_result *, struct err *);
MUST_CHECK int explain_dmarc(const struct run *, struct out *, struct err *);

#endif
