/* SPDX-License-Identifier: BSD-2-Clause */
/* See cause.h. */
#include "tools/cause.h"

#include <string.h>

#include "dkim/canon.h"
#include "dkim/key.h"
#include "dkim/tags.h"
#include "dns/rdata.h"

#define BODY_MAX (1u << 30)
#define TOP_LINES 50 /* a banner put above is no longer */

/* --- the header ----------------------------------------------------------------- */

int
cause_signed_init(struct cause_signed *s, const struct run *r,
    const struct dkim_result *d, struct err *err)
{
	const struct field *f = &r->message->header.fields[d->field];
	size_t at = f->raw.len - f->value.len + d->sig->b_at;
	EVP_MD *md;

	*s = (struct cause_signed){.sig = d->sig,
	    .field = d->field,
	    .before = slice_upto(f->raw, at),
	    .after = slice_from(f->raw, at + d->sig->b_len)};
	if (dkim_sha256_fetch(r->arena, &md, err))
		return -1;
	return dkim_hdrhash_new(
	    &r->message->header, md, r->arena, &s->hh, err);
}

int
cause_signed_hash(struct cause_signed *s, struct slice names, struct buf *copy,
    struct err *err)
{
	int rc = -1;

	dkim_hdrhash_copy(s->hh, copy);
	if (dkim_hdrhash_fields(
		s->hh, s->sig->header_canon, names, s->field, err) == 0 &&
	    dkim_hdrhash_digest(s->hh, s->before, s->after, &s->digest, err) ==
		0)
		rc = 0;
	dkim_hdrhash_copy(s->hh, NULL);
	if (rc == 0 && copy && buf_status(copy))
		return err_set(err, "the header is too long to be shown");
	return rc;
}

/* Does the signature hold with this digest? 1, 0, or -1. */
static int
holds(const struct run *r, const struct dkim_sig *sig,
    const struct dkim_digest *digest, struct err *err)
{
	char name[DKIM_KEY_NAME_MAX];
	const struct answer *a = inquiry_ask(r->message->inquiry,
	    dkim_key_name(&sig->selector, &sig->d, name), DNS_TXT);
	int rc = 0;
	EVP_MD *md;

	if (dkim_sha256_fetch(r->arena, &md, err))
		return -1;
	for (size_t i = 0; rc == 0 && i < a->nrr; i++) {
		struct dkim_key key;
		struct slice text;

		if (i == LIMIT_DKIM_KEY_RECORDS)
			break;
		if (rdata_txt(a->rdata[i], r->arena, &text))
			return err_no_mem(err);
		if (dkim_key_parse(text, &key, err))
			return -1;
		if (key.reason == DKIM_REASON_NONE)
			rc = dkim_pkey_verify(key.pkey, sig->alg, md, NULL,
			    digest, sig->signature, err);
		dkim_key_clear(&key);
	}
	return rc;
}

/* The list without its skip-th name. */
static void
names_without(
    struct slice list, size_t skip, struct buf *out, struct slice *left_out)
{
	bool more = true;

	for (size_t i = 0; more; i++) {
		struct slice name = dkim_list_next(&list, &more);

		if (i == skip) {
			*left_out = name;
			continue;
		}
		if (out->len)
			buf_addc(out, ':');
		buf_add(out, name);
	}
}

static size_t
count_names(struct slice list)
{
	bool more = true;
	size_t n;

	for (n = 0; more; n++)
		(void)dkim_list_next(&list, &more);
	return n;
}

/* A field that h= rules out (or did not have) was added later. 1, 0, -1. */
static int
was_added(const struct run *r, const struct dkim_result *d, struct buf *why,
    struct err *err)
{
	size_t n = count_names(d->sig->h);
	struct cause_signed s;
	int rc = 0;

	if (cause_signed_init(&s, r, d, err))
		return -1;
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct buf names = BUF_INIT(LIMIT_DKIM_SIG_OCTETS);
		struct slice left_out = SLICE_EMPTY;

		names_without(d->sig->h, i, &names, &left_out);
		rc = cause_signed_hash(&s, buf_slice(&names), NULL, err);
		if (rc == 0)
			rc = holds(r, d->sig, &s.digest, err);
		if (rc == 1)
			buf_addf(why,
			    "a field " SLICE_FMT
			    " was added after the message was signed",
			    SLICE_ARG(left_out));
		buf_free(&names);
	}
	return rc;
}

/* The raw Subject without a "[list] " in front of it; empty: there is none. */
static struct slice
untagged(const struct run *r, struct slice raw, struct slice tag[1])
{
	size_t open = slice_find(raw, '['), close = slice_find(raw, ']');
	struct buf b = BUF_INIT(LIMIT_HEADER_OCTETS);
	struct slice out = SLICE_EMPTY;

	if (open < close && close + 1 < raw.len &&
	    slice_trim(
		slice_from(slice_upto(raw, open), sizeof("Subject:") - 1))
		    .len == 0) {
		size_t end = close + 1;

		while (end < raw.len && is_wsp(raw.ptr[end]))
			end++;
		*tag = slice_of(raw.ptr + open, close + 1 - open);
		buf_add(&b, slice_upto(raw, open));
		buf_add(&b, slice_from(raw, end));
		if (arena_copy(r->arena, buf_slice(&b), &out))
			out = SLICE_EMPTY;
	}
	buf_free(&b);
	return out;
}

/* A list wrote its name into the Subject. 1, 0, -1. */
static int
was_tagged(const struct run *r, const struct dkim_result *d, struct buf *why,
    struct err *err)
{
	struct header *h = &r->message->header;
	size_t i = header_last(h, SLICE_LIT("Subject"));
	struct cause_signed s;
	struct slice raw, was, tag = SLICE_EMPTY;
	int rc;

	if (i == FIELD_NONE)
		return 0;
	was = h->fields[i].raw;
	raw = untagged(r, was, &tag);
	if (raw.len == 0)
		return 0;
	h->fields[i].raw = raw;
	rc = cause_signed_init(&s, r, d, err) ||
		cause_signed_hash(&s, d->sig->h, NULL, err)
	    ? -1
	    : holds(r, d->sig, &s.digest, err);
	h->fields[i].raw = was;
	if (rc == 1)
		buf_addf(why,
		    "the Subject was changed: \"" SLICE_FMT
		    "\" was put in front of it",
		    SLICE_ARG(tag));
	return rc;
}

int
cause_header(const struct run *r, const struct dkim_result *d, struct buf *why,
    struct err *err)
{
	int rc = was_tagged(r, d, why, err);

	if (rc == 0)
		rc = was_added(r, d, why, err);
	if (rc == 0)
		buf_addz(why,
		    "the body is as it was signed: a signed field was changed "
		    "or removed, or the key is another one");
	return rc < 0 ? -1 : 0;
}

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
	struct buf lf = BUF_INIT(BODY_MAX);
	size_t front, above;

	without_cr(text, &lf);
	if (fits_text(s, SLICE_EMPTY) || fits_text(s, SLICE_LIT("\r\n"))) {
		buf_addz(why, "the body was empty when it was signed");
	} else if (fits_text(s, buf_slice(&lf))) {
		buf_addz(why,
		    "the signer hashed lines ended by LF alone, not CRLF");
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
		    "(footer, banner, line ends, emptied) explains it");
	}
	buf_free(&lf);
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
