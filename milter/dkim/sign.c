/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 5.5: one pass over the message, one hash of the header
 * fields and one of the body, then a signature by each key. Key files, and
 * who signs what, are other rooms' matters.
 */
#include "dkim/sign.h"

#include "dkim/bodyhash.h"
#include "dkim/hdrhash.h"
#include "dkim/key.h"
#include "dkim/select.h"
#include "dkim/shared.h"
#include "dkim/sigtext.h"
#include "mail/limits.h"

struct dkim_signer {
	struct dkim_sign_options options;
	struct arena *arena;
	const EVP_MD *sha256;
	struct dkim_signing *first, **end;
	size_t n;
	enum dkim_reason refusal;
	struct dkim_names names;
	bool utf8;
	struct dkim_hdrhash *header;
	struct dkim_bodyhash *body;
	size_t body_id;
	struct dkim_body_check check;
	bool complete;
};

int
dkim_signer_new(const struct dkim_sign_options *options, struct arena *arena,
    struct dkim_signer **out, struct err *err)
{
	struct dkim_signer *s = arena_alloc(arena, sizeof(*s));

	if (!s)
		return err_no_mem(err);
	s->options = *options;
	s->arena = arena;
	s->end = &s->first;
	if (dkim_shared_sha256(options->shared, arena, &s->sha256, err) ||
	    dkim_bodyhash_new(s->sha256, arena, &s->body, err) ||
	    dkim_bodyhash_want(s->body, options->body_canon, DKIM_NO_LENGTH,
		&s->body_id, err))
		return -1;
	*out = s;
	return 0;
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return true;
	return false;
}

/* RFC 6376 section 3.5, i=: the same domain as d= or one below it */
static bool
identity_fits(struct slice identity, const struct domain *d)
{
	size_t at = slice_rfind(identity, '@');
	struct domain domain;

	return identity.len == 0 ||
	    (at < identity.len && slice_is_utf8(identity) &&
		!has_control(identity) &&
		domain_parse(slice_from(identity, at + 1), &domain) &&
		domain_is_under(&domain, d));
}

static int
check_key(const struct dkim_signing *one, struct err *err)
{
	const struct dkim_sign_key *key = &one->key;
	enum dkim_alg alg;

	if (!identity_fits(key->identity, &one->d))
		return err_set(err, "\"" SLICE_FMT "\" is not below %s",
		    SLICE_ARG(key->identity), one->d.text);
	if (!key->pkey || !dkim_key_alg(key->pkey, &alg) || alg != key->alg)
		return err_set(err, "the key of %s._domainkey.%s is not %s",
		    one->selector.text, one->d.text,
		    names_word(dkim_alg_words, (int)key->alg));
	if (alg == DKIM_RSA_SHA256 &&
	    EVP_PKEY_get_bits(key->pkey) < LIMIT_RSA_BITS_MIN)
		return err_set(err, "the key of %s._domainkey.%s is too small",
		    one->selector.text, one->d.text);
	return 0;
}

int
dkim_signer_add(
    struct dkim_signer *s, const struct dkim_sign_key *key, struct err *err)
{
	struct dkim_signing *one = arena_alloc(s->arena, sizeof(*one));

	if (!one)
		return err_no_mem(err);
	one->key = *key;
	if (!domain_parse(key->domain, &one->d) || domain_nlabels(&one->d) < 2)
		return err_set(err, "cannot sign as \"" SLICE_FMT "\"",
		    SLICE_ARG(key->domain));
	if (!domain_parse(key->selector, &one->selector))
		return err_set(err, "\"" SLICE_FMT "\" is no selector",
		    SLICE_ARG(key->selector));
	if (check_key(one, err))
		return -1;
	*s->end = one;
	s->end = &one->next;
	s->n++;
	return 0;
}

/* The names as one list, as the hash takes them. */
static int
join_names(struct dkim_signer *s, struct slice *out, struct err *err)
{
	struct buf b = BUF_INIT(LIMIT_DKIM_SIG_OCTETS);
	int rc = 0;

	for (size_t i = 0; i < s->names.n; i++) {
		if (i)
			buf_addc(&b, ':');
		buf_add(&b, s->names.names[i]);
	}
	if (b.over)
		s->refusal = DKIM_REASON_LIMIT_H;
	else if (buf_status(&b) || arena_copy(s->arena, buf_slice(&b), out))
		rc = err_no_mem(err);
	buf_free(&b);
	return rc;
}

int
dkim_signer_eoh(
    struct dkim_signer *s, const struct header *header, struct err *err)
{
	struct slice list = SLICE_EMPTY;

	s->complete = true;
	s->refusal = dkim_check_header(header, s->options.sign_malformed);
	if (s->refusal != DKIM_REASON_NONE)
		return 0;
	if (dkim_select_names(
		&s->options, header, s->arena, &s->names, &s->refusal, err))
		return -1;
	if (s->refusal == DKIM_REASON_NONE && join_names(s, &list, err))
		return -1;
	if (s->refusal != DKIM_REASON_NONE)
		return 0;
	s->utf8 = dkim_header_is_utf8(header);
	if (dkim_hdrhash_new(header, s->sha256, s->arena, &s->header, err))
		return -1;
	return dkim_hdrhash_fields(
	    s->header, s->options.header_canon, list, FIELD_NONE, err);
}

int
dkim_signer_body(
    struct dkim_signer *s, const void *octets, size_t len, struct err *err)
{
	struct slice part = slice_of(octets, len);

	if (s->refusal != DKIM_REASON_NONE)
		return 0;
	if (!s->options.sign_malformed)
		dkim_check_body(&s->check, part);
	return dkim_bodyhash_add(s->body, part, err);
}

static int
sign(struct dkim_signer *s, const struct dkim_sigtext *text,
    const struct dkim_signing *one, struct slice *value, struct err *err)
{
	struct dkim_fold f = DKIM_FOLD_INIT(2 * LIMIT_DKIM_SIG_OCTETS);
	struct dkim_digest digest;
	struct slice signature;
	int rc = -1;

	dkim_sigtext_write(text, one, &f);
	if (dkim_fold_status(&f)) {
		(void)err_no_mem(err);
		goto out;
	}
	if (dkim_hdrhash_digest(
		s->header, buf_slice(&f.text), SLICE_EMPTY, &digest, err) ||
	    dkim_pkey_sign(one->key.pkey, one->key.alg, s->sha256, &digest,
		s->arena, &signature, err))
		goto out;
	dkim_sigtext_finish(&f, signature);
	if (dkim_fold_status(&f) ||
	    arena_copy(s->arena,
		slice_from(buf_slice(&f.text), sizeof(DKIM_SIGTEXT_NAME) - 1),
		value)) {
		(void)err_no_mem(err);
		goto out;
	}
	rc = 0;
out:
	dkim_fold_free(&f);
	return rc;
}

int
dkim_signer_eom(struct dkim_signer *s, int64_t now_s,
    const struct slice **values, size_t *n, struct err *err)
{
	struct dkim_sigtext text = {
	    &s->options, &s->names, NULL, s->utf8, now_s};
	struct slice *v;

	*values = NULL;
	*n = 0;
	if (!s->complete)
		return err_set(err, "eom before eoh");
	if (s->refusal == DKIM_REASON_NONE)
		s->refusal = dkim_check_body_end(&s->check);
	if (s->refusal != DKIM_REASON_NONE)
		return 0;
	if (dkim_bodyhash_end(s->body, err))
		return -1;
	text.body = dkim_bodyhash_digest(s->body, s->body_id);
	v = arena_array(s->arena, s->n, sizeof(*v));
	if (!v)
		return err_no_mem(err);
	*values = v;
	for (struct dkim_signing *one = s->first; one; one = one->next)
		if (sign(s, &text, one, v++, err))
			return -1;
	*n = s->n;
	return 0;
}

enum dkim_reason
dkim_signer_refusal(const struct dkim_signer *s)
{
	return s->refusal;
}
