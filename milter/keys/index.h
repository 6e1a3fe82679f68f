/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the store: shared by store.c and watch.c, nobody else's. */
#ifndef ASSAY_KEYS_INDEX_H
#define ASSAY_KEYS_INDEX_H

#include <pthread.h>
#include <time.h>

#include "keys/store.h"

#define KEY_PATH_MAX 4096
#define KEYS_PER_DOMAIN 64

struct stored_key {
	struct key_info info;
	bool managed; /* it has a state file, and then: */
	struct rotation_key life;
	bool looked; /* DNS was asked at least once */
	bool told;   /* the log said what to publish */
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
};

struct keystore {
	char *dir;
	bool require_published;
	enum key_vanished on_vanished;
	struct log *log;
	pthread_mutex_t lock;         /* of all below */
	struct domain_keys **domains; /* by name; each stays where it is */
	size_t n, cap;
	int64_t checked_ms; /* as in domain_keys, of dir */
	struct timespec changed;
	bool unsure;
	size_t next_load; /* domains before it were loaded by watch */
	bool wants_watch;
};

/* With the lock held: reads the domain's directory, again if it changed. */
void index_read(struct keystore *, struct domain_keys *);
struct domain_keys *index_find(struct keystore *, const struct domain *);
/* Has the directory changed since? Notes when it did; asks twice a second. */
bool index_changed(const char *path, int64_t *checked_ms,
    struct timespec *changed, bool *unsure);
/* DIR/DOMAIN/SELECTOR.suffix; false when it is too long. */
bool index_path(const struct keystore *, const struct domain_keys *,
    const char *selector, const char *suffix, char path[KEY_PATH_MAX]);

#endif
