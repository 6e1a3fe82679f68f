/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SMTP envelope of a stored message: as given, or as its trace fields
 * tell (Return-Path; the topmost Received of a client beyond our networks).
 * What a sender has written below that field is never believed.
 */
#ifndef ASSAY_TOOLS_ENVELOPE_H
#define ASSAY_TOOLS_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/list.h"
#include "base/slice.h"
#include "mail/header.h"

struct envelope_given {
	const char *ip, *helo, *mail_from; /* NULL: look it up */
};

struct envelope {
	struct ip ip;
	const char *helo, *name, *mail_from; /* "" when not known */
	bool ip_given, mail_from_given;
	/* Which Received field was believed, 1 the topmost; 0: none. */
	size_t received;
};

/* Texts live in the arena. Returns 0, or -1 with err (a bad address given). */
MUST_CHECK int envelope_find(const struct envelope_given *,
    const struct header *, const struct cidr_list *internal, struct arena *,
    struct envelope *out, struct err *err);

/*
 * "from HELO (NAME [IP]) by ...", as Postfix and Sendmail write it. False
 * when no address is in it.
 */
MUST_CHECK bool envelope_received(
    struct slice value, struct ip *ip, struct slice *helo, struct slice *name);

#endif
