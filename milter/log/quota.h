/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * At most once a period for each key: what is worth a line of the log, and
 * not one a message. The memory is bounded, whoever chooses the keys: when
 * every place is taken by a key told within the period, a new one is not told
 * at all. Safe from any thread.
 */
#ifndef ASSAY_LOG_QUOTA_H
#define ASSAY_LOG_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

struct quota;

/* Room for so many keys. NULL: no memory. */
MUST_CHECK struct quota *quota_new(size_t nkeys, int64_t period_ms);
/* NULL is fine. */
void quota_free(struct quota *);

/*
 * May this key be told now (a monotonic time)? If so it may not again within
 * the period. *untold: how many keys found no room since the last yes.
 */
MUST_CHECK bool quota_ask(
    struct quota *, struct slice key, int64_t now_ms, uint64_t *untold);

#endif
