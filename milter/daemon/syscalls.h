/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls of the process that handles mail, and no others. */
#ifndef ASSAY_DAEMON_SYSCALLS_H
#define ASSAY_DAEMON_SYSCALLS_H

#include "base/attr.h"
#include "base/err.h"

/*
 * Confines all threads of the process, for good. What only an intruder would
 * do (start a program, look into another process, change the system) raises
 * SIGSYS, see signals_last_words; what else is not on the list fails with
 * ENOSYS. Returns 1; 0 and err when the kernel
 * has no seccomp filters, -1 and err when something failed.
 */
MUST_CHECK int syscalls_enter(struct err *);

/* The name of one that raises SIGSYS, else "". For a signal handler. */
const char *syscalls_name(int number);

#endif
