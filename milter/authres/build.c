/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing Authentication-Results, RFC 8601 sections 2.2 to 2.7. See build.h.
 * Does not know what a method's properties mean or whether they may be shown:
 * its caller does.
 */
#include "authres/build.h"

#include <assert.h>

#include "authres/lex.h"
#include "mail/limits.h"
#include "mail/quote.h"

#define LINE_MAX_COLUMNS 78 /* RFC 5322 section 2.1.1 */
#define TAB_COLUMNS 8
#define FIELD_NAME_COLUMNS 23 /* "Authentication-Results:" */
/*
 * A property: its name, an escaped text, "@" and a domain. RFC 5322 section
 * 2.1.1: "Each line of characters MUST be no more than 998 characters".
 */
#define PIECE_MAX (998 - TAB_COLUMNS - 1)

static_assert(2 * LIMIT_AUTHRES_VALUE + 3 + LIMIT_DOMAIN + 200 <= PIECE_MAX,
    "any value fits on a line, and names of 200 octets besides");

static struct slice
cut(struct slice s)
{
	return slice_upto(s, LIMIT_AUTHRES_VALUE);
}

static void
add_value(struct buf *b, struct slice s)
{
	s = cut(s);
	if (ar_lex_is_token(s) && ar_lex_is_ascii(s))
		buf_add(b, s);
	else
		quote_string(b, s);
}

/* Is s a quoted-string that can be written as it is? */
static bool
is_clean_quoted(struct slice s)
{
	struct slice quoted;

	for (size_t i = 0; i < s.len; i++)
		if (!is_print(s.ptr[i]))
			return false;
	return ar_lex_quoted(&s, &quoted) && s.len == 0 &&
	    quoted.len <= LIMIT_AUTHRES_VALUE;
}

static void
add_local(struct buf *b, struct slice local)
{
	bool as_is = local.len == 0 || is_clean_quoted(local) ||
	    (local.len <= LIMIT_AUTHRES_VALUE && ar_lex_is_dot_atom(local));

	if (as_is)
		buf_add(b, local);
	else
		quote_string(b, cut(local));
}

/* Moves the piece to the text; a ";" must still fit behind it. */
static void
put_piece(struct authres *a)
{
	size_t len = a->piece.len;

	if (a->column + 1 + len + 1 <= LINE_MAX_COLUMNS) {
		buf_addc(&a->text, ' ');
		a->column++;
	} else {
		buf_addz(&a->text, "\n\t");
		a->column = TAB_COLUMNS;
	}
	buf_add(&a->text, buf_slice(&a->piece));
	if (buf_status(&a->piece))
		a->text.no_mem = true; /* PIECE_MAX holds any piece */
	a->column += len;
}

static void
end_result(struct authres *a)
{
	if (!a->open)
		return;
	a->open = false;
	if (a->text.over) {
		buf_cut(&a->text, a->mark);
		a->dropped++;
	} else {
		a->written++;
	}
}

void
authres_init(struct authres *a, struct slice authserv_id)
{
	*a = (struct authres){
	    .text = BUF_INIT(LIMIT_AUTHRES_OCTETS),
	    .piece = BUF_INIT(PIECE_MAX),
	    .column = FIELD_NAME_COLUMNS,
	};
	add_value(&a->piece, authserv_id);
	put_piece(a);
}

void
authres_reserve(struct authres *a, size_t octets)
{
	end_result(a);
	a->text.max = LIMIT_AUTHRES_OCTETS - octets;
}

void
authres_method(struct authres *a, const char *method, enum ar_word w)
{
	end_result(a);
	if (w == AR_NOT_RUN)
		return;
	a->open = true;
	a->mark = a->text.len;
	buf_addc(&a->text, ';');
	a->column = LINE_MAX_COLUMNS; /* one line for each result at least */
	buf_clear(&a->piece);
	buf_addz(&a->piece, method);
	buf_addc(&a->piece, '=');
	buf_addz(&a->piece, ar_word(w));
	put_piece(a);
}

void
authres_comment(struct authres *a, struct slice text)
{
	if (!a->open || text.len == 0)
		return;
	text = cut(text);
	buf_clear(&a->piece);
	buf_addc(&a->piece, '(');
	quote_comment(&a->piece, text);
	buf_addc(&a->piece, ')');
	put_piece(a);
}

void
authres_reason(struct authres *a, struct slice text)
{
	if (!a->open)
		return;
	buf_clear(&a->piece);
	buf_addz(&a->piece, "reason=");
	add_value(&a->piece, text);
	put_piece(a);
}

static void
begin_prop(struct authres *a, const char *ptype, const char *property)
{
	buf_clear(&a->piece);
	buf_addz(&a->piece, ptype);
	buf_addc(&a->piece, '.');
	buf_addz(&a->piece, property);
	buf_addc(&a->piece, '=');
}

void
authres_prop(struct authres *a, const char *ptype, const char *property,
    struct slice value)
{
	if (!a->open)
		return;
	begin_prop(a, ptype, property);
	add_value(&a->piece, value);
	put_piece(a);
}

void
authres_prop_address(struct authres *a, const char *ptype,
    const char *property, struct slice local, struct slice domain)
{
	if (!a->open)
		return;
	begin_prop(a, ptype, property);
	if (ar_lex_is_domain(domain)) {
		add_local(&a->piece, local);
		buf_addc(&a->piece, '@');
		buf_add(&a->piece, domain);
	} else {
		/* Two halves, so that the line stays within its limit. */
		local = slice_upto(local, LIMIT_AUTHRES_VALUE / 2);
		domain = slice_upto(domain, LIMIT_AUTHRES_VALUE / 2);
		buf_addc(&a->piece, '"');
		quote_content(&a->piece, local);
		buf_addc(&a->piece, '@');
		quote_content(&a->piece, domain);
		buf_addc(&a->piece, '"');
	}
	put_piece(a);
}

int
authres_finish(struct authres *a, struct arena *arena, struct slice *value)
{
	end_result(a);
	if (a->written == 0)
		buf_addz(&a->text, "; none");
	if (buf_status(&a->text))
		return -1;
	return arena_copy(arena, buf_slice(&a->text), value);
}

void
authres_free(struct authres *a)
{
	buf_free(&a->text);
	buf_free(&a->piece);
}
