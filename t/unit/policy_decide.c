/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/policy.h"

#include "unit.h"

#define NONE DMARC_NONE
#define QUAR DMARC_QUARANTINE
#define REJ DMARC_REJECT

/* A message and the rules it meets; what is left out is 0. */
struct scenario {
	enum ar_word dmarc;
	enum dmarc_policy asked;
	enum dmarc_existence exists;
	enum from_status from;
	const char *author; /* NULL: a.example, unless from says no */
	enum ar_word spf, helo, iprev, dkim;
	const char *dkim_d; /* NULL: other.example */
	bool null_sender, no_ptr, aligned_dkim, dkim_over;
	struct policy_facts facts;
	struct policy_rules
	    rules; /* enforce_percent is 100 less percent_off */
	unsigned percent_off, dice;
	bool listed, require; /* always_reject, require_dkim: a.example */
	const char *forwarder, *list; /* one entry each, or NULL */
	const char *list_id;
};

struct row {
	const char *name;
	struct scenario in;
	enum action action, would;
	const char *rule, *xcode, *text;
};

#define SAME(a) ACTION_##a, ACTION_##a
#define WOULD(a, w) ACTION_##a, ACTION_##w
#define RULES(...) .rules = {__VA_ARGS__}
#define REJECT_MODE RULES(.enforce = ENFORCE_REJECT)
#define FAIL(policy) .dmarc = AR_FAIL, .asked = (policy)

#define BY_POLICY "Email rejected per DMARC policy for a.example"
#define MARK_REJECT "dmarc fail p=reject dom=a.example"
#define LATER " cannot be checked now, please try again later"

/* clang-format off */
static const struct row rows[] = {
/* Who is never judged. */
{"outbound", {FAIL(REJ), .listed = true, REJECT_MODE, .facts = {.outbound = true}},
 SAME(ACCEPT), "outbound", NULL, ""},
{"outbound, several From fields", {.from = FROM_SEVERAL_FIELDS, .facts = {.outbound = true},
 RULES(.enforce = ENFORCE_REJECT, .on_multiple_from = ACTION_REJECT)},
 SAME(ACCEPT), "outbound", NULL, ""},
{"outbound, temperror", {.dmarc = AR_TEMPERROR, .facts = {.outbound = true},
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL)},
 SAME(ACCEPT), "outbound", NULL, ""},
{"trusted relay", {FAIL(REJ), .listed = true, REJECT_MODE, .facts = {.trusted_relay = true}},
 SAME(ACCEPT), "trusted_relay", NULL, ""},
{"trusted relay, several From fields", {.from = FROM_SEVERAL_FIELDS, .facts = {.trusted_relay = true},
 RULES(.enforce = ENFORCE_REJECT, .on_multiple_from = ACTION_REJECT)},
 SAME(ACCEPT), "trusted_relay", NULL, ""},

/* The From field. */
{"several From fields", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_FIELDS,
 RULES(.enforce = ENFORCE_REJECT, .on_multiple_from = ACTION_REJECT)},
 SAME(REJECT), "several_from", "5.7.1", "Message has several From fields"},
{"several From fields, enforce = quarantine", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_FIELDS,
 RULES(.enforce = ENFORCE_QUARANTINE, .on_multiple_from = ACTION_REJECT)},
 WOULD(QUARANTINE, REJECT), "several_from", NULL, "bad from: several From fields"},
{"several From fields, enforce = shadow", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_FIELDS,
 RULES(.enforce = ENFORCE_SHADOW, .on_multiple_from = ACTION_REJECT)},
 WOULD(ACCEPT, REJECT), "several_from", NULL, ""},
{"several From fields, enforce = none", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_FIELDS,
 RULES(.enforce = ENFORCE_NONE, .on_multiple_from = ACTION_REJECT)},
 WOULD(ACCEPT, REJECT), "several_from", NULL, ""},
{"several From fields, quarantined", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_FIELDS,
 RULES(.enforce = ENFORCE_REJECT, .on_multiple_from = ACTION_QUARANTINE)},
 SAME(QUARANTINE), "several_from", NULL, "bad from: several From fields"},
{"several From fields, accepted", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_FIELDS,
 RULES(.enforce = ENFORCE_REJECT, .on_bad_from = ACTION_REJECT)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"several From fields from a forwarder", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_FIELDS,
 .forwarder = "192.0.2.1 dkim=other.example", .dkim = AR_PASS,
 RULES(.enforce = ENFORCE_REJECT, .on_multiple_from = ACTION_REJECT)},
 SAME(REJECT), "several_from", "5.7.1", "Message has several From fields"},
{"no From field", {.dmarc = AR_PERMERROR, .from = FROM_MISSING,
 RULES(.enforce = ENFORCE_REJECT, .on_bad_from = ACTION_REJECT)},
 SAME(REJECT), "bad_from", "5.7.1", "Message has no author's address: no From field"},
{"a NUL in From, quarantined", {.dmarc = AR_PERMERROR, .from = FROM_NUL,
 RULES(.enforce = ENFORCE_REJECT, .on_bad_from = ACTION_QUARANTINE)},
 SAME(QUARANTINE), "bad_from", NULL, "bad from: NUL in the From field"},
{"several author domains, accepted", {.dmarc = AR_PERMERROR, .from = FROM_SEVERAL_DOMAINS,
 RULES(.enforce = ENFORCE_REJECT, .on_multiple_from = ACTION_REJECT)},
 SAME(ACCEPT), "no_failure", NULL, ""},

/* require_dkim */
{"no signature", {.dmarc = AR_PASS, .require = true, REJECT_MODE},
 SAME(REJECT), "dkim_missing", "5.7.20", "No passing DKIM signature found, required for a.example"},
{"a broken signature", {.dmarc = AR_NONE, .require = true, .dkim = AR_FAIL, .dkim_d = "a.example", REJECT_MODE},
 SAME(REJECT), "dkim_missing", "5.7.20", "No passing DKIM signature found, required for a.example"},
{"a signature policy refused", {FAIL(REJ), .require = true, .dkim = AR_POLICY, .dkim_d = "a.example", REJECT_MODE},
 SAME(REJECT), "dkim_unacceptable", "5.7.21", "No acceptable DKIM signature found, required for a.example"},
{"somebody else's signature", {.dmarc = AR_PASS, .require = true, .dkim = AR_PASS, REJECT_MODE},
 SAME(REJECT), "dkim_not_authors", "5.7.22",
 "No valid author-matched DKIM signature found, required for a.example"},
{"the author's signature", {.dmarc = AR_PASS, .require = true, .dkim = AR_PASS, .dkim_d = "a.example", REJECT_MODE},
 SAME(ACCEPT), "dmarc_pass", NULL, ""},
{"a signature of its organization", {.dmarc = AR_PASS, .require = true, .dkim = AR_PASS, .aligned_dkim = true, REJECT_MODE},
 SAME(ACCEPT), "dmarc_pass", NULL, ""},
{"a signature of the top level", {.dmarc = AR_PASS, .require = true, .dkim = AR_PASS, .dkim_d = "example", REJECT_MODE},
 SAME(REJECT), "dkim_not_authors", "5.7.22",
 "No valid author-matched DKIM signature found, required for a.example"},
{"required, of another author", {.dmarc = AR_PASS, .author = "b.example", .require = true, REJECT_MODE},
 SAME(ACCEPT), "dmarc_pass", NULL, ""},
{"required, no key for now", {.dmarc = AR_PASS, .require = true, .dkim = AR_TEMPERROR, .dkim_d = "a.example",
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL)},
 SAME(TEMPFAIL), "dkim_temperror", "4.7.20", "DKIM signature of a.example" LATER},
{"required, no key for now, accepted", {.dmarc = AR_PASS, .require = true, .dkim = AR_TEMPERROR, .dkim_d = "a.example",
 REJECT_MODE}, SAME(ACCEPT), "dmarc_pass", NULL, ""},
{"required, from a mailing list", {.dmarc = AR_NONE, .require = true, .dkim = AR_PASS, .list = "192.0.2.1 dkim=other.example",
 .list_id = "l", REJECT_MODE}, SAME(ACCEPT), "mailing_list", NULL, ""},

/* Who is let through. */
{"pass", {.dmarc = AR_PASS, .asked = REJ, .listed = true, REJECT_MODE},
 SAME(ACCEPT), "dmarc_pass", NULL, ""},
{"pass, and SPF fails", {.dmarc = AR_PASS, .spf = AR_FAIL, .helo = AR_FAIL,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 SAME(ACCEPT), "dmarc_pass", NULL, ""},
{"a forwarder", {FAIL(REJ), .listed = true, .spf = AR_FAIL, .dkim = AR_PASS, .forwarder = "192.0.2.1 dkim=other.example",
 RULES(.enforce = ENFORCE_REJECT_ALWAYS, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 SAME(ACCEPT), "trusted_forwarder", NULL, ""},
{"a forwarder's address alone", {FAIL(REJ), .dkim = AR_FAIL, .forwarder = "192.0.2.1 dkim=other.example",
 RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(REJECT), "reject_always", "5.7.1", BY_POLICY " (p=reject)"},
{"a forwarder's signature alone", {FAIL(REJ), .dkim = AR_PASS, .forwarder = "192.0.2.2 dkim=other.example",
 RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(REJECT), "reject_always", "5.7.1", BY_POLICY " (p=reject)"},
{"a forwarder of one list", {FAIL(REJ), .dkim = AR_PASS, .forwarder = "192.0.2.1 dkim=other.example list-id=dev.other.example",
 .list_id = "dev.other.example", RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(ACCEPT), "trusted_forwarder", NULL, ""},
{"a forwarder of one list, other mail", {FAIL(REJ), .dkim = AR_PASS, .forwarder = "192.0.2.1 dkim=other.example list-id=dev.other.example",
 RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(REJECT), "reject_always", "5.7.1", BY_POLICY " (p=reject)"},
{"a mailing list", {FAIL(REJ), .dkim = AR_PASS, .list = "192.0.2.0/24 dkim=other.example", .list_id = "dev.other.example",
 RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(ACCEPT), "mailing_list", NULL, ""},
{"a mailing list, this one", {FAIL(REJ), .dkim = AR_PASS, .list = "192.0.2.0/24 dkim=other.example list-id=DEV.other.example",
 .list_id = "dev.other.example", RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(ACCEPT), "mailing_list", NULL, ""},
{"a mailing list, another one", {FAIL(REJ), .dkim = AR_PASS, .list = "192.0.2.0/24 dkim=other.example list-id=ann.other.example",
 .list_id = "dev.other.example", RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(REJECT), "reject_always", "5.7.1", BY_POLICY " (p=reject)"},
{"a mailing list without List-Id", {FAIL(REJ), .dkim = AR_PASS, .list = "192.0.2.0/24 dkim=other.example",
 RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(REJECT), "reject_always", "5.7.1", BY_POLICY " (p=reject)"},
{"List-Id alone", {FAIL(REJ), .list = "192.0.2.2 dkim=other.example", .list_id = "dev.other.example",
 .facts = {.forward = FORWARD_LIST}, RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(REJECT), "reject_always", "5.7.1", BY_POLICY " (p=reject)"},

/* DNS trouble. */
{"a forwarder's key, no answer", {FAIL(REJ), .listed = true, .dkim = AR_TEMPERROR, .forwarder = "192.0.2.1 dkim=other.example",
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL)},
 SAME(TEMPFAIL), "exception_temperror", "4.7.1", "Identity of 192.0.2.1" LATER},
{"a forwarder's key, no answer, not put off", {FAIL(REJ), .listed = true, .dkim = AR_TEMPERROR,
 .forwarder = "192.0.2.1 dkim=other.example", REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"temperror, accepted", {.dmarc = AR_TEMPERROR, .listed = true, REJECT_MODE},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"temperror, put off", {.dmarc = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_QUARANTINE, .on_temperror = TEMPERROR_TEMPFAIL)},
 SAME(TEMPFAIL), "dmarc_temperror", "4.7.1", "DMARC policy for a.example" LATER},
{"temperror, enforce = none", {.dmarc = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_NONE, .on_temperror = TEMPERROR_TEMPFAIL)},
 WOULD(ACCEPT, TEMPFAIL), "dmarc_temperror", NULL, ""},
{"temperror, enforce = shadow", {.dmarc = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_SHADOW, .on_temperror = TEMPERROR_TEMPFAIL)},
 WOULD(ACCEPT, TEMPFAIL), "dmarc_temperror", NULL, ""},
{"SPF temperror, put off", {.dmarc = AR_NONE, .spf = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 SAME(TEMPFAIL), "spf_temperror", "4.7.24", "SPF for mfrom.example" LATER},
{"SPF temperror, nobody asked", {.dmarc = AR_NONE, .spf = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"SPF temperror of MAIL FROM, HELO asked", {.dmarc = AR_NONE, .spf = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL, .spf_reject = SPF_REJECT_HELO_FAIL)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"iprev temperror, put off", {.dmarc = AR_NONE, .iprev = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL, .iprev_reject = IPREV_REJECT_FAIL)},
 SAME(TEMPFAIL), "iprev_temperror", "4.7.25", "Reverse DNS of 192.0.2.1" LATER},

/* The operator's own rules. */
{"iprev temperror, no rule of ours looks at it", {.dmarc = AR_NONE, .iprev = AR_TEMPERROR,
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"iprev passes", {.dmarc = AR_NONE, .iprev = AR_PASS,
 RULES(.enforce = ENFORCE_REJECT, .on_temperror = TEMPERROR_TEMPFAIL, .iprev_reject = IPREV_REJECT_FAIL)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"iprev fails for what may be a forwarder", {.dmarc = AR_NONE, .iprev = AR_FAIL, .dkim = AR_TEMPERROR,
 .forwarder = "192.0.2.1 dkim=other.example", RULES(.enforce = ENFORCE_REJECT, .iprev_reject = IPREV_REJECT_FAIL)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"own domain, p=none", {FAIL(NONE), .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(REJECT), "own_domain", "5.7.1", "Unauthenticated email claims to be from a.example, a domain of this site"},
{"own domain, no record", {.dmarc = AR_NONE, .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true, .reply_code_dmarc = POLICY_CODE_26)},
 SAME(REJECT), "own_domain", "5.7.26", "Unauthenticated email claims to be from a.example, a domain of this site"},
{"own domain, capped", {.dmarc = AR_NONE, .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_QUARANTINE, .protect_own_domains = true)},
 WOULD(QUARANTINE, REJECT), "own_domain", NULL, "own domain dom=a.example"},
{"own domain, no record, signed", {.dmarc = AR_NONE, .dkim = AR_PASS, .dkim_d = "mail.a.example", .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"own domain, no record, SPF passes", {.dmarc = AR_NONE, .author = "mfrom.example", .spf = AR_PASS, .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"own domain, no record, SPF passes for somebody", {.dmarc = AR_NONE, .spf = AR_PASS, .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(REJECT), "own_domain", "5.7.1", "Unauthenticated email claims to be from a.example, a domain of this site"},
{"own domain, no record, SPF fails", {.dmarc = AR_NONE, .author = "mfrom.example", .spf = AR_FAIL, .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(REJECT), "own_domain", "5.7.1", "Unauthenticated email claims to be from mfrom.example, a domain of this site"},
{"own domain, no record, no SPF for now", {.dmarc = AR_NONE, .author = "mfrom.example", .spf = AR_TEMPERROR, .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"own domain, no record, no key for now", {.dmarc = AR_NONE, .dkim = AR_TEMPERROR, .dkim_d = "a.example", .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"own domain, DMARC temperror", {.dmarc = AR_TEMPERROR, .facts = {.own_domain = true},
 RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"own domain, not protected", {FAIL(NONE), .facts = {.own_domain = true}, REJECT_MODE},
 SAME(ACCEPT), "policy_none", NULL, ""},
{"own domain, a mailing list", {FAIL(REJ), .facts = {.own_domain = true}, .dkim = AR_PASS,
 .list = "192.0.2.1 dkim=other.example", .list_id = "x", RULES(.enforce = ENFORCE_REJECT, .protect_own_domains = true)},
 SAME(ACCEPT), "mailing_list", NULL, ""},
{"SPF fail of HELO", {.dmarc = AR_NONE, .helo = AR_FAIL,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_HELO_FAIL)},
 SAME(REJECT), "spf_helo_fail", "5.7.23", "SPF validation failed for HELO name helo.example"},
{"SPF fail of the null sender", {.dmarc = AR_NONE, .null_sender = true, .spf = AR_FAIL,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_HELO_FAIL)},
 SAME(REJECT), "spf_helo_fail", "5.7.23", "SPF validation failed for HELO name mfrom.example"},
{"SPF fail of MAIL FROM, HELO asked", {.dmarc = AR_NONE, .spf = AR_FAIL, .helo = AR_PASS,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_HELO_FAIL)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"SPF fail of MAIL FROM", {.dmarc = AR_NONE, .spf = AR_FAIL,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 SAME(REJECT), "spf_fail", "5.7.23", "SPF validation failed for MAIL FROM domain mfrom.example"},
{"SPF fail of both", {.dmarc = AR_NONE, .spf = AR_FAIL, .helo = AR_FAIL,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 SAME(REJECT), "spf_helo_fail", "5.7.23", "SPF validation failed for HELO name helo.example"},
{"SPF fail, nobody asked", {.dmarc = AR_NONE, .spf = AR_FAIL, .helo = AR_FAIL, REJECT_MODE},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"SPF fail, enforce = quarantine", {.dmarc = AR_NONE, .spf = AR_FAIL,
 RULES(.enforce = ENFORCE_QUARANTINE, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 WOULD(QUARANTINE, REJECT), "spf_fail", NULL, "spf fail mfrom=mfrom.example"},
{"SPF fail, enforce = none", {.dmarc = AR_NONE, .spf = AR_FAIL,
 RULES(.enforce = ENFORCE_NONE, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 WOULD(ACCEPT, REJECT), "spf_fail", NULL, ""},
{"SPF softfail", {.dmarc = AR_NONE, .spf = AR_SOFTFAIL, .helo = AR_SOFTFAIL,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_MAILFROM_FAIL, .spf_reject_permerror = true)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"SPF permerror", {.dmarc = AR_NONE, .spf = AR_PERMERROR,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_MAILFROM_FAIL, .spf_reject_permerror = true)},
 SAME(REJECT), "spf_permerror", "5.7.24", "SPF validation error in the record of mfrom.example"},
{"SPF permerror, quarantined", {.dmarc = AR_NONE, .helo = AR_PERMERROR,
 RULES(.enforce = ENFORCE_QUARANTINE, .spf_reject = SPF_REJECT_HELO_FAIL, .spf_reject_permerror = true)},
 WOULD(QUARANTINE, REJECT), "spf_permerror", NULL, "spf permerror spf=helo.example"},
{"SPF permerror, accepted", {.dmarc = AR_NONE, .spf = AR_PERMERROR,
 RULES(.enforce = ENFORCE_REJECT, .spf_reject = SPF_REJECT_MAILFROM_FAIL)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"no reverse name", {.dmarc = AR_NONE, .iprev = AR_FAIL, .no_ptr = true,
 RULES(.enforce = ENFORCE_REJECT, .iprev_reject = IPREV_REJECT_NO_PTR)},
 SAME(REJECT), "iprev_fail", "5.7.25", "Reverse DNS validation failed for 192.0.2.1"},
{"a reverse name that does not lead back", {.dmarc = AR_NONE, .iprev = AR_FAIL,
 RULES(.enforce = ENFORCE_REJECT, .iprev_reject = IPREV_REJECT_NO_PTR)},
 SAME(ACCEPT), "no_failure", NULL, ""},
{"the same, not accepted", {.dmarc = AR_NONE, .iprev = AR_FAIL,
 RULES(.enforce = ENFORCE_QUARANTINE, .iprev_reject = IPREV_REJECT_FAIL)},
 WOULD(QUARANTINE, REJECT), "iprev_fail", NULL, "iprev fail client=192.0.2.1"},

/* DMARC. */
{"no record", {.dmarc = AR_NONE, .listed = true, REJECT_MODE}, SAME(ACCEPT), "no_failure", NULL, ""},
{"permerror", {.dmarc = AR_PERMERROR, REJECT_MODE}, SAME(ACCEPT), "no_failure", NULL, ""},
{"p=none (RFC 9989 section 5.4)", {FAIL(NONE), .listed = true, RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(ACCEPT), "policy_none", NULL, ""},
{"enforce = none", {FAIL(REJ), .listed = true, RULES(.enforce = ENFORCE_NONE)}, SAME(ACCEPT), "enforce_none", NULL, ""},
{"p=reject, enforce = reject-always", {FAIL(REJ), RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(REJECT), "reject_always", "5.7.1", BY_POLICY " (p=reject)"},
{"p=quarantine, enforce = reject-always", {FAIL(QUAR), RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(QUARANTINE), "dmarc_fail", NULL, "dmarc fail p=quarantine dom=a.example"},
{"p=reject and on the list", {FAIL(REJ), .listed = true, REJECT_MODE},
 SAME(REJECT), "always_reject", "5.7.1", BY_POLICY " (always enforced here)"},
{"the same, 5.7.26", {FAIL(REJ), .listed = true, RULES(.enforce = ENFORCE_REJECT, .reply_code_dmarc = POLICY_CODE_26)},
 SAME(REJECT), "always_reject", "5.7.26", BY_POLICY " (always enforced here)"},
{"the same, with a URL", {FAIL(REJ), .listed = true, RULES(.enforce = ENFORCE_REJECT, .reply_url = "https://x.example/why")},
 SAME(REJECT), "always_reject", "5.7.1", BY_POLICY " (always enforced here), see https://x.example/why"},
{"p=quarantine and on the list", {FAIL(QUAR), .listed = true, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, "dmarc fail p=quarantine dom=a.example"},
{"on the list, enforce = quarantine", {FAIL(REJ), .listed = true, RULES(.enforce = ENFORCE_QUARANTINE)},
 WOULD(QUARANTINE, REJECT), "always_reject", NULL, MARK_REJECT},
{"on the list, enforce = shadow", {FAIL(REJ), .listed = true, RULES(.enforce = ENFORCE_SHADOW)},
 WOULD(ACCEPT, REJECT), "always_reject", NULL, ""},
{"an author that does not exist", {FAIL(REJ), .exists = DMARC_EXISTS_NOT, REJECT_MODE},
 SAME(REJECT), "no_such_author", "5.7.1", BY_POLICY " (no such domain)"},
{"the same, forwarded", {FAIL(REJ), .exists = DMARC_EXISTS_NOT, .facts = {.forward = FORWARD_LIST}, REJECT_MODE},
 SAME(REJECT), "no_such_author", "5.7.1", BY_POLICY " (no such domain)"},
{"an author of whom nobody knows", {FAIL(REJ), .exists = DMARC_EXISTENCE_UNKNOWN, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail, nothing signed", {FAIL(REJ), .spf = AR_FAIL, REJECT_MODE},
 SAME(REJECT), "spf_fail_no_dkim", "5.7.1", BY_POLICY " (SPF fail, no valid DKIM signature)"},
{"SPF fail, a signature that fails", {FAIL(REJ), .spf = AR_FAIL, .dkim = AR_FAIL, REJECT_MODE},
 SAME(REJECT), "spf_fail_no_dkim", "5.7.1", BY_POLICY " (SPF fail, no valid DKIM signature)"},
{"SPF fail, somebody's signature", {FAIL(REJ), .spf = AR_FAIL, .dkim = AR_PASS, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail, a signature set aside", {FAIL(REJ), .spf = AR_FAIL, .dkim = AR_POLICY, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail, a signature not verified for now", {FAIL(REJ), .spf = AR_FAIL, .dkim = AR_TEMPERROR, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail, more signatures than are looked at", {FAIL(REJ), .spf = AR_FAIL, .dkim = AR_NEUTRAL, .dkim_over = true, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail, List-Id", {FAIL(REJ), .spf = AR_FAIL, .facts = {.forward = FORWARD_LIST}, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail, SRS", {FAIL(REJ), .spf = AR_FAIL, .facts = {.forward = FORWARD_SRS}, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail of HELO alone", {FAIL(REJ), .helo = AR_FAIL, .spf = AR_NEUTRAL, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF softfail, nothing signed", {FAIL(REJ), .spf = AR_SOFTFAIL, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"SPF fail, p=quarantine", {FAIL(QUAR), .spf = AR_FAIL, REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, "dmarc fail p=quarantine dom=a.example"},
{"p=reject alone is no ground (RFC 9989 section 7.4)", {FAIL(REJ), REJECT_MODE},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"p=quarantine, enforce = quarantine", {FAIL(QUAR), RULES(.enforce = ENFORCE_QUARANTINE)},
 SAME(QUARANTINE), "dmarc_fail", NULL, "dmarc fail p=quarantine dom=a.example"},
{"p=quarantine, enforce = shadow", {FAIL(QUAR), RULES(.enforce = ENFORCE_SHADOW)},
 WOULD(ACCEPT, QUARANTINE), "dmarc_fail", NULL, ""},

/* Observing, sampling. */
{"observe", {FAIL(REJ), .listed = true, RULES(.enforce = ENFORCE_REJECT, .observe = true)},
 WOULD(ACCEPT, REJECT), "always_reject", NULL, ""},
{"observe, temperror", {.dmarc = AR_TEMPERROR, RULES(.enforce = ENFORCE_REJECT, .observe = true, .on_temperror = TEMPERROR_TEMPFAIL)},
 WOULD(ACCEPT, TEMPFAIL), "dmarc_temperror", NULL, ""},
{"10 percent, in the sample", {FAIL(REJ), .listed = true, .percent_off = 90, .dice = 9, REJECT_MODE},
 SAME(REJECT), "always_reject", "5.7.1", BY_POLICY " (always enforced here)"},
{"10 percent, not in the sample", {FAIL(REJ), .listed = true, .percent_off = 90, .dice = 10, REJECT_MODE},
 WOULD(QUARANTINE, REJECT), "always_reject", NULL, MARK_REJECT},
{"0 percent", {FAIL(REJ), .listed = true, .percent_off = 100, .dice = 0, REJECT_MODE},
 WOULD(QUARANTINE, REJECT), "always_reject", NULL, MARK_REJECT},
{"not in the sample of quarantine", {FAIL(REJ), .percent_off = 90, .dice = 99, RULES(.enforce = ENFORCE_QUARANTINE)},
 WOULD(ACCEPT, QUARANTINE), "dmarc_fail", NULL, ""},
{"not in the sample of reject-always", {FAIL(REJ), .percent_off = 90, .dice = 99, RULES(.enforce = ENFORCE_REJECT_ALWAYS)},
 SAME(QUARANTINE), "dmarc_fail", NULL, MARK_REJECT},
{"not in the sample of shadow", {FAIL(REJ), .listed = true, .percent_off = 90, .dice = 99, RULES(.enforce = ENFORCE_SHADOW)},
 WOULD(ACCEPT, REJECT), "always_reject", NULL, ""},
{"not in the sample of none", {FAIL(REJ), .percent_off = 90, .dice = 99, RULES(.enforce = ENFORCE_NONE)},
 SAME(ACCEPT), "enforce_none", NULL, ""},
};
/* clang-format on */

/* --- the stage ------------------------------------------------------------- */

struct stage {
	struct verdict v;
	struct policy_facts facts;
	struct policy_rules rules;
	struct domain author;
	struct dkim_result dkim;
	struct exception forwarder, list;
};

static void
domain(const char *text, struct domain *out)
{
	assert_true(domain_parse(slice_z(text), out));
}

static void
set_verdict(struct stage *st, const struct scenario *in)
{
	struct verdict *v = &st->v;

	v->from.status = in->from;
	if (in->from == FROM_OK)
		domain(in->author ? in->author : "a.example", &v->from.domain);
	v->dmarc.author = v->from.domain;
	v->dmarc.word = in->dmarc;
	v->dmarc.effective = v->dmarc.policy = in->asked;
	v->dmarc.author_exists = in->exists;
	v->dmarc.aligned_dkim = in->aligned_dkim;
	v->mailfrom.null = in->null_sender;
	v->mfrom.word = in->spf;
	domain("mfrom.example", &v->mfrom.domain);
	v->helo.word = in->helo;
	domain("helo.example", &v->helo.domain);
	v->iprev.word = in->iprev;
	v->iprev.reason = in->no_ptr ? IPREV_NO_PTR : IPREV_NO_MATCH;
	if (in->dkim == AR_NOT_RUN)
		return;
	st->dkim.word = in->dkim;
	if (in->dkim_over)
		st->dkim.reason = DKIM_REASON_LIMIT_SIGS;
	domain(in->dkim_d ? in->dkim_d : "other.example", &st->dkim.domain);
	v->dkim = &st->dkim;
	v->ndkim = 1;
}

static void
set_rules(struct stage *st, const struct scenario *in)
{
	st->facts = in->facts;
	assert_int_equal(
	    ip_parse(SLICE_LIT("192.0.2.1"), &st->facts.client), 0);
	if (in->list_id)
		st->facts.list_id = slice_z(in->list_id);
	st->rules = in->rules;
	st->rules.enforce_percent = 100 - in->percent_off;
	domain("a.example", &st->author);
	if (in->listed)
		st->rules.always_reject = (struct domain_list){&st->author, 1};
	if (in->require)
		st->rules.require_dkim = (struct domain_list){&st->author, 1};
	if (in->forwarder) {
		assert_null(exception_parse(in->forwarder, &st->forwarder));
		st->rules.trusted_forwarders =
		    (struct exception_list){&st->forwarder, 1};
	}
	if (in->list) {
		assert_null(exception_parse(in->list, &st->list));
		st->rules.mailing_lists =
		    (struct exception_list){&st->list, 1};
	}
}

static struct disposition
decide(const struct scenario *in, struct stage *st)
{
	memset(st, 0, sizeof(*st));
	set_verdict(st, in);
	set_rules(st, in);
	return policy_decide(&st->v, &st->facts, &st->rules, in->dice);
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct stage st;
	struct disposition d = decide(&r->in, &st);

	assert_string_equal(d.rule, r->rule);
	assert_int_equal(d.action, r->action);
	assert_int_equal(d.would, r->would);
	assert_string_equal(d.text, r->text);
	assert_string_equal(d.more, "");
	if (!r->xcode) {
		assert_null(d.code);
		return;
	}
	assert_string_equal(d.xcode, r->xcode);
	assert_string_equal(
	    d.code, d.action == ACTION_TEMPFAIL ? "451" : "550");
}

/* Each rule of the table decides in some row here. */
static void
test_every_rule(void **state)
{
	const char *rule;

	(void)state;
	for (size_t i = 0; (rule = policy_rule_name(i)); i++) {
		size_t k = 0;

		while (k < ARRAY_LEN(rows) && strcmp(rows[k].rule, rule))
			k++;
		if (k == ARRAY_LEN(rows))
			fail_msg("no row in which %s decides", rule);
	}
}

/* --- what an exception leaves behind --------------------------------------- */

static void
test_overrides(void **state)
{
	static const struct {
		struct scenario in;
		const char *word, *text;
	} cases[] = {
	    {{FAIL(REJ), .facts = {.trusted_relay = true}, REJECT_MODE},
		"local_policy", ""},
	    {{.dmarc = AR_PASS, .facts = {.trusted_relay = true}}, NULL, ""},
	    {{FAIL(REJ), .dkim = AR_PASS,
		 .forwarder = "192.0.2.1 dkim=other.example"},
		"trusted_forwarder", "192.0.2.1 dkim=other.example"},
	    {{.dmarc = AR_PASS,
		 .dkim = AR_PASS,
		 .forwarder = "192.0.2.1 dkim=other.example"},
		NULL, ""},
	    {{FAIL(REJ), .dkim = AR_PASS, .list_id = "x",
		 .list = "192.0.2.1 dkim=other.example"},
		"mailing_list", "192.0.2.1 dkim=other.example"},
	    {{.from = FROM_SEVERAL_FIELDS,
		 .dkim = AR_PASS,
		 .forwarder = "192.0.2.1 dkim=other.example",
		 RULES(.on_multiple_from = ACTION_REJECT)},
		NULL, ""},
	    {{FAIL(REJ), REJECT_MODE}, NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage st;
		struct disposition d = decide(&cases[i].in, &st);
		const char *word =
		    names_word(policy_override_words, (int)d.override);

		assert_string_equal(d.exception, cases[i].text);
		if (cases[i].word)
			assert_string_equal(word, cases[i].word);
		else
			assert_null(word);
	}
}

/* shadow decides what reject decides, and does nothing of it. */
static void
test_shadow_is_reject(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scenario in = rows[i].in;
		struct disposition shadow, reject;
		struct stage st;

		in.percent_off = 0;
		in.rules.observe = false;
		in.rules.enforce = ENFORCE_SHADOW;
		shadow = decide(&in, &st);
		in.rules.enforce = ENFORCE_REJECT;
		reject = decide(&in, &st);
		assert_int_equal(shadow.action, ACTION_ACCEPT);
		assert_int_equal(shadow.would, reject.action);
		assert_string_equal(shadow.rule, reject.rule);
		assert_int_equal(shadow.override, reject.override);
	}
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_every_rule);
	UNIT_TEST(test_overrides);
	UNIT_TEST(test_shadow_is_reject);
	return unit_end();
}
