/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The author domain: RFC 5322 sections 3.4 and 3.6.2 with the obsolete forms
 * of section 4.4, groups in From (RFC 6854), UTF-8 (RFC 6532). One pass from
 * left to right: phrase and local part are both made of words, and the
 * special that follows them says which it was. Nothing is tried twice, so
 * the time is linear whatever the field holds.
 *
 * Does not decode encoded words, look into quoted strings or repair anything.
 */
#include "mail/address.h"

#include <string.h>

#include "base/buf.h"
#include "mail/lex.h"
#include "mail/limits.h"

const struct name from_status_words[] = {
    {FROM_OK, "one author domain"},
    {FROM_MISSING, "no From field"},
    {FROM_SEVERAL_FIELDS, "several From fields"},
    {FROM_SYNTAX, "malformed From field"},
    {FROM_NUL, "NUL in the From field"},
    {FROM_NO_DOMAIN, "no domain in the From field"},
    {FROM_SEVERAL_DOMAINS, "several domains in the From field"},
    {FROM_TOO_LONG, "From field beyond a limit"},
    {0, NULL},
};

/* What stood in the field so far. */
struct reader {
	struct slice in; /* what is left */
	struct arena *arena;
	struct from *from;
	size_t naddresses;
	bool named;    /* an address with a domain name */
	bool literal;  /* an address with a domain-literal */
	bool nameless; /* a phrase, <> or <local> where an address belongs */
	bool several;  /* two domain names */
	bool no_mem;
};

static bool
starts_with_any(struct slice s, const char *set)
{
	return s.len && s.ptr[0] && strchr(set, s.ptr[0]);
}

/* --- domain ------------------------------------------------------------- */

/* Room for a name of U-labels, each of up to four times its A-label. */
struct domain_text {
	char octets[4 * LIMIT_DOMAIN + 2];
	size_t len;
	bool over;
};

static void
text_add(struct domain_text *t, struct slice s)
{
	t->over = t->over || s.len > sizeof(t->octets) - t->len;
	if (t->over)
		return;
	memcpy(t->octets + t->len, s.ptr, s.len);
	t->len += s.len;
}

/*
 * dot-atom, obs-domain. A dot after the last label, which the grammar does
 * not have, is taken too: it leaves no doubt which domain is meant, and to
 * judge by it beats to judge nothing.
 */
static bool
lex_labels(struct slice *in, struct domain_text *t)
{
	struct slice atom;

	if (!lex_atom(in, &atom))
		return false;
	text_add(t, atom);
	lex_cfws(in);
	while (lex_char(in, '.')) {
		text_add(t, SLICE_LIT("."));
		lex_cfws(in);
		if (!lex_atom(in, &atom))
			break;
		text_add(t, atom);
		lex_cfws(in);
	}
	return true;
}

/* domain-literal, obs-dtext. */
static bool
lex_literal(struct slice *in)
{
	if (!lex_char(in, '['))
		return false;
	for (;;) {
		char c = in->len ? in->ptr[0] : '\0';

		if (lex_char(in, ']'))
			return true;
		if (c > ' ' && c < 0x7f && !strchr("[\\", c))
			*in = slice_from(*in, 1);
		else if (!lex_fws(in) && !lex_quoted_pair(in) && !lex_utf8(in))
			return false;
	}
}

/* domain with the CFWS around it; the text is empty for a literal. */
static bool
lex_domain(struct slice *in, struct domain_text *t)
{
	t->len = 0;
	t->over = false;
	lex_cfws(in);
	if (!lex_literal(in) && !lex_labels(in, t))
		return false;
	lex_cfws(in);
	return true;
}

/* --- addresses ---------------------------------------------------------- */

/*
 * local@domain, the CFWS between the tokens and the folding in them gone.
 * Nothing when it is longer than any address that could be delivered.
 */
static void
print_address(
    struct reader *r, struct slice local, const struct domain *domain)
{
	struct buf b = BUF_INIT(LIMIT_ENVELOPE);
	struct slice word;
	bool more = true;

	while (more) {
		lex_cfws(&local);
		if (lex_char(&local, '.'))
			word = SLICE_LIT(".");
		else
			more = lex_atom(&local, &word) ||
			    lex_quoted_string(&local, &word);
		for (size_t i = 0; more && i < word.len; i++)
			if (word.ptr[i] != '\r' && word.ptr[i] != '\n')
				buf_addc(&b, word.ptr[i]);
	}
	buf_addc(&b, '@');
	buf_add(&b, domain_slice(domain));
	r->no_mem = b.no_mem;
	if (buf_status(&b) == 0)
		r->no_mem = arena_copy(r->arena, buf_slice(&b),
				&r->from->address) != 0;
	buf_free(&b);
}

/* Notes an address whose "@" was taken. False when it has no domain. */
static bool
take_domain(struct reader *r, struct slice local)
{
	struct domain_text text;
	struct domain d;

	if (!lex_domain(&r->in, &text) || text.over)
		return false;
	r->naddresses++;
	if (text.len == 0) {
		r->literal = true;
		return true;
	}
	if (!domain_parse(slice_of(text.octets, text.len), &d))
		return false;
	if (!r->named) {
		r->from->domain = d;
		print_address(r, local, &d);
	}
	r->several = r->several || !domain_eq(&d, &r->from->domain);
	r->named = true;
	return !r->no_mem;
}

/* obs-route: domains, each after an "@", with commas, then a colon. */
static bool
lex_route(struct slice *in)
{
	struct domain_text ignored;
	bool any = false;

	for (;;) {
		lex_cfws(in);
		if (lex_char(in, ','))
			continue;
		if (!lex_char(in, '@'))
			return any && lex_char(in, ':');
		if (!lex_domain(in, &ignored))
			return false;
		if (!starts_with_any(*in, ",:"))
			return false;
		any = true;
	}
}

/* angle-addr, obs-angle-addr; the "<" was taken. */
static bool
take_angle(struct reader *r)
{
	struct lex_words w;

	lex_cfws(&r->in);
	if (starts_with_any(r->in, "@,") && !lex_route(&r->in))
		return false;
	if (lex_words(&r->in, &w) && !w.is_local)
		return false;
	lex_cfws(&r->in);
	if (w.text.len && lex_char(&r->in, '@')) {
		if (!take_domain(r, w.text))
			return false;
	} else {
		r->nameless = true;
		r->naddresses++;
	}
	if (!lex_char(&r->in, '>'))
		return false;
	lex_cfws(&r->in);
	return true;
}

/*
 * One element of a list: mailbox, the begin of a group (*group becomes true),
 * or nothing, as the obsolete lists allow.
 */
static bool
take_element(struct reader *r, bool *group)
{
	struct lex_words w;
	bool any = lex_words(&r->in, &w);

	lex_cfws(&r->in);
	if (lex_char(&r->in, '<'))
		return (!any || w.is_phrase) && take_angle(r);
	if (lex_char(&r->in, '@'))
		return any && w.is_local && take_domain(r, w.text);
	if (!*group && lex_char(&r->in, ':')) {
		*group = true;
		return any && w.is_phrase;
	}
	if (any) {
		r->nameless = true;
		r->naddresses++;
	}
	return !any || w.is_phrase;
}

/* address-list, obs-addr-list: all that is left, or false. */
static bool
take_list(struct reader *r)
{
	bool in_group = false;

	for (;;) {
		bool group = in_group;

		if (!take_element(r, &group))
			return false;
		if (r->naddresses > LIMIT_FROM_ADDRESSES)
			return true;
		if (group && !in_group) {
			in_group = true;
			continue;
		}
		if (in_group && lex_char(&r->in, ';')) {
			in_group = false;
			lex_cfws(&r->in);
		}
		if (!lex_char(&r->in, ','))
			return !in_group && r->in.len == 0;
	}
}

static enum from_status
judge(struct reader *r)
{
	if (slice_find(r->in, '\0') < r->in.len)
		return FROM_NUL;
	if (!take_list(r))
		return FROM_SYNTAX;
	if (r->naddresses > LIMIT_FROM_ADDRESSES)
		return FROM_TOO_LONG;
	/*
	 * "=?utf-8?b?...?=, <b@example.com>": some readers decode the first
	 * word into an address and show that. To us it is no mailbox.
	 */
	if (r->nameless && (r->named || r->literal))
		return FROM_SYNTAX;
	if (r->several || (r->named && r->literal))
		return FROM_SEVERAL_DOMAINS;
	return r->named ? FROM_OK : FROM_NO_DOMAIN;
}

int
from_parse(
    struct slice value, struct arena *arena, struct from *out, struct err *err)
{
	struct reader r = {.in = value, .arena = arena, .from = out};

	*out = (struct from){.status = FROM_OK};
	out->status = judge(&r);
	if (r.no_mem)
		return err_no_mem(err);
	if (out->status != FROM_OK)
		out->domain = (struct domain){.len = 0};
	return 0;
}

int
from_header(const struct header *h, struct arena *arena, struct from *out,
    struct err *err)
{
	const struct field *only = NULL;
	size_t n = 0;

	*out = (struct from){.status = FROM_MISSING};
	/*
	 * By hand, not by header_count: a mailer may hand on " From", and a
	 * reader may take it for From.
	 */
	for (size_t i = 0; i < h->n; i++) {
		if (!slice_ieqz(slice_trim(h->fields[i].name), "From"))
			continue;
		only = &h->fields[i];
		n++;
	}
	if (n > 1)
		out->status = FROM_SEVERAL_FIELDS;
	else if (h->over)
		out->status = FROM_TOO_LONG; /* a second may be beyond */
	else if (only)
		return from_parse(only->value, arena, out, err);
	return 0;
}
