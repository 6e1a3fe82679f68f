/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a DKIM signature has the result it has, or why a message is not signed:
 * one value for each way it can go wrong, in the words of RFC 6376 section
 * 6.1 where it has words. The text goes into the comment of
 * Authentication-Results and into the log; it is part of what administrators
 * and their scripts read, so it is never reworded lightly.
 */
#ifndef ASSAY_DKIM_REASON_H
#define ASSAY_DKIM_REASON_H

#include "authres/words.h"

enum dkim_reason {
	DKIM_REASON_NONE, /* nothing to say */

	/* The signature field (RFC 6376 sections 3.5 and 6.1.1). */
	DKIM_REASON_SYNTAX,
	DKIM_REASON_DUPLICATE_TAG,
	DKIM_REASON_MISSING_TAG,
	DKIM_REASON_VERSION,
	DKIM_REASON_ALGORITHM,
	DKIM_REASON_SHA1,
	DKIM_REASON_BAD_B,
	DKIM_REASON_BAD_BH,
	DKIM_REASON_CANON,
	DKIM_REASON_BAD_D,
	DKIM_REASON_BAD_H,
	DKIM_REASON_FROM_UNSIGNED,
	DKIM_REASON_BAD_I,
	DKIM_REASON_DOMAIN_MISMATCH,
	DKIM_REASON_BAD_L,
	DKIM_REASON_QUERY_METHOD,
	DKIM_REASON_BAD_S,
	DKIM_REASON_BAD_T,
	DKIM_REASON_BAD_X,
	DKIM_REASON_X_BEFORE_T,
	DKIM_REASON_EXPIRED,
	DKIM_REASON_FUTURE,

	/* Ceilings of mail/limits.h. */
	DKIM_REASON_LIMIT_SIGS,
	DKIM_REASON_LIMIT_FIELD,
	DKIM_REASON_LIMIT_TAGS,
	DKIM_REASON_LIMIT_H,
	DKIM_REASON_LIMIT_HEADER,

	/*
	 * The key (RFC 6376 section 6.1.2), in the order in which a record
	 * comes nearer to being a usable one: of several records, the reason
	 * that comes last here is told.
	 */
	DKIM_REASON_KEY_SERVFAIL,
	DKIM_REASON_KEY_TIMEOUT,
	DKIM_REASON_NO_KEY,
	DKIM_REASON_KEY_SYNTAX,
	DKIM_REASON_KEY_VERSION,
	DKIM_REASON_KEY_SERVICE,
	DKIM_REASON_KEY_TYPE,
	DKIM_REASON_KEY_HASH,
	DKIM_REASON_KEY_DATA,
	DKIM_REASON_KEY_LARGE,
	DKIM_REASON_KEY_SMALL,
	DKIM_REASON_KEY_DOMAIN,
	DKIM_REASON_KEY_REVOKED,
	DKIM_REASON_KEY_WEAK,

	/* The verification (RFC 6376 section 6.1.3). */
	DKIM_REASON_BODY_SHORT,
	DKIM_REASON_BODY_HASH,
	DKIM_REASON_SIGNATURE,
	DKIM_REASON_BODY_UNSIGNED,

	/* A message that is not signed (sign.h). */
	DKIM_REASON_NOT_ONE_FROM,
	DKIM_REASON_REPEATED_FIELD,
	DKIM_REASON_BARE_CR_LF,
	DKIM_REASON_NUL,
	DKIM_REASON_LONG_LINE,
};

/* The text; "" for DKIM_REASON_NONE. */
const char *dkim_reason_text(enum dkim_reason);

/*
 * The result word that goes with it. AR_PASS for DKIM_REASON_NONE, AR_NOT_RUN
 * for what concerns signing only.
 */
enum ar_word dkim_reason_word(enum dkim_reason);

#endif
