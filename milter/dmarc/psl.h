/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The public suffix list by libpsl, for DMARC_ORG_PSL and for telling where
 * it and the tree walk disagree. Read only: any thread may use one.
 */
#ifndef ASSAY_DMARC_PSL_H
#define ASSAY_DMARC_PSL_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "mail/domain.h"

struct dmarc_psl;

/*
 * file: a list in its published text or compiled form; NULL: the newest that
 * came with the system. NULL and err when it can't be read.
 */
MUST_CHECK struct dmarc_psl *dmarc_psl_new(const char *file, struct err *);
/* NULL is fine. */
void dmarc_psl_free(struct dmarc_psl *);

/* A dmarc_psl_fn; ctx is a struct dmarc_psl. */
bool dmarc_psl_org(void *ctx, const struct domain *d, struct domain *out);

#endif
