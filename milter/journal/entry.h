/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One verdict as it was written down, in the log or in the journal: the same
 * keys in both (assayd(8)), more of them in the journal.
 */
#ifndef ASSAY_JOURNAL_ENTRY_H
#define ASSAY_JOURNAL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/names.h"
#include "base/slice.h"
#include "mail/limits.h"

/* In the order in which they are written, which makes them quick to find. */
enum entry_key {
	ENTRY_TIME, /* journal only: seconds since 1970 */
	ENTRY_QID,
	ENTRY_DIRECTION,
	ENTRY_FROM,
	ENTRY_FROM_WHY,
	ENTRY_MFROM,
	ENTRY_CLIENT,
	ENTRY_NAME,
	ENTRY_HELO,
	ENTRY_IPREV,
	ENTRY_SPF,
	ENTRY_SPF_D,
	ENTRY_SPF_TERM,
	ENTRY_SPF_WHY,
	ENTRY_SPF_HELO,
	ENTRY_SPF_LOOKUPS,
	ENTRY_SPF_VOIDS,
	ENTRY_SPF_RECORD,
	ENTRY_DKIM,
	ENTRY_DKIM_D,
	ENTRY_DKIM_S,
	ENTRY_DKIM_A,
	ENTRY_DKIM_WHY,
	ENTRY_DKIM_UNSIGNED,
	ENTRY_DKIM_ALL,
	ENTRY_DMARC,
	ENTRY_POLICY,
	ENTRY_POLICY_D,
	ENTRY_ALIGNED,
	ENTRY_DMARC_WHY,
	ENTRY_DMARC_AT,
	ENTRY_DMARC_RECORD,
	ENTRY_PSL,
	ENTRY_SIGNED, /* outbound, from here to WHY */
	ENTRY_WOULD_SIGN,
	ENTRY_WHY,
	ENTRY_USER,
	ENTRY_ACTION,
	ENTRY_RULE,
	ENTRY_WOULD,
	ENTRY_OVERRIDE,
	ENTRY_EXCEPTION,
	ENTRY_FORWARD,
	ENTRY_DIFFERS,
	ENTRY_STRIPPED,
	ENTRY_WOULD_STRIP,
	ENTRY_AR_DROPPED,
	ENTRY_MS,
	ENTRY_WAIT_MS,
	ENTRY_MID,
	ENTRY_REPLY,
	/* Journal only, for reports (RFC 9990): */
	ENTRY_ORG,
	ENTRY_P,
	ENTRY_SP,
	ENTRY_NP,
	ENTRY_ADKIM,
	ENTRY_ASPF,
	ENTRY_TESTING,
	ENTRY_DISCOVERY,
	ENTRY_RECORD,
	ENTRY_SPF_SCOPE,
	ENTRY_SPF_HELO_D,
	ENTRY_SIGNATURES_MORE,
	ENTRY_KEYS,
};

extern const struct name entry_key_words[];

/*
 * A signature of the journal's, key sig: pairs of their own, with result, d,
 * s, a, bits and why.
 */
struct entry {
	struct slice value[ENTRY_KEYS]; /* empty: it is not there */
	bool has[ENTRY_KEYS];
	int64_t time_s; /* 0: not known */
	struct slice sigs[LIMIT_ENTRY_SIGNATURES];
	size_t nsigs;
};

/*
 * Reads the pairs. Values lie in the text or in room, which has as many octets
 * as the text. Keys it does not know are passed over. -1: it is no entry:
 * no pairs, a key twice, or without direction and action.
 */
MUST_CHECK int entry_parse(struct slice pairs, char *room, struct entry *);
/* The same of one JSON object, as log_format = json has it. */
MUST_CHECK int entry_parse_json(
    struct slice object, char *room, struct entry *);

/* A number of it; 0 where there is none. */
int64_t entry_number(const struct entry *, enum entry_key);

#endif
