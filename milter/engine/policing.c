/* SPDX-License-Identifier: BSD-2-Clause */
/* From message to policy: facts and dice. See policing.h. */
#include "engine/policing.h"

#include "engine/choice.h"
#include "engine/message.h"

bool
policing_wants_explanation(const struct engine_options *o)
{
	return o->policy.spf_explanation &&
	    o->policy.spf_reject != SPF_REJECT_NO;
}

static unsigned
throw_dice(const struct engine *e, const struct policy_rules *rules)
{
	return rules->enforce_percent < 100 && e->dice ? e->dice() : 0;
}

int
policing_decide(struct message *m, struct err *err)
{
	const struct session *s = m->session;
	const struct engine_options *o = s->options;
	struct policy_facts facts = {
	    .outbound = m->outbound,
	    .trusted_relay = s->trusted_relay,
	    .client = s->ip,
	};

	if (!m->outbound) {
		if (o->policy.protect_own_domains &&
		    choice_is_ours(
			o, &m->verdict.from, m->arena, &facts.own_domain, err))
			return -1;
		m->forward = forward_sign_of(&m->header, &m->verdict.mailfrom);
		facts.forward = m->forward;
		facts.list_id = list_id_of(&m->header);
	}
	m->disposition = policy_decide(&m->verdict, &facts, &o->policy,
	    throw_dice(s->engine, &o->policy));
	return 0;
}
