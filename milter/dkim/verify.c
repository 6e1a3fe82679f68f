/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 6.1: gathers the signatures of a message, chooses which to
 * evaluate, feeds their hashes. The verdict on each is judge.c's.
 */
#include "dkim/verify.h"

#include "dkim/bodyhash.h"
#include "dkim/hdrhash.h"
#include "dkim/judge.h"
#include "dkim/key.h"
#include "dkim/shared.h"
#include "mail/limits.h"

const struct dkim_verify_options dkim_verify_defaults = {
    .min_rsa_bits = 1024,
    .max_sigs = 10,
    .expire_skew_s = 300,
    .future_skew_s = 3600,
};

struct candidate {
	struct dkim_sig sig;
	size_t field;
	bool chosen;
	struct dkim_digest header;
	size_t body; /* id in bodyhash */
};

struct dkim_verifier {
	struct dkim_verify_options options;
	struct arena *arena;
	const EVP_MD *sha256;
	struct candidate *candidates[LIMIT_DKIM_SIGNATURES];
	size_t n;       /* of candidates */
	size_t nfields; /* of all seen */
	size_t nchosen;
	struct inquiry *q; /* of the last field */
	struct dkim_bodyhash *body;
	bool header_over, complete;
};

int
dkim_verifier_new(const struct dkim_verify_options *options,
    struct arena *arena, struct dkim_verifier **out, struct err *err)
{
	struct dkim_verifier *v = arena_alloc(arena, sizeof(*v));

	if (!v)
		return err_no_mem(err);
	v->options = *options;
	/* One candidate stays over to speak for those not looked at. */
	if (v->options.max_sigs >= LIMIT_DKIM_SIGNATURES)
		v->options.max_sigs = LIMIT_DKIM_SIGNATURES - 1;
	v->arena = arena;
	if (dkim_shared_sha256(options->shared, arena, &v->sha256, err) ||
	    dkim_bodyhash_new(v->sha256, arena, &v->body, err))
		return -1;
	*out = v;
	return 0;
}

static void
prefetch(const struct candidate *c, struct inquiry *q)
{
	char name[DKIM_KEY_NAME_MAX];

	if (q && c->sig.reason == DKIM_REASON_NONE)
		inquiry_prefetch(q,
		    dkim_key_name(&c->sig.selector, &c->sig.d, name), DNS_TXT);
}

int
dkim_verifier_field(struct dkim_verifier *v, struct slice value,
    size_t field_index, struct inquiry *q, struct err *err)
{
	struct candidate *c;

	v->nfields++;
	if (v->n == LIMIT_DKIM_SIGNATURES)
		return 0;
	c = arena_alloc(v->arena, sizeof(*c));
	if (!c)
		return err_no_mem(err);
	c->field = field_index;
	if (dkim_sig_parse(value, v->arena, &c->sig, err))
		return -1;
	/* Which of them will be evaluated shows at eoh; guess the first. */
	if (v->n < v->options.max_sigs)
		prefetch(c, q);
	v->q = q;
	v->candidates[v->n++] = c;
	return 0;
}

/* 0 is chosen first. */
static int
rank(const struct candidate *c, const struct domain *author)
{
	const struct domain *d = &c->sig.d;

	if (c->sig.reason != DKIM_REASON_NONE)
		return 2;
	if (author->len &&
	    (domain_is_under(d, author) || domain_is_under(author, d)))
		return 0;
	return 1;
}

static void
choose(struct dkim_verifier *v, const struct domain *author)
{
	for (int r = 0; r <= 2; r++) {
		for (size_t i = 0; i < v->n; i++) {
			struct candidate *c = v->candidates[i];

			if (v->nchosen == v->options.max_sigs)
				return;
			if (rank(c, author) != r)
				continue;
			c->chosen = true;
			v->nchosen++;
		}
	}
}

static int
hash_header(struct dkim_verifier *v, struct dkim_hdrhash *hh,
    const struct header *header, struct candidate *c, struct err *err)
{
	const struct field *f;
	size_t at, end;

	if (c->field >= header->n ||
	    header->fields[c->field].value.len != c->sig.value_len)
		return err_set(err, "no such signature in the header");
	f = &header->fields[c->field];
	at = f->raw.len - f->value.len + c->sig.b_at;
	end = at + c->sig.b_len;
	if (dkim_hdrhash_fields(
		hh, c->sig.header_canon, c->sig.h, c->field, err) ||
	    dkim_hdrhash_digest(hh, slice_upto(f->raw, at),
		slice_from(f->raw, end), &c->header, err))
		return -1;
	return dkim_bodyhash_want(
	    v->body, c->sig.body_canon, c->sig.l, &c->body, err);
}

int
dkim_verifier_eoh(struct dkim_verifier *v, const struct header *header,
    const struct domain *author, struct err *err)
{
	struct dkim_hdrhash *hh = NULL;

	v->complete = true;
	v->header_over = header->over;
	choose(v, author);
	/* Nothing may pass by what is missing: nothing is hashed, either. */
	if (v->header_over)
		return 0;
	for (size_t i = 0; i < v->n; i++) {
		struct candidate *c = v->candidates[i];

		if (!c->chosen || c->sig.reason != DKIM_REASON_NONE)
			continue;
		prefetch(c, v->q);
		if (!hh &&
		    dkim_hdrhash_new(header, v->sha256, v->arena, &hh, err))
			return -1;
		if (hash_header(v, hh, header, c, err))
			return -1;
	}
	return 0;
}

int
dkim_verifier_body(
    struct dkim_verifier *v, const void *octets, size_t len, struct err *err)
{
	if (dkim_bodyhash_count(v->body) == 0)
		return 0;
	if (dkim_bodyhash_add(v->body, slice_of(octets, len), err))
		return -1;
	return 1;
}

static int
judge(const struct dkim_verifier *v, const struct dkim_court *court,
    const struct candidate *c, struct dkim_result *r, struct err *err)
{
	struct dkim_evidence evidence = {.header = &c->header};

	r->sig = &c->sig;
	r->domain = c->sig.d;
	r->field = c->field;
	r->reason = c->sig.reason;
	if (!c->chosen)
		r->reason = DKIM_REASON_LIMIT_SIGS;
	else if (v->header_over)
		r->reason = DKIM_REASON_LIMIT_HEADER;
	r->word = dkim_reason_word(r->reason);
	if (r->reason != DKIM_REASON_NONE)
		return 0;
	evidence.body = dkim_bodyhash_digest(v->body, c->body);
	evidence.body_octets = dkim_bodyhash_octets(v->body, c->body);
	return dkim_judge(court, &c->sig, &evidence, r, err);
}

int
dkim_verifier_eom(struct dkim_verifier *v, struct inquiry *q, int64_t now_s,
    const struct dkim_result **results, size_t *n, struct err *err)
{
	struct dkim_court court = {&v->options, q, v->arena, v->sha256, now_s};
	struct dkim_result *r;
	bool told = false;

	*results = NULL;
	*n = 0;
	if (!v->complete)
		return err_set(err, "eom before eoh");
	if (dkim_bodyhash_end(v->body, err))
		return -1;
	r = arena_array(v->arena, v->nchosen + 1, sizeof(*r));
	if (!r)
		return err_no_mem(err);
	*results = r;
	for (size_t i = 0; i < v->n; i++) {
		const struct candidate *c = v->candidates[i];

		/* One result speaks for all that were not looked at. */
		if (!c->chosen && told)
			continue;
		if (judge(v, &court, c, r, err))
			return -1;
		if (!c->chosen) {
			told = true;
			r->others = v->nfields - v->nchosen - 1;
		}
		r++;
	}
	*n = (size_t)(r - *results);
	return 0;
}
