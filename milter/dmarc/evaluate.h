/* SPDX-License-Identifier: BSD-2-Clause */
/* The evaluation itself, without libopendmarc; see dmarc.h. Pure. */
#ifndef ASSAY_DMARC_EVALUATE_H
#define ASSAY_DMARC_EVALUATE_H

#include "dmarc/dmarc.h"

/*
 * As dmarc_evaluate, but nobody checks the verdict. Returns 0, or -1 with
 * err: no memory, or DMARC_ORG_PSL without a list.
 */
MUST_CHECK int dmarc_judge(const struct dmarc_request *, struct inquiry *,
    struct arena *, struct dmarc_result *out, struct err *);

#endif
