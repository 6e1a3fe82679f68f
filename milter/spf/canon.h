/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libspf2 gets to see of a record: its canonical form. For one client a
 * record comes down to a few steps (what is decided without DNS is decided
 * here, and ends the record); each step is written as a term whose target is
 * a token, "t7.x", behind which the check keeps the real name.
 *
 * A canonical record holds only [a-z0-9.:/=~?-] and blanks, at most
 * SPF_STEPS_MAX terms, and compiles to less than half of the 511 octets the
 * library has room for: it can neither overflow nor lose a term.
 */
#ifndef ASSAY_SPF_CANON_H
#define ASSAY_SPF_CANON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/ip.h"
#include "base/slice.h"
#include "mail/limits.h"
#include "spf/record.h"

/* One lookup more than allowed: it can only force a permerror. */
#define SPF_STEPS_MAX (LIMIT_SPF_TERMS + 1)
/* Records one check can come to read, and so the tokens it can need. */
#define SPF_TOKENS_MAX ((LIMIT_SPF_TERMS + 1) * SPF_STEPS_MAX)
/* Octets of a canonical record: "~include:t120.x/32//128" and a blank each. */
#define SPF_CANON_MAX (8 + SPF_STEPS_MAX * 24)

struct spf_step {
	const struct spf_term *term;
	bool always; /* matches whatever the DNS says: all, or a network hit */
};

struct spf_plan {
	struct spf_step steps[SPF_STEPS_MAX];
	size_t n;
};

/* The steps of a sound record for this client, redirect= last. */
struct spf_plan spf_plan_make(
    const struct spf_record *, const struct ip *client);

/*
 * Writes n steps as one record; the i-th target is token first + i. The
 * buffer's ceiling must be SPF_CANON_MAX or more.
 */
void spf_canon_write(
    const struct spf_step *, size_t n, unsigned first, struct buf *out);

/* A name the library asks for: a token, or the i-th host of an mx token. */
struct spf_token_name {
	unsigned token;
	bool is_host;
	unsigned host;
};

#define SPF_TOKEN_TEXT 16 /* "m9.t120.x" and a NUL */
void spf_token_write(struct spf_token_name, char out[SPF_TOKEN_TEXT]);
/* False for anything spf_token_write has not written. */
MUST_CHECK bool spf_token_parse(struct slice, struct spf_token_name *out);

#endif
