/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets of a peer's inside the fields we write: whatever they are, they end
 * no comment, no string, no line and no field. All that comes out is printable
 * ASCII; any other octet becomes "?".
 */
#ifndef ASSAY_MAIL_QUOTE_H
#define ASSAY_MAIL_QUOTE_H

#include "base/buf.h"
#include "base/slice.h"

/* What stands between the quotes of a quoted-string (RFC 5322 3.2.4). */
void quote_content(struct buf *, struct slice);
/* The same with its quotes. */
void quote_string(struct buf *, struct slice);

/*
 * What stands between the parentheses of a comment: parentheses, semicolons,
 * quotes and backslashes turn into harmless look-alikes, since readers are
 * known that look for them inside comments.
 */
void quote_comment(struct buf *, struct slice);

#endif
