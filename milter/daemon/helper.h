/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that runs publishers (nsupdate, publish_command), since the one
 * that reads mail can start no program. It is forked before that is so, has
 * none of its descriptors, and ends when it ends. It is asked to publish a
 * record and runs what its own reading of the configuration says for that
 * domain: nobody can name it a program. It reads the file anew only as the one
 * whose fingerprint it is told: one that the daemon refused is nothing to it.
 */
#ifndef ASSAY_DAEMON_HELPER_H
#define ASSAY_DAEMON_HELPER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "config/config.h"
#include "keys/publish.h"
#include "log/log.h"

struct helper {
	int fd; /* to it; -1: there is none */
	pid_t pid;
	/* The keeper's alone: */
	uint32_t number; /* of the last request */
	uint64_t config; /* fingerprint of the one it acts for */
	bool told;       /* the log says that it is gone */
};

/*
 * Forks it, as the user it is to be and with one thread. It keeps the
 * configuration; its standard error is errors_fd, or with -1 stays what it is.
 * 0, or -1.
 */
MUST_CHECK int helper_start(struct helper *, struct config *,
    const char *config_path, int errors_fd, struct err *);
/*
 * Has it read the configuration that now holds, while the file is still that.
 * Any thread; never waits.
 */
void helper_reload(const struct helper *, const struct config *);
/* Logs, once, that it is gone: nothing is published then until a restart. */
void helper_watch(struct helper *, struct log *);
/*
 * As keys_env.publish, for the keeper; the first argument is the helper, whose
 * config is set. RETRY while the file is not that configuration.
 */
enum publish_result helper_publish(void *helper, const struct publication *,
    const atomic_bool *stop, struct buf *said);

#endif
