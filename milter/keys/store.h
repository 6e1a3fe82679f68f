/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The signing keys. Opening the store reads only the names of the domain
 * directories; a domain's keys are read, checked and kept when first asked
 * for, and read again within a second when its directory has changed: so does
 * signing follow rotation, whoever does it. Safe from any thread.
 */
#ifndef ASSAY_KEYS_STORE_H
#define ASSAY_KEYS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/names.h"
#include "dkim/sign.h"
#include "dns/inquiry.h"
#include "dns/resolver.h"
#include "keys/rotate.h"
#include "log/log.h"
#include "mail/domain.h"

enum key_state {
	KEY_BAD,     /* the file can't be used; why says what is wrong */
	KEY_WAITING, /* its record was not seen yet */
	KEY_ACTIVE,  /* signs */
	KEY_RETIRED, /* managed, and signs no more */
};

extern const struct name key_state_words[];

/* A copy of one key's state, for the caller to keep. */
struct key_info {
	struct domain domain;
	char selector[LIMIT_LABEL * 4 + 1];
	enum dkim_alg alg;
	enum key_state state;
	EVP_PKEY *pkey; /* a reference; keys_release gives it up */
	char why[256];  /* why it is bad, or what DNS showed last */
	bool looked;    /* DNS was asked at least once */
	/* The store's: the file of a key that a table names; else NULL. */
	const char *path;
};

struct keystore;

struct keystore_options {
	const char *dir;
	bool require_published; /* else every readable key is active */
	/* Asked with the lock held; NULL: VANISHED_SIGN. */
	enum key_vanished (*on_vanished)(const void *, const struct domain *);
	const void *arg; /* its first argument */
};

/*
 * A missing directory is an empty store. NULL and err: no memory, or the
 * directory can't be read.
 */
MUST_CHECK struct keystore *keystore_open(
    const struct keystore_options *, struct log *, struct err *);
void keystore_free(struct keystore *);

size_t keystore_ndomains(struct keystore *);
/* The i-th domain by name; NULL beyond the last. Lives as the store does. */
const struct domain *keystore_domain(struct keystore *, size_t i);

/* Is there a directory of this domain's keys? */
bool keystore_has(struct keystore *, const struct domain *);

/*
 * The keys of one domain (at most max), each with a reference on its EVP_PKEY,
 * those that sign first.
 * Returns how many there are; 0 when the domain has no directory.
 */
size_t keystore_keys(struct keystore *, const struct domain *,
    struct key_info *out, size_t max);
void keys_release(struct key_info *, size_t n);

/* A key that a table names. */
struct key_name {
	const struct domain *domain;
	const char *selector, *path;
};

/*
 * The same for the key in a file of its own, whatever the directory has: read
 * on first use, its file once for all names. Past LIMIT_NAMED_KEYS of them it
 * is bad. Returns 0, or -1: no memory.
 */
MUST_CHECK int keystore_named(struct keystore *, const struct key_name *,
    struct key_info *out, struct err *);

/*
 * For a waiting key on its first use: asks for its record, and when it has
 * come, says whether the key may sign now (key->state). The second waits as
 * long as the inquiry does.
 */
void keystore_ask(const struct key_info *, struct inquiry *);
MUST_CHECK bool keystore_hear(
    struct keystore *, struct key_info *, struct inquiry *, int64_t now_s);

/* What one look at DNS told of a waiting key. */
enum key_seen {
	KEY_SEEN_EQUAL,
	KEY_SEEN_OTHER, /* a record is there, and it is not ours */
	KEY_SEEN_ABSENT,
	KEY_SEEN_TROUBLE, /* DNS did not say */
};

/*
 * Asks DNS for every waiting key of the domains read so far, and reads up to
 * nload further domains first. A key whose record equals ours becomes active
 * and is stamped on disk, so that a restart needs no DNS. Blocks until all
 * have answered or deadline_ms. Logs each change, and what to publish the
 * first time a key is found missing.
 */
void keystore_watch(struct keystore *, struct resolver *, const struct clock *,
    int64_t deadline_ms, size_t nload);
/* Is there a key whose first look has not been taken? Then watch soon. */
bool keystore_wants_watch(struct keystore *);

#endif
