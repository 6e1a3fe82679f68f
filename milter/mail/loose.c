/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One domain name in a field that is no RFC 5322 grammar. See loose.h.
 *
 * A reader finds an author domain behind an "@"; readers differ in which "@"
 * counts, where the name behind it ends, and what is decoded first. So every
 * "@" counts here, also those in quotes and comments, which may be none to
 * the next reader; behind each name stands what ends it for all of them; and
 * nothing that could be decoded to another "@" is left.
 */
#include "mail/loose.h"

#include <string.h>

#include "mail/lex.h"
#include "mail/limits.h"

struct scan {
	struct slice all;
	struct loose *out;
	bool utf8, refused;
};

/* --- encoded words -------------------------------------------------------- */

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	return -1;
}

/*
 * An octet 0x40 in what decoders make of it, whatever they skip. Or no whole
 * groups of four: some decoders go on with the next encoded word then.
 */
static bool
base64_has_at(struct slice text)
{
	unsigned bits = 0, nbits = 0, n = 0;

	for (size_t i = 0; i < text.len; i++) {
		int v = base64_value(text.ptr[i]);

		n += v >= 0 || text.ptr[i] == '=';
		if (v < 0)
			continue;
		bits = (bits << 6 | (unsigned)v) & 0xffff;
		nbits += 6;
		if (nbits < 8)
			continue;
		nbits -= 8;
		if ((bits >> nbits & 0xff) == '@')
			return true;
	}
	return n % 4 != 0;
}

/*
 * Charsets in which no other octets make an "@": not so in UTF-7, nor in
 * those of mainframes.
 */
static bool
is_charset(struct slice s)
{
	static const char *const known[] = {"utf-8", "us-ascii", "ascii",
	    "iso-8859-", "iso-2022-", "windows-", "koi8-", "euc-", "gb",
	    "big5", "shift_jis", "ks_c_5601"};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (slice_istarts(s, slice_z(known[i])))
			return true;
	return false;
}

/* encoded-word after its "=?": charset "?" encoding "?" text "?=" */
static bool
lex_encoded_word(struct slice *in, struct slice *charset, char *encoding,
    struct slice *text)
{
	bool more = true;
	struct slice name;

	*charset = slice_cut(in, '?', &more);
	name = slice_cut(in, '?', &more);
	*text = slice_cut(in, '?', &more);
	*encoding = name.len == 1 ? ascii_lower(name.ptr[0]) : '\0';
	return more && lex_char(in, '=') && is_charset(*charset) &&
	    (*encoding == 'b' || *encoding == 'q');
}

/* charset "?" encoding "?": without it, there is nothing to decode. */
static bool
has_encoding(struct slice s)
{
	size_t charset = slice_find(s, '?');

	s = slice_from(s, charset < s.len ? charset + 1 : s.len);
	return slice_find(s, '?') < s.len;
}

bool
loose_hides_address(struct slice text)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		struct slice in = slice_from(text, i + 2), charset, inner;
		char encoding;

		if (text.ptr[i] != '=' || text.ptr[i + 1] != '?')
			continue;
		/* Decoders differ in what they make of a broken one. */
		if (!lex_encoded_word(&in, &charset, &encoding, &inner)) {
			if (has_encoding(slice_from(text, i + 2)))
				return true;
			continue;
		}
		if (slice_find(inner, '@') < inner.len ||
		    (encoding == 'q' &&
			slice_icontains(inner, SLICE_LIT("=40"))) ||
		    (encoding == 'b' && base64_has_at(inner)))
			return true;
		i = text.len - in.len - 1;
	}
	return false;
}

/* --- the whole field ------------------------------------------------------ */

static bool
has(struct slice s, char c)
{
	return slice_find(s, c) < s.len;
}

static bool
has_any(struct slice s, const char *set)
{
	for (; *set; set++)
		if (has(s, *set))
			return true;
	return false;
}

/* A CR or LF that folds nothing: to some readers the field ends there. */
static bool
has_line_end(struct slice s)
{
	while (s.len)
		if (!lex_fws(&s)) {
			if (s.ptr[0] == '\r' || s.ptr[0] == '\n')
				return true;
			s = slice_from(s, 1);
		}
	return false;
}

/* U+FF20 and U+FE6B, an "@" to readers that normalize (NFKC). */
static bool
has_wide_at(struct slice s)
{
	return slice_icontains(s, SLICE_LIT("\xef\xbc\xa0")) ||
	    slice_icontains(s, SLICE_LIT("\xef\xb9\xab"));
}

/*
 * Seen in Sendmail 8.17: with one "<", no ":" behind it and none of these, what
 * stands around the address becomes its display name. See t/mta/attacks.t.
 */
static bool
is_fragile(struct slice all)
{
	size_t angle = slice_find(all, '<');

	return has_any(all, "\",()\\") || angle == all.len ||
	    has_any(slice_from(all, angle + 1), "<:");
}

/* --- one "@" -------------------------------------------------------------- */

static bool
name_octet(char c)
{
	return is_alnum(c) || c == '.' || c == '-' || c == '_' ||
	    (unsigned char)c >= 0x80;
}

static struct slice
trim_dots(struct slice s)
{
	while (s.len && s.ptr[0] == '.')
		s = slice_from(s, 1);
	while (s.len && s.ptr[s.len - 1] == '.')
		s.len--;
	return s;
}

/*
 * Blanks, quotes and the like beyond ASCII that may stand behind a name: U+00A0,
 * U+2000 to U+203F, U+3000, U+FEFF. Readers show them or not; to none they
 * belong to a name (IDNA has none of them).
 */
static struct slice
trim_blanks(struct slice s)
{
	static const struct {
		const char *octets;
		size_t same, len;
	} blanks[] = {{"\xc2\xa0", 2, 2}, {"\xe2\x80", 2, 3},
	    {"\xe3\x80\x80", 3, 3}, {"\xef\xbb\xbf", 3, 3}};
	bool cut = true;

	while (cut) {
		cut = false;
		for (size_t i = 0; !cut && i < ARRAY_LEN(blanks); i++) {
			size_t len = blanks[i].len;

			cut = s.len >= len &&
			    !memcmp(s.ptr + s.len - len, blanks[i].octets,
				blanks[i].same);
			s.len -= cut ? len : 0;
		}
	}
	return s;
}

/*
 * A comment that is never closed, or by the last octet of all: whoever sees
 * one and wherever it ends, no word stands behind it.
 */
static bool
ends_with_comment(struct slice in)
{
	return slice_trim(slice_from(in, slice_find(in, ')') + 1)).len == 0;
}

/*
 * Does the name end before *in for every reader? Not before another word:
 * some parsers drop a blank and a comment inside a domain ("a@b.co m" is
 * b.com to Python's), Sendmail puts a dot there. Not before a comment that
 * touches it either, which DNS takes for a part of the label.
 */
static bool
name_ends(struct slice in, bool in_angle)
{
	while (in.len) {
		bool blank = lex_fws(&in);

		if (in.len == 0 || has(SLICE_LIT("<,;:"), in.ptr[0]))
			return true;
		if (in.ptr[0] == '>' && in_angle)
			return true;
		if (has(SLICE_LIT(">\"')]"), in.ptr[0])) {
			in = slice_from(in, 1);
		} else if (!blank || in.ptr[0] != '(') {
			return false;
		} else if (!lex_comment(&in)) {
			return ends_with_comment(in);
		}
	}
	return true;
}

/* What stands before an "@" that could be its local part. */
static struct slice
local_before(struct slice all, size_t at)
{
	size_t i = at;

	while (i > 0 && (unsigned char)all.ptr[i - 1] > ' ' &&
	    !has(SLICE_LIT("()<>[]:;@\\,\"\x7f"), all.ptr[i - 1]))
		i--;
	if (loose_hides_address(slice_of(all.ptr + i, at - i)))
		return SLICE_EMPTY; /* the end of a broken encoded word */
	return slice_of(all.ptr + i, at - i);
}

/* "Meet @ the office <...": whoever joins these words has no name with a dot. */
static bool
is_prose(struct slice in)
{
	while (in.len &&
	    (is_alnum(in.ptr[0]) || is_wsp(in.ptr[0]) ||
		has(SLICE_LIT("-_'!"), in.ptr[0])))
		in = slice_from(in, 1);
	return in.len && in.ptr[0] == '<';
}

/* True when it leads to a domain name. */
static bool
take_at(struct scan *s, size_t at, bool in_angle)
{
	struct slice in = slice_from(s->all, at + 1), name;
	struct domain d;
	size_t n = 0;

	if (is_prose(in))
		return false;
	(void)lex_fws(&in);
	while (n < in.len && name_octet(in.ptr[n]))
		n++;
	name = trim_dots(slice_upto(in, n));
	/* In a field of another charset, U-labels are other names to some. */
	s->refused = s->refused || !name_ends(slice_from(in, n), in_angle) ||
	    (!s->utf8 && !slice_is_ascii(name));
	if (!domain_parse(name, &d) &&
	    !domain_parse(trim_dots(trim_blanks(name)), &d)) {
		s->refused = true;
		return false;
	}
	/* "Joe @ Work": a name without a dot is nobody's mail domain. */
	if (domain_nlabels(&d) < 2)
		return false;
	if (s->out->domain.len == 0) {
		s->out->domain = d;
		s->out->local = local_before(s->all, at);
	}
	s->out->several = s->out->several || !domain_eq(&d, &s->out->domain);
	return true;
}

/* "host!user", "user%host": the mark is at i. */
static void
take_old(struct scan *s, size_t i)
{
	bool bang = s->all.ptr[i] == '!';
	size_t begin = i + 1, end = i + 1;
	struct domain d;

	if (bang)
		begin = end = i;
	while (bang && begin > 0 && name_octet(s->all.ptr[begin - 1]))
		begin--;
	while (!bang && end < s->all.len && name_octet(s->all.ptr[end]))
		end++;
	if (!domain_parse(slice_of(s->all.ptr + begin, end - begin), &d) ||
	    domain_nlabels(&d) < 2)
		return;
	if (s->out->domain.len == 0)
		s->out->domain = d;
	s->out->several = s->out->several || !domain_eq(&d, &s->out->domain);
	s->out->fragile = true;
}

/*
 * Without an "@": what Sendmail, and Postfix where it writes addresses anew,
 * make user@host of.
 */
static void
take_old_all(struct scan *s)
{
	for (size_t i = 0; i < s->all.len; i++)
		if (s->all.ptr[i] == '!' || s->all.ptr[i] == '%')
			take_old(s, i);
}

/* Every "@"; whether one of the names stands in angle brackets, if any do. */
static bool
take_all(struct scan *s)
{
	bool in_angle = false, found = !has(s->all, '<');
	size_t n = 0;

	for (size_t i = 0; i < s->all.len; i++) {
		char c = s->all.ptr[i];

		if (c == '<' || c == '>')
			in_angle = c == '<';
		if (c != '@')
			continue;
		if (n++ == LIMIT_FROM_ADDRESSES)
			return false;
		found = (take_at(s, i, in_angle) && in_angle) || found;
	}
	return found;
}

void
loose_read(struct slice value, struct loose *out)
{
	struct scan s = {
	    .all = value, .out = out, .utf8 = slice_is_utf8(value)};

	*out = (struct loose){.fragile = is_fragile(value)};
	if (!has(value, '@'))
		take_old_all(&s);
	else if (!take_all(&s))
		s.refused = true;
	if (s.refused || out->several || has_line_end(value) ||
	    has_wide_at(value) || loose_hides_address(value))
		out->domain = (struct domain){.len = 0};
}
