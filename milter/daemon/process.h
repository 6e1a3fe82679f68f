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

/* Of a process in the background; both -1 in one that is not. */
struct background {
	int ready_fd; /* to its parent */
	int null_fd;  /* /dev/null, which the sandbox keeps from us later */
};

/*
 * Forks; the parent waits until the child calls process_ready and then exits
 * with 0, or exits with 1 when the child ends before. Returns in the child,
 * whose standard error is still the parent's: for what keeps it from starting.
 */
MUST_CHECK int process_background(struct background *, struct err *err);
/* Lets the parent go and gives up the terminal and all of its like. */
void process_ready(struct background *);

/*
 * What the kernel tells of us; 0 where it does not. statm is a descriptor to
 * be had before the sandbox, in the process that is measured; -1: none.
 */
int process_statm(void);
void process_measure(int statm, struct fact_process *);

/* The file with our number, locked while we serve. fd -1: there is none. */
struct pid_file {
	const char *path; /* borrowed */
	int fd;
};

/*
 * Writes it, unless path is empty. One that a serving process of ours has is
 * left alone, with -1; any other is taken over. Returns 0, or -1.
 */
MUST_CHECK int pid_file_write(
    struct pid_file *, const char *path, struct err *);
/* We are ending: the next process may have it. */
void pid_file_release(struct pid_file *);
/* Unless the next one has it. */
void pid_file_remove(struct pid_file *);

#endif
