/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to do with a message. RFC 9989 section 7.4: a receiver must not reject
 * only because of p=reject, so a reject needs a second ground; without one
 * the message is quarantined.
 */
#ifndef ASSAY_POLICY_POLICY_H
#define ASSAY_POLICY_POLICY_H

#include <stdbool.h>

#include "base/ip.h"
#include "base/names.h"
#include "base/slice.h"
#include "mail/domain.h"
#include "policy/exception.h"
#include "policy/forward.h"
#include "policy/words.h"
#include "verdict/verdict.h"

/* What the operator decides; strings are never NULL. */
struct policy_rules {
	bool
	    observe; /* nothing happens to any message, whatever enforce says */
	enum policy_enforce enforce;
	unsigned enforce_percent; /* 0 to 100; see policy_decide */
	/* p=reject of these author domains is ground enough for a reject */
	struct domain_list always_reject;
	bool protect_own_domains;
	enum action on_multiple_from, on_bad_from;
	enum policy_temperror on_temperror;
	/* Author domains whose mail must bear a signature of theirs. */
	struct domain_list require_dkim;
	enum policy_spf spf_reject;
	bool spf_reject_permerror, spf_explanation;
	enum policy_iprev iprev_reject;
	struct exception_list trusted_forwarders, mailing_lists;
	enum policy_code reply_code_dmarc;
	const char *reply_url; /* of every refusal; "": none */
};

/* What the policy knows of a message beside its verdict. */
struct policy_facts {
	bool outbound;
	bool trusted_relay; /* the client is a gateway of ours */
	bool own_domain;    /* the author's domain is one that we sign */
	struct ip client;
	enum forward_sign forward;
	struct slice list_id; /* as list_id_of gives it; empty: none */
};

/* Octets of reply_url: a reply line holds it and the longest domain. */
#define POLICY_URL_MAX 120

#define DISPOSITION_TEXT_MAX 500

struct disposition {
	enum action action; /* what happens */
	/*
	 * What the rules ask for. It differs from action where observe,
	 * enforce or enforce_percent withhold something.
	 */
	enum action would;
	const char *rule; /* name of the rule that decided */
	/* Why a failure is not held against the message, or NONE. */
	enum policy_override override;
	const char *exception; /* the entry that made it; "" none */
	/* Reply, for ACTION_REJECT and ACTION_TEMPFAIL: */
	const char *code;  /* "550" */
	const char *xcode; /* "5.7.1", RFC 7372 */
	/* One line of printable ASCII: the reply's text, or why quarantined. */
	char text[DISPOSITION_TEXT_MAX];
	/* A second line of the reply; "" none. */
	char more[DISPOSITION_TEXT_MAX];
};

/*
 * dice: 0 to 99, by chance. A message whose number is not below
 * enforce_percent is treated as by the weaker neighbour of enforce: reject as
 * quarantine, quarantine as shadow.
 */
struct disposition policy_decide(const struct verdict *,
    const struct policy_facts *, const struct policy_rules *, unsigned dice);

/* The i-th rule's name, in the order of the table; NULL beyond the last. */
const char *policy_rule_name(size_t i);

#endif
