/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that a domain's SPF record leads to, whoever the client: for tools that
 * show it, check it, or flatten it. The check (spf.h) does not use it.
 */
#ifndef ASSAY_SPF_TREE_H
#define ASSAY_SPF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/ip.h"
#include "base/slice.h"
#include "dns/inquiry.h"
#include "spf/macro.h"
#include "spf/record.h"

struct spf_node;

/* One term and what it stands for. */
struct spf_branch {
	const struct spf_term *term;
	struct slice target; /* the name asked; empty when it asks none */
	/* Another message has another target (macros; ptr; exists). */
	bool dynamic;
	/* Never reached: behind "all", or a redirect beside it. */
	bool dead;
	enum dns_status dns;         /* of a and mx */
	struct ip *ips;              /* of a, mx, and exists of one client */
	size_t nips, nhosts;         /* nhosts: of an mx */
	const struct spf_node *node; /* of include and redirect; or NULL */
	unsigned lookups, voids;     /* at worst, with all below */
};

struct spf_node {
	struct slice domain; /* where the record stands */
	enum dns_status dns;
	/* SPF_OK, or why a check that comes here is a permerror or temperror
	 * (of the first node: none). */
	enum spf_reason fault;
	struct spf_record record; /* its text is set whenever there is one */
	struct spf_branch *branches;
	size_t n;
	unsigned lookups, voids; /* of a check that comes to its end */
};

struct spf_tree {
	const struct spf_node *root;
	/* The first node in order whose fault is not SPF_OK, or NULL. */
	const struct spf_node *broken;
	uint32_t ttl_s; /* the shortest of all answers */
	bool over;      /* a ceiling was reached: not all of it is here */
};

/*
 * Follows the record of domain: for any client or, with the values of macros
 * of one message, for that one (its ptr and %{p} are left alone). The inquiry should be good for
 * LIMIT_SPF_TREE_QUERIES. All lives in the arena. Returns 0, or -1: no memory.
 */
MUST_CHECK int spf_tree_read(struct slice domain,
    const struct spf_macro_values *, struct inquiry *, struct arena *,
    struct spf_tree *out);

#endif
