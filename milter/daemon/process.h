/* SPDX-License-Identifier: BSD-2-Clause */
/* The process and the system: limits, background, pid file. */
#ifndef ASSAY_DAEMON_PROCESS_H
#define ASSAY_DAEMON_PROCESS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "control/facts.h"

/* As many descriptors as the system lets us have. */
void process_raise_limits(void);

/*
 * As many places to allocate memory from as processors, each given back to the
 * system when it is free: the C library has eight times as many, and each
 * keeps what its busiest moment took. Before the first thread.
 */
void process_bound_memory(void);

/*
 * Forks; the parent waits until the child calls process_ready and then exits
 * with 0, or exits with 1 when the child ends before. Returns in the child.
 */
MUST_CHECK int process_background(int *ready_fd, struct err *err);
/* Lets the parent go and gives up the terminal. */
void process_ready(int ready_fd);

/*
 * What the kernel tells of us; 0 where it does not. statm is a descriptor to
 * be had before the sandbox, in the process that is measured; -1: none.
 */
int process_statm(void);
void process_measure(int statm, struct fact_process *);

/* Writes the process id, unless path is empty. Returns 0, or -1. */
MUST_CHECK int process_pid_file(
    const char *path, bool *written, struct err *err);

#endif
