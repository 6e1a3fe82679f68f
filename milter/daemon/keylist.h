/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told of the keys: a list that the key thread makes anew now and
 * then, so that who asks for it waits neither for a disk nor for the lock of
 * the keys, which messages take.
 */
#ifndef ASSAY_DAEMON_KEYLIST_H
#define ASSAY_DAEMON_KEYLIST_H

#include <pthread.h>
#include <stdint.h>

#include "config/config.h"
#include "control/facts.h"
#include "keys/run.h"

struct keylist {
	pthread_mutex_t lock; /* never held for longer than a copy takes */
	struct fact_keys told;
	/* The key thread's own: */
	const struct config *of; /* what it was made from; only compared */
	int64_t next_ms;
};

void keylist_init(struct keylist *);
void keylist_free(struct keylist *);
/* In the key thread: makes it anew when it is time, or it is another config. */
void keylist_renew(struct keylist *, const struct keys_env *,
    const struct config *, const struct clock *);
/* A copy; free its items. Without memory it has none. */
void keylist_copy(struct keylist *, struct fact_keys *);

#endif
