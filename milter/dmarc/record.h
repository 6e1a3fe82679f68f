/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DMARC policy record (RFC 9989 sections 4.7 and 4.8): is it one, and what
 * does it say? Pure; slices point into the text.
 */
#ifndef ASSAY_DMARC_RECORD_H
#define ASSAY_DMARC_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"
#include "dmarc/names.h"

/* Octets that dmarc_record_write needs at most. */
#define DMARC_RECORD_WRITTEN 128

enum dmarc_psd {
	DMARC_PSD_UNKNOWN, /* psd=u, absent, or none of the three */
	DMARC_PSD_YES,
	DMARC_PSD_NO,
};

struct dmarc_record {
	struct slice text;
	/* As published; DMARC_UNSET: absent, or none of the words. */
	enum dmarc_policy p, sp, np;
	bool bad_policy; /* no valid p, or an sp or np that is not valid */
	enum dmarc_psd psd;
	bool strict_dkim;         /* adkim=s */
	bool strict_spf;          /* aspf=s */
	bool testing;             /* t=y */
	size_t nrua;              /* valid URIs in rua */
	enum dmarc_reason reason; /* the gravest slip; see names.h */
	struct slice detail;      /* what it is about, raw */
};

/* What a record asks of us (section 4.10.1). */
enum dmarc_use {
	DMARC_USE_AS_IS,
	DMARC_USE_AS_NONE, /* as if it were p=none, without sp and np */
	DMARC_USE_NOT,     /* "applies no DMARC processing" */
};

/*
 * Is this TXT record (strings joined) a DMARC record? False: it is ignored,
 * as if it were not there; out->reason then is DMARC_REASON_NONE for a text
 * that has nothing to do with DMARC, else what makes it none.
 */
MUST_CHECK bool dmarc_record_parse(
    struct slice text, struct dmarc_record *out);

enum dmarc_use dmarc_record_use(const struct dmarc_record *);

/*
 * The canonical record of these values: tags in one order, defaults of np,
 * psd and t left out. Parses back to the same values.
 */
void dmarc_record_write(const struct dmarc_record *, struct buf *);

#endif
