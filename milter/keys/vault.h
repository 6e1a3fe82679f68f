/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The managed keys on disk, for the one process that may act on them. Every
 * change is a file put in place whole: written under another name, synced,
 * renamed, its directory synced. KEYDIR/.lock is held while acting; KEYDIR/
 * .time is the store's time (elapse.h).
 *
 *	KEYDIR/DOMAIN/SELECTOR.pem	the private half
 *	KEYDIR/DOMAIN/SELECTOR.state	what happened to it (record.h)
 *	KEYDIR/DOMAIN/tombstones	selectors used up
 *
 * A .pem without a .state is a key that nobody manages (seen.h).
 */
#ifndef ASSAY_KEYS_VAULT_H
#define ASSAY_KEYS_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "keys/elapse.h"
#include "keys/record.h"
#include "mail/domain.h"

/* Who has written something leaves another KEYDIR/.time behind. */
struct vault_stamp {
	uint64_t ino;
	struct timespec changed;
};

struct vault {
	char dir[4096];
	int lock_fd;
	bool peeking; /* writes nothing */
	bool wrote;
	long holder; /* process id, when vault_open returned 1; 0: not known */
	struct vault_stamp
	    stamp; /* on opening; after closing, as it was left */
	const struct clock *clock;
	struct elapse time;
	int64_t saved_own_ms; /* of time, on disk */
};

/* All zero when there is none. */
void vault_stamp_read(const char *dir, struct vault_stamp *);
bool vault_stamp_eq(const struct vault_stamp *, const struct vault_stamp *);

/* The managed keys of one domain, and what stands beside them. */
#define VAULT_KEYS_MAX 64
struct vault_domain {
	struct domain domain;
	struct key_record *records; /* in the order they were generated */
	EVP_PKEY **pkeys;           /* of records; NULL: not usable */
	size_t n;
	char *tombstones; /* text */
	size_t tombstones_len;
	char (*others)[LIMIT_LABEL + 1]; /* selectors of unmanaged keys */
	size_t nothers;
	bool others_sign; /* one of them has been seen in DNS */
};

/*
 * Takes the lock, waiting for it up to wait_ms: 0, 1 when another process has
 * it, -1 and err. The directory is made (0700) when it is missing; one that
 * others than its owner can write to, or another's, is refused.
 */
MUST_CHECK int vault_open(struct vault *, const char *dir,
    const struct clock *, int64_t wait_ms, struct err *err);
/*
 * The same for a dry run: nothing is made, mended or written. A directory
 * that does not exist has no keys, and nobody to keep out.
 */
MUST_CHECK int vault_peek(struct vault *, const char *dir,
    const struct clock *, int64_t wait_ms, struct err *err);
/* Writes the time down and lets go of the lock. */
void vault_close(struct vault *);

/* Now, by both clocks. */
struct key_time vault_now(struct vault *);

/*
 * Reads a domain; one that has no directory has no keys. -1 and err when
 * something in it can't be trusted: then nothing is done to this domain.
 * Removes what a crash left half-written. End with vault_domain_clear.
 */
MUST_CHECK int vault_read(struct vault *, const struct domain *,
    struct vault_domain *, struct err *err);
void vault_domain_clear(struct vault_domain *);
/* Is anything of this domain managed? */
bool vault_domain_managed(const struct vault_domain *);

/* Replaces a state file. 0, or -1. */
MUST_CHECK int vault_write(struct vault *, const struct domain *,
    const struct key_record *, struct err *err);
/*
 * A new key: its state file first, then its private half, so that there is
 * never one of ours that looks unmanaged. The domain's directory is made when
 * it is missing. 0, or -1: then neither is left.
 */
MUST_CHECK int vault_add(struct vault *, const struct domain *,
    struct key_record *, EVP_PKEY *, struct err *err);
/* Destroys the private half. Fine when there is none. */
MUST_CHECK int vault_destroy(struct vault *, const struct domain *,
    const struct key_record *, struct err *err);
/* Ends a removed key: its tombstone, then no state file. 0, or -1. */
MUST_CHECK int vault_bury(struct vault *, const struct vault_domain *,
    const struct key_record *, struct err *err);

/* "SELECTOR.suffix" of a domain; -1 when it is too long. */
MUST_CHECK int vault_path(const struct vault *, const struct domain *,
    const char *selector, const char *suffix, char path[4096]);

/*
 * Reads and checks one state file. 0; 1: there is none; -1 and err.
 */
MUST_CHECK int record_read(
    const char *path, struct key_record *, struct err *err);

#endif
