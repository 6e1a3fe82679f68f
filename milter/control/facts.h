/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be said of the running daemon, at one moment: gathered by the
 * daemon, told by status.c and metrics.c.
 */
#ifndef ASSAY_CONTROL_FACTS_H
#define ASSAY_CONTROL_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cache.h"
#include "control/counters.h"
#include "dns/stats.h"
#include "engine/workers.h"
#include "journal/journal.h"
#include "mail/limits.h"

/* Words are constants of ours. */
struct fact_key {
	char domain[LIMIT_DOMAIN + 1];
	char selector[LIMIT_LABEL * 4 + 1];
	const char *type;  /* "rsa-sha256" */
	const char *state; /* "active" */
	const char *next;  /* the step that comes; "" unknown */
	int64_t when_s;    /* of it, since 1970; -1: not a matter of time */
};

struct fact_keys {
	struct fact_key *items; /* LIMIT_TOLD_KEYS at most */
	size_t n;
	size_t domains; /* that have keys */
	size_t untold;  /* domains left out of items */
	int64_t seen_s; /* when all this was so; 0: never looked */
};

/* Of the process, as the kernel tells; 0 where it does not. */
struct fact_process {
	uint64_t resident_octets, virtual_octets, cpu_ms;
	uint64_t open_fds, max_fds;
};

struct fact_journal {
	bool on;
	struct journal_counts counts;
};

struct facts {
	const char *version, *config_path;
	long pid;
	int64_t now_s, started_s;
	int64_t now_ms;   /* monotonic */
	int64_t loaded_s; /* the configuration that holds */
	bool last_reload_ok;
	bool draining;
	const char *hung; /* which part makes no progress; NULL: none */
	uint64_t connections, messages; /* now */
	const struct counters *counters;
	struct dns_stats_sum dns;
	struct cache_counts dns_cache, key_cache;
	struct workers_load workers;
	uint64_t workers_refused;
	struct fact_journal journal;
	struct fact_process process;
	struct fact_keys keys;
};

/* Is it taking connections, and is no part of it stuck? */
bool facts_ready(const struct facts *);

#endif
