/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver with a table laid over it: what the table has a record of is
 * answered from there, all else by the other. So that a record is tried
 * before it is published.
 */
#ifndef ASSAY_DNS_OVERLAY_H
#define ASSAY_DNS_OVERLAY_H

#include "base/attr.h"
#include "base/err.h"
#include "dns/resolver.h"

/*
 * The table answers at once (zone.h). Owns both from now on, also when it
 * fails: NULL and err.
 */
MUST_CHECK struct resolver *overlay_new(
    struct resolver *table, struct resolver *other, struct err *);

#endif
