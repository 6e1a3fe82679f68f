/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the one Authentication-Results field we add (RFC 8601 section 2.2):
 *	authres_init(&a, id);
 *	authres_method(&a, "spf", AR_PASS);
 *	authres_prop(&a, "smtp", "mailfrom", domain);
 *	...
 *	rc = authres_finish(&a, arena, &value);
 *	authres_free(&a);
 * Errors are sticky: ask once, at the end. Every value that a peer may have
 * chosen goes through this builder, which lets no octet of it end a comment,
 * a string, a line or the field. What is written is printable ASCII: any other
 * octet of a value becomes "?". Names of methods, ptypes and properties are
 * ours and written as they are.
 */
#ifndef ASSAY_AUTHRES_BUILD_H
#define ASSAY_AUTHRES_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "authres/words.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

struct authres {
	struct buf text;  /* the value so far */
	struct buf piece; /* what the next line break may not tear */
	size_t mark;      /* where the result being written begins in text */
	size_t column;
	size_t written; /* results in text up to mark */
	/*
	 * Results left out whole because LIMIT_AUTHRES_OCTETS was reached, by
	 * octets of a peer's as a rule: so no error, but worth a log line.
	 */
	size_t dropped;
	bool open; /* a result is being written */
};

/* The id is a host name of ours, in A-labels. */
void authres_init(struct authres *, struct slice authserv_id);

/*
 * Keeps so many octets of LIMIT_AUTHRES_OCTETS for results that come later,
 * from the next result on. 0 gives them back.
 */
void authres_reserve(struct authres *, size_t octets);

/*
 * Starts a result. RFC 8601 section 2.7 has no word for a method that did not
 * run: AR_NOT_RUN is skipped, together with its comment and properties.
 */
void authres_method(struct authres *, const char *method, enum ar_word);

/*
 * "(text)", for people: parentheses, semicolons, quotes and backslashes turn
 * into harmless look-alikes, since readers are known that look for them inside
 * comments. Belongs right after the method. An empty text writes nothing.
 */
void authres_comment(struct authres *, struct slice text);
void authres_reason(struct authres *, struct slice text);

/* A token, or a quoted-string; cut at LIMIT_AUTHRES_VALUE octets. */
void authres_prop(struct authres *, const char *ptype, const char *property,
    struct slice value);
/*
 * "[local]@domain", the form RFC 8601 section 2.2 demands of an email
 * identity. local is as in an address: a dot-atom, or a quoted-string with its
 * quotes; anything else is quoted here. A domain that is none makes the whole
 * a quoted-string, of half of LIMIT_AUTHRES_VALUE octets each.
 */
void authres_prop_address(struct authres *, const char *ptype,
    const char *property, struct slice local, struct slice domain);

/*
 * The value, with the blank that follows the colon, lines ended by LF and
 * begun by TAB, none longer than 78 columns unless a single property is.
 * "id; none" when no method ran. Returns 0, or -1: no memory.
 */
MUST_CHECK int authres_finish(
    struct authres *, struct arena *, struct slice *value);

void authres_free(struct authres *);

#endif
