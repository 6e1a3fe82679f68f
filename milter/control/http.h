/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metrics and health over HTTP, for a collector on this machine: GET of
 * /metrics, /health, /health/live and /health/ready; the last three have
 * status 503 when the answer is no. A thread of its own, few clients, short
 * timeouts. The only file that knows libmicrohttpd is http.c.
 */
#ifndef ASSAY_CONTROL_HTTP_H
#define ASSAY_CONTROL_HTTP_H

#include "base/attr.h"
#include "base/err.h"
#include "config/listen.h"
#include "control/facts.h"

struct http_server;

/* Fills facts; called in the server's thread. What it allocates, done frees. */
struct http_hooks {
	void *arg;
	void (*gather)(void *arg, struct facts *);
	void (*done)(void *arg, struct facts *);
};

/*
 * Loads libmicrohttpd and opens the socket, as whoever the process is, before
 * the sandbox. The descriptor, or -1.
 */
MUST_CHECK int http_bind(const struct listen *, struct err *);
/* Serves the descriptor, which it owns from now on. NULL and err. */
MUST_CHECK struct http_server *http_server_new(
    int fd, const struct http_hooks *, struct err *);
/* NULL is fine. */
void http_server_free(struct http_server *);

#endif
