/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions asked early. RFC 7208 section 4.6.2 has the terms of a record
 * evaluated from left to right, so asking as they come up costs one round trip
 * a term; which names they ask about is known as soon as the record is. What
 * is asked here is only on its way then: it counts against no limit of section
 * 4.6.4, and no answer is looked at before its term's turn.
 */
#include "spf/eval.h"

static bool
may_ask(struct spf_eval *e)
{
	return e->ahead < LIMIT_SPF_AHEAD && e->word == AR_NOT_RUN;
}

static void
ask(struct spf_eval *e, struct slice name, enum dns_type type)
{
	e->ahead++;
	inquiry_prefetch(e->inquiry, name, type);
}

static enum dns_type
address_type(const struct spf_eval *e)
{
	return e->values.ip.family == IP_V6 ? DNS_AAAA : DNS_A;
}

/* False: such a term asks nothing, or nothing that is known yet. */
static bool
question_of(
    const struct spf_eval *e, const struct spf_term *term, enum dns_type *type)
{
	switch (term->kind) {
	case SPF_A: *type = address_type(e); return true;
	case SPF_MX: *type = DNS_MX; return true;
	case SPF_EXISTS: *type = DNS_A; return true;
	case SPF_INCLUDE:
	case SPF_REDIRECT: *type = DNS_TXT; return true;
	case SPF_PTR:
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_MODIFIER: break;
	}
	return false;
}

void
spf_ahead_record(struct spf_eval *e, const struct spf_frame *frame,
    const struct spf_plan *plan)
{
	/* The first is about to be asked in any case. */
	for (size_t i = 1; i < plan->n && may_ask(e); i++) {
		const struct spf_step *step = &plan->steps[i];
		struct slice spec, name;
		enum dns_type type;

		if (step->always || !question_of(e, step->term, &type))
			continue;
		spec = step->term->target;
		/* "p" would have to be asked for, and in its own time. */
		if (spf_macro_uses(spec, "p") || spf_eval_is_mute(e, spec))
			continue;
		if (spf_eval_target(e, frame, spec, SPF_ASK_PTR, &name))
			ask(e, name, type);
	}
}

void
spf_ahead_hosts(struct spf_eval *e, const struct slice *hosts, size_t n)
{
	for (size_t i = 1; i < n && may_ask(e); i++)
		ask(e, hosts[i], address_type(e));
}
