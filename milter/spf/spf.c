/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_host(): RFC 7208 sections 4.6 and 4.7. Walks the steps of the first
 * record one at a time, so that it knows which of them matched, and hands
 * those that need DNS to libspf2. See spf.h.
 */
#include "spf/spf.h"

#include "base/buf.h"
#include "spf/eval.h"
#include "spf/libspf2.h"

/* One step by the library. Returns 0, or -1. */
static int
ask_library(struct spf_eval *e, struct spf_library **lib,
    const struct spf_step *step, unsigned token)
{
	struct buf b = BUF_INIT(SPF_CANON_MAX);
	enum ar_word word = AR_NOT_RUN;
	int rc = -1;

	if (!*lib)
		*lib = spf_library_new(e, e->err);
	if (!*lib)
		goto out;
	spf_canon_write(step, 1, token, &b);
	if (buf_status(&b)) {
		(void)spf_eval_fail(e);
		goto out;
	}
	if (spf_library_run(*lib, buf_str(&b), &word, e->err))
		goto out;
	/* Stays what it is when a question of the library's has forced it. */
	if (word != AR_NOT_RUN)
		(void)spf_eval_force(e, word, SPF_MATCHED);
	rc = 0;
out:
	buf_free(&b);
	return rc;
}

static int
walk(struct spf_eval *e, const struct spf_frame *frame)
{
	struct spf_plan plan = spf_plan_make(&frame->record, &e->values.ip);
	struct spf_library *lib = NULL;
	int rc = 0;

	spf_ahead_record(e, frame, &plan);
	for (size_t i = 0; rc == 0 && i < plan.n && e->word == AR_NOT_RUN;
	     i++) {
		const struct spf_step *step = &plan.steps[i];
		unsigned token = spf_eval_tokens(e, frame, step, 1);

		if (!step->always) {
			rc = ask_library(e, &lib, step, token);
			continue;
		}
		e->at_frame = frame;
		e->at = step->term->text;
		(void)spf_eval_force(e, step->term->word, SPF_MATCHED);
	}
	spf_library_free(lib);
	if (e->word == AR_NOT_RUN) {
		e->at = SLICE_EMPTY;
		(void)spf_eval_force(e, AR_NEUTRAL, SPF_DEFAULT);
	}
	return e->failed ? -1 : rc;
}

static void
report(struct spf_eval *e, struct spf_result *out)
{
	out->word = e->word;
	out->reason = e->reason;
	out->domain = e->domain;
	out->sender = e->values.sender;
	out->term = e->at;
	if (e->first)
		out->record =
		    slice_upto(e->first->record.text, LIMIT_SPF_RECORD);
	out->path = spf_eval_path(e);
	out->terms = e->terms;
	out->voids = e->voids;
	out->queries = e->queries;
	out->all_pass = e->all_pass;
	out->all_neutral = e->all_neutral;
	out->broad = e->broad;
	out->ptr = e->ptr;
}

int
spf_check(const struct spf_request *rq, struct inquiry *inquiry,
    struct arena *arena, struct spf_result *out, struct err *err)
{
	struct spf_eval *e = spf_eval_new(rq, inquiry, arena, err);
	const struct spf_frame *frame = NULL;

	*out = (struct spf_result){.identity = rq->identity};
	if (!e)
		return err_no_mem(err);
	if (e->values.ip.family == IP_NONE)
		(void)spf_eval_force(e, AR_NONE, SPF_NO_CLIENT);
	else
		frame = spf_fetch(e, domain_slice(&e->domain), NULL);
	if (frame && walk(e, frame))
		return -1;
	if (rq->want_explanation && e->word == AR_FAIL)
		out->explanation = spf_explain(e);
	report(e, out);
	return e->failed ? -1 : 0;
}
