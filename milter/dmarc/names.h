/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The closed sets of the room and their words: policies as records spell
 * them, and the reasons that travel with a result.
 */
#ifndef ASSAY_DMARC_NAMES_H
#define ASSAY_DMARC_NAMES_H

#include "base/names.h"

enum dmarc_policy {
	DMARC_UNSET,
	DMARC_NONE,
	DMARC_QUARANTINE,
	DMARC_REJECT,
};

/* "none", "quarantine", "reject"; DMARC_UNSET has no word. */
extern const struct name dmarc_policy_words[];

/* What says which domain stands for an organization. */
enum dmarc_org {
	DMARC_ORG_TREE_WALK, /* RFC 9989 section 4.10 */
	DMARC_ORG_PSL,       /* a public suffix list, as RFC 7489 had it */
};

/* "tree-walk", "psl", as the configuration spells them. */
extern const struct name dmarc_org_words[];

enum dmarc_existence {
	DMARC_EXISTENCE_UNKNOWN, /* not asked, or no answer for now */
	DMARC_EXISTS,
	DMARC_EXISTS_NOT, /* NXDOMAIN (section 3.2.13); never less */
};

/* "unknown", "yes", "no": does it exist? */
extern const struct name dmarc_existence_words[];

/*
 * Why a record, or a result, is what it is. Each has a detail: the tag, the
 * name or the record it is about. The first are slips in a record that is
 * used all the same, the graver ones last.
 */
enum dmarc_reason {
	DMARC_REASON_NONE,
	DMARC_REASON_UNKNOWN_TAG, /* ignored: the tag's name */
	DMARC_REASON_NOT_A_TAG,   /* ignored: what stands between two ";" */
	DMARC_REASON_BAD_VALUE,   /* ignored, the default taken: the tag */
	DMARC_REASON_BAD_POLICY,  /* p, sp or np: the tag; p=none by rua */

	/* not a record, and so skipped */
	DMARC_REASON_VERSION,         /* v=DMARC1 is not first: the text */
	DMARC_REASON_DUPLICATE_TAG,   /* the tag's name */
	DMARC_REASON_RECORD_LIMIT,    /* octets, tags, records: what of */
	DMARC_REASON_SEVERAL_RECORDS, /* all skipped: the domain */

	/* no result */
	DMARC_REASON_NO_RECORD, /* nowhere: the domain asked first */
	DMARC_REASON_NO_POLICY, /* p, sp or np without a rua: the tag */
	DMARC_REASON_FROM,      /* no single author domain: why */
	DMARC_REASON_DNS,       /* no answer for now: the name asked */
	DMARC_REASON_BUDGET,    /* too many queries: the name not asked */

	DMARC_REASON_IDENTIFIERS, /* so many that some were not looked at */
};

/* In words, for comments of Authentication-Results and the log. */
extern const struct name dmarc_reason_words[];

#endif
