/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One SMTP transaction, from MAIL FROM to end of message or abort. The calls
 * come in the order of SMTP; message_free may come after any of them.
 *
 * Functions that return int return -1 with err only for failures of our own
 * (memory, a library); what the message holds is never one.
 */
#ifndef ASSAY_ENGINE_MESSAGE_H
#define ASSAY_ENGINE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "dkim/sign.h"
#include "dkim/verify.h"
#include "dns/inquiry.h"
#include "engine/edits.h"
#include "engine/session.h"
#include "engine/signing.h"
#include "engine/strip.h"
#include "mail/header.h"
#include "policy/policy.h"
#include "verdict/verdict.h"

struct message {
	const struct session *session;
	struct arena *arena; /* of everything parsed from this message */
	struct inquiry *inquiry;
	bool outbound;
	struct header header;
	struct strip_rules strip_rules;
	struct strip strip;
	bool from_seen;      /* a From field has come: its policy is asked */
	int64_t begun_ms;    /* monotonic, at MAIL FROM */
	int64_t deadline_ms; /* monotonic, set when the content arrives */
	struct job *spf;
	struct dkim_verifier *verifier; /* inbound */
	struct signing *signing;        /* outbound; NULL: inbound */
	struct verdict verdict;
	/* Final after message_eom: */
	struct disposition disposition;
	enum forward_sign forward; /* inbound: does it look passed on */
	struct slice differences;  /* observe: from what others have stamped */
	struct edits edits;
	size_t authres_dropped; /* results our field had no room for */
	const char *hold;       /* reason to park the message with, or NULL */
};

/* What the MTA says at MAIL FROM. Strings may be NULL. */
struct message_facts {
	const char *mail_from; /* the argument, with or without <> */
	const char *auth_user; /* {auth_authen}, never {auth_author} */
};

/* The session must outlive it and must not be a skipped one. */
MUST_CHECK struct message *message_new(
    const struct session *, const struct message_facts *, struct err *);
/* NULL is fine. */
void message_free(struct message *);

/* One field: value is all after the colon, folded with LF or CRLF. */
MUST_CHECK int message_header(
    struct message *, const char *name, const char *value, struct err *);
/* The header is complete. */
MUST_CHECK int message_eoh(struct message *, struct err *);
/* 1: more body is wanted, 0: not, -1: error. */
MUST_CHECK int message_body(
    struct message *, const void *, size_t, struct err *);
/*
 * Judges or signs, decides, and lays out the edits. Waits for DNS until the
 * deadline at most.
 */
MUST_CHECK int message_eom(struct message *, struct err *);

#endif
