/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One check's state: the limits of RFC 7208 section 4.6.4, and the answers to
 * what libspf2 asks about tokens (sections 5.2 to 5.7). Reads no record
 * (fetch.c) and compares no address: the library does. See eval.h.
 */
#include "spf/eval.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "dns/rdata.h"

enum spf_found
spf_eval_force(struct spf_eval *e, enum ar_word word, enum spf_reason reason)
{
	if (e->word == AR_NOT_RUN) {
		e->word = word;
		e->reason = reason;
	}
	return SPF_STOP;
}

enum spf_found
spf_eval_fail(struct spf_eval *e)
{
	(void)err_no_mem(e->err);
	e->failed = true;
	return spf_eval_force(e, AR_TEMPERROR, SPF_DNS_ERROR);
}

/* --- asking the DNS ------------------------------------------------------- */

/* What a bad answer does to the verdict. */
static void
judge(struct spf_eval *e, enum dns_status status, enum spf_ask how)
{
	bool over = inquiry_over(e->inquiry);

	/* The resolver's only reason for it is that the time is up. */
	if (status == DNS_TIMEOUT)
		(void)spf_eval_force(e, AR_TEMPERROR, SPF_DNS_TIMEOUT);
	else if (status == DNS_SERVFAIL && over)
		(void)spf_eval_force(e, AR_TEMPERROR, SPF_DNS_BUDGET);
	else if (status == DNS_SERVFAIL && how != SPF_ASK_PTR)
		(void)spf_eval_force(e, AR_TEMPERROR, SPF_DNS_ERROR);
	else if (dns_is_void(status) && how == SPF_ASK_TERM &&
	    ++e->voids > LIMIT_SPF_VOIDS)
		(void)spf_eval_force(e, AR_PERMERROR, SPF_MANY_VOIDS);
}

const struct answer *
spf_eval_ask(struct spf_eval *e, struct slice name, enum dns_type type,
    enum spf_ask how)
{
	const struct answer *a;

	/* Section 4.8: what is no name can't be asked; it doesn't exist. */
	if (!dns_name_valid(name))
		return inquiry_ask(e->inquiry, name, type);
	if (how != SPF_ASK_EXP && e->queries == LIMIT_SPF_QUERIES)
		(void)spf_eval_force(e, AR_PERMERROR, SPF_MANY_QUERIES);
	if (how != SPF_ASK_EXP && e->word != AR_NOT_RUN)
		return NULL;
	e->queries++;
	a = inquiry_ask(e->inquiry, name, type);
	if (inquiry_failed(e->inquiry)) {
		(void)spf_eval_fail(e);
		return NULL;
	}
	if (how == SPF_ASK_EXP)
		return a;
	judge(e, a->status, how);
	return e->word == AR_NOT_RUN ? a : NULL;
}

/* --- names ---------------------------------------------------------------- */

bool
spf_eval_is_mute(const struct spf_eval *e, struct slice spec)
{
	return !e->local_ascii && spf_macro_uses(spec, "sl");
}

bool
spf_eval_values(struct spf_eval *e, const struct spf_frame *frame,
    struct slice text, enum spf_ask how, struct spf_macro_values *values)
{
	*values = e->values;
	values->domain = frame->domain;
	if (!spf_macro_uses(text, "p"))
		return true;
	if (!spf_ptr_validate(e, how))
		return false;
	values->validated = spf_ptr_name(e, frame->domain);
	return true;
}

bool
spf_eval_target(struct spf_eval *e, const struct spf_frame *frame,
    struct slice spec, enum spf_ask how, struct slice *name)
{
	struct spf_macro_values values;
	char text[LIMIT_DOMAIN + 1];
	size_t len;

	*name = frame->domain; /* section 4.8 */
	if (spec.len == 0)
		return true;
	if (!spf_eval_values(e, frame, spec, how, &values))
		return false;
	if (spf_macro_target(spec, &values, text, &len) ||
	    arena_copy(e->arena, slice_of(text, len), name)) {
		(void)spf_eval_fail(e);
		return false;
	}
	return true;
}

unsigned
spf_eval_tokens(struct spf_eval *e, const struct spf_frame *frame,
    const struct spf_step *steps, size_t n)
{
	unsigned first = (unsigned)e->ntokens;

	/* Each record but the first has cost a term: see SPF_TOKENS_MAX. */
	assert(n <= SPF_TOKENS_MAX - e->ntokens);
	for (size_t i = 0; i < n; i++)
		e->tokens[e->ntokens++] = (struct spf_token){
		    .frame = frame,
		    .step = steps[i],
		};
	return first;
}

/*
 * The token behind a name, counted when it is asked about for the first
 * time. NULL: a verdict is there.
 */
static struct spf_token *
begin(struct spf_eval *e, struct spf_token_name name)
{
	struct spf_token *t = &e->tokens[name.token];
	struct slice spec;

	if (e->word != AR_NOT_RUN || name.token >= e->ntokens)
		return NULL;
	e->at_frame = t->frame;
	e->at = t->step.term->text;
	if (t->begun || t->step.always)
		return t;
	t->begun = true;
	if (e->terms++ == LIMIT_SPF_TERMS) {
		(void)spf_eval_force(e, AR_PERMERROR, SPF_MANY_TERMS);
		return NULL;
	}
	spec = t->step.term->target;
	t->mute = spf_eval_is_mute(e, spec);
	if (!t->mute &&
	    !spf_eval_target(e, t->frame, spec, SPF_ASK_PTR, &t->target))
		return NULL;
	return t;
}

/* --- addresses ------------------------------------------------------------ */

/* The library only looks whether there is one. */
static enum spf_found
yes(struct spf_eval *e, struct spf_addresses *out)
{
	static const uint8_t octets[4] = {127, 0, 0, 2};

	out->ip = arena_alloc(e->arena, sizeof(*out->ip));
	if (!out->ip)
		return spf_eval_fail(e);
	*out->ip = ip_v4(octets);
	out->n = 1;
	return SPF_FOUND;
}

static enum spf_found
addresses(struct spf_eval *e, const struct spf_term *term, struct slice name,
    enum ip_family family, struct spf_addresses *out)
{
	unsigned bits = family == IP_V6 ? term->bits6 : term->bits4;
	enum dns_type type = family == IP_V6 ? DNS_AAAA : DNS_A;
	const struct answer *a = spf_eval_ask(e, name, type, SPF_ASK_TERM);
	struct ip ip;

	if (!a)
		return SPF_STOP;
	out->n = 0;
	out->ip = arena_array(e->arena, a->nrr + 1, sizeof(*out->ip));
	if (!out->ip)
		return spf_eval_fail(e);
	for (size_t i = 0; i < a->nrr && out->n < LIMIT_ANSWER_RECORDS; i++)
		if (rdata_ip(a->rdata[i], &ip) && ip.family == family)
			out->ip[out->n++] = ip;
	/* A length of 0: any address will do. The library can't say so. */
	if (bits == 0 && out->n)
		out->ip[0] = e->values.ip;
	return out->n ? SPF_FOUND : SPF_NOTHING;
}

/* Section 5.7: an A lookup "even when the connection type is IPv6". */
static enum spf_found
exists(struct spf_eval *e, struct slice name, struct spf_addresses *out)
{
	const struct answer *a = spf_eval_ask(e, name, DNS_A, SPF_ASK_TERM);

	if (!a)
		return SPF_STOP;
	return a->nrr ? yes(e, out) : SPF_NOTHING;
}

enum spf_found
spf_eval_addresses(struct spf_eval *e, struct spf_token_name name,
    enum ip_family family, struct spf_addresses *out)
{
	const struct spf_token *t = begin(e, name);

	if (!t)
		return SPF_STOP;
	if (t->step.always)
		return yes(e, out);
	if (t->mute)
		return SPF_NOTHING;
	switch (t->step.term->kind) {
	case SPF_A: return addresses(e, t->step.term, t->target, family, out);
	case SPF_MX:
		if (name.is_host && name.host < t->nhosts)
			return addresses(
			    e, t->step.term, t->hosts[name.host], family, out);
		break;
	case SPF_PTR:
		if (!spf_ptr_validate(e, SPF_ASK_PTR))
			return SPF_STOP;
		return spf_ptr_matches(e, t->target) ? yes(e, out)
						     : SPF_NOTHING;
	case SPF_EXISTS: return exists(e, t->target, out);
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_INCLUDE:
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_MODIFIER: break;
	}
	return SPF_NOTHING;
}

/* --- hosts ---------------------------------------------------------------- */

enum spf_found
spf_eval_exchanges(
    struct spf_eval *e, struct spf_token_name name, size_t *nhosts)
{
	struct spf_token *t = begin(e, name);
	char host[RDATA_NAME_MAX];
	const struct answer *a;
	uint16_t preference;

	*nhosts = 0;
	if (!t)
		return SPF_STOP;
	if (t->mute || t->step.term->kind != SPF_MX)
		return SPF_NOTHING;
	a = spf_eval_ask(e, t->target, DNS_MX, SPF_ASK_TERM);
	if (!a)
		return SPF_STOP;
	if (a->nrr > LIMIT_SPF_MX)
		return spf_eval_force(e, AR_PERMERROR, SPF_MANY_MX);
	t->hosts = arena_array(e->arena, LIMIT_SPF_MX, sizeof(*t->hosts));
	if (!t->hosts)
		return spf_eval_fail(e);
	for (size_t i = t->nhosts = 0; i < a->nrr; i++) {
		/* "": RFC 7505, the domain takes no mail */
		if (!rdata_mx(a->rdata[i], &preference, host) || !host[0])
			continue;
		if (arena_copy(
			e->arena, slice_z(host), &t->hosts[t->nhosts++]))
			return spf_eval_fail(e);
	}
	spf_ahead_hosts(e, t->hosts, t->nhosts);
	*nhosts = t->nhosts;
	return t->nhosts ? SPF_FOUND : SPF_NOTHING;
}

/* --- records -------------------------------------------------------------- */

const char *
spf_eval_record(struct spf_eval *e, struct spf_token_name name)
{
	const struct spf_token *t = begin(e, name);
	struct buf b = BUF_INIT(SPF_CANON_MAX);
	const struct spf_frame *frame;
	struct spf_plan plan;
	char *text = NULL;

	if (!t)
		return NULL;
	if (t->mute)
		return "v=spf1"; /* neutral: an include doesn't match */
	frame = spf_fetch(e, t->target, t);
	if (!frame)
		return NULL;
	plan = spf_plan_make(&frame->record, &e->values.ip);
	spf_ahead_record(e, frame, &plan);
	spf_canon_write(plan.steps, plan.n,
	    spf_eval_tokens(e, frame, plan.steps, plan.n), &b);
	if (buf_status(&b) == 0)
		text = arena_strdup(e->arena, buf_slice(&b));
	if (!text)
		(void)spf_eval_fail(e);
	buf_free(&b);
	return text;
}
