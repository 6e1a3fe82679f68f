/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing a DKIM-Signature field: RFC 6376 section 3.5. For sign.c only. */
#ifndef ASSAY_DKIM_SIGTEXT_H
#define ASSAY_DKIM_SIGTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "dkim/fold.h"
#include "dkim/pkey.h"
#include "dkim/select.h"
#include "dkim/sign.h"
#include "mail/domain.h"

#define DKIM_SIGTEXT_NAME "DKIM-Signature:"

/* One key and its names as the DNS has them. */
struct dkim_signing {
	struct dkim_signing *next;
	struct dkim_sign_key key;
	struct domain d, selector;
};

/* What all signatures of a message share. */
struct dkim_sigtext {
	const struct dkim_sign_options *options;
	const struct dkim_names *names;
	const struct dkim_digest *body;
	bool utf8; /* U-labels and UTF-8 may be written (RFC 8616) */
	int64_t now_s;
};

/* "DKIM-Signature: v=1; ... b=": all that the signature is made over. */
void dkim_sigtext_write(const struct dkim_sigtext *,
    const struct dkim_signing *, struct dkim_fold *);
/* The content of b=, which ends the field. */
void dkim_sigtext_finish(struct dkim_fold *, struct slice signature);

#endif
