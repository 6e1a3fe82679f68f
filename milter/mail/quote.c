/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5322 sections 3.2.2 and 3.2.4, the writing side. See quote.h. */
#include "mail/quote.h"

void
quote_content(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = is_print(s.ptr[i]) ? s.ptr[i] : '?';

		if (c == '"' || c == '\\')
			buf_addc(b, '\\');
		buf_addc(b, c);
	}
}

void
quote_string(struct buf *b, struct slice s)
{
	buf_addc(b, '"');
	quote_content(b, s);
	buf_addc(b, '"');
}

static char
comment_char(char c)
{
	switch (c) {
	case '(': return '[';
	case ')': return ']';
	case ';': return ',';
	case '"': return '\'';
	case '\\': return '/';
	default: return is_print(c) ? c : '?';
	}
}

void
quote_comment(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_addc(b, comment_char(s.ptr[i]));
}
