/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of assay why. See why.h for the forms. */
#include <string.h>

#include "tools/out.h"
#include "tools/why.h"

/* clang-format off */
const struct why_line why_iprev[] = {
{"pass", "The client's address has a name that leads back to it."},
{"fail", "No name of the client's address leads back to it."},
{"none", "The client's address has no name in DNS."},
{"temperror", "DNS did not say in time what the client's address is called."},
{"permerror", "The client's address has no usable name in DNS."},
{NULL, NULL},
};

const struct why_line why_spf[] = {
{"pass", "SPF passes: {spf_d} lets this client send for it[ ({spf_term})]."},
{"fail", "SPF fails: {spf_d} says that this client may not send for it"
 "[ ({spf_term})]."},
{"softfail", "SPF gives softfail: {spf_d} believes that this client does not "
 "send for it[ ({spf_term})]."},
{"neutral", "SPF is neutral: {spf_d} says neither yes nor no of this client"
 "[ ({spf_term})]."},
{"none", "SPF has nothing to go by[ at {spf_d}][: {spf_why}]."},
{"temperror", "SPF has no result, for want of an answer from DNS"
 "[: {spf_why}]."},
{"permerror", "SPF has no result: the record[ of {spf_d}] can't be evaluated"
 "[: {spf_why}]."},
{NULL, NULL},
};

const struct why_line why_dkim[] = {
{"pass", "DKIM passes: a signature of {dkim_d}[ (selector {dkim_s})] holds"
 "[, though: {dkim_why}]."},
{"none", "It bears no DKIM signature."},
{"fail", "DKIM fails: the signature of {dkim_d}[ (selector {dkim_s})] does not "
 "hold[: {dkim_why}]."},
{"policy", "The DKIM signature of {dkim_d}[ (selector {dkim_s})] is not "
 "accepted here[: {dkim_why}]."},
{"neutral", "The DKIM signature[ of {dkim_d}] can't be read[: {dkim_why}]."},
{"temperror", "The DKIM key of {dkim_d}[ (selector {dkim_s})] could not be "
 "had in time[: {dkim_why}]."},
{"permerror", "The DKIM signature[ of {dkim_d}][ (selector {dkim_s})] can't be "
 "verified[: {dkim_why}]."},
{NULL, NULL},
};

const struct why_line why_dmarc[] = {
{"pass", "DMARC passes: {from} stands behind it[, by {aligned}]."},
{"fail", "DMARC fails: neither SPF nor DKIM passes for the domain of the From "
 "field[, {from}][; its policy is {policy}][ (record at {policy_d})]."},
{"none", "[{from} ]publishes no DMARC policy[: {dmarc_why}]."},
{"temperror", "DMARC has no result, for want of an answer from DNS"
 "[: {dmarc_why}][ ({dmarc_at})]."},
{"permerror", "DMARC has no result[: {dmarc_why}][ ({dmarc_at})]"
 "[: {from_why}]."},
{NULL, NULL},
};

const struct why_line why_rules[] = {
{"outbound", "mail of our own users is never judged"},
{"trusted_relay", "it came from a gateway of ours (trusted_relays)"},
{"several_from", "it has several From fields (on_multiple_from)"},
{"bad_from", "its From field names no single author (on_bad_from)"},
{"dkim_temperror", "the author's domain must sign (require_dkim), and DNS did "
 "not answer"},
{"dkim_not_authors", "the author's domain must sign (require_dkim), and only "
 "another's signature holds"},
{"dkim_unacceptable", "the author's domain must sign (require_dkim), and its "
 "signature is not accepted"},
{"dkim_missing", "the author's domain must sign (require_dkim), and no "
 "signature holds"},
{"dmarc_pass", "DMARC passes"},
{"trusted_forwarder", "it came through a forwarder we trust"},
{"mailing_list", "it came through a mailing list we know"},
{"exception_temperror", "DNS did not say in time whether a known forwarder or "
 "list brought it (on_temperror)"},
{"dmarc_temperror", "DNS did not give the DMARC policy in time (on_temperror)"},
{"spf_temperror", "DNS did not give the SPF result in time (on_temperror)"},
{"iprev_temperror", "DNS did not give the client's name in time "
 "(on_temperror)"},
{"own_domain", "it claims a domain of ours, and nothing authenticates it "
 "(protect_own_domains)"},
{"spf_helo_fail", "SPF fails for the HELO name (spf_reject)"},
{"spf_fail", "SPF fails for the envelope sender (spf_reject)"},
{"spf_permerror", "the SPF record can't be evaluated (spf_reject_permerror)"},
{"iprev_fail", "the client's reverse DNS is not in order (iprev_reject)"},
{"no_failure", "DMARC did not fail"},
{"policy_none", "DMARC fails, and the author's domain asks for nothing"},
{"enforce_none", "DMARC fails, and enforce = none"},
{"reject_always", "DMARC fails under p=reject (enforce = reject-always)"},
{"always_reject", "DMARC fails under p=reject of a domain in always_reject"},
{"no_such_author", "DMARC fails under p=reject, and the author's domain does "
 "not exist"},
{"spf_fail_no_dkim", "DMARC fails under p=reject, SPF says fail, no signature "
 "holds, and nothing looks forwarded"},
{"dmarc_fail", "DMARC fails, with no second ground for a rejection"},
{"too_many_forged", "it has more forged header fields than can be removed"},
{NULL, NULL},
};

const struct why_line why_actions[] = {
{"accept", "It was accepted"},
{"quarantine", "It was quarantined"},
{"reject", "It was rejected"},
{"tempfail", "It was put off (the client tries again)"},
{NULL, NULL},
};

#define FAILS {ENTRY_DMARC, "fail"}
const struct why_help why_help[] = {
{{FAILS, {ENTRY_DKIM, "pass"}},
 "The signature of {dkim_d} is not one of {from}: the sender should sign with "
 "d={from}, or a domain of the same organization."},
{{FAILS, {ENTRY_DKIM, "none"}},
 "The sender should sign with DKIM for {from}: that also survives forwarding."},
{{FAILS, {ENTRY_DKIM, "fail"}},
 "Something changed the message after {dkim_d} signed it, or its key in DNS is "
 "another one: assay verify --explain with the message tells."},
{{FAILS, {ENTRY_DKIM, "permerror"}},
 "{dkim_d} should mend its DKIM key or signature: assay check {dkim_d} looks "
 "at what is published."},
{{FAILS, {ENTRY_SPF, "pass"}},
 "SPF passes for {spf_d}, which does not count for {from}: an envelope sender "
 "at {from} would."},
{{FAILS, {ENTRY_SPF, "fail"}},
 "If {client} may send for {spf_d}, the SPF record there must say so."},
{{FAILS, {ENTRY_SPF, "softfail"}},
 "If {client} may send for {spf_d}, the SPF record there must say so."},
{{FAILS, {ENTRY_FORWARD, "!"}},
 "It looks passed on ({forward}): a forwarder or list that is known can be "
 "named in trusted_forwarders or mailing_lists."},
{{{ENTRY_SPF, "temperror"}}, "DNS: assay check {spf_d} shows whether it still "
 "fails."},
{{{ENTRY_DMARC, "temperror"}}, "DNS: assay check {from} shows whether it still "
 "fails."},
{{{ENTRY_SPF, "permerror"}}, "The owner of {spf_d} should mend the SPF record: "
 "assay spf tree {spf_d} shows what is wrong."},
{{{ENTRY_RULE, "iprev_fail"}}, "{client} needs a name in DNS that leads back "
 "to it."},
{{{ENTRY_RULE, "own_domain"}}, "If this is mail of ours, it should be sent "
 "authenticated through this server, or be signed for {from}."},
{{{ENTRY_DIRECTION, "outbound"}, {ENTRY_SIGNED, "no"}},
 "assay keys list shows the keys; assay keys check {from} whether DNS does."},
{{{0, NULL}}, NULL},
};
/* clang-format on */

const char *
why_form(const struct why_line *lines, struct slice value)
{
	for (const struct why_line *l = lines; l->form; l++)
		if (!l->value || slice_eqz(value, l->value))
			return l->form;
	return NULL;
}

/* {key} at the front: false when it has no value. */
static bool
write_value(struct buf *b, struct slice key, const struct entry *e)
{
	for (size_t i = 0; i < ENTRY_KEYS; i++)
		if (slice_eqz(key, entry_key_words[i].word)) {
			out_escape(b, e->value[i]);
			return e->value[i].len > 0;
		}
	return false;
}

/* Up to the end or an octet of ends; false when a value is missing. */
static bool
write_part(struct buf *b, struct slice part, const struct entry *e)
{
	bool all = true;

	while (part.len) {
		size_t n = slice_find(part, '{'), end;

		buf_add(b, slice_upto(part, n));
		part = slice_from(part, n + 1);
		end = slice_find(part, '}');
		if (n < part.len + n + 1 && end < part.len)
			all &= write_value(b, slice_upto(part, end), e);
		part = slice_from(part, end + 1);
	}
	return all;
}

void
why_write(struct buf *b, const char *form, const struct entry *e)
{
	struct slice rest = slice_z(form);
	bool more = true;

	while (more) {
		size_t before;
		struct slice part = slice_cut(&rest, '[', &more);

		(void)write_part(b, part, e);
		if (!more)
			return;
		before = b->len;
		part = slice_cut(&rest, ']', &more);
		if (!write_part(b, part, e))
			buf_cut(b, before);
		more = true;
	}
}
