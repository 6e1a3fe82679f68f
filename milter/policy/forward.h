/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signs that a message came by way of somebody who passes mail on, and that
 * its SPF and DKIM may have been lost on that way. Anybody can add them, so
 * they only ever soften what happens to a failure.
 */
#ifndef ASSAY_POLICY_FORWARD_H
#define ASSAY_POLICY_FORWARD_H

#include "base/names.h"
#include "mail/address.h"
#include "mail/header.h"

enum forward_sign {
	FORWARD_NONE,
	FORWARD_LIST,        /* a List-* field (RFC 2369, RFC 2919) */
	FORWARD_RESENT,      /* Resent-* (RFC 5322 section 3.6.6) */
	FORWARD_X_FORWARDED, /* X-Forwarded-* */
	FORWARD_ARC,         /* ARC-* (RFC 8617) */
	FORWARD_SRS,         /* a sender written anew: SRS0=, SRS1= */
	FORWARD_BATV,        /* a tagged sender: prvs= and its like */
	FORWARD_UNSEEN,      /* a header over a ceiling: nobody can tell */
};

/* "list", "resent" ...; FORWARD_NONE has no word. */
extern const struct name forward_sign_words[];

/* The first sign found: of the header from the top, then of the sender. */
enum forward_sign forward_sign_of(
    const struct header *, const struct path *mailfrom);

/*
 * The identifier of the topmost List-Id field (RFC 2919 section 2): what
 * stands in its last angle brackets, or all of it. Empty when there is none.
 * Points into the header.
 */
struct slice list_id_of(const struct header *);

#endif
