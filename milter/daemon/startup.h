/* SPDX-License-Identifier: BSD-2-Clause */
/* What assayd says at start: what it is going to do. */
#ifndef ASSAY_DAEMON_STARTUP_H
#define ASSAY_DAEMON_STARTUP_H

#include "daemon/daemon.h"

/*
 * A block of "start" events: where it listens, which domains it signs with
 * which selectors (at most 20 by name), what it enforces, whom it trusts.
 */
void startup_tell(struct daemon *);

/* What is strange in the tables of a snapshot, as warnings; the first 20. */
void startup_remarks(struct log *, const struct config *);

#endif
