/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection of a client to the MTA. It may carry any number of messages;
 * callbacks of one connection come one after another, on any thread.
 */
#ifndef ASSAY_ENGINE_SESSION_H
#define ASSAY_ENGINE_SESSION_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/ip.h"
#include "engine/engine.h"
#include "engine/options.h"
#include "iprev/iprev.h"

enum mta {
	MTA_UNKNOWN,
	MTA_POSTFIX,
	MTA_SENDMAIL,
};

/* What the MTA says of a new connection. Strings may be NULL. */
struct session_facts {
	struct ip ip;            /* IP_NONE: not from the network */
	bool local;              /* submitted on this machine, not over SMTP */
	const char *client_name; /* as the MTA found it */
	const char *daemon_name; /* {daemon_name} */
	const char *mta_host;    /* j */
	const char *mta_version; /* v */
};

struct session {
	const struct engine *engine;
	const struct engine_options *options;
	struct ip ip;
	enum mta mta;
	bool skip;     /* came in on a listener we leave alone */
	bool internal; /* outbound whether authenticated or not */
	bool trusted_relay;
	char *client_name, *mta_host, *helo; /* never NULL */
	struct job *iprev;                   /* NULL: not evaluated */
};

/*
 * options must stay as long as the session. Starts the reverse lookup unless
 * nothing will need it. NULL and err: no memory.
 */
MUST_CHECK struct session *session_new(const struct engine *,
    const struct engine_options *, const struct session_facts *, struct err *);
/* NULL is fine. No message of it may be left. */
void session_free(struct session *);

/* The client's HELO or EHLO name; the latest counts. 0, or -1: no memory. */
MUST_CHECK int session_helo(struct session *, const char *name, struct err *);

/* The id our Authentication-Results field bears for this session. */
const char *session_authserv_id(const struct session *);

#endif
