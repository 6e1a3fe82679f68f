/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 5322 sections 3.2.1 to 3.2.5, 4.1 and 4.2, RFC 6532 section 3.2. What a
 * structured field is made of below the level of addresses; see lex.h for
 * where this is stricter. Does not unfold, unquote or decode encoded words:
 * it only says where a token ends.
 */
#include "mail/lex.h"

#include <string.h>

#include "mail/limits.h"

bool
lex_char(struct slice *in, char c)
{
	if (in->len == 0 || in->ptr[0] != c)
		return false;
	*in = slice_from(*in, 1);
	return true;
}

/*
 * RFC 3629 section 4 in a row each: the lead octets, how many follow, and
 * what the first of these may be (no overlong form, no surrogate, nothing
 * above U+10FFFF).
 */
static const struct {
	unsigned char lead_min, lead_max, more, next_min, next_max;
} utf8[] = {
    {0xc2, 0xdf, 1, 0x80, 0xbf},
    {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f},
    {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf},
    {0xf1, 0xf3, 3, 0x80, 0xbf},
    {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static bool
octet_within(struct slice s, size_t i, unsigned min, unsigned max)
{
	unsigned c = i < s.len ? (unsigned char)s.ptr[i] : 0;

	return i < s.len && c >= min && c <= max;
}

bool
lex_utf8(struct slice *in)
{
	for (size_t i = 0; i < ARRAY_LEN(utf8); i++) {
		if (!octet_within(*in, 0, utf8[i].lead_min, utf8[i].lead_max))
			continue;
		if (!octet_within(*in, 1, utf8[i].next_min, utf8[i].next_max))
			return false;
		for (size_t k = 2; k <= utf8[i].more; k++)
			if (!octet_within(*in, k, 0x80, 0xbf))
				return false;
		*in = slice_from(*in, 1u + utf8[i].more);
		return true;
	}
	return false;
}

/* obs-NO-WS-CTL: 1-8, 11, 12, 14-31, 127. */
static bool
is_obs_control(char c)
{
	return (c > 0 && c < 0x20 && !is_fws(c)) || c == 0x7f;
}

bool
lex_quoted_pair(struct slice *in)
{
	struct slice s = *in;

	if (!lex_char(&s, '\\') || s.len == 0)
		return false;
	if (is_print(s.ptr[0]) || s.ptr[0] == '\t' || is_obs_control(s.ptr[0]))
		s = slice_from(s, 1);
	else if (!lex_utf8(&s))
		return false;
	*in = s;
	return true;
}

/* A line end that a blank follows, and that blank. */
static bool
lex_fold(struct slice *in)
{
	struct slice s = *in;

	(void)lex_char(&s, '\r');
	if (!lex_char(&s, '\n') || s.len == 0 || !is_wsp(s.ptr[0]))
		return false;
	*in = slice_from(s, 1);
	return true;
}

bool
lex_fws(struct slice *in)
{
	size_t len = in->len;

	while (lex_char(in, ' ') || lex_char(in, '\t') || lex_fold(in))
		;
	return in->len < len;
}

/* ctext, obs-ctext. */
static bool
lex_ctext(struct slice *in)
{
	char c = in->len ? in->ptr[0] : '\0';

	if ((c > ' ' && c < 0x7f && !strchr("()\\", c)) || is_obs_control(c)) {
		*in = slice_from(*in, 1);
		return true;
	}
	return lex_utf8(in);
}

bool
lex_comment(struct slice *in)
{
	struct slice s = *in;
	size_t depth = 0;

	/* A counter, not recursion: a peer may nest as deep as it likes. */
	do {
		if (lex_char(&s, '('))
			depth++;
		else if (depth > 0 && lex_char(&s, ')'))
			depth--;
		else if (depth == 0 ||
		    (!lex_fws(&s) && !lex_quoted_pair(&s) && !lex_ctext(&s)))
			return false;
	} while (depth > 0 && depth <= LIMIT_COMMENT_DEPTH);
	if (depth > 0)
		return false;
	*in = s;
	return true;
}

void
lex_cfws(struct slice *in)
{
	while (lex_fws(in) || lex_comment(in))
		;
}

/* atext: printable, and none of the specials of section 3.2.3. */
static bool
lex_atext(struct slice *in)
{
	char c = in->len ? in->ptr[0] : '\0';

	if (c > ' ' && c < 0x7f && !strchr("()<>[]:;@\\,.\"", c)) {
		*in = slice_from(*in, 1);
		return true;
	}
	return lex_utf8(in);
}

bool
lex_atom(struct slice *in, struct slice *out)
{
	struct slice s = *in;

	while (lex_atext(&s))
		;
	if (s.len == in->len)
		return false;
	*out = slice_upto(*in, in->len - s.len);
	*in = s;
	return true;
}

/* qtext, obs-qtext. */
static bool
lex_qtext(struct slice *in)
{
	char c = in->len ? in->ptr[0] : '\0';

	if ((c > ' ' && c < 0x7f && !strchr("\"\\", c)) || is_obs_control(c)) {
		*in = slice_from(*in, 1);
		return true;
	}
	return lex_utf8(in);
}

bool
lex_quoted_string(struct slice *in, struct slice *out)
{
	struct slice s = *in;

	if (!lex_char(&s, '"'))
		return false;
	while (lex_qtext(&s) || lex_fws(&s) || lex_quoted_pair(&s))
		;
	if (!lex_char(&s, '"'))
		return false;
	*out = slice_upto(*in, in->len - s.len);
	*in = s;
	return true;
}

bool
lex_words(struct slice *in, struct lex_words *out)
{
	struct slice s, start, word;
	bool first = true, dot = true; /* dot: the last token, or none yet */
	bool local = true, any = false;

	lex_cfws(in);
	start = s = *in;
	*out = (struct lex_words){.is_local = false};
	for (;;) {
		if (lex_atom(&s, &word) || lex_quoted_string(&s, &word)) {
			out->is_phrase = out->is_phrase || first;
			local = local && dot;
			any = true;
			dot = false;
		} else if (lex_char(&s, '.')) {
			dot = true;
		} else {
			break;
		}
		first = false;
		*in = s;
		out->text = slice_upto(start, start.len - s.len);
		lex_cfws(&s);
	}
	out->is_local = local && any;
	return out->text.len > 0;
}
