/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process may do beyond its files: root's powers, and core dumps. */
#ifndef ASSAY_DAEMON_PRIVILEGES_H
#define ASSAY_DAEMON_PRIVILEGES_H

#include "base/attr.h"
#include "base/err.h"

/*
 * Before root is given up: no program started later can get a capability back
 * from its file. Nothing without root. 0, or -1.
 */
MUST_CHECK int privileges_bound(struct err *);

/*
 * After: no capability is left, root or not; no_new_privs; no core dumps and
 * no debugger of the same user, since private keys are in memory. 0, or -1.
 */
MUST_CHECK int privileges_drop(struct err *);

#endif
