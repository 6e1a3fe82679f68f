/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules as a table, first match wins. RFC 9989 sections 5.4, 7.2 and 7.4,
 * RFC 7208 section 8, RFC 7372. No I/O, no clock, no memory.
 */
#include "policy/policy.h"

#include "base/attr.h"
#include "policy/rule.h"

/* --- the table --------------------------------------------------------------- */

/* clang-format off */
#define NOTHING "", SUBJECT_NONE, "", "", ""
#define LATER " cannot be checked now, please try again later"
#define BY_POLICY \
	SUBJECT_POLICY, "dmarc fail", "Email rejected per DMARC policy for "

static const struct rule table[] = {
/* Who is never judged. */
{"outbound", when_outbound, ACTION_ACCEPT, NOTHING},
{"trusted_relay", when_trusted_relay, ACTION_ACCEPT, NOTHING},

/* RFC 5322 section 3.6 allows one From field, and DMARC needs one author. */
{"several_from", when_several_from_reject, ACTION_REJECT,
 "5.7.1", SUBJECT_FROM, "bad from", "Message has ", ""},
{"several_from", when_several_from_quarantine, ACTION_QUARANTINE,
 "", SUBJECT_FROM, "bad from", "", ""},
{"bad_from", when_bad_from_reject, ACTION_REJECT,
 "5.7.1", SUBJECT_FROM, "bad from", "Message has no author's address: ", ""},
{"bad_from", when_bad_from_quarantine, ACTION_QUARANTINE,
 "", SUBJECT_FROM, "bad from", "", ""},

/* require_dkim: a DMARC pass by SPF is not enough. */
{"dkim_temperror", when_dkim_temperror, ACTION_TEMPFAIL,
 "4.7.20", SUBJECT_AUTHOR, "", "DKIM signature of ", LATER},
{"dkim_not_authors", when_dkim_not_authors, ACTION_REJECT,
 "5.7.22", SUBJECT_AUTHOR, "dkim missing",
 "No valid author-matched DKIM signature found, required for ", ""},
{"dkim_unacceptable", when_dkim_unacceptable, ACTION_REJECT,
 "5.7.21", SUBJECT_AUTHOR, "dkim missing",
 "No acceptable DKIM signature found, required for ", ""},
{"dkim_missing", when_dkim_is_due, ACTION_REJECT,
 "5.7.20", SUBJECT_AUTHOR, "dkim missing",
 "No passing DKIM signature found, required for ", ""},

/* Who is let through. */
{"dmarc_pass", when_dmarc_pass, ACTION_ACCEPT, NOTHING},
{"trusted_forwarder", when_trusted_forwarder, ACTION_ACCEPT, NOTHING},
{"mailing_list", when_mailing_list, ACTION_ACCEPT, NOTHING},

/* on_temperror = tempfail: what DNS may say later. */
{"exception_temperror", when_exception_temperror, ACTION_TEMPFAIL,
 "4.7.1", SUBJECT_CLIENT, "", "Identity of ", LATER},
{"dmarc_temperror", when_dmarc_temperror, ACTION_TEMPFAIL,
 "4.7.1", SUBJECT_AUTHOR, "", "DMARC policy for ", LATER},
{"spf_temperror", when_spf_temperror, ACTION_TEMPFAIL,
 "4.7.24", SUBJECT_SPF, "", "SPF for ", LATER},
{"iprev_temperror", when_iprev_temperror, ACTION_TEMPFAIL,
 "4.7.25", SUBJECT_CLIENT, "", "Reverse DNS of ", LATER},

/* The operator's own rules. */
{"own_domain", when_own_domain, ACTION_REJECT,
 NULL, SUBJECT_AUTHOR, "own domain",
 "Unauthenticated email claims to be from ", ", a domain of this site"},
{"spf_helo_fail", when_spf_helo_fail, ACTION_REJECT,
 "5.7.23", SUBJECT_HELO, "spf fail",
 "SPF validation failed for HELO name ", ""},
{"spf_fail", when_spf_fail, ACTION_REJECT,
 "5.7.23", SUBJECT_MAILFROM, "spf fail",
 "SPF validation failed for MAIL FROM domain ", ""},
{"spf_permerror", when_spf_permerror, ACTION_REJECT,
 "5.7.24", SUBJECT_SPF, "spf permerror",
 "SPF validation error in the record of ", ""},
{"iprev_fail", when_iprev_fail, ACTION_REJECT,
 "5.7.25", SUBJECT_CLIENT, "iprev fail",
 "Reverse DNS validation failed for ", ""},

/* DMARC. A reject needs a ground beside p=reject (RFC 9989 section 7.4). */
{"no_failure", when_not_failed, ACTION_ACCEPT, NOTHING},
{"policy_none", when_nothing_asked, ACTION_ACCEPT, NOTHING},
{"enforce_none", when_not_enforced, ACTION_ACCEPT, NOTHING},
{"reject_always", when_reject_always, ACTION_REJECT,
 NULL, BY_POLICY, " (p=reject)"},
{"always_reject", when_always_reject, ACTION_REJECT,
 NULL, BY_POLICY, " (always enforced here)"},
{"no_such_author", when_no_such_author, ACTION_REJECT,
 NULL, BY_POLICY, " (no such domain)"},
{"spf_fail_no_dkim", when_spf_fail_no_dkim, ACTION_REJECT,
 NULL, BY_POLICY, " (SPF fail, no valid DKIM signature)"},
{"dmarc_fail", when_otherwise, ACTION_QUARANTINE, "", BY_POLICY, ""},
};
/* clang-format on */

/* --- deciding ------------------------------------------------------------------ */

/* The weaker neighbour, for what enforce_percent leaves out. */
static enum policy_enforce
weaker(enum policy_enforce mode)
{
	switch (mode) {
	case ENFORCE_NONE: return ENFORCE_NONE;
	case ENFORCE_SHADOW:
	case ENFORCE_QUARANTINE: return ENFORCE_SHADOW;
	case ENFORCE_REJECT: return ENFORCE_QUARANTINE;
	case ENFORCE_REJECT_ALWAYS: return ENFORCE_REJECT;
	}
	return ENFORCE_NONE;
}

static void
find_exception(struct deciding *d, const struct exception_list *list,
    enum policy_override override)
{
	bool of_list = override == OVERRIDE_MAILING_LIST;

	for (size_t i = 0; i < list->n; i++) {
		const struct exception *e = &list->items[i];
		enum exception_match m =
		    exception_holds(e, d->v, &d->facts->client);

		if (m <= d->exception ||
		    ((of_list || e->list_id.len) &&
			!exception_is_list(e, d->facts->list_id)))
			continue;
		d->exception = m;
		if (m != EXCEPTION_YES)
			continue;
		d->override = override;
		d->exception_text = e->text;
	}
}

/* What is left of an action where the operator does not go so far. */
static enum action
withheld(const struct deciding *d, enum action action)
{
	if (d->rules->observe)
		return ACTION_ACCEPT;
	switch (d->mode) {
	case ENFORCE_NONE:
	case ENFORCE_SHADOW: return ACTION_ACCEPT;
	case ENFORCE_QUARANTINE:
		return action == ACTION_REJECT ? ACTION_QUARANTINE : action;
	case ENFORCE_REJECT:
	case ENFORCE_REJECT_ALWAYS: break;
	}
	return action;
}

struct disposition
policy_decide(const struct verdict *v, const struct policy_facts *facts,
    const struct policy_rules *rules, unsigned dice)
{
	struct deciding d = {.v = v, .facts = facts, .rules = rules};
	struct disposition out = {.exception = ""};
	const struct rule *r = table;

	d.mode = dice < rules->enforce_percent ? rules->enforce
					       : weaker(rules->enforce);
	find_exception(
	    &d, &rules->trusted_forwarders, OVERRIDE_TRUSTED_FORWARDER);
	find_exception(&d, &rules->mailing_lists, OVERRIDE_MAILING_LIST);
	while (!r->applies(&d))
		r++;
	out.rule = r->name;
	out.would = r->action;
	out.action = withheld(&d, r->action);
	if (r->applies == when_trusted_forwarder ||
	    r->applies == when_mailing_list)
		out.exception = d.exception_text;
	if (v->dmarc.word == AR_FAIL)
		out.override = r->applies == when_trusted_relay
		    ? OVERRIDE_LOCAL_POLICY
		    : out.exception[0] ? d.override
				       : OVERRIDE_NONE;
	reply_write(r, &d, &out);
	return out;
}

const char *
policy_rule_name(size_t i)
{
	return i < ARRAY_LEN(table) ? table[i].name : NULL;
}
