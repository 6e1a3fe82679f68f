/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the store: shared by store.c and watch.c, nobody else's. */
#ifndef ASSAY_KEYS_INDEX_H
#define ASSAY_KEYS_INDEX_H

#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "base/map.h"
#include "keys/store.h"

#define KEY_PATH_MAX 4096
#define KEYS_PER_DOMAIN 64

struct stored_key {
	struct key_info info;
	bool managed; /* it has a state file, and then: */
	struct rotation_key life;
	bool told; /* the log said what to publish */
};

struct domain_keys {
	struct domain domain;
	char *dirname; /* as the directory is spelled */
	bool read;
	struct stored_key *keys;
	size_t n;
	int64_t checked_ms;      /* the directory was looked at */
	struct timespec changed; /* its time of change then */
	bool unsure;             /* it had changed just before it was read */
	size_t nbad;             /* keys that could not be used */
	int64_t mended_ms;       /* when they were looked at last */
	struct timespec touched; /* the last change of any of them */
};

/* A key that a table names by its file; it stays where it is. */
struct named_key {
	struct stored_key key;
	struct stat found; /* its file when it was read; zero: none */
	char *name;        /* SELECTOR._domainkey.DOMAIN, a blank, the path */
	size_t name_len;
};

struct keystore {
	char *dir;
	bool require_published;
	enum key_vanished (*on_vanished)(const void *, const struct domain *);
	const void *on_vanished_arg;
	struct log *log;
	pthread_mutex_t lock;         /* of all below */
	struct domain_keys **domains; /* by name; each stays where it is */
	size_t n, cap;
	int64_t checked_ms; /* as in domain_keys, of dir */
	struct timespec changed;
	bool unsure;
	size_t next_load;         /* domains before it were loaded by watch */
	struct named_key **named; /* in the order of their first use */
	size_t nnamed, named_cap;
	struct map named_by_name, named_by_path;
	bool wants_watch;
};

/* With the lock held: reads the domain's directory, again if it changed. */
void index_read(struct keystore *, struct domain_keys *);
/* Of those read so far. */
struct domain_keys *index_find(const struct keystore *, const struct domain *);
/* Has the directory changed since? Notes when it did; asks twice a second. */
bool index_changed(const char *path, int64_t *checked_ms,
    struct timespec *changed, bool *unsure);
/* DIR/DOMAIN/SELECTOR.suffix; false when it is too long. */
bool index_path(const struct keystore *, const struct domain_keys *,
    const char *selector, const char *suffix, char path[KEY_PATH_MAX]);

/* The key that this is a copy of, or NULL. With the lock held. */
struct stored_key *index_key(struct keystore *, const struct key_info *);
/* Where the stamp of a key is; false when that is too long. */
bool index_stamp_path(
    const struct keystore *, const struct key_info *, char path[KEY_PATH_MAX]);
/*
 * The state of a key just read: by its stamp when it has a pkey, else bad, for
 * the reason in err.
 */
void index_key_begin(
    struct keystore *, struct key_info *, const struct err *err);
/* The same for keys by path. */
struct stored_key *named_key(struct keystore *, const struct key_info *);
MUST_CHECK int named_init(struct keystore *, struct err *);
void named_free(struct keystore *);

#endif
