/* SPDX-License-Identifier: BSD-2-Clause */
/* The results of one message; everything in it dies with the message. */
#ifndef ASSAY_VERDICT_VERDICT_H
#define ASSAY_VERDICT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "authres/words.h"
#include "base/slice.h"
#include "dkim/verify.h"
#include "dmarc/dmarc.h"
#include "iprev/iprev.h"
#include "mail/address.h"
#include "spf/spf.h"

struct verdict {
	struct from from;     /* the From field, or why it has no author */
	struct path mailfrom; /* the envelope sender */
	struct {
		enum ar_word word; /* pass, or did not run */
		struct slice user; /* as the MTA authenticated it */
	} auth;
	struct iprev_result iprev;
	struct spf_result helo;         /* SPF of the HELO name */
	struct spf_result mfrom;        /* SPF of MAIL FROM */
	const struct dkim_result *dkim; /* in the order of the fields */
	size_t ndkim;
	struct dmarc_result dmarc;
};

#endif
