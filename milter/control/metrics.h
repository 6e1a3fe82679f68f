/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts for Prometheus, in its text format 0.0.4. Label values are words of
 * ours and names of our own keys, never anything of a message.
 */
#ifndef ASSAY_CONTROL_METRICS_H
#define ASSAY_CONTROL_METRICS_H

#include "base/buf.h"
#include "control/facts.h"

void metrics_write(const struct facts *, struct buf *);

/* The health page: a line a check, the first "ok" or "not ok". */
void health_write(const struct facts *, struct buf *);

#endif
