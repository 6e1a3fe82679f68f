/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record on its way into DNS: the texts a person or a program needs, and
 * the programs themselves. Publishing is idempotent: to say again what is
 * there does nothing.
 */
#ifndef ASSAY_KEYS_PUBLISH_H
#define ASSAY_KEYS_PUBLISH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "keys/observe.h"
#include "keys/options.h"
#include "keys/record.h"

#define PUBLICATION_TEXT_MAX 4096

struct publication {
	struct domain domain;
	const char *selector;
	struct domain name;  /* SELECTOR._domainkey.DOMAIN */
	struct domain owner; /* where the record goes: behind the aliases */
	struct domain zone;  /* of owner; empty when not known */
	enum key_want want;
	int64_t ttl_s;
	struct buf text; /* "v=DKIM1; ..."; empty when want is WANT_NONE */
};

/*
 * What a key wants in DNS. seen may be NULL, when nobody looked; else it
 * tells where the aliases lead. 0, or -1. End with publication_clear.
 */
MUST_CHECK int publication_fill(struct publication *,
    const struct keys_options *, const struct domain *,
    const struct key_record *, EVP_PKEY *, const struct observation *seen,
    struct err *err);
void publication_clear(struct publication *);

/* Zone file lines; what is to be removed stands in a comment. */
void publication_zone_text(const struct publication *, struct buf *);
/* {"action": "publish", "name": ..., "value": ..., "strings": [...]} */
void publication_json(const struct publication *, struct buf *);
/* Commands for nsupdate(1): one transaction. */
void publication_nsupdate(
    const struct publication *, const char *server, struct buf *);
/* The alias to ask the domain's owner for; nothing when there is none. */
void publication_cname_text(const struct publication *, struct buf *);
/* A JSON string with its quotes. */
void json_string(struct buf *, struct slice);

enum publish_result {
	PUBLISH_DONE,
	PUBLISH_RETRY,
	PUBLISH_REFUSED, /* trying again soon is of no use */
	PUBLISH_STOPPED, /* we were told to end first: as if never tried */
};

extern const struct name publish_result_words[];

/*
 * Hands one record over by nsupdate or command. said is what the program
 * printed, or why it could not be run. Blocks up to PUBLISH_LIMIT_MS, or
 * until the other end of the socket asker is closed (-1: there is none).
 */
#define PUBLISH_LIMIT_MS 60000
enum publish_result publish_run(const struct keys_options *,
    const struct publication *, int asker, struct buf *said);
/* Writes the fragment file of a domain: all its records at once. */
enum publish_result publish_fragment(const struct keys_options *,
    const struct domain *, struct slice zone_text, struct buf *said);

/* Did the last look find in DNS what this key wants there? */
bool publish_is_shown(const struct key_record *);
/*
 * When should the record be handed over (again)? The store's time, or
 * INT64_MAX: DNS shows what it should.
 */
int64_t publish_due_s(const struct keys_options *, const struct key_record *);

#endif
