/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing a tag list as a field in lines of at most 78 columns (RFC 5322
 * section 2.1.1, RFC 6376 section 3.2): tags are put together in one buffer
 * and then placed in another.
 */
#ifndef ASSAY_DKIM_FOLD_H
#define ASSAY_DKIM_FOLD_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

#define DKIM_FOLD_COLUMNS 78

struct dkim_fold {
	struct buf text; /* the field so far */
	struct buf word; /* the piece being put together; append freely */
	size_t column;   /* of the line so far */
};

#define DKIM_FOLD_INIT(max) \
	((struct dkim_fold){.text = BUF_INIT(max), .word = BUF_INIT(max)})

void dkim_fold_free(struct dkim_fold *);
/* 0 when every append to either buffer succeeded, else -1. */
MUST_CHECK int dkim_fold_status(const struct dkim_fold *);

/*
 * Places the word and empties it. Where it would pass the last column, the
 * line is folded before it with CRLF SP: call these only where FWS is
 * allowed. A word longer than a line stays in one piece.
 */
void dkim_fold_join(struct dkim_fold *);  /* else right after the text */
void dkim_fold_space(struct dkim_fold *); /* else after a SP */
/* Places the word, folding after any octet (base64). */
void dkim_fold_anywhere(struct dkim_fold *);

#endif
