/* SPDX-License-Identifier: BSD-2-Clause */
/* A message through the daemon's engine, without an MTA. */
#ifndef ASSAY_TOOLS_RUN_H
#define ASSAY_TOOLS_RUN_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "engine/message.h"
#include "engine/session.h"
#include "mail/header.h"
#include "tools/env.h"
#include "tools/envelope.h"

struct run {
	struct arena *arena;
	struct header header; /* of the text, as the wire had it */
	struct slice body;
	struct envelope envelope;
	struct engine_options options;
	struct session *session;
	struct message *message;
};

/* What the message is taken for, beside its envelope. */
struct run_as {
	bool outbound;           /* else inbound, whoever has sent it */
	const char *user;        /* who was authenticated; NULL: nobody */
	const char *mta_version; /* {v}; a Postfix takes no care of Sendmail */
};

/* Takes the message apart. End with run_close, whatever it returns. 0, -1. */
MUST_CHECK int run_open(struct run *, struct slice text, struct err *);
/* From connect to end of message. envelope is filled. 0, or -1. */
MUST_CHECK int run_message(
    struct run *, const struct env *, const struct run_as *, struct err *);
void run_close(struct run *);

#endif
