/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread that keeps the keys: it takes the steps of rotation when they are
 * due, and asks DNS every minute for unmanaged keys not yet seen.
 */
#ifndef ASSAY_DAEMON_KEEPER_H
#define ASSAY_DAEMON_KEEPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "daemon/daemon.h"
#include "daemon/keylist.h"
#include "dns/authority.h"
#include "keys/rounds.h"

struct keeper {
	struct daemon *daemon;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	atomic_bool stop; /* may be looked at without the lock */
	bool looking;
	int64_t ahead_s; /* of the monotonic clock: the wall's */
	struct rounds *rounds;
	struct authority *authority;
	struct keylist list; /* what is told of the keys */
	atomic_uint_fast64_t beats;
};

MUST_CHECK int keeper_start(struct keeper *, struct daemon *, struct err *);
/*
 * Ends the thread, and a program that publishes just now. False when it is
 * still waiting for DNS some seconds later: it then uses the daemon, which must
 * not be freed.
 */
MUST_CHECK bool keeper_stop(struct keeper *);

#endif
