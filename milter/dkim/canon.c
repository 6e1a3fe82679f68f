/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 3.4. A CR without LF and a LF without CR are octets like
 * any other: the verifier converts nothing (section 5.3 is the signer's).
 */
#include "dkim/canon.h"

#include <string.h>

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

void
dkim_canon_field_add(struct dkim_canon_field *f, struct slice s)
{
	if (f->how == DKIM_SIMPLE)
		put(f->sink, s);
	else
		for (size_t i = 0; i < s.len; i++)
			field_relaxed(f, s.ptr[i]);
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

/*
 * Octets at the front of s, the first of them ordinary, that are put out as
 * they are. A single SP between two ordinary octets is itself already.
 */
static size_t
ordinary_length(const struct dkim_canon_body *b, struct slice s)
{
	size_t n = 0;

	if (b->how == DKIM_SIMPLE)
		return slice_find(s, '\r');
	for (;;) {
		while (n < s.len && is_ordinary(b, s.ptr[n]))
			n++;
		if (n + 1 >= s.len || s.ptr[n] != ' ' ||
		    !is_ordinary(b, s.ptr[n + 1]))
			return n;
		n++;
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
				n = ordinary_length(b, s);
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
