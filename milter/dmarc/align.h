/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Identifier alignment (RFC 9989 sections 4.4 and 4.10.2): which of the
 * passing identifiers belongs to the author's organization? Pure.
 */
#ifndef ASSAY_DMARC_ALIGN_H
#define ASSAY_DMARC_ALIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "dmarc/discover.h"
#include "dmarc/dmarc.h"
#include "mail/domain.h"

/* What two names tell by themselves. */
enum dmarc_kin {
	DMARC_KIN_NONE,   /* not aligned */
	DMARC_KIN_SAME,   /* aligned */
	DMARC_KIN_BY_ORG, /* the identifier's organization decides */
};

/*
 * org: the author's Organizational Domain, NULL when it is not known. The
 * empty identifier aligns with nothing.
 */
enum dmarc_kin dmarc_kin(const struct domain *author, const struct domain *org,
    const struct domain *identifier, bool strict);

/* What alignment is judged by. */
struct dmarc_author {
	struct domain domain;
	struct domain org;
	const struct dmarc_node *broken; /* NULL, or why org is not known */
	bool strict_spf, strict_dkim;
};

struct dmarc_alignment {
	bool spf, dkim;
	size_t dkim_index; /* the first signature that aligns, when dkim */
	/* Of those that did not align; they matter when nothing did. */
	const struct dmarc_node *pending; /* gave no answer, or NULL */
	const struct domain *skipped;     /* beyond LIMIT_DMARC_IDENTIFIERS */
};

/* Returns 0, or -1: no memory. */
MUST_CHECK int dmarc_align(const struct dmarc_request *,
    const struct dmarc_author *, struct dmarc_tree *,
    struct dmarc_alignment *out);

/* The Organizational Domain by the request's list; d itself has no other. */
struct domain dmarc_org_by_psl(
    const struct dmarc_request *, const struct domain *d);

#endif
