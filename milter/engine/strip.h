/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which incoming fields must go: Authentication-Results that claim an id of
 * ours, or that come from outside in a version nobody knows (RFC 8601 section
 * 5), and our own quarantine field. Noted while the
 * fields arrive, independent of every ceiling of the header, so that no
 * padding can carry a forged field past it.
 */
#ifndef ASSAY_ENGINE_STRIP_H
#define ASSAY_ENGINE_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"
#include "engine/edits.h"

#define STRIP_AUTHRES "Authentication-Results"

struct strip_name {
	size_t seen;      /* fields of this name so far */
	uint32_t *doomed; /* their ordinals, from the top; on the heap */
	size_t n, cap;
	bool over; /* more than LIMIT_STRIP_FIELDS: the rest is not noted */
};

struct strip {
	struct strip_name authres, quarantine;
};

struct strip_rules {
	const struct slice *ids; /* authserv-ids that are ours */
	size_t nids;
	const char *quarantine_header; /* "": leave it alone */
	bool from_outside;
};

/* One field as it arrives. 0, or -1: no memory. */
MUST_CHECK int strip_note(struct strip *, const struct strip_rules *,
    struct slice name, struct slice value);

/*
 * The deletions, the bottom field first: deleting one shifts the ordinals of
 * those below it in Postfix and not in Sendmail (CVE-2022-48521 came of the
 * other order). 0, or -1: no memory.
 */
MUST_CHECK int strip_edits(const struct strip *, const struct strip_rules *,
    struct edits *, struct arena *);

/* Are there more than can be removed? The message must not go on then. */
bool strip_over(const struct strip *);
/* How many fields go. */
size_t strip_count(const struct strip *);
void strip_free(struct strip *);

#endif
