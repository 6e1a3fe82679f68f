/* SPDX-License-Identifier: BSD-2-Clause */
/* From message to policy: facts and dice. See policing.h. */
#include "engine/policing.h"

#include "engine/message.h"

bool
policing_wants_explanation(const struct engine_options *o)
{
	return o->policy.spf_explanation &&
	    o->policy.spf_reject != SPF_REJECT_NO;
}

/* Is this author's mail signed here, when it is outbound? */
static bool
is_ours(const struct engine_options *o, const struct domain *author)
{
	size_t labels = domain_nlabels(author);
	size_t least = o->sign_subdomains ? 2 : labels;

	for (size_t n = labels; o->keys && n >= least && n > 0; n--) {
		struct domain d = domain_tail(author, n);

		if (keystore_has(o->keys, &d))
			return true;
	}
	return false;
}

static unsigned
throw_dice(const struct engine *e, const struct policy_rules *rules)
{
	return rules->enforce_percent < 100 && e->dice ? e->dice() : 0;
}

void
policing_decide(struct message *m)
{
	const struct session *s = m->session;
	const struct engine_options *o = s->options;
	const struct from *from = &m->verdict.from;
	struct policy_facts facts = {
	    .outbound = m->outbound,
	    .trusted_relay = s->trusted_relay,
	    .client = s->ip,
	};

	if (!m->outbound) {
		facts.own_domain =
		    from->status == FROM_OK && is_ours(o, &from->domain);
		m->forward = forward_sign_of(&m->header, &m->verdict.mailfrom);
		facts.forward = m->forward;
		facts.list_id = list_id_of(&m->header);
	}
	m->disposition = policy_decide(&m->verdict, &facts, &o->policy,
	    throw_dice(s->engine, &o->policy));
}
