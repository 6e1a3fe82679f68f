/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a domain to the record that stands there: lookup, selection, syntax
 * (RFC 7208 sections 3.3, 4.3 to 4.6, 5.2, 6.1). See eval.h.
 */
#include "spf/eval.h"

#include "dns/rdata.h"

/* What it means that there is no record, or nothing that can be asked. */
static const struct spf_frame *
none(struct spf_eval *e, const struct spf_token *via, enum spf_reason reason)
{
	if (!via)
		(void)spf_eval_force(e, AR_NONE, reason);
	else if (via->step.term->kind == SPF_REDIRECT)
		(void)spf_eval_force(e, AR_PERMERROR, SPF_REDIRECT_NONE);
	else
		(void)spf_eval_force(e, AR_PERMERROR, SPF_INCLUDE_NONE);
	return NULL;
}

/* The text if it claims to be SPF, else the empty slice. */
static int
take(struct spf_eval *e, struct slice text, struct slice *out)
{
	*out = SLICE_EMPTY;
	if (!spf_record_is(text))
		return 0;
	/* One octet over the ceiling says that it is over. */
	return arena_copy(
	    e->arena, slice_upto(text, LIMIT_SPF_RECORD + 1), out);
}

/*
 * The same of a TXT record. What is no SPF record may be large and many: it
 * does not go into the arena.
 */
static int
claim(struct spf_eval *e, struct slice rdata, struct slice *out)
{
	struct arena *scratch;
	struct slice text;
	int rc = -1;

	if (rdata_txt_single(rdata, &text))
		return take(e, text, out);
	scratch = arena_new(LIMIT_TXT_OCTETS + 64);
	if (scratch &&
	    rdata_txt(slice_upto(rdata, LIMIT_TXT_OCTETS), scratch, &text) ==
		0)
		rc = take(e, text, out);
	arena_free(scratch);
	return rc;
}

/* Section 4.5. False when there is not exactly one; the verdict is forced. */
static bool
pick(struct spf_eval *e, const struct answer *a, const struct spf_token *via,
    struct slice *record)
{
	struct slice text;

	*record = SLICE_EMPTY;
	for (size_t i = 0; i < a->nrr && i < LIMIT_ANSWER_RECORDS; i++) {
		if (claim(e, a->rdata[i], &text)) {
			(void)spf_eval_fail(e);
			return false;
		}
		if (text.len && record->len) {
			(void)spf_eval_force(
			    e, AR_PERMERROR, SPF_SEVERAL_RECORDS);
			return false;
		}
		if (text.len)
			*record = text;
	}
	if (record->len == 0)
		(void)none(e, via,
		    a->status == DNS_NXDOMAIN ? SPF_NO_DOMAIN : SPF_NO_RECORD);
	return record->len > 0;
}

static void
note_flags(struct spf_eval *e, const struct spf_frame *f)
{
	const struct spf_term *all = f->record.all;

	e->all_pass |= f->granting && all && all->word == AR_PASS;
	e->all_neutral |= !f->included && all && all->word == AR_NEUTRAL;
	for (size_t i = 0; i < f->record.n; i++) {
		const struct spf_term *t = &f->record.terms[i];

		e->broad |= f->granting && spf_term_is_broad(t);
		e->ptr |= t->kind == SPF_PTR || spf_macro_uses(t->target, "p");
	}
}

static struct spf_frame *
frame_new(struct spf_eval *e, struct slice domain, const struct spf_token *via)
{
	struct spf_frame *f = arena_alloc(e->arena, sizeof(*f));
	bool include;

	if (!f) {
		(void)spf_eval_fail(e);
		return NULL;
	}
	*f = (struct spf_frame){
	    .domain = domain,
	    .via = via,
	    .granting = true,
	};
	if (via) {
		include = via->step.term->kind == SPF_INCLUDE;
		f->included = via->frame->included || include;
		f->granting = via->frame->granting &&
		    (!include || via->step.term->word == AR_PASS);
	}
	return f;
}

const struct spf_frame *
spf_fetch(struct spf_eval *e, struct slice domain, const struct spf_token *via)
{
	const struct answer *a;
	struct spf_frame *f;
	struct slice text;

	/* Section 4.3: "malformed ... or is not a multi-label domain name" */
	if (!dns_name_valid(domain) || slice_find(domain, '.') == domain.len)
		return none(e, via, SPF_BAD_DOMAIN);
	a = spf_eval_ask(
	    e, domain, DNS_TXT, via ? SPF_ASK_TERM : SPF_ASK_FIRST);
	if (!a || !pick(e, a, via, &text))
		return NULL;
	f = frame_new(e, domain, via);
	if (!f)
		return NULL;
	if (spf_record_parse(text, e->arena, &f->record)) {
		(void)spf_eval_fail(e);
		return NULL;
	}
	if (!via)
		e->first = f;
	if (f->record.fault != SPF_OK) {
		if (f->record.at.len) {
			e->at_frame = f;
			e->at = f->record.at;
		}
		(void)spf_eval_force(e, AR_PERMERROR, f->record.fault);
		return NULL;
	}
	note_flags(e, f);
	/* Section 6.2: not from an include, and a redirect's own instead. */
	if (!f->included)
		e->explains = f;
	return f;
}
