/* SPDX-License-Identifier: BSD-2-Clause */
/* Between check_more.c and check_files.c: what records point to. */
#ifndef ASSAY_TOOLS_CHECK_FILES_H
#define ASSAY_TOOLS_CHECK_FILES_H

#include "tools/check.h"

/* The policy of the domain, and its MX hosts against it. */
void check_sts_policy(struct check *);
/* l= and a= of a BIMI record, both https. */
void check_bimi_logo(struct check *, struct slice url);
void check_bimi_certificate(struct check *, struct slice url);

#endif
