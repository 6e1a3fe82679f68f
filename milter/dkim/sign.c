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

struct group {
	struct dkim_sign_options options;
	enum dkim_reason refusal;
	struct dkim_names names;
	struct dkim_hdrhash *header;
	size_t body_id;
	struct dkim_body_check check;
	struct group *next;
};

struct dkim_signer {
	struct arena *arena;
	const EVP_MD *sha256;
	struct group *groups, **groups_end;
	size_t ngroups;
	struct dkim_signing *first, **end;
	size_t n;
	bool utf8;
	struct dkim_bodyhash *body;
	bool complete;
};

int
dkim_signer_group(struct dkim_signer *s,
    const struct dkim_sign_options *options, size_t *group, struct err *err)
{
	struct group *g = arena_alloc(s->arena, sizeof(*g));

	if (!g)
		return err_no_mem(err);
	g->options = *options;
	g->check.max_line = options->max_line;
	/* One body hash for all groups that canonicalise alike. */
	if (dkim_bodyhash_want(s->body, options->body_canon, DKIM_NO_LENGTH,
		&g->body_id, err))
		return -1;
	*s->groups_end = g;
	s->groups_end = &g->next;
	*group = s->ngroups++;
	return 0;
}

int
dkim_signer_new(const struct dkim_sign_options *options, struct arena *arena,
    struct dkim_signer **out, struct err *err)
{
	struct dkim_signer *s = arena_alloc(arena, sizeof(*s));
	size_t group;

	if (!s)
		return err_no_mem(err);
	s->arena = arena;
	s->end = &s->first;
	s->groups_end = &s->groups;
	if (dkim_shared_sha256(options->shared, arena, &s->sha256, err) ||
	    dkim_bodyhash_new(s->sha256, arena, &s->body, err) ||
	    dkim_signer_group(s, options, &group, err))
		return -1;
	*out = s;
	return 0;
}

static const struct group *
group_of(const struct dkim_signer *s, const struct dkim_sign_key *key)
{
	const struct group *g = s->groups;

	for (size_t i = 0; i < key->group && g->next; i++)
		g = g->next;
	return g;
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return true;
	return false;
}

bool
dkim_identity_fits(struct slice identity, const struct domain *d)
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

	if (!dkim_identity_fits(key->identity, &one->d))
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
	if (key->group >= s->ngroups)
		return err_set(err, "no such group of options");
	if (check_key(one, err))
		return -1;
	*s->end = one;
	s->end = &one->next;
	s->n++;
	return 0;
}

/* The names as one list, as the hash takes them. */
static int
join_names(const struct dkim_signer *s, struct group *g, struct slice *out,
    struct err *err)
{
	struct buf b = BUF_INIT(LIMIT_DKIM_SIG_OCTETS);
	int rc = 0;

	for (size_t i = 0; i < g->names.n; i++) {
		if (i)
			buf_addc(&b, ':');
		buf_add(&b, g->names.names[i]);
	}
	if (b.over)
		g->refusal = DKIM_REASON_LIMIT_H;
	else if (buf_status(&b) || arena_copy(s->arena, buf_slice(&b), out))
		rc = err_no_mem(err);
	buf_free(&b);
	return rc;
}

static int
group_eoh(const struct dkim_signer *s, struct group *g,
    const struct header *header, struct err *err)
{
	struct slice list = SLICE_EMPTY;

	g->refusal = dkim_check_header(header, &g->options);
	if (g->refusal != DKIM_REASON_NONE)
		return 0;
	if (dkim_select_names(
		&g->options, header, s->arena, &g->names, &g->refusal, err))
		return -1;
	if (g->refusal == DKIM_REASON_NONE && join_names(s, g, &list, err))
		return -1;
	if (g->refusal != DKIM_REASON_NONE)
		return 0;
	if (dkim_hdrhash_new(header, s->sha256, s->arena, &g->header, err))
		return -1;
	return dkim_hdrhash_fields(
	    g->header, g->options.header_canon, list, FIELD_NONE, err);
}

int
dkim_signer_eoh(
    struct dkim_signer *s, const struct header *header, struct err *err)
{
	s->complete = true;
	s->utf8 = dkim_header_is_utf8(header);
	for (struct group *g = s->groups; g; g = g->next)
		if (group_eoh(s, g, header, err))
			return -1;
	return 0;
}

int
dkim_signer_body(
    struct dkim_signer *s, const void *octets, size_t len, struct err *err)
{
	struct slice part = slice_of(octets, len);
	bool wanted = false;

	for (struct group *g = s->groups; g; g = g->next) {
		if (g->refusal != DKIM_REASON_NONE)
			continue;
		wanted = true;
		if (!g->options.sign_malformed)
			dkim_check_body(&g->check, part);
	}
	return wanted ? dkim_bodyhash_add(s->body, part, err) : 0;
}

static int
sign(const struct dkim_signer *s, const struct dkim_sigtext *text,
    const struct dkim_signing *one, struct slice *value, struct err *err)
{
	struct dkim_fold f = DKIM_FOLD_INIT(2 * LIMIT_DKIM_SIG_OCTETS);
	const struct group *g = group_of(s, &one->key);
	struct dkim_digest digest;
	struct slice signature;
	int rc = -1;

	dkim_sigtext_write(text, one, &f);
	if (dkim_fold_status(&f)) {
		(void)err_no_mem(err);
		goto out;
	}
	if (dkim_hdrhash_digest(
		g->header, buf_slice(&f.text), SLICE_EMPTY, &digest, err) ||
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

static int
sign_one(const struct dkim_signer *s, const struct dkim_signing *one,
    int64_t now_s, struct slice *value, struct err *err)
{
	const struct group *g = group_of(s, &one->key);
	struct dkim_sigtext text = {
	    &g->options, &g->names, NULL, s->utf8, now_s};

	*value = SLICE_EMPTY;
	if (g->refusal != DKIM_REASON_NONE)
		return 0;
	text.body = dkim_bodyhash_digest(s->body, g->body_id);
	return sign(s, &text, one, value, err);
}

/* Is there a group that signs? */
static bool
end_body(struct dkim_signer *s)
{
	bool any = false;

	for (struct group *g = s->groups; g; g = g->next) {
		if (g->refusal == DKIM_REASON_NONE)
			g->refusal = dkim_check_body_end(&g->check);
		any = any || g->refusal == DKIM_REASON_NONE;
	}
	return any;
}

int
dkim_signer_eom(struct dkim_signer *s, int64_t now_s, struct slice **values,
    size_t *n, struct err *err)
{
	struct slice *v;

	*values = NULL;
	*n = 0;
	if (!s->complete)
		return err_set(err, "eom before eoh");
	if (!end_body(s))
		return 0;
	if (dkim_bodyhash_end(s->body, err))
		return -1;
	v = arena_array(s->arena, s->n, sizeof(*v));
	if (!v)
		return err_no_mem(err);
	*values = v;
	for (struct dkim_signing *one = s->first; one; one = one->next)
		if (sign_one(s, one, now_s, v++, err))
			return -1;
	*n = s->n;
	return 0;
}

enum dkim_reason
dkim_signer_refusal(const struct dkim_signer *s)
{
	for (const struct group *g = s->groups; g; g = g->next)
		if (g->refusal != DKIM_REASON_NONE)
			return g->refusal;
	return DKIM_REASON_NONE;
}
