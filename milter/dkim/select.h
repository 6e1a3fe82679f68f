/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a signature covers, and whether a message may be signed at all. For
 * sign.c only.
 */
#ifndef ASSAY_DKIM_SELECT_H
#define ASSAY_DKIM_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "dkim/reason.h"
#include "dkim/sign.h"
#include "mail/header.h"

/* The names of h=, in order, repeated as often as they are listed. */
struct dkim_names {
	struct slice *names;
	size_t n;
};

/* Returns 0 (and maybe LIMIT_H in *reason), or -1. */
MUST_CHECK int dkim_select_names(const struct dkim_sign_options *,
    const struct header *, struct arena *, struct dkim_names *out,
    enum dkim_reason *reason, struct err *);

/* May a message with this header be signed? */
enum dkim_reason dkim_check_header(
    const struct header *, const struct dkim_sign_options *);

/* Is there UTF-8 beyond ASCII in the header (RFC 6532)? */
bool dkim_header_is_utf8(const struct header *);

/*
 * What is wrong with the octets of a body or a field so far. Starts zeroed but
 * for max_line.
 */
struct dkim_body_check {
	size_t max_line; /* 0: 998 */
	enum dkim_reason reason;
	size_t column;
	bool cr;
};

void dkim_check_body(struct dkim_body_check *, struct slice);
/* The body is complete. */
enum dkim_reason dkim_check_body_end(struct dkim_body_check *);

#endif
