/* SPDX-License-Identifier: BSD-2-Clause */
/* See cause.h: why the body's hash is another one. */
#include "tools/cause.h"

#include <string.h>

#include "dkim/canon.h"

#define BODY_MAX (1u << 30)
#define TOP_LINES 50 /* a banner put above is no longer */

/* --- the body --------------------------------------------------------------------- */

static int
into_buf(void *arg, const void *octets, size_t len)
{
	struct buf *b = arg;

	buf_add(b, slice_of(octets, len));
	return buf_status(b);
}

static int
canonical(struct slice body, enum dkim_canon how, struct buf *out)
{
	struct dkim_sink sink = DKIM_SINK(into_buf, out);
	struct dkim_canon_body c;

	dkim_canon_body_begin(&c, how, &sink);
	dkim_canon_body_add(&c, body);
	return dkim_canon_body_end(&c);
}

struct body_search {
	const EVP_MD *md;
	EVP_MD_CTX *all, *part;
	struct slice want; /* the hash that was signed */
};

/* Is that the hash of what was added to s->all so far? */
static bool
fits(const struct body_search *s)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	return EVP_MD_CTX_copy_ex(s->part, s->all) == 1 &&
	    EVP_DigestFinal_ex(s->part, digest, &len) == 1 &&
	    slice_eq(slice_of(digest, len), s->want);
}

static bool
fits_text(const struct body_search *s, struct slice text)
{
	return EVP_DigestInit_ex2(s->all, s->md, NULL) == 1 &&
	    EVP_DigestUpdate(s->all, text.ptr ? text.ptr : "", text.len) ==
	    1 &&
	    fits(s);
}

/* How many octets at the front were signed; text.len + 1: none such. */
static size_t
signed_front(const struct body_search *s, struct slice text)
{
	size_t at = 0;

	if (EVP_DigestInit_ex2(s->all, s->md, NULL) != 1)
		return text.len + 1;
	while (at < text.len) {
		struct slice rest = slice_from(text, at);
		size_t n = slice_find(rest, '\n');

		n = n < rest.len ? n + 1 : n;
		if (EVP_DigestUpdate(s->all, rest.ptr, n) != 1)
			break;
		at += n;
		if (fits(s))
			return at;
	}
	return text.len + 1;
}

/* The number of lines put above what was signed; 0: none. */
static size_t
lines_above(const struct body_search *s, struct slice text)
{
	for (size_t i = 1; i <= TOP_LINES && text.len; i++) {
		text = slice_from(text, slice_find(text, '\n') + 1);
		if (fits_text(s, text))
			return i;
	}
	return 0;
}

static void
without_cr(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != '\r')
			buf_addc(out, text.ptr[i]);
}

/* What a mail store writes before a "From " at the front of a line. */
static void
without_quotes(struct slice text, struct buf *out)
{
	bool more = text.len > 0;

	while (more) {
		struct slice line = slice_cut(&text, '\n', &more);

		if (slice_starts(line, SLICE_LIT(">From ")))
			line = slice_from(line, 1);
		buf_add(out, line);
		if (more)
			buf_addc(out, '\n');
	}
}

/* CR CR LF: something took CRLF for LF, and made CRLF of it. */
static void
without_doubled(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != '\r' || i + 1 == text.len ||
		    text.ptr[i + 1] != '\r')
			buf_addc(out, text.ptr[i]);
}

/* Undone, is it what was signed? */
static bool
undone(const struct body_search *s, struct slice text,
    void (*undo)(struct slice, struct buf *))
{
	struct buf b = BUF_INIT(BODY_MAX);
	bool yes;

	undo(text, &b);
	yes = buf_status(&b) == 0 && fits_text(s, buf_slice(&b));
	buf_free(&b);
	return yes;
}

static size_t
count_lines(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}

static void
search_body(const struct body_search *s, struct slice text, struct buf *why)
{
	size_t front, above;

	if (fits_text(s, SLICE_EMPTY) || fits_text(s, SLICE_LIT("\r\n"))) {
		buf_addz(why, "the body was empty when it was signed");
	} else if (undone(s, text, without_cr)) {
		buf_addz(why,
		    "the line ends: the signer hashed lines ended by LF "
		    "alone, not CRLF");
	} else if (undone(s, text, without_doubled)) {
		buf_addz(
		    why, "the line ends: a CR was put in front of each CRLF");
	} else if (undone(s, text, without_quotes)) {
		buf_addz(why,
		    "a mail store wrote \">From \" for \"From \" at the front "
		    "of a line");
	} else if ((front = signed_front(s, text)) <= text.len) {
		buf_addf(why,
		    "a footer was added: %zu lines, %zu octets after what was "
		    "signed",
		    count_lines(slice_from(text, front)), text.len - front);
	} else if ((above = lines_above(s, text)) > 0) {
		buf_addf(
		    why, "%zu lines were put above what was signed", above);
	} else {
		buf_addz(why,
		    "the body was changed: none of the changes known here "
		    "(footer, banner, line ends, From quoted, emptied) "
		    "explains it");
	}
}

int
cause_body(const struct run *r, const struct dkim_sig *sig, struct buf *why,
    struct err *err)
{
	struct buf text = BUF_INIT(BODY_MAX);
	struct body_search s = {.want = sig->body_hash};
	EVP_MD *md;
	int rc = -1;

	if (dkim_sha256_fetch(r->arena, &md, err) ||
	    dkim_md_ctx(r->arena, &s.all, err) ||
	    dkim_md_ctx(r->arena, &s.part, err))
		return -1;
	s.md = md;
	if (canonical(r->body, sig->body_canon, &text)) {
		(void)err_no_mem(err);
	} else {
		search_body(&s,
		    sig->l < text.len ? slice_upto(buf_slice(&text), sig->l)
				      : buf_slice(&text),
		    why);
		rc = 0;
	}
	buf_free(&text);
	return rc;
}
