/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * T18: any octets as a TXT record. A DMARC record begins with v, its canonical
 * form parses back to the same values and is its own canonical form, and
 * libopendmarc takes what we make of it and comes to the same verdict.
 */
#include "fuzz.h"

#include <stdio.h>

#include "dmarc/opendmarc.h"
#include "dmarc/record.h"
#include "mail/limits.h"

static void
same(const struct dmarc_record *a, const struct dmarc_record *b)
{
	assert(a->p == b->p && a->sp == b->sp && a->np == b->np);
	assert(a->psd == b->psd && a->testing == b->testing);
	assert(a->strict_dkim == b->strict_dkim);
	assert(a->strict_spf == b->strict_spf);
}

static void
round_trip(const struct dmarc_record *r)
{
	struct buf b = BUF_INIT(DMARC_RECORD_WRITTEN);
	struct buf again = BUF_INIT(DMARC_RECORD_WRITTEN);
	struct dmarc_record back;

	dmarc_record_write(r, &b);
	assert(buf_status(&b) == 0);
	if (!dmarc_record_parse(buf_slice(&b), &back))
		abort();
	same(r, &back);
	if (!r->bad_policy) {
		assert(back.reason == DMARC_REASON_NONE);
		assert(dmarc_record_use(&back) == DMARC_USE_AS_IS);
	}
	dmarc_record_write(&back, &again);
	assert(slice_eq(buf_slice(&b), buf_slice(&again)));
	buf_free(&b);
	buf_free(&again);
}

/* As an own record (above false) and as one of the organization. */
static void
library(const struct dmarc_record *r, bool above, bool aligned)
{
	struct err err = ERR_INIT;
	struct dmarc_result result = {
	    .word = aligned ? AR_PASS : AR_FAIL,
	    .p = r->p,
	    .strict_spf = r->strict_spf,
	    .strict_dkim = r->strict_dkim,
	    .aligned_dkim = aligned,
	};

	result.policy = above && r->sp != DMARC_UNSET ? r->sp : r->p;
	if (dmarc_record_use(r) == DMARC_USE_AS_NONE)
		result.policy = DMARC_NONE;
	if (!domain_parse(SLICE_LIT("a.x.com"), &result.author) ||
	    !domain_parse(above ? SLICE_LIT("x.com") : SLICE_LIT("a.x.com"),
		&result.record_domain))
		abort();
	if (dmarc_library_agrees(&result, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmarc_record r;

	if (!dmarc_record_parse(slice_of(data, size), &r)) {
		assert(r.reason == DMARC_REASON_NONE ||
		    (r.reason >= DMARC_REASON_VERSION &&
			r.reason <= DMARC_REASON_RECORD_LIMIT));
		return 0;
	}
	assert(size && (data[0] == 'v' || data[0] == 'V'));
	assert(size <= LIMIT_DMARC_RECORD);
	assert(r.reason <= DMARC_REASON_BAD_POLICY);
	assert((r.reason == DMARC_REASON_NONE) == (r.detail.len == 0));
	assert(r.bad_policy == (r.reason == DMARC_REASON_BAD_POLICY));
	assert(r.bad_policy || r.p != DMARC_UNSET);
	round_trip(&r);
	if (dmarc_record_use(&r) != DMARC_USE_NOT)
		for (int i = 0; i < 4; i++)
			library(&r, i & 1, i & 2);
	return 0;
}
