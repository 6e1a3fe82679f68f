/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMARC (RFC 9989): given the author domain and the results of SPF and DKIM,
 * does the author's domain stand behind this message, and what does it ask
 * for when it does not? Results in, a result out: no policy of ours is
 * applied here, and nothing reads a header field back.
 */
#ifndef ASSAY_DMARC_DMARC_H
#define ASSAY_DMARC_DMARC_H

#include <stdbool.h>
#include <stddef.h>

#include "authres/words.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "dmarc/names.h"
#include "dns/inquiry.h"
#include "mail/address.h"
#include "mail/domain.h"

/* One signature's d= and result. */
struct dmarc_dkim {
	struct domain domain;
	enum ar_word word; /* AR_PASS only when policy did not set it aside */
};

/*
 * The registered domain of d by a public suffix list. False when d has none
 * (it is a suffix itself): then d stands for itself.
 */
typedef bool dmarc_psl_fn(
    void *ctx, const struct domain *d, struct domain *out);

struct dmarc_request {
	struct from from; /* not FROM_OK: permerror, nothing is asked */
	/*
	 * SPF for the MAIL FROM identity; for HELO only when the reverse-path
	 * is null (RFC 7208 section 2.4), which is for the caller to see to.
	 */
	enum ar_word spf;
	struct domain spf_domain;
	const struct dmarc_dkim *dkim;
	size_t ndkim;
	enum dmarc_org org_mode;
	dmarc_psl_fn *psl_org; /* NULL: no list; DMARC_ORG_PSL needs one */
	void *psl_ctx;
};

struct dmarc_result {
	/*
	 * AR_NONE: no record applies. AR_PASS, AR_FAIL: one does. AR_TEMPERROR:
	 * an answer that matters is missing. AR_PERMERROR: no single author
	 * domain, or a record without a usable policy.
	 */
	enum ar_word word;
	enum dmarc_reason
	    reason;          /* also of a pass or fail: slips in records */
	struct slice detail; /* what it is about; printable ASCII */
	struct domain author;
	struct domain org;           /* the author's; empty when not known */
	struct domain record_domain; /* where the record stands, or empty */
	struct slice record; /* its text: the zone owner's octets, any */
	/* As published; DMARC_UNSET: absent or invalid. */
	enum dmarc_policy p, sp, np;
	/* The one chosen, and what t=y leaves of it; of a pass or fail only. */
	enum dmarc_policy policy, effective;
	bool testing, strict_dkim, strict_spf; /* t=y, adkim=s, aspf=s */
	enum dmarc_existence author_exists;
	bool aligned_spf, aligned_dkim;
	size_t aligned_dkim_index; /* in request->dkim, when aligned_dkim */
	/* A list is there, a record applies, and the two ways to find the
	 * author's organization lead to two names. */
	bool psl_differs;
};

/*
 * Evaluates. The record text and detail live in the arena. Returns 0 with the
 * result, or -1 with err: no memory, or libopendmarc refuses a record we
 * wrote, or comes to another verdict.
 */
MUST_CHECK int dmarc_evaluate(const struct dmarc_request *, struct inquiry *,
    struct arena *, struct dmarc_result *out, struct err *);

/*
 * Starts every query that the walk from the author may need (at most
 * LIMIT_DMARC_WALK names). For when the From field is seen; results are the
 * same without. Whether the author exists is not among them: few messages make
 * it matter, and where they do it is asked.
 */
void dmarc_prefetch(const struct domain *author, struct inquiry *);

#endif
