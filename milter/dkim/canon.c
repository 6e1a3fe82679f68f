/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 3.4. A CR without LF and a LF without CR are octets like
 * any other: the verifier converts nothing (section 5.3 is the signer's).
 */
#include "dkim/canon.h"

#include <string.h>

#define BLOCK 64

/* --- sink ---------------------------------------------------------------- */

static void
flush(struct dkim_sink *s)
{
	if (s->n && !s->failed && s->fn(s->arg, s->octets, s->n))
		s->failed = true;
	s->n = 0;
}

static void
put(struct dkim_sink *s, struct slice octets)
{
	if (octets.len >= sizeof(s->octets)) {
		flush(s);
		if (!s->failed && s->fn(s->arg, octets.ptr, octets.len))
			s->failed = true;
		return;
	}
	if (octets.len > sizeof(s->octets) - s->n)
		flush(s);
	if (octets.len)
		memcpy(s->octets + s->n, octets.ptr, octets.len);
	s->n += octets.len;
}

static void
put_char(struct dkim_sink *s, char c)
{
	if (s->n == sizeof(s->octets))
		flush(s);
	s->octets[s->n++] = c;
}

static void
put_crlf(struct dkim_sink *s)
{
	put(s, SLICE_LIT("\r\n"));
}

static int
finish(struct dkim_sink *s)
{
	flush(s);
	return s->failed ? -1 : 0;
}

/* --- one header field ---------------------------------------------------- */

void
dkim_canon_field_begin(
    struct dkim_canon_field *f, enum dkim_canon how, struct dkim_sink *sink)
{
	*f = (struct dkim_canon_field){.sink = sink, .how = how};
}

/* An octet of a relaxed field that is neither blank nor part of a CRLF. */
static void
field_octet(struct dkim_canon_field *f, char c)
{
	bool colon = f->where == DKIM_IN_NAME && c == ':';

	/* "Delete any WSP characters remaining before and after the colon" */
	if (f->blank && !colon && f->where != DKIM_BEFORE_VALUE)
		put_char(f->sink, ' ');
	f->blank = false;
	put_char(f->sink, f->where == DKIM_IN_NAME ? ascii_lower(c) : c);
	if (colon)
		f->where = DKIM_BEFORE_VALUE;
	else if (f->where == DKIM_BEFORE_VALUE)
		f->where = DKIM_IN_VALUE;
}

static void
field_relaxed(struct dkim_canon_field *f, char c)
{
	if (f->cr && c != '\n')
		field_octet(f, '\r');
	/* A CRLF in a field folds it, and "MUST be interpreted without". */
	if (f->cr && c == '\n') {
		f->cr = false;
		return;
	}
	f->cr = c == '\r';
	if (is_wsp(c))
		f->blank = true;
	else if (!f->cr)
		field_octet(f, c);
}

/* Octets at the front of a relaxed value that are put out as they are. */
static size_t
value_run(struct slice s)
{
	size_t n = 0;

	while (n < s.len && !is_wsp(s.ptr[n]) && s.ptr[n] != '\r')
		n++;
	return n;
}

void
dkim_canon_field_add(struct dkim_canon_field *f, struct slice s)
{
	size_t n;

	if (f->how == DKIM_SIMPLE) {
		put(f->sink, s);
		return;
	}
	for (; s.len; s = slice_from(s, n)) {
		field_relaxed(f, s.ptr[0]);
		n = 1;
		if (f->where != DKIM_IN_VALUE || f->cr || f->blank)
			continue;
		n += value_run(slice_from(s, 1));
		put(f->sink, slice_from(slice_upto(s, n), 1));
	}
}

int
dkim_canon_field_end(struct dkim_canon_field *f, bool crlf)
{
	/* Blanks at the end are dropped with f->blank; a CR is no blank. */
	if (f->cr)
		field_octet(f, '\r');
	f->cr = false;
	if (crlf)
		put_crlf(f->sink);
	return finish(f->sink);
}

/* --- a body -------------------------------------------------------------- */

void
dkim_canon_body_begin(
    struct dkim_canon_body *b, enum dkim_canon how, struct dkim_sink *sink)
{
	*b = (struct dkim_canon_body){.sink = sink, .how = how};
}

/*
 * What was held back is part of the body after all, now that something
 * follows: the empty lines, then a blank.
 */
static void
release(struct dkim_canon_body *b)
{
	for (; b->ends; b->ends--)
		put_crlf(b->sink);
	if (b->blank)
		put_char(b->sink, ' ');
	b->blank = false;
	b->any = true;
}

static void
line_end(struct dkim_canon_body *b)
{
	/* "Ignore all whitespace at the end of lines." */
	b->blank = false;
	b->cr = false;
	b->ends++;
}

static bool
is_ordinary(const struct dkim_canon_body *b, char c)
{
	return c != '\r' && (b->how == DKIM_SIMPLE || !is_wsp(c));
}

/* In each octet of the result the top bit: is that of x at most max (< 127)? */
static uint64_t
at_most(uint64_t x, unsigned max)
{
	const uint64_t ones = 0x0101010101010101u;

	return ~(((x & ones * 0x7f) + ones * (0x7f - max)) | x) & ones * 0x80;
}

/*
 * Eight octets at once, and one more behind them: is none of the eight a
 * control, nor a SP before a blank or a control?
 */
static bool
is_plain(const char *p)
{
	uint64_t x, next;

	memcpy(&x, p, sizeof(x));
	memcpy(&next, p + 1, sizeof(next));
	return (at_most(x, ' ' - 1) |
		   (at_most(x, ' ') & at_most(next, ' '))) == 0;
}

/* All bits of an octet, or none: what vector instructions compare to. */
static inline unsigned char
mask(bool b)
{
	return (unsigned char)-b;
}

/*
 * A block of a relaxed body: is each octet of p[0] to p[BLOCK - 1] ordinary
 * and no control, or a SP, or part of a CRLF, and behind p[-1] to p[BLOCK - 2],
 * when one of them is a SP, neither blank nor control? Written without
 * branches, so that compilers make a few vector instructions of it.
 */
static bool
is_verbatim_block(const char *p)
{
	const unsigned char *u = (const unsigned char *)p - 1;
	unsigned char odd = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		unsigned char c = u[i], next = u[i + 1];

		unsigned char blank = mask(next <= ' ');

		odd |= mask(c == '\r') ^ mask(next == '\n');
		odd |= blank & mask(c == ' ');
		odd |= blank ^
		    (mask(next == ' ') | mask(next == '\r') |
			mask(next == '\n'));
	}
	return !odd;
}

/* Whole blocks from n > 0 on; ends after an ordinary octet, n if need be. */
static size_t
skip_blocks(const struct dkim_canon_body *b, struct slice s, size_t n)
{
	size_t end = n;

	if (b->how == DKIM_SIMPLE)
		return n;
	while (s.len - end > BLOCK && is_verbatim_block(s.ptr + end))
		end += BLOCK;
	while (end > n && (unsigned char)s.ptr[end - 1] <= ' ')
		end--;
	return end;
}

/* The place of the first octet from n on that needs a look of its own. */
static size_t
skip_plain(const struct dkim_canon_body *b, struct slice s, size_t n)
{
	if (b->how == DKIM_SIMPLE)
		return n + slice_find(slice_from(s, n), '\r');
	while (n < s.len) {
		size_t near;

		while (s.len - n > 8 && is_plain(s.ptr + n))
			n += 8;
		for (near = n + 8; n < s.len && n < near; n++)
			if (!is_ordinary(b, s.ptr[n]))
				return n;
	}
	return n;
}

/* The place after the line ends that begin at n. */
static size_t
skip_line_ends(struct slice s, size_t n)
{
	while (s.len - n >= 2 && s.ptr[n] == '\r' && s.ptr[n + 1] == '\n')
		n += 2;
	return n;
}

/*
 * Octets at the front of s, the first of them ordinary, that are put out as
 * they are: ordinary ones, and between two of them a single SP or any number
 * of line ends. What real mail is made of, so it is handed on in one piece.
 */
static size_t
verbatim_length(const struct dkim_canon_body *b, struct slice s)
{
	size_t n = 1;

	for (;;) {
		size_t end = skip_plain(b, s, skip_blocks(b, s, n));

		n = end;
		if (n < s.len && s.ptr[n] == ' ')
			n++;
		else if (n < s.len)
			n = skip_line_ends(s, n);
		if (n == end || n == s.len || !is_ordinary(b, s.ptr[n]))
			return end;
	}
}

void
dkim_canon_body_add(struct dkim_canon_body *b, struct slice s)
{
	while (s.len) {
		char c = s.ptr[0];
		size_t n = 1;

		if (b->cr && c == '\n') {
			line_end(b);
		} else {
			if (b->cr) {
				release(b);
				put_char(b->sink, '\r');
			}
			b->cr = c == '\r';
			if (is_ordinary(b, c)) {
				n = verbatim_length(b, s);
				release(b);
				put(b->sink, slice_upto(s, n));
			} else if (!b->cr) {
				b->blank = true;
			}
		}
		s = slice_from(s, n);
	}
}

int
dkim_canon_body_end(struct dkim_canon_body *b)
{
	if (b->cr) {
		release(b);
		put_char(b->sink, '\r');
		b->cr = false;
	}
	/*
	 * Section 3.4.3: ""*CRLF" at the end of the body" becomes a single
	 * CRLF, and "a completely empty or missing body" one, too. Section
	 * 3.4.4: an empty relaxed body stays empty.
	 */
	if (b->any || b->how == DKIM_SIMPLE)
		put_crlf(b->sink);
	return finish(b->sink);
}
