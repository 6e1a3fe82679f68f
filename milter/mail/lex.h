/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lexical tokens of RFC 5322 section 3.2 with their obsolete forms
 * (section 4.1, 4.2) and UTF-8 (RFC 6532), one function a rule. Each takes
 * one token off the front of *in and returns true, or returns false and
 * leaves *in alone. All are linear in what they take.
 *
 * Stricter than the obsolete grammar in two things: NUL is never taken, and
 * a CR or LF only as part of folding, not after a backslash. What differs
 * there between one reader and the next decides nothing here.
 */
#ifndef ASSAY_MAIL_LEX_H
#define ASSAY_MAIL_LEX_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/slice.h"

/* This very octet. */
bool lex_char(struct slice *in, char c);
/* UTF8-non-ascii (RFC 3629): one well-formed character above U+007F. */
bool lex_utf8(struct slice *in);
/* quoted-pair: a backslash and a character that is no line end. */
bool lex_quoted_pair(struct slice *in);
/* FWS and obs-FWS: blanks, and line ends (CRLF or LF) that a blank follows. */
bool lex_fws(struct slice *in);
/* comment, nested up to LIMIT_COMMENT_DEPTH. */
bool lex_comment(struct slice *in);
/*
 * [CFWS]: takes comments and folding white space, maybe none. A comment that
 * is not one stays, and no token begins with its parenthesis.
 */
void lex_cfws(struct slice *in);
/* 1*atext: an atom without the CFWS around it. */
bool lex_atom(struct slice *in, struct slice *out);
/* quoted-string without the CFWS around it; *out has it with its quotes. */
bool lex_quoted_string(struct slice *in, struct slice *out);

struct lex_words {
	struct slice text; /* from the first word or dot to the last */
	bool is_phrase;    /* phrase, obs-phrase: begins with a word */
	/*
	 * local-part, obs-local-part: a dot between words. Dots doubled, first
	 * or last are taken, too: mailers hand out such addresses, and a local
	 * part says nothing about the domain.
	 */
	bool is_local;
};

/*
 * All words (atoms, quoted strings) and dots that come, CFWS between them:
 * what follows them says whether that was meant as a phrase or a local part.
 * CFWS before the first is taken even when there is none (false).
 */
bool lex_words(struct slice *in, struct lex_words *out);

#endif
