/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 sections 6.1.1 to 6.1.3, in their order: expiry, key, body hash,
 * signature. What we could verify but do not accept (weak key, t= ahead,
 * unsigned body) is judged last, so that policy always means "would pass".
 */
#include "dkim/judge.h"

#include "dkim/key.h"
#include "dkim/shared.h"
#include "dns/rdata.h"
#include "mail/limits.h"

struct trial {
	const struct dkim_court *court;
	const struct dkim_sig *sig;
	const struct dkim_evidence *evidence;
	struct dkim_result *r;
	struct err *err;
};

static void
decide(struct dkim_result *r, enum dkim_reason reason)
{
	r->reason = reason;
	r->word = dkim_reason_word(reason);
}

/* Is now past a time by more than the skew? Nothing here may overflow. */
static bool
is_past(int64_t now_s, int64_t at_s, int64_t skew_s)
{
	return at_s != DKIM_TIME_INFINITE && at_s < INT64_MAX - skew_s &&
	    now_s > at_s + skew_s;
}

static bool
is_ahead(int64_t now_s, int64_t at_s, int64_t skew_s)
{
	return at_s != DKIM_NO_TIME && at_s > skew_s && at_s - skew_s > now_s;
}

/* RFC 6376 section 6.1.3 step 3, and l= of section 3.5. */
static enum dkim_reason
check_body(struct trial *t)
{
	const struct dkim_sig *sig = t->sig;
	uint64_t have = t->evidence->body_octets;

	/* l= "MUST NOT be larger than the actual number of octets" */
	if (sig->l != DKIM_NO_LENGTH && sig->l > have)
		return DKIM_REASON_BODY_SHORT;
	if (!slice_eq(sig->body_hash,
		slice_of(t->evidence->body, sizeof(*t->evidence->body))))
		return DKIM_REASON_BODY_HASH;
	if (sig->l != DKIM_NO_LENGTH)
		t->r->unsigned_octets = have - sig->l;
	return DKIM_REASON_NONE;
}

/* What one TXT record led to. */
struct outcome {
	enum dkim_reason reason;
	bool is_key; /* else it is of something else: a wildcard, say */
	unsigned bits;
	bool testing;
};

/* What one usable key says. -1: our own trouble. */
static int
try_key(struct trial *t, struct dkim_shared_key *k, enum dkim_reason *reason)
{
	EVP_PKEY_CTX *ctx;
	int ok;

	*reason = check_body(t);
	if (*reason != DKIM_REASON_NONE)
		return 0;
	ctx = atomic_exchange(&k->spare, NULL);
	ok = dkim_pkey_verify(k->key.pkey, k->key.alg, t->court->sha256, &ctx,
	    t->evidence->header, t->sig->signature, t->err);
	EVP_PKEY_CTX_free(atomic_exchange(&k->spare, ctx));
	if (ok == 0)
		*reason = DKIM_REASON_SIGNATURE;
	return ok < 0 ? -1 : 0;
}

static int
try_record(struct trial *t, struct slice rdata, struct outcome *o)
{
	struct dkim_shared_key *k;
	struct slice text;
	int rc = 0;

	if (rdata_txt(rdata, t->court->arena, &text))
		return err_no_mem(t->err);
	if (dkim_shared_key_get(t->court->options->shared, text, &k, t->err))
		return -1;
	*o = (struct outcome){
	    .reason = dkim_key_check(&k->key, t->sig),
	    .is_key = k->key.reason != DKIM_REASON_KEY_SYNTAX,
	    .bits = k->key.bits,
	    .testing = k->key.testing,
	};
	if (o->reason == DKIM_REASON_NONE)
		rc = try_key(t, k, &o->reason);
	cached_unref(&k->base);
	return rc;
}

/*
 * RFC 6376 section 6.1.2 step 4: of several records "the Verifier can choose
 * one of the key records or may cycle through". We cycle through those that
 * are key records, up to a ceiling, and tell of the one that came nearest.
 */
static int
try_records(struct trial *t, const struct answer *answer, struct outcome *best)
{
	size_t nkeys = 0, most = answer->nrr;

	if (most > LIMIT_ANSWER_RECORDS)
		most = LIMIT_ANSWER_RECORDS;
	*best = (struct outcome){.reason = DKIM_REASON_NO_KEY};
	for (size_t i = 0; i < most && nkeys < LIMIT_DKIM_KEY_RECORDS; i++) {
		struct outcome one;

		if (try_record(t, answer->rdata[i], &one))
			return -1;
		nkeys += one.is_key;
		if (one.reason == DKIM_REASON_NONE ||
		    one.reason > best->reason)
			*best = one;
		if (one.reason == DKIM_REASON_NONE)
			break;
	}
	return 0;
}

/* RFC 6376 section 6.1.2 steps 1 to 3. */
static int
fetch_and_try(struct trial *t, struct outcome *o)
{
	char name[DKIM_KEY_NAME_MAX];
	const struct answer *answer = inquiry_ask(t->court->q,
	    dkim_key_name(&t->sig->selector, &t->sig->d, name), DNS_TXT);

	if (inquiry_failed(t->court->q))
		return err_no_mem(t->err);
	switch (answer->status) {
	case DNS_OK: return try_records(t, answer, o);
	case DNS_NODATA:
	case DNS_NXDOMAIN: o->reason = DKIM_REASON_NO_KEY; break;
	case DNS_SERVFAIL: o->reason = DKIM_REASON_KEY_SERVFAIL; break;
	case DNS_TIMEOUT: o->reason = DKIM_REASON_KEY_TIMEOUT; break;
	}
	return 0;
}

static bool
may_be_partial(const struct dkim_verify_options *o, const struct domain *d)
{
	return o->accept_partial_body || domain_list_has(&o->partial_body, d);
}

/* A signature that verified: is it acceptable? */
static void
apply_policy(struct trial *t)
{
	const struct dkim_verify_options *o = t->court->options;
	struct dkim_result *r = t->r;

	decide(r, DKIM_REASON_NONE);
	if (t->sig->alg == DKIM_RSA_SHA256 && r->key_bits < o->min_rsa_bits)
		decide(r, DKIM_REASON_KEY_WEAK);
	else if (is_ahead(t->court->now_s, t->sig->t, o->future_skew_s))
		decide(r, DKIM_REASON_FUTURE);
	else if (r->unsigned_octets)
		decide(r, DKIM_REASON_BODY_UNSIGNED);
	/* Then the reason stays, as a remark on the pass. */
	if (r->reason == DKIM_REASON_BODY_UNSIGNED &&
	    may_be_partial(o, &t->sig->d))
		r->word = AR_PASS;
}

int
dkim_judge(const struct dkim_court *court, const struct dkim_sig *sig,
    const struct dkim_evidence *evidence, struct dkim_result *r,
    struct err *err)
{
	struct trial t = {court, sig, evidence, r, err};
	struct outcome o = {.reason = DKIM_REASON_NONE};

	if (sig->x != DKIM_NO_TIME &&
	    is_past(court->now_s, sig->x, court->options->expire_skew_s)) {
		decide(r, DKIM_REASON_EXPIRED);
		return 0;
	}
	if (fetch_and_try(&t, &o))
		return -1;
	r->key_bits = o.bits;
	r->testing = o.testing;
	if (o.reason == DKIM_REASON_NONE)
		apply_policy(&t);
	else
		decide(r, o.reason);
	return 0;
}
