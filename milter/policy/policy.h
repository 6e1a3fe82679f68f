/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to do with a message. RFC 9989 section 7.4: a receiver must not reject
 * only because of p=reject, so a reject needs a second ground; without one
 * the message is quarantined.
 */
#ifndef ASSAY_POLICY_POLICY_H
#define ASSAY_POLICY_POLICY_H

#include <stdbool.h>

#include "base/names.h"
#include "mail/domain.h"
#include "verdict/verdict.h"

/* The strongest action DMARC failures of inbound mail may lead to. */
enum policy_enforce {
	ENFORCE_NONE,
	ENFORCE_QUARANTINE,
	ENFORCE_REJECT,
};

enum policy_temperror {
	TEMPERROR_ACCEPT,
	TEMPERROR_TEMPFAIL,
};

extern const struct name policy_enforce_words[];
extern const struct name policy_temperror_words[];

struct policy_rules {
	enum policy_enforce enforce;
	enum policy_temperror on_temperror;
	/* p=reject of these author domains is a reject under ENFORCE_REJECT */
	struct domain_list always_reject;
};

/* What the policy knows of a message beside its verdict. */
struct policy_facts {
	bool outbound;
	bool trusted_relay; /* the client is a gateway of ours */
};

enum action {
	ACTION_ACCEPT,
	ACTION_QUARANTINE,
	ACTION_REJECT,
	ACTION_TEMPFAIL,
};

extern const struct name action_words[];

#define DISPOSITION_TEXT_MAX 400

struct disposition {
	enum action action;
	const char *rule; /* name of the rule that decided */
	/* Reply, for ACTION_REJECT and ACTION_TEMPFAIL: */
	const char *code;  /* "550" */
	const char *xcode; /* "5.7.1", RFC 7372 */
	/* One line of printable ASCII: the reply's text, or why quarantined. */
	char text[DISPOSITION_TEXT_MAX];
};

struct disposition policy_decide(const struct verdict *,
    const struct policy_facts *, const struct policy_rules *);

#endif
