/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Envelope paths: RFC 5321 section 4.1.2 and appendix C (source routes), RFC
 * 6531 section 3.3 (UTF-8). There is no CFWS here, no folding and nothing
 * obsolete: what an unquoted special could make two readers read differently
 * is not valid. See address.h.
 */
#include "mail/address.h"

#include "mail/lex.h"
#include "mail/limits.h"

/* Quoted-string of RFC 5321: one line, no control characters. */
static bool
lex_smtp_quoted(struct slice *in)
{
	struct slice s = *in, word;

	if (!lex_quoted_string(&s, &word))
		return false;
	for (size_t i = 0; i < word.len; i++)
		if ((unsigned char)word.ptr[i] < ' ' || word.ptr[i] == 0x7f)
			return false;
	*in = s;
	return true;
}

/* Local-part, with dots anywhere and quoted words between them. */
static struct slice
lex_local(struct slice *in)
{
	struct slice all = *in, word;

	while (lex_atom(in, &word) || lex_smtp_quoted(in) || lex_char(in, '.'))
		;
	return slice_upto(all, all.len - in->len);
}

/* Domain with a dot at its end, maybe: atoms and dots, for domain_parse. */
static struct slice
lex_domain_text(struct slice *in)
{
	struct slice all = *in, word;

	while (lex_atom(in, &word) || lex_char(in, '.'))
		;
	return slice_upto(all, all.len - in->len);
}

/* address-literal: looked at for its brackets alone. */
static bool
lex_address_literal(struct slice *in)
{
	struct slice s = *in;

	if (!lex_char(&s, '['))
		return false;
	while (s.len && is_print(s.ptr[0]) && s.ptr[0] > ' ' &&
	    s.ptr[0] != '[' && s.ptr[0] != '\\' && s.ptr[0] != ']')
		s = slice_from(s, 1);
	if (!lex_char(&s, ']'))
		return false;
	*in = s;
	return true;
}

/* A-d-l ":": RFC 5321 section 4.1.2 says to accept and ignore it. */
static bool
lex_source_route(struct slice *in)
{
	struct slice s = *in;
	struct domain d;

	do {
		if (!lex_char(&s, '@'))
			return false;
		if (!lex_address_literal(&s) &&
		    !domain_parse(lex_domain_text(&s), &d))
			return false;
	} while (lex_char(&s, ','));
	if (!lex_char(&s, ':'))
		return false;
	*in = s;
	return true;
}

static bool
take_path(struct slice s, struct path *out)
{
	struct slice mailbox;

	if (s.len > LIMIT_ENVELOPE)
		return false;
	if (lex_char(&s, '<')) {
		if (s.len == 0 || s.ptr[s.len - 1] != '>')
			return false;
		s = slice_upto(s, s.len - 1);
	}
	out->null = s.len == 0;
	if (out->null)
		return true;
	if (s.ptr[0] == '@' && !lex_source_route(&s))
		return false;
	mailbox = s;
	out->local = lex_local(&s);
	if (out->local.len == 0)
		return false;
	out->address = mailbox;
	if (s.len == 0)
		return true;
	if (!lex_char(&s, '@'))
		return false;
	if (lex_address_literal(&s))
		return s.len == 0;
	return domain_parse(s, &out->domain);
}

void
path_parse(struct slice arg, struct path *out)
{
	*out = (struct path){.given = arg};
	if (take_path(arg, out))
		out->valid = true;
	else
		*out = (struct path){.given = arg};
}
