/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lexical rules that the writer, the reader and the matcher of
 * Authentication-Results share (RFC 8601 section 2.2). Each function takes
 * one rule off the front of *in and returns true, or returns false and leaves
 * *in alone. Blanks are SP, TAB, CR and LF, folded properly or not: a field
 * that a lax reader understands must not be a riddle to us.
 */
#ifndef ASSAY_AUTHRES_LEX_H
#define ASSAY_AUTHRES_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

/* MIME token, RFC 2045 section 5.1; octets of 0x80 and up count as letters. */
bool ar_lex_token(struct slice *in, struct slice *out);
/* Letters, digits, "-" and "_": Keyword of RFC 5321, a little wider. */
bool ar_lex_keyword(struct slice *in, struct slice *out);
/* A quoted-string; *out has its quotes and backslashes still. */
bool ar_lex_quoted(struct slice *in, struct slice *out);
/* 1*DIGIT; a number beyond 32 bits is UINT32_MAX. */
bool ar_lex_number(struct slice *in, uint32_t *out);
bool ar_lex_char(struct slice *in, char c);

/* One comment with all that is nested in it, RFC 5322 section 3.2.2. */
bool ar_lex_comment(struct slice *in);
/* [CFWS]. False, and *in at that comment, when a comment does not end. */
MUST_CHECK bool ar_lex_cfws(struct slice *in);

/*
 * The text of a quoted-string as ar_lex_quoted found it: without quotes,
 * backslashes and line ends. out has room for quoted.len octets; returns how
 * many were written.
 */
size_t ar_lex_unquote(struct slice quoted, char *out);

bool ar_lex_is_token(struct slice);
bool ar_lex_is_ascii(struct slice);
/* dot-atom-text, RFC 5322 section 3.2.3, ASCII only. */
bool ar_lex_is_dot_atom(struct slice);
/* Non-empty labels of letters, digits, "-" and "_", at most LIMIT_DOMAIN. */
bool ar_lex_is_domain(struct slice);

#endif
