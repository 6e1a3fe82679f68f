/* SPDX-License-Identifier: BSD-2-Clause */
/* Landlock: which files a process can reach, and which ports. */
#ifndef ASSAY_DAEMON_LANDLOCK_H
#define ASSAY_DAEMON_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "daemon/roots.h"

struct landlock_plan {
	const struct roots *roots;
	/* Single files that are only read; those missing are passed over. */
	const char *const *files;
	size_t nfiles;
	const uint16_t *ports; /* of TCP servers it may connect to */
	size_t nports;
};

/*
 * Confines this thread and all that it makes, for good. From kernel 6.7 on
 * it also connects to no other TCP ports and listens on none, from 6.12 it
 * sends no signals out. Returns the kernel's version of Landlock, 0 and err
 * when it has none, -1 and err when something failed.
 */
MUST_CHECK int landlock_enter(const struct landlock_plan *, struct err *err);

#endif
