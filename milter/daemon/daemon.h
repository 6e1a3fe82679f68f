/* SPDX-License-Identifier: BSD-2-Clause */
/* What the threads of the process share. */
#ifndef ASSAY_DAEMON_DAEMON_H
#define ASSAY_DAEMON_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/hash.h"
#include "config/config.h"
#include "control/counters.h"
#include "daemon/helper.h"
#include "daemon/sandbox.h"
#include "dns/stats.h"
#include "engine/engine.h"

struct daemon {
	struct engine engine;
	const char *config_path;
	struct sandbox *sandbox; /* entered */
	struct helper *helper;   /* started */
	pthread_mutex_t lock;    /* of config */
	struct config *config;   /* the current snapshot */
	struct config *first;    /* the resolver's */
	struct hash_key key;     /* of tables by what peers name */
	char hostname[256];
	int64_t started_s;
	atomic_int_fast64_t loaded_s; /* the current configuration */
	atomic_bool last_reload_ok;
	atomic_bool draining; /* the end has begun */
	atomic_bool put_off;  /* and messages that begin are put off */
	struct counters counters;
	struct dns_stats dns_stats;
	bool tcp;               /* the MTA comes by TCP */
	atomic_int connections; /* open milter connections */
	atomic_int messages;    /* between MAIL FROM and the answer */
	/* Each said once in the log: what the MTA did not give. */
	atomic_bool told_leadspc, told_queue_id, told_daemon_name, told_host;
};

/*
 * Log, resolver, workers and keys, by the configuration, whose reference it
 * takes. Starts threads: after fork and with privileges dropped. 0, or -1.
 */
MUST_CHECK int daemon_open(struct daemon *, struct config *, struct err *);
/* Frees all that daemon_open made. No session may be left. */
void daemon_close(struct daemon *);

/* The current snapshot, with a reference. */
struct config *daemon_config(struct daemon *);
/*
 * Reads the configuration again. A bad one changes nothing: -1, and lines in
 * why, which the log has as well. One thread at a time.
 */
MUST_CHECK int daemon_reload(struct daemon *, struct buf *why);

#endif
