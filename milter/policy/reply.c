/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wording: SMTP replies (RFC 7372, RFC 9989 section 7.2, RFC 7208 sections
 * 6.2 and 8.4) and the text of a quarantine. Both are read by programs, so
 * they are stable. Names in them are comparable forms (letters, digits,
 * hyphens, underscores, dots); what a domain's owner explains is told to be
 * that, and is printable ASCII.
 */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "policy/rule.h"

/* Without the name: how much a reply line may have (RFC 5321: 512 in all). */
#define REPLY_MAX 498

static const char *
name_of(enum subject subject, const struct deciding *d, enum action action,
    char ip[IP_TEXT_MAX])
{
	const struct spf_result *spf;
	const char *word;

	switch (subject) {
	case SUBJECT_NONE: return "";
	case SUBJECT_POLICY:
	case SUBJECT_AUTHOR: return d->v->dmarc.author.text;
	case SUBJECT_FROM:
		word = names_word(from_status_words, (int)d->v->from.status);
		return word ? word : "";
	case SUBJECT_MAILFROM: return spf_of_mailfrom(d->v)->domain.text;
	case SUBJECT_HELO: return spf_of_helo(d->v)->domain.text;
	case SUBJECT_SPF:
		spf = spf_at_fault(d,
		    action == ACTION_TEMPFAIL ? AR_TEMPERROR : AR_PERMERROR);
		return spf ? spf->domain.text : "";
	case SUBJECT_CLIENT: return ip_format(&d->facts->client, ip);
	}
	return "";
}

/* What stands between the mark of a quarantine and the name. */
static const char *
key_of(enum subject subject)
{
	switch (subject) {
	case SUBJECT_NONE: return "";
	case SUBJECT_POLICY:
	case SUBJECT_AUTHOR: return " dom=";
	case SUBJECT_FROM: return ": ";
	case SUBJECT_MAILFROM: return " mfrom=";
	case SUBJECT_HELO: return " helo=";
	case SUBJECT_SPF: return " spf=";
	case SUBJECT_CLIENT: return " client=";
	}
	return "";
}

static void
write_quarantine(const struct rule *r, const struct deciding *d,
    const char *name, struct disposition *out)
{
	const char *p = "";

	if (r->subject == SUBJECT_POLICY)
		p = names_word(dmarc_policy_words, (int)d->v->dmarc.effective);
	(void)snprintf(out->text, sizeof(out->text), "%s%s%s%s%s", r->mark,
	    p[0] ? " p=" : "", p, key_of(r->subject), name);
}

/* RFC 7208 section 6.2: in a reply it must be told whose words these are. */
static void
write_explanation(
    const struct rule *r, const struct deciding *d, struct disposition *out)
{
	const struct spf_result *spf = r->subject == SUBJECT_HELO
	    ? spf_of_helo(d->v)
	    : spf_of_mailfrom(d->v);
	struct slice s = slice_upto(spf->explanation, sizeof(out->more) - 1);
	size_t n;

	if (!d->rules->spf_explanation || s.len == 0)
		return;
	(void)snprintf(out->more, REPLY_MAX,
	    "The domain %s explains: ", spf->domain.text);
	n = strlen(out->more);
	for (size_t i = 0; i < s.len && n + 1 < REPLY_MAX; i++)
		out->more[n++] = is_print(s.ptr[i]) ? s.ptr[i] : '?';
	out->more[n] = '\0';
}

static void
write_reply(const struct rule *r, const struct deciding *d, const char *name,
    struct disposition *out)
{
	const char *url = d->rules->reply_url ? d->rules->reply_url : "";

	out->code = out->action == ACTION_TEMPFAIL ? "451" : "550";
	out->xcode = r->xcode
	    ? r->xcode
	    : names_word(policy_code_words, (int)d->rules->reply_code_dmarc);
	(void)snprintf(out->text, REPLY_MAX, "%s%s%s%s%s", r->before, name,
	    r->after, url[0] ? ", see " : "", url);
	if (out->action == ACTION_REJECT &&
	    (r->subject == SUBJECT_HELO || r->subject == SUBJECT_MAILFROM))
		write_explanation(r, d, out);
}

void
reply_write(
    const struct rule *r, const struct deciding *d, struct disposition *out)
{
	char ip[IP_TEXT_MAX];
	const char *name = name_of(r->subject, d, out->would, ip);

	switch (out->action) {
	case ACTION_ACCEPT: break;
	case ACTION_QUARANTINE: write_quarantine(r, d, name, out); break;
	case ACTION_REJECT:
	case ACTION_TEMPFAIL: write_reply(r, d, name, out); break;
	}
}
