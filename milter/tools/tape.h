/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver that keeps what another answers, to be written as a table that
 * dns/zone.h reads: the same questions then get the same answers. Lost are
 * TTLs, whether DNSSEC vouched, and the CNAMEs on the way.
 */
#ifndef ASSAY_TOOLS_TAPE_H
#define ASSAY_TOOLS_TAPE_H

#include "base/attr.h"
#include "base/err.h"
#include "dns/resolver.h"

/* It owns the other from now on, also when it fails. NULL and err. */
MUST_CHECK struct resolver *tape_new(struct resolver *other, struct err *);
/* Only when no lookup is under way. Returns 0, or -1 with err. */
MUST_CHECK int tape_write(struct resolver *, const char *path, struct err *);

#endif
