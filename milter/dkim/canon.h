/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Canonicalization, RFC 6376 section 3.4, as state machines over octets: a
 * field or a body may come in pieces cut anywhere, and nothing of it is kept
 * but the state. What comes out goes to a sink.
 */
#ifndef ASSAY_DKIM_CANON_H
#define ASSAY_DKIM_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"
#include "dkim/sig.h"

/* Takes canonical octets. Returns 0, or -1, and is then not called again. */
typedef int dkim_sink_fn(void *arg, const void *octets, size_t len);

struct dkim_sink {
	dkim_sink_fn *fn;
	void *arg;
	bool failed; /* sticky */
	size_t n;
	char octets[512]; /* not yet handed on */
};

#define DKIM_SINK(f, a) ((struct dkim_sink){.fn = (f), .arg = (a)})

/* --- one header field (sections 3.4.1 and 3.4.2) ------------------------- */

struct dkim_canon_field {
	struct dkim_sink *sink;
	enum dkim_canon how;
	enum {
		DKIM_IN_NAME,
		DKIM_BEFORE_VALUE, /* only blanks since the colon */
		DKIM_IN_VALUE,
	} where;
	bool cr;    /* a CR was seen that may begin a CRLF */
	bool blank; /* blanks were seen that may stand before something */
};

void dkim_canon_field_begin(
    struct dkim_canon_field *, enum dkim_canon, struct dkim_sink *);
/* "Name: value" folded with CRLF, without the CRLF at its end. */
void dkim_canon_field_add(struct dkim_canon_field *, struct slice);
/* Puts the CRLF at its end if wanted. Returns 0, or -1: the sink failed. */
MUST_CHECK int dkim_canon_field_end(struct dkim_canon_field *, bool crlf);

/* --- a body (sections 3.4.3 and 3.4.4) ----------------------------------- */

struct dkim_canon_body {
	struct dkim_sink *sink;
	enum dkim_canon how;
	bool cr;       /* a CR was seen that may begin a CRLF */
	bool blank;    /* relaxed: blanks that may stand before something */
	bool any;      /* something was put out */
	uint64_t ends; /* line ends seen since then */
};

void dkim_canon_body_begin(
    struct dkim_canon_body *, enum dkim_canon, struct dkim_sink *);
void dkim_canon_body_add(struct dkim_canon_body *, struct slice);
MUST_CHECK int dkim_canon_body_end(struct dkim_canon_body *);

#endif
