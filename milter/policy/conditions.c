/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The conditions of the rules, in the order of their table in decide.c. Each
 * looks at the message alone: what the rules above it have ruled out is not
 * asked again. Pure.
 */
#include "policy/rule.h"

/* --- what is looked at ----------------------------------------------------- */

const struct spf_result *
spf_of_helo(const struct verdict *v)
{
	return v->mailfrom.null ? &v->mfrom : &v->helo;
}

const struct spf_result *
spf_of_mailfrom(const struct verdict *v)
{
	/* RFC 7208 section 2.4: with the null sender it is HELO's again. */
	return &v->mfrom;
}

const struct spf_result *
spf_at_fault(const struct deciding *d, enum ar_word word)
{
	const struct spf_result *helo = spf_of_helo(d->v);
	const struct spf_result *mailfrom = spf_of_mailfrom(d->v);

	if (d->rules->spf_reject != SPF_REJECT_NO && helo->word == word)
		return helo;
	if (d->rules->spf_reject == SPF_REJECT_MAILFROM_FAIL &&
	    mailfrom->word == word)
		return mailfrom;
	return NULL;
}

/*
 * The author's, or of its organization as far as names alone tell: a parent
 * or a child, but no top level.
 */
static bool
is_authors(const struct deciding *d, const struct domain *other)
{
	const struct domain *author = &d->v->dmarc.author;

	if (author->len == 0)
		return false;
	return domain_is_under(other, author) ||
	    (domain_nlabels(other) > 1 && domain_is_under(author, other));
}

static bool
has_dkim(const struct deciding *d, enum ar_word word, bool of_author)
{
	for (size_t i = 0; i < d->v->ndkim; i++)
		if (d->v->dkim[i].word == word &&
		    (!of_author || is_authors(d, &d->v->dkim[i].domain)))
			return true;
	return false;
}

/*
 * A signature verified, if only for us to set it aside, or may have: there was
 * no answer, or there were too many to look at.
 */
static bool
may_be_signed(const struct deciding *d)
{
	for (size_t i = 0; i < d->v->ndkim; i++)
		if (d->v->dkim[i].reason == DKIM_REASON_LIMIT_SIGS)
			return true;
	return has_dkim(d, AR_PASS, false) || has_dkim(d, AR_POLICY, false) ||
	    has_dkim(d, AR_TEMPERROR, false);
}

static bool
put_off(const struct deciding *d)
{
	return d->rules->on_temperror == TEMPERROR_TEMPFAIL;
}

/* --- conditions: who is never judged --------------------------------------- */

bool
when_outbound(const struct deciding *d)
{
	return d->facts->outbound;
}

bool
when_trusted_relay(const struct deciding *d)
{
	return d->facts->trusted_relay;
}

/* --- conditions: the From field -------------------------------------------- */

static bool
several_from(const struct deciding *d, enum action action)
{
	return d->v->from.status == FROM_SEVERAL_FIELDS &&
	    d->rules->on_multiple_from == action;
}

bool
when_several_from_reject(const struct deciding *d)
{
	return several_from(d, ACTION_REJECT);
}

bool
when_several_from_quarantine(const struct deciding *d)
{
	return several_from(d, ACTION_QUARANTINE);
}

static bool
bad_from(const struct deciding *d, enum action action)
{
	return d->v->from.status != FROM_OK &&
	    d->v->from.status != FROM_SEVERAL_FIELDS &&
	    d->rules->on_bad_from == action;
}

bool
when_bad_from_reject(const struct deciding *d)
{
	return bad_from(d, ACTION_REJECT);
}

bool
when_bad_from_quarantine(const struct deciding *d)
{
	return bad_from(d, ACTION_QUARANTINE);
}

/* --- conditions: require_dkim ---------------------------------------------- */

static bool
lacks_dkim(const struct deciding *d)
{
	return d->exception == EXCEPTION_NO &&
	    domain_list_has(&d->rules->require_dkim, &d->v->dmarc.author) &&
	    !d->v->dmarc.aligned_dkim && !has_dkim(d, AR_PASS, true);
}

bool
when_dkim_temperror(const struct deciding *d)
{
	return put_off(d) && lacks_dkim(d) && has_dkim(d, AR_TEMPERROR, true);
}

/* A key that could not be had leaves it open. */
bool
when_dkim_is_due(const struct deciding *d)
{
	return lacks_dkim(d) && !has_dkim(d, AR_TEMPERROR, true);
}

bool
when_dkim_not_authors(const struct deciding *d)
{
	return when_dkim_is_due(d) && has_dkim(d, AR_PASS, false);
}

bool
when_dkim_unacceptable(const struct deciding *d)
{
	return when_dkim_is_due(d) && has_dkim(d, AR_POLICY, false);
}

/* --- conditions: who is let through ---------------------------------------- */

bool
when_dmarc_pass(const struct deciding *d)
{
	return d->v->dmarc.word == AR_PASS;
}

bool
when_trusted_forwarder(const struct deciding *d)
{
	return d->override == OVERRIDE_TRUSTED_FORWARDER;
}

bool
when_mailing_list(const struct deciding *d)
{
	return d->override == OVERRIDE_MAILING_LIST;
}

/* --- conditions: what is not known now ------------------------------------- */

bool
when_exception_temperror(const struct deciding *d)
{
	return put_off(d) && d->exception == EXCEPTION_UNDECIDED;
}

bool
when_dmarc_temperror(const struct deciding *d)
{
	return put_off(d) && d->v->dmarc.word == AR_TEMPERROR;
}

bool
when_spf_temperror(const struct deciding *d)
{
	return put_off(d) && spf_at_fault(d, AR_TEMPERROR);
}

bool
when_iprev_temperror(const struct deciding *d)
{
	return put_off(d) && d->rules->iprev_reject != IPREV_REJECT_NO &&
	    d->v->iprev.word == AR_TEMPERROR;
}

/* --- conditions: the operator's own rules ---------------------------------- */

/*
 * What might be an exception is not rejected for want of an answer: if DMARC
 * failed it is quarantined in the end.
 */
static bool
sure(const struct deciding *d)
{
	return d->exception == EXCEPTION_NO;
}

/* Where DMARC does not say, names alone must. */
static bool
is_unauthenticated(const struct deciding *d)
{
	const struct spf_result *spf = &d->v->mfrom;

	if (d->v->dmarc.word == AR_FAIL)
		return true;
	return d->v->dmarc.word != AR_TEMPERROR &&
	    !has_dkim(d, AR_PASS, true) && !has_dkim(d, AR_TEMPERROR, true) &&
	    !((spf->word == AR_PASS || spf->word == AR_TEMPERROR) &&
		is_authors(d, &spf->domain));
}

bool
when_own_domain(const struct deciding *d)
{
	return d->rules->protect_own_domains && d->facts->own_domain &&
	    sure(d) && is_unauthenticated(d);
}

bool
when_spf_helo_fail(const struct deciding *d)
{
	return sure(d) && spf_at_fault(d, AR_FAIL) == spf_of_helo(d->v);
}

bool
when_spf_fail(const struct deciding *d)
{
	return sure(d) && spf_at_fault(d, AR_FAIL);
}

bool
when_spf_permerror(const struct deciding *d)
{
	return sure(d) && d->rules->spf_reject_permerror &&
	    spf_at_fault(d, AR_PERMERROR);
}

bool
when_iprev_fail(const struct deciding *d)
{
	const struct iprev_result *r = &d->v->iprev;

	if (!sure(d) || r->word != AR_FAIL)
		return false;
	return d->rules->iprev_reject == IPREV_REJECT_FAIL ||
	    (d->rules->iprev_reject == IPREV_REJECT_NO_PTR &&
		r->reason == IPREV_NO_PTR);
}

/* --- conditions: DMARC ------------------------------------------------------ */

bool
when_not_failed(const struct deciding *d)
{
	return d->v->dmarc.word != AR_FAIL;
}

/* RFC 9989 section 5.4: p=none must not change how a message is handled. */
bool
when_nothing_asked(const struct deciding *d)
{
	return d->v->dmarc.effective != DMARC_QUARANTINE &&
	    d->v->dmarc.effective != DMARC_REJECT;
}

bool
when_not_enforced(const struct deciding *d)
{
	return d->mode == ENFORCE_NONE;
}

static bool
reject_asked(const struct deciding *d)
{
	return sure(d) && d->v->dmarc.effective == DMARC_REJECT;
}

bool
when_reject_always(const struct deciding *d)
{
	return reject_asked(d) && d->mode == ENFORCE_REJECT_ALWAYS;
}

bool
when_always_reject(const struct deciding *d)
{
	return reject_asked(d) &&
	    domain_list_has(&d->rules->always_reject, &d->v->dmarc.author);
}

bool
when_no_such_author(const struct deciding *d)
{
	return reject_asked(d) &&
	    d->v->dmarc.author_exists == DMARC_EXISTS_NOT;
}

bool
when_spf_fail_no_dkim(const struct deciding *d)
{
	return reject_asked(d) && spf_of_mailfrom(d->v)->word == AR_FAIL &&
	    !may_be_signed(d) && d->facts->forward == FORWARD_NONE;
}

bool
when_otherwise(const struct deciding *d)
{
	(void)d;
	return true;
}
