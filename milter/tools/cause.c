/* SPDX-License-Identifier: BSD-2-Clause */
/* See cause.h. */
#include "tools/cause.h"

#include <string.h>

#include "dkim/key.h"
#include "dkim/tags.h"
#include "dns/rdata.h"

#define TRIES 100 /* nobody folds a hundred fields */

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

/* Does the signature hold with the field so? 1, 0, -1. */
static int
holds_with(const struct run *r, const struct dkim_result *d, size_t i,
    struct slice raw, struct err *err)
{
	struct field *f = &r->message->header.fields[i];
	struct slice was = f->raw;
	struct cause_signed s;
	int rc;

	f->raw = raw;
	rc = cause_signed_init(&s, r, d, err) ||
		cause_signed_hash(&s, d->sig->h, NULL, err)
	    ? -1
	    : holds(r, d->sig, &s.digest, err);
	f->raw = was;
	return rc;
}

/* A list wrote its name into the Subject. 1, 0, -1. */
static int
was_tagged(const struct run *r, const struct dkim_result *d, struct buf *why,
    struct err *err)
{
	const struct header *h = &r->message->header;
	size_t i = header_last(h, SLICE_LIT("Subject"));
	struct slice raw, tag = SLICE_EMPTY;
	int rc;

	if (i == FIELD_NONE)
		return 0;
	raw = untagged(r, h->fields[i].raw, &tag);
	if (raw.len == 0)
		return 0;
	rc = holds_with(r, d, i, raw, err);
	if (rc == 1)
		buf_addf(why,
		    "the Subject was changed: \"" SLICE_FMT
		    "\" was put in front of it",
		    SLICE_ARG(tag));
	return rc;
}

/* A list kept in X-Original-From what was From. 1, 0, -1. */
static int
was_kept_aside(const struct run *r, const struct dkim_result *d,
    struct buf *why, struct err *err)
{
	static const struct slice prefix = {"X-Original-", 11};
	const struct header *h = &r->message->header;
	size_t tries = 0;
	int rc = 0;

	for (size_t k = 0; k < h->n && rc == 0 && tries < TRIES; k++) {
		const struct field *f = &h->fields[k];
		struct slice name = slice_from(f->name, prefix.len), raw;
		size_t i;

		if (!slice_istarts(f->name, prefix) || name.len == 0)
			continue;
		i = header_last(h, name);
		if (i == FIELD_NONE)
			continue;
		raw = slice_from(f->raw, prefix.len);
		tries++;
		rc = holds_with(r, d, i, raw, err);
		if (rc == 1)
			buf_addf(why,
			    "the field " SLICE_FMT
			    " was changed: the signature holds with what " SLICE_FMT
			    " has",
			    SLICE_ARG(name), SLICE_ARG(f->name));
	}
	return rc;
}

/* The field on one line. Empty: it is already, or there is no memory. */
static struct slice
unfolded(const struct run *r, struct slice raw)
{
	struct buf b = BUF_INIT(LIMIT_HEADER_OCTETS);
	struct slice out = SLICE_EMPTY;

	for (size_t i = 0; i < raw.len; i++)
		if (!is_fws(raw.ptr[i]) || is_wsp(raw.ptr[i]))
			buf_addc(&b, raw.ptr[i]);
	if (b.len == raw.len || buf_status(&b) ||
	    arena_copy(r->arena, buf_slice(&b), &out))
		out = SLICE_EMPTY;
	buf_free(&b);
	return out;
}

/* A long field was broken onto several lines: simple minds. 1, 0, -1. */
static int
was_folded(const struct run *r, const struct dkim_result *d, struct buf *why,
    struct err *err)
{
	const struct header *h = &r->message->header;
	size_t tries = 0;
	int rc = 0;

	if (d->sig->header_canon != DKIM_SIMPLE)
		return 0;
	for (size_t i = 0; i < h->n && rc == 0 && tries < TRIES; i++) {
		struct slice raw = i == d->field
		    ? SLICE_EMPTY
		    : unfolded(r, h->fields[i].raw);

		if (raw.len == 0)
			continue;
		tries++;
		rc = holds_with(r, d, i, raw, err);
		if (rc == 1)
			buf_addf(why,
			    "the field " SLICE_FMT
			    " was folded anew, which c=simple does not allow",
			    SLICE_ARG(h->fields[i].name));
	}
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
		rc = was_kept_aside(r, d, why, err);
	if (rc == 0)
		rc = was_folded(r, d, why, err);
	if (rc == 0)
		buf_addz(why,
		    "the body is as it was signed: a signed field was changed "
		    "or removed, or the key is another one");
	return rc < 0 ? -1 : 0;
}
