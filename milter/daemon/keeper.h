/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread that asks DNS for keys not yet seen, every minute. */
#ifndef ASSAY_DAEMON_KEEPER_H
#define ASSAY_DAEMON_KEEPER_H

#include <pthread.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "daemon/daemon.h"

struct keeper {
	struct daemon *daemon;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop, looking;
};

MUST_CHECK int keeper_start(struct keeper *, struct daemon *, struct err *);
/*
 * Ends the thread. False when it is waiting for DNS just now: it then still
 * uses the daemon, which must not be freed.
 */
MUST_CHECK bool keeper_stop(struct keeper *);

#endif
