/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The author domain: RFC 5322 sections 3.4 and 3.6.2 with the obsolete forms
 * of section 4.4, groups in From (RFC 6854), UTF-8 (RFC 6532). One pass from
 * left to right: phrase and local part are both made of words, and the
 * special that follows them says which it was. What is no such grammar goes
 * to loose.c, which sees whether it can have another author domain at all.
 * The time is linear whatever the field holds.
 *
 * Does not decode encoded words, look into quoted strings or repair anything.
 */
#include "mail/address.h"

#include <string.h>

#include "base/buf.h"
#include "mail/lex.h"
#include "mail/limits.h"
#include "mail/loose.h"

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
	bool torn; /* blanks or comments behind what could be a whole name */
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

/* [CFWS]; true when there was some. */
static bool
skip_cfws(struct slice *in)
{
	size_t len = in->len;

	lex_cfws(in);
	return in->len < len;
}

/*
 * dot-atom, obs-domain. A dot after the last label, which the grammar does
 * not have, is taken too: it leaves no doubt which domain is meant, and to
 * judge by it beats to judge nothing.
 *
 * RFC 5322 section 4.4 allows blanks and comments between labels, and many
 * readers stop at the first: "a@bank.example .evil.example" is torn. Behind
 * one label they do no harm: that is no domain to anybody.
 */
static bool
lex_labels(struct slice *in, struct domain_text *t)
{
	struct slice atom;
	bool gap = false;

	if (!lex_atom(in, &atom))
		return false;
	for (;;) {
		text_add(t, atom);
		gap = skip_cfws(in) &&
		    (t->len > atom.len || !slice_is_ascii(atom));
		if (!lex_char(in, '.'))
			return true;
		text_add(t, SLICE_LIT("."));
		gap = (skip_cfws(in) && t->len > atom.len + 1) || gap;
		if (!lex_atom(in, &atom))
			return true;
		t->torn = t->torn || gap;
	}
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
	t->over = t->torn = false;
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
	/* With the comments behind it, up to the "@" that was taken. */
	struct slice before =
	    slice_of(local.ptr, (size_t)(r->in.ptr - local.ptr) - 1);
	struct domain_text text;
	struct domain d;

	/* RFC 2047 section 5 (3): no encoded word in an addr-spec. */
	if (slice_icontains(local, SLICE_LIT("=?")))
		return false;
	if (!lex_domain(&r->in, &text) || text.over || text.torn)
		return false;
	r->naddresses++;
	if (slice_find(before, '@') < before.len)
		r->from->ambiguous = true;
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
	if (starts_with_any(r->in, "@,")) {
		if (!lex_route(&r->in))
			return false;
		r->from->ambiguous = true;
	}
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

/* The field as the grammar has it. */
static enum from_status
judge(struct reader *r)
{
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

/* --- outside the grammar -------------------------------------------------- */

/* value with "_" for what is no UTF-8: a grammar without charsets. */
static int
mask(struct slice value, struct arena *arena, struct slice *out)
{
	char *text = arena_strdup(arena, value);

	if (!text)
		return -1;
	*out = slice_of(text, value.len);
	for (struct slice in = *out; in.len;) {
		size_t at = value.len - in.len;

		if (lex_utf8(&in))
			continue;
		if ((unsigned char)text[at] >= 0x80)
			text[at] = '_';
		in = slice_from(in, 1);
	}
	return 0;
}

static int
print_loose(struct reader *r, const struct loose *l, struct slice masked)
{
	struct buf b = BUF_INIT(LIMIT_ENVELOPE);
	bool no_mem;

	if (l->local.len)
		buf_add(&b,
		    slice_of(masked.ptr + (l->local.ptr - r->in.ptr),
			l->local.len));
	buf_addc(&b, '@');
	buf_add(&b, domain_slice(&l->domain));
	no_mem = b.no_mem;
	if (buf_status(&b) == 0)
		no_mem = arena_copy(
			     r->arena, buf_slice(&b), &r->from->address) != 0;
	buf_free(&b);
	return no_mem ? -1 : 0;
}

/*
 * A second reading of what the grammar does not have, or where it has no
 * address. Octets of any charset in names and comments are looked past: what
 * then is grammar is read so, when loose.c does not object.
 */
static int
read_again(struct reader *r, enum from_status *status)
{
	struct slice value = r->in, masked;
	struct reader again = {.arena = r->arena, .from = r->from};
	struct loose loose;

	loose_read(value, &loose);
	if (loose.several)
		*status = FROM_SEVERAL_DOMAINS;
	if (loose.domain.len == 0)
		return 0;
	if (mask(value, r->arena, &masked))
		return -1;
	again.in = masked;
	r->from->address = SLICE_EMPTY;
	*status = judge(&again);
	r->from->ambiguous = false; /* each "@" there is of this domain */
	if (*status == FROM_OK && domain_eq(&r->from->domain, &loose.domain))
		return again.no_mem ? -1 : 0;
	*status = FROM_OK;
	r->from->address = SLICE_EMPTY;
	r->from->domain = loose.domain;
	r->from->fragile = loose.fragile;
	return print_loose(r, &loose, masked);
}

int
from_parse(
    struct slice value, struct arena *arena, struct from *out, struct err *err)
{
	struct reader r = {.in = value, .arena = arena, .from = out};

	*out = (struct from){.status = FROM_NUL};
	if (slice_find(value, '\0') < value.len)
		return 0;
	out->status = judge(&r);
	if (r.no_mem)
		return err_no_mem(err);
	r.in = value;
	if ((out->status == FROM_SYNTAX || out->status == FROM_NO_DOMAIN) &&
	    read_again(&r, &out->status))
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
	/* By hand, not by header_count, which knows exact names only. */
	for (size_t i = 0; i < h->n; i++) {
		if (!field_is_from(h->fields[i].name))
			continue;
		only = &h->fields[i];
		n++;
	}
	if (n > 1)
		out->status = FROM_SEVERAL_FIELDS;
	else if (h->from_over)
		out->status = FROM_TOO_LONG; /* a second was beyond */
	else if (only)
		return from_parse(only->value, arena, out, err);
	return 0;
}
