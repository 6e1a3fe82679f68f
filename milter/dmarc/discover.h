/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding records in the DNS: one name, the tree walk, and the
 * Organizational Domain it leads to (RFC 9989 section 4.10).
 */
#ifndef ASSAY_DMARC_DISCOVER_H
#define ASSAY_DMARC_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "dmarc/record.h"
#include "dns/inquiry.h"
#include "mail/domain.h"
#include "mail/limits.h"

/* Room for "_dmarc.", any name, and a NUL. */
#define DMARC_QUERY_NAME (sizeof("_dmarc.") + LIMIT_DOMAIN)

/* What "_dmarc." and one name holds. */
struct dmarc_node {
	struct dmarc_node *next;
	struct domain name;
	enum dns_status dns;
	bool found; /* exactly one record that is a DMARC record */
	/* When found; else its reason tells what was skipped there. */
	struct dmarc_record record;
};

/* The names looked at so far; walks share them. */
struct dmarc_tree {
	struct inquiry *inquiry;
	struct arena *arena;
	struct dmarc_node *nodes;
};

#define DMARC_TREE(q, a) ((struct dmarc_tree){.inquiry = (q), .arena = (a)})

struct dmarc_walk {
	struct domain start;
	const struct dmarc_node *nodes[LIMIT_DMARC_WALK]; /* as asked */
	size_t n;
	/* The last node got no answer for now; what is above is not known. */
	bool broken;
};

/* The name asked for this domain's record; it may be too long to be asked. */
struct slice dmarc_query_name(
    const struct domain *, char out[DMARC_QUERY_NAME]);

/*
 * The name a walk asks after this one: its parent or, from 8 labels on, its
 * last 7. False after a single label.
 */
MUST_CHECK bool dmarc_walk_next(const struct domain *, struct domain *next);

/* Looks at one name. Returns 0 and stores, or -1: no memory. */
MUST_CHECK int dmarc_tree_get(
    struct dmarc_tree *, const struct domain *, const struct dmarc_node **out);

/*
 * Walks from start: to a record with psd=y or psd=n, to the top, or to the
 * first name without an answer. Returns 0, or -1: no memory.
 */
MUST_CHECK int dmarc_tree_walk(
    struct dmarc_tree *, const struct domain *start, struct dmarc_walk *out);

/* The node of this name in a walk; NULL when it was not asked. */
const struct dmarc_node *dmarc_walk_node(
    const struct dmarc_walk *, const struct domain *);

/* The Organizational Domain of the start. False when the walk is broken. */
MUST_CHECK bool dmarc_walk_org(const struct dmarc_walk *, struct domain *out);

#endif
