/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts beside the mail: what listens for orders, tells numbers and
 * watches the others; and the life of the main thread between start and exit.
 */
#ifndef ASSAY_DAEMON_SERVICE_H
#define ASSAY_DAEMON_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "control/http.h"
#include "control/notify.h"
#include "control/pulse.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "daemon/keeper.h"

/* What other threads want of the main thread, and what came of it. */
struct orders {
	pthread_mutex_t lock;
	uint64_t reloads_asked, reloads_done;
	bool reload_ok;
	struct buf reload_why; /* lines */
	bool drained;
	int cut; /* messages */
};

struct service {
	struct daemon *daemon;
	struct keeper keeper;
	struct orders orders;
	struct notify notify;
	struct control_server *control; /* or NULL */
	struct http_server *http;       /* or NULL */
	struct pulse *pulse;            /* or NULL */
	/* Opened while we may still be root; -1: none. */
	int control_fd, http_fd;
	int statm; /* for process_measure */
	gid_t control_group;
	char control_path[108];
	struct err control_err;     /* why there is none */
	int listener;               /* libmilter's */
	atomic_uint_fast64_t beats; /* of the main thread */
	atomic_bool control_on;
	atomic_uint_fast64_t control_beats;
};

/* Before any thread is made, as whoever started us. 0, or -1. */
MUST_CHECK int service_prepare(
    struct service *, const struct daemon_options *, struct err *);
/* Starts the parts; the daemon is open. 0, or -1. */
MUST_CHECK int service_start(struct service *, struct daemon *, struct err *);
/*
 * The main thread's life: reloads, feeds the watchdog; returns when it is
 * told to end.
 */
void service_run(struct service *);
/*
 * Takes no more connections, waits for the messages under way, tells those
 * who asked. True: nothing of it is at work any more, the daemon may be
 * closed.
 */
MUST_CHECK bool service_end(struct service *, const struct listen *);

#endif
