/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walls around the process that reads mail: Landlock for files and ports,
 * a seccomp filter for system calls. They stand from before the first thread
 * until the end; a reload must do with them.
 */
#ifndef ASSAY_DAEMON_SANDBOX_H
#define ASSAY_DAEMON_SANDBOX_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "daemon/roots.h"
#include "log/log.h"

struct sandbox {
	enum sandbox_mode mode;
	int landlock, seccomp; /* version; 0: the kernel has none */
	struct err no_landlock, no_seccomp;
	struct err weak;    /* what makes it of little use, or empty */
	struct roots roots; /* of the configuration at the start */
};

/*
 * As the service user, with one thread, after whatever needs other programs or
 * files. 0; or -1: something failed, or mode is "require" and a part is missing
 * or of no use: the configuration, or a program that publishes, lies where the
 * confined process can write.
 */
MUST_CHECK int sandbox_enter(struct sandbox *, const struct config *,
    const char *config_path, struct err *err);

/* A "start" event, and a warning for each part that the kernel lacks. */
void sandbox_tell(const struct sandbox *, struct log *);

/*
 * May a new configuration be used? Else why: it needs a directory that was not
 * known at the start.
 */
bool sandbox_takes(const struct sandbox *, const struct config *,
    const char *config_path, struct buf *why);

/* What we hold in memory; the walls stand. */
void sandbox_free(struct sandbox *);

#endif
