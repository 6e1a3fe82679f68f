/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rotation at work on one domain: read the store, look at DNS, take the steps
 * that are due, hand records to the publisher. assayd's keeper and assay keys
 * call the same function. The caller holds the lock of the vault.
 */
#ifndef ASSAY_KEYS_RUN_H
#define ASSAY_KEYS_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "dns/authority.h"
#include "dns/resolver.h"
#include "keys/options.h"
#include "keys/publish.h"
#include "keys/vault.h"
#include "log/log.h"

struct keys_env {
	const struct keys_options *options; /* of all domains */
	/* Those of one domain; NULL: all have the same. */
	const struct keys_options *(*options_of)(
	    const void *, const struct domain *);
	const void *options_arg;
	bool require_published; /* no: DNS is not asked */
	struct resolver *resolver;
	struct authority *authority;
	struct log *log;
	const char *by; /* who acts, for the audit line */
	/*
	 * Runs nsupdate or the command, as publish_run, and gives up when *stop
	 * is set (NULL: it never is). NULL: we do.
	 */
	enum publish_result (*publish)(void *, const struct publication *,
	    const atomic_bool *stop, struct buf *said);
	void *publish_arg;
	/*
	 * Told of each thing done, or, when dry, to be done: a line of text.
	 * NULL: nobody. When dry, nothing is written and nothing handed over.
	 */
	void (*tell)(void *, const char *line);
	void *arg;
	bool dry;
	/* Hand over every record once more, whatever DNS shows. */
	bool publish_all;
	/* When set, a run ends as soon as it can. NULL: it is never told to. */
	const atomic_bool *stop;
	/* Take on a domain that has no managed key. */
	bool begin;
};

/* The options of one domain. */
const struct keys_options *keys_env_options(
    const struct keys_env *, const struct domain *);

struct keys_outcome {
	int64_t due_s; /* the store's time of the next run, INT64_MAX: none */
	bool managed;
	bool changed;     /* something was written */
	bool unpublished; /* a publisher did not take a record */
	bool unsettled;   /* DNS does not show what it should as yet */
};

/*
 * One run, in order: steps, publications, burials. It may block for DNS until
 * deadline_ms, and a minute for each publication. 0, or -1 and err: the domain is
 * as it was after the last step that was told.
 */
MUST_CHECK int keys_run(const struct keys_env *, struct vault *,
    const struct domain *, int64_t deadline_ms, struct keys_outcome *,
    struct err *err);

/* The domain with its looks, as keys_run sees it: for lists and checks. */
struct keys_view {
	struct vault_domain vd;
	struct observation *seen;  /* of records */
	struct rotation_key *keys; /* of records, with looks */
	size_t room;               /* of seen and keys */
	const char **taken;
	struct rotation_domain rotation;
	struct rotation_policy policy;
};

/* look: ask DNS too. 0, or -1. End with keys_view_clear. */
MUST_CHECK int keys_view_open(const struct keys_env *, struct vault *,
    const struct domain *, bool look, int64_t deadline_ms, struct keys_view *,
    struct err *err);
/* Looks at its keys from first on: the new ones, for instance. */
void keys_view_look(const struct keys_env *, struct keys_view *, size_t i,
    int64_t deadline_ms);
void keys_view_clear(struct keys_view *);

/* Writes one event of one key (an order of a person's). 0, or -1. */
MUST_CHECK int keys_mark(const struct keys_env *, struct vault *,
    const struct domain *, struct key_record *, enum key_event,
    struct err *err);

#endif
