/* SPDX-License-Identifier: BSD-2-Clause */
/* Between decide.c and reply.c; nobody else includes it. */
#ifndef ASSAY_POLICY_RULE_H
#define ASSAY_POLICY_RULE_H

#include "policy/policy.h"

/* What the rules look at. */
struct deciding {
	const struct verdict *v;
	const struct policy_facts *facts;
	const struct policy_rules *rules;
	enum policy_enforce mode; /* enforce, as it is for this message */
	/* The best match of trusted_forwarders and mailing_lists. */
	enum exception_match exception;
	enum policy_override override; /* with EXCEPTION_YES */
	const char *exception_text;    /* the same */
};

/* Whom a reply names, and under which key the quarantine field does. */
enum subject {
	SUBJECT_NONE,
	SUBJECT_POLICY, /* the author's domain and its policy */
	SUBJECT_AUTHOR,
	SUBJECT_FROM, /* what is wrong with the From field */
	SUBJECT_MAILFROM,
	SUBJECT_HELO,
	SUBJECT_SPF, /* whichever of the two is at fault */
	SUBJECT_CLIENT,
};

struct rule {
	const char *name;
	bool (*applies)(const struct deciding *);
	enum action action;
	const char *xcode; /* NULL: reply_code_dmarc */
	enum subject subject;
	const char *mark;           /* of the quarantine field: what failed */
	const char *before, *after; /* of a reply, around the subject */
};

/* The results of SPF by identity; that of the null sender is HELO's. */
const struct spf_result *spf_of_helo(const struct verdict *);
const struct spf_result *spf_of_mailfrom(const struct verdict *);
/* The one that spf_reject looks at and that has this word; NULL: none has. */
const struct spf_result *spf_at_fault(const struct deciding *, enum ar_word);

/* The conditions of the table, conditions.c; in its order. */
bool when_outbound(const struct deciding *);
bool when_trusted_relay(const struct deciding *);
bool when_several_from_reject(const struct deciding *);
bool when_several_from_quarantine(const struct deciding *);
bool when_bad_from_reject(const struct deciding *);
bool when_bad_from_quarantine(const struct deciding *);
bool when_dkim_temperror(const struct deciding *);
bool when_dkim_not_authors(const struct deciding *);
bool when_dkim_unacceptable(const struct deciding *);
bool when_dkim_is_due(const struct deciding *);
bool when_dmarc_pass(const struct deciding *);
bool when_trusted_forwarder(const struct deciding *);
bool when_mailing_list(const struct deciding *);
bool when_exception_temperror(const struct deciding *);
bool when_dmarc_temperror(const struct deciding *);
bool when_spf_temperror(const struct deciding *);
bool when_iprev_temperror(const struct deciding *);
bool when_own_domain(const struct deciding *);
bool when_spf_helo_fail(const struct deciding *);
bool when_spf_fail(const struct deciding *);
bool when_spf_permerror(const struct deciding *);
bool when_iprev_fail(const struct deciding *);
bool when_not_failed(const struct deciding *);
bool when_nothing_asked(const struct deciding *);
bool when_not_enforced(const struct deciding *);
bool when_reject_always(const struct deciding *);
bool when_always_reject(const struct deciding *);
bool when_no_such_author(const struct deciding *);
bool when_spf_fail_no_dkim(const struct deciding *);
bool when_otherwise(const struct deciding *);

/* Fills code and texts for out->action, which a rule has led to. */
void reply_write(
    const struct rule *, const struct deciding *, struct disposition *out);

#endif
