/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 9989 verdicts held against libopendmarc's policy context. The library's
 * alignment, DNS and suffix code decides nothing here: it loses a leftmost
 * label of one octet, so that x.com aligns with any name in com. It is given
 * only what can't be misread: a record we wrote, and passing results under
 * the author's own name, which align whatever it makes of names.
 */
#define _DEFAULT_SOURCE /* u_char in the library's header */
#include "dmarc/opendmarc.h"

#include <opendmarc/dmarc.h>

#include "base/buf.h"
#include "dmarc/evaluate.h"
#include "dmarc/record.h"

/* It wants a client address, keeps it, and never looks at it. */
#define NO_ADDRESS "0.0.0.0"

static const struct {
	int ours, theirs;
} verdicts[] = {
    {DMARC_NONE, DMARC_POLICY_NONE},
    {DMARC_QUARANTINE, DMARC_POLICY_QUARANTINE},
    {DMARC_REJECT, DMARC_POLICY_REJECT},
};

static bool
is_above(const struct dmarc_result *r)
{
	return !domain_eq(&r->record_domain, &r->author);
}

/*
 * In the record's own terms: to what stands below it, sp applies. Our sp is
 * the one chosen (sp, np or p) and not what was published.
 */
static void
write_canonical(const struct dmarc_result *r, struct buf *b)
{
	struct dmarc_record record = {
	    .p = r->policy,
	    .strict_dkim = r->strict_dkim,
	    .strict_spf = r->strict_spf,
	};

	if (is_above(r)) {
		record.sp = r->policy;
		if ((int)r->p != DMARC_UNSET)
			record.p = r->p;
	}
	dmarc_record_write(&record, b);
}

/* Any status but okay spoils the context: never go on with it. */
static int
fill(DMARC_POLICY_T *c, const struct dmarc_result *r, struct buf *canonical,
    struct err *err)
{
	struct domain author = r->author, above = r->record_domain;
	u_char *from = (u_char *)author.text;
	int status = opendmarc_policy_store_from_domain(c, from);

	if (status == DMARC_PARSE_OKAY)
		status =
		    opendmarc_policy_store_dmarc(c, (u_char *)canonical->ptr,
			from, is_above(r) ? (u_char *)above.text : NULL);
	if (status == DMARC_PARSE_OKAY && r->aligned_spf)
		status = opendmarc_policy_store_spf(c, from,
		    DMARC_POLICY_SPF_OUTCOME_PASS,
		    DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL);
	if (status == DMARC_PARSE_OKAY && r->aligned_dkim)
		status = opendmarc_policy_store_dkim(
		    c, from, NULL, DMARC_POLICY_DKIM_OUTCOME_PASS, NULL);
	if (status != DMARC_PARSE_OKAY)
		return err_set(err, "libopendmarc refuses \"%s\" for %s: %s",
		    buf_str(canonical), author.text,
		    opendmarc_policy_status_to_str(status));
	return 0;
}

static int
wanted_verdict(const struct dmarc_result *r)
{
	if (r->word == AR_PASS)
		return DMARC_POLICY_PASS;
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
		if (verdicts[i].ours == (int)r->policy)
			return verdicts[i].theirs;
	return DMARC_POLICY_ABSENT;
}

static int
compare(DMARC_POLICY_T *c, const struct dmarc_result *r,
    const struct buf *canonical, struct err *err)
{
	int verdict = opendmarc_get_policy_to_enforce(c);
	int token =
	    is_above(r) ? DMARC_USED_POLICY_IS_SP : DMARC_USED_POLICY_IS_P;
	int dkim = 0, spf = 0;

	if (opendmarc_policy_fetch_alignment(c, &dkim, &spf) !=
	    DMARC_PARSE_OKAY)
		return err_set(err, "libopendmarc tells no alignment");
	if (verdict == wanted_verdict(r) &&
	    opendmarc_get_policy_token_used(c) == token &&
	    (dkim == DMARC_POLICY_DKIM_ALIGNMENT_PASS) == r->aligned_dkim &&
	    (spf == DMARC_POLICY_SPF_ALIGNMENT_PASS) == r->aligned_spf)
		return 0;
	return err_set(err,
	    "libopendmarc says %d (dkim %d, spf %d) where dmarc=%s "
	    "(dkim %d, spf %d), \"%s\" for %s",
	    verdict, dkim, spf, ar_word(r->word), r->aligned_dkim,
	    r->aligned_spf, buf_str(canonical), r->author.text);
}

int
dmarc_library_agrees(const struct dmarc_result *r, struct err *err)
{
	char address[] = NO_ADDRESS;
	struct buf canonical = BUF_INIT(DMARC_RECORD_WRITTEN);
	DMARC_POLICY_T *c = NULL;
	int rc = -1;

	if (r->word != AR_PASS && r->word != AR_FAIL)
		return 0;
	write_canonical(r, &canonical);
	c = opendmarc_policy_connect_init((u_char *)address, 0);
	if (!c || buf_status(&canonical)) {
		(void)err_no_mem(err);
		goto out;
	}
	if (fill(c, r, &canonical, err) || compare(c, r, &canonical, err))
		goto out;
	rc = 0;
out:
	if (c)
		(void)opendmarc_policy_connect_shutdown(c);
	buf_free(&canonical);
	return rc;
}

int
dmarc_evaluate(const struct dmarc_request *request, struct inquiry *inquiry,
    struct arena *arena, struct dmarc_result *out, struct err *err)
{
	if (dmarc_judge(request, inquiry, arena, out, err))
		return -1;
	return dmarc_library_agrees(out, err);
}
