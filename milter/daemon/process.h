/* SPDX-License-Identifier: BSD-2-Clause */
/* The process and the system: user, limits, background, pid file. */
#ifndef ASSAY_DAEMON_PROCESS_H
#define ASSAY_DAEMON_PROCESS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "config/config.h"

/*
 * Becomes user and group when started by root; nothing is left of root's
 * groups. Without root, a user other than ourselves is an error. 0, or -1.
 */
MUST_CHECK int process_drop(const struct daemon_options *, struct err *);

/* As many descriptors as the system lets us have. */
void process_raise_limits(void);

/*
 * Forks; the parent waits until the child calls process_ready and then exits
 * with 0, or exits with 1 when the child ends before. Returns in the child.
 */
MUST_CHECK int process_background(int *ready_fd, struct err *err);
/* Lets the parent go and gives up the terminal. */
void process_ready(int ready_fd);

/* Writes the process id. Returns 0, or -1. */
MUST_CHECK int process_pid_file(const char *path, struct err *err);

#endif
