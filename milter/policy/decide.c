/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules as a table, first match wins. RFC 9989 sections 5.4, 7.2 and 7.4,
 * RFC 7372. No I/O, no clock, no memory.
 */
#include <stdio.h>

#include "policy/policy.h"

const struct name policy_enforce_words[] = {
    {ENFORCE_NONE, "none"},
    {ENFORCE_QUARANTINE, "quarantine"},
    {ENFORCE_REJECT, "reject"},
    {0, NULL},
};

const struct name policy_temperror_words[] = {
    {TEMPERROR_ACCEPT, "accept"},
    {TEMPERROR_TEMPFAIL, "tempfail"},
    {0, NULL},
};

const struct name action_words[] = {
    {ACTION_ACCEPT, "accept"},
    {ACTION_QUARANTINE, "quarantine"},
    {ACTION_REJECT, "reject"},
    {ACTION_TEMPFAIL, "tempfail"},
    {0, NULL},
};

struct deciding {
	const struct dmarc_result *dmarc;
	const struct policy_facts *facts;
	const struct policy_rules *rules;
};

/* --- conditions ------------------------------------------------------------ */

static bool
outbound(const struct deciding *d)
{
	return d->facts->outbound;
}

static bool
undecidable_now(const struct deciding *d)
{
	return d->dmarc->word == AR_TEMPERROR &&
	    d->rules->on_temperror == TEMPERROR_TEMPFAIL;
}

static bool
not_failed(const struct deciding *d)
{
	return d->dmarc->word != AR_FAIL;
}

static bool
trusted_relay(const struct deciding *d)
{
	return d->facts->trusted_relay;
}

/* RFC 9989 section 5.4: p=none must not change how a message is handled. */
static bool
nothing_asked(const struct deciding *d)
{
	return d->dmarc->effective != DMARC_QUARANTINE &&
	    d->dmarc->effective != DMARC_REJECT;
}

static bool
not_enforced(const struct deciding *d)
{
	return d->rules->enforce == ENFORCE_NONE;
}

static bool
always_reject(const struct deciding *d)
{
	return d->rules->enforce == ENFORCE_REJECT &&
	    d->dmarc->effective == DMARC_REJECT &&
	    domain_list_has(&d->rules->always_reject, &d->dmarc->author);
}

static bool
otherwise(const struct deciding *d)
{
	(void)d;
	return true;
}

/* --- the table --------------------------------------------------------------- */

static const struct rule {
	const char *name;
	bool (*applies)(const struct deciding *);
	enum action action;
} rules[] = {
    {"outbound", outbound, ACTION_ACCEPT},
    {"dmarc_temperror", undecidable_now, ACTION_TEMPFAIL},
    {"no_failure", not_failed, ACTION_ACCEPT},
    {"trusted_relay", trusted_relay, ACTION_ACCEPT},
    {"policy_none", nothing_asked, ACTION_ACCEPT},
    {"enforce_none", not_enforced, ACTION_ACCEPT},
    {"always_reject", always_reject, ACTION_REJECT},
    {"dmarc_fail", otherwise, ACTION_QUARANTINE},
};

/* Author domains are letters, digits, hyphens: safe in any reply. */
static void
word_it(struct disposition *out, const struct dmarc_result *dmarc)
{
	const char *who = dmarc->author.text;

	switch (out->action) {
	case ACTION_ACCEPT: return;
	case ACTION_QUARANTINE:
		(void)snprintf(out->text, sizeof(out->text),
		    "dmarc fail p=%s dom=%s",
		    names_word(dmarc_policy_words, (int)dmarc->effective),
		    who);
		return;
	case ACTION_REJECT:
		out->code = "550";
		out->xcode = "5.7.1";
		(void)snprintf(out->text, sizeof(out->text),
		    "Email rejected per DMARC policy for %s", who);
		return;
	case ACTION_TEMPFAIL:
		out->code = "451";
		out->xcode = "4.7.1";
		(void)snprintf(out->text, sizeof(out->text),
		    "DMARC policy for %s cannot be checked now, "
		    "please try again later",
		    who);
		return;
	}
}

struct disposition
policy_decide(const struct verdict *v, const struct policy_facts *facts,
    const struct policy_rules *operator_rules)
{
	struct deciding d = {&v->dmarc, facts, operator_rules};
	struct disposition out = {.action = ACTION_ACCEPT};
	size_t i = 0;

	while (!rules[i].applies(&d))
		i++;
	out.rule = rules[i].name;
	out.action = rules[i].action;
	word_it(&out, d.dmarc);
	return out;
}
