/* SPDX-License-Identifier: BSD-2-Clause */
/* The other end of the control socket: what assay(1) asks of assayd. */
#ifndef ASSAY_CONTROL_CLIENT_H
#define ASSAY_CONTROL_CLIENT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "control/request.h"

/*
 * Asks the daemon behind the socket at path and waits for its whole reply,
 * timeout_ms at most. 0: *body points into reply. -1 and err: nobody is there,
 * or the reply is none.
 */
MUST_CHECK int control_ask(const char *path, enum control_verb,
    int64_t timeout_ms, struct buf *reply, enum control_outcome *,
    struct slice *body, struct err *);

#endif
