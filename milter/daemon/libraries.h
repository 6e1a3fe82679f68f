/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libraries say by syslog(3): libraries.c has syslog in the C library's
 * place, which blocks while nobody reads.
 */
#ifndef ASSAY_DAEMON_LIBRARIES_H
#define ASSAY_DAEMON_LIBRARIES_H

#include "base/attr.h"
#include "base/err.h"
#include "log/log.h"

/*
 * From here on it goes to this log, each text at most once a minute; before, to
 * standard error. The log stays the caller's. Once. 0, or -1.
 */
MUST_CHECK int libraries_hear(struct log *, struct err *);

#endif
