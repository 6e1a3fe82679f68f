/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tag=value lists, RFC 6376 section 3.2: the syntax of signatures and of key
 * records alike.
 */
#ifndef ASSAY_DKIM_TAGS_H
#define ASSAY_DKIM_TAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"
#include "dkim/reason.h"
#include "mail/limits.h"

struct dkim_tag {
	struct slice name;
	struct slice value; /* without the blanks round it */
	/* All that stands between "=" and ";" or the end, blanks included. */
	struct slice whole;
};

struct dkim_tags {
	struct dkim_tag tags[LIMIT_DKIM_TAGS];
	size_t n;
};

/*
 * Slices point into text. Octets from 0x80 up are taken when text as a whole
 * is UTF-8 (RFC 8616 section 5). Returns DKIM_REASON_NONE, or SYNTAX,
 * DUPLICATE_TAG or LIMIT_TAGS; *out then holds the tags before the fault.
 */
MUST_CHECK enum dkim_reason dkim_tags_parse(
    struct slice text, struct dkim_tags *out);

/* The tag of this name (case matters), or NULL. */
const struct dkim_tag *dkim_tags_find(
    const struct dkim_tags *, const char *name);

/*
 * Takes the next item of a colon-separated list, without the blanks round it,
 * as slice_cut does; *more starts out true.
 */
struct slice dkim_list_next(struct slice *rest, bool *more);
/* Is word in the colon-separated list? Case matters. */
bool dkim_list_has(struct slice list, const char *word);

#endif
