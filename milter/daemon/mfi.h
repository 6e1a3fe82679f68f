/* SPDX-License-Identifier: BSD-2-Clause */
/* assayd as a milter. Only mfi.c knows libmilter. */
#ifndef ASSAY_DAEMON_MFI_H
#define ASSAY_DAEMON_MFI_H

#include "base/attr.h"
#include "base/err.h"
#include "daemon/daemon.h"

/*
 * Registers with libmilter and opens the socket spec ("inet:8895@127.0.0.1"),
 * as whoever the process is now. The daemon is that of all later callbacks.
 * Returns 0, or -1.
 */
MUST_CHECK int mfi_open(struct daemon *, const char *spec, struct err *);

/* Serves until libmilter gives up. Returns 0, or -1 when it failed. */
MUST_CHECK int mfi_run(void);

#endif
