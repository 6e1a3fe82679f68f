/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of methods. RFC 8601 section 2.7 and its registry: which
 * properties each method has; RFC 9989 section 9.1 for policy.dmarc.
 */
#include "engine/methods.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "engine/checks.h"
#include "engine/message.h"
#include "mail/limits.h"

#define HEADER_B_OCTETS 8 /* RFC 6008 section 4 */
/* A comment, a domain and their words. */
#define AUTHRES_DMARC_OCTETS (LIMIT_AUTHRES_VALUE + LIMIT_DOMAIN + 200)

/* --- auth --------------------------------------------------------------------- */

static int
judge_nothing(struct message *m, struct err *err)
{
	(void)m;
	(void)err;
	return 0; /* known since MAIL FROM */
}

static void
stamp_auth(const struct message *m, struct authres *ar)
{
	struct slice user = m->verdict.auth.user;
	size_t at = slice_rfind(user, '@');
	struct domain d;

	authres_method(ar, "auth", m->verdict.auth.word);
	if (domain_parse(slice_from(user, at + 1), &d))
		authres_prop_address(ar, "smtp", "auth", slice_upto(user, at),
		    domain_slice(&d));
	else
		authres_prop(ar, "smtp", "auth", user);
}

/* --- iprev -------------------------------------------------------------------- */

static int
judge_iprev(struct message *m, struct err *err)
{
	const struct session *s = m->session;

	(void)err;
	if (s->iprev)
		m->verdict.iprev =
		    check_iprev_finish(s->iprev, &s->ip, m->deadline_ms);
	return 0;
}

static void
stamp_iprev(const struct message *m, struct authres *ar)
{
	const struct iprev_result *r = &m->verdict.iprev;
	const char *why = names_word(iprev_reason_words, (int)r->reason);
	char ip[IP_TEXT_MAX];

	authres_method(ar, "iprev", r->word);
	authres_comment(
	    ar, r->word == AR_PASS ? domain_slice(&r->name) : slice_z(why));
	authres_prop(ar, "policy", "iprev", slice_z(ip_format(&r->ip, ip)));
}

/* --- spf ---------------------------------------------------------------------- */

static int
judge_spf(struct message *m, struct err *err)
{
	if (!m->spf)
		return 0;
	return check_spf_finish(
	    m->spf, m->deadline_ms, &m->verdict.helo, &m->verdict.mfrom, err);
}

static void
stamp_spf_result(const struct spf_result *r, bool null_sender,
    struct slice helo, struct authres *ar)
{
	authres_method(ar, "spf", r->word);
	if (r->path.len)
		authres_comment(ar, r->path);
	else
		authres_comment(ar, slice_z(spf_reason_text(r->reason)));
	/* RFC 8601 section 2.7.2: the domain; the local part is private. */
	if (r->identity == SPF_MAILFROM && !null_sender)
		authres_prop(ar, "smtp", "mailfrom",
		    r->domain.len ? domain_slice(&r->domain) : r->sender);
	else
		authres_prop(ar, "smtp", "helo",
		    r->domain.len ? domain_slice(&r->domain) : helo);
}

static void
stamp_spf(const struct message *m, struct authres *ar)
{
	const struct verdict *v = &m->verdict;
	struct slice helo = slice_z(m->session->helo);

	stamp_spf_result(&v->mfrom, v->mailfrom.null, helo, ar);
	/* "none" of a HELO name is what most clients have: no news. */
	if (v->helo.word != AR_NOT_RUN && v->helo.word != AR_NONE)
		stamp_spf_result(&v->helo, false, helo, ar);
}

/* --- dkim --------------------------------------------------------------------- */

static int
judge_dkim(struct message *m, struct err *err)
{
	const struct engine *e = m->session->engine;

	return dkim_verifier_eom(m->verifier, m->inquiry,
	    clock_now_s(e->clock), &m->verdict.dkim, &m->verdict.ndkim, err);
}

static void
stamp_dkim_result(const struct dkim_result *r, struct authres *ar)
{
	const struct dkim_sig *sig = r->sig;
	size_t at = slice_rfind(sig->i, '@');
	char text[32];

	authres_method(ar, "dkim", r->word);
	authres_comment(ar, slice_z(dkim_reason_text(r->reason)));
	if (r->unsigned_octets) {
		(void)snprintf(text, sizeof(text), "%llu octets",
		    (unsigned long long)r->unsigned_octets);
		authres_comment(ar, slice_z(text));
	}
	if (r->word == AR_PASS && r->testing)
		authres_comment(ar, SLICE_LIT("test mode"));
	if (r->domain.len)
		authres_prop(ar, "header", "d", domain_slice(&r->domain));
	if (sig->i.len && at < sig->i.len)
		authres_prop_address(ar, "header", "i", slice_upto(sig->i, at),
		    slice_from(sig->i, at + 1));
	if (sig->s.len)
		authres_prop(ar, "header", "s", sig->s);
	if (sig->a.len)
		authres_prop(ar, "header", "a", sig->a);
	if (sig->b.len)
		authres_prop(
		    ar, "header", "b", slice_upto(sig->b, HEADER_B_OCTETS));
}

static void
stamp_dkim(const struct message *m, struct authres *ar)
{
	const struct verdict *v = &m->verdict;

	/* No number of signatures leaves DMARC's result without room. */
	authres_reserve(ar, AUTHRES_DMARC_OCTETS);
	if (v->ndkim == 0 && m->verifier)
		authres_method(ar, "dkim", AR_NONE);
	for (size_t i = 0; i < v->ndkim; i++)
		stamp_dkim_result(&v->dkim[i], ar);
}

/* --- dmarc -------------------------------------------------------------------- */

/* RFC 9989 section 4.4: HELO counts only for the null sender. */
static void
spf_for_dmarc(const struct verdict *v, struct dmarc_request *request)
{
	request->spf = v->mfrom.word;
	request->spf_domain = v->mfrom.domain;
}

/*
 * Sendmail writes addresses anew when it delivers: out of "ceo, <a@b.example>"
 * it may make "ceo@" a domain of its own, and where there is no From field, it
 * adds one with the envelope's sender. And some readers show another author
 * than the grammar has. Is this the author to be, by guess?
 */
static bool
is_author_guessed(const struct message *m, struct from *author)
{
	const struct path *sender = &m->verdict.mailfrom;

	if (author->ambiguous)
		return true;
	if (m->session->mta == MTA_POSTFIX)
		return false;
	if (author->status != FROM_MISSING)
		return author->fragile;
	if (sender->domain.len == 0)
		return false;
	*author = (struct from){.status = FROM_OK, .domain = sender->domain};
	return true;
}

/*
 * A guessed author whose domain disowns the message is a forgery, whoever will
 * be shown. No domain vouches for a guess.
 */
static int
evaluate_dmarc(
    struct message *m, struct dmarc_request *request, struct err *err)
{
	struct verdict *v = &m->verdict;
	bool guessed = is_author_guessed(m, &request->from);

	if (dmarc_evaluate(request, m->inquiry, m->arena, &v->dmarc, err))
		return -1;
	if (!guessed || v->dmarc.word == AR_FAIL ||
	    v->dmarc.word == AR_TEMPERROR)
		return 0;
	if (v->from.status == FROM_OK)
		v->from = (struct from){.status = FROM_SYNTAX};
	request->from = v->from;
	return dmarc_evaluate(request, m->inquiry, m->arena, &v->dmarc, err);
}

static int
judge_dmarc(struct message *m, struct err *err)
{
	struct verdict *v = &m->verdict;
	struct dmarc_psl *psl = m->session->engine->psl;
	struct dmarc_request request = {.from = v->from,
	    .org_mode = m->session->options->org_domain,
	    .psl_org = psl ? dmarc_psl_org : NULL,
	    .psl_ctx = psl};
	struct dmarc_dkim *dkim;

	dkim = arena_array(m->arena, v->ndkim + 1, sizeof(*dkim));
	if (!dkim)
		return err_no_mem(err);
	for (size_t i = 0; i < v->ndkim; i++) {
		dkim[i].domain = v->dkim[i].domain;
		dkim[i].word = v->dkim[i].word;
	}
	request.dkim = dkim;
	request.ndkim = v->ndkim;
	spf_for_dmarc(v, &request);
	return evaluate_dmarc(m, &request, err);
}

static const char *
policy_word(enum dmarc_policy p)
{
	return names_word(dmarc_policy_words, (int)p);
}

/* The human convention: "p=REJECT sp=NONE dis=QUARANTINE". */
static void
dmarc_comment(
    const struct dmarc_result *r, const struct disposition *d, struct buf *out)
{
	const char *override =
	    names_word(policy_override_words, (int)d->override);
	const enum dmarc_policy published[] = {r->p, r->sp, r->np};
	static const char *const keys[] = {"p", "sp", "np"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (published[i] != DMARC_UNSET)
			buf_addf(
			    out, "%s=%s ", keys[i], policy_word(published[i]));
	if (r->testing)
		buf_addz(out, "t=y ");
	buf_addf(out, "dis=%s",
	    d->action == ACTION_ACCEPT
		? "none"
		: names_word(action_words, (int)d->action));
	if (override)
		buf_addf(out, " override=%s", override);
}

static void
stamp_dmarc(const struct message *m, struct authres *ar)
{
	const struct dmarc_result *r = &m->verdict.dmarc;
	struct buf comment = BUF_INIT(512);

	authres_reserve(ar, 0);
	authres_method(ar, "dmarc", r->word);
	if (r->record.len)
		dmarc_comment(r, &m->disposition, &comment);
	if (r->word != AR_PASS && r->reason != DMARC_REASON_NONE) {
		buf_addf(&comment, "%s%s", comment.len ? ", " : "",
		    names_word(dmarc_reason_words, (int)r->reason));
		if (r->detail.len)
			buf_addf(
			    &comment, ": " SLICE_FMT, SLICE_ARG(r->detail));
	}
	authres_comment(ar, buf_slice(&comment));
	if (r->author.len)
		authres_prop(ar, "header", "from", domain_slice(&r->author));
	if (r->effective != DMARC_UNSET)
		authres_prop(
		    ar, "policy", "dmarc", slice_z(policy_word(r->effective)));
	buf_free(&comment);
}

/* --- the table ------------------------------------------------------------------ */

static const struct method {
	const char *name;
	int (*judge)(struct message *, struct err *);
	void (*stamp)(const struct message *, struct authres *);
} methods[] = {
    {"auth", judge_nothing, stamp_auth},
    {"iprev", judge_iprev, stamp_iprev},
    {"spf", judge_spf, stamp_spf},
    {"dkim", judge_dkim, stamp_dkim},
    {"dmarc", judge_dmarc, stamp_dmarc},
};

int
methods_judge(struct message *m, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (methods[i].judge(m, err))
			return -1;
	return 0;
}

void
methods_stamp(const struct message *m, struct authres *ar)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		methods[i].stamp(m, ar);
}
