/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 3.5, RFC 8616 section 5. Never l= (section 8.2), q= (its
 * default says it all) or z=. b= comes last, so that what follows the other
 * tags can be appended without touching what was hashed.
 */
#include "dkim/sigtext.h"

#include "dkim/base64.h"
#include "dkim/qp.h"

/*
 * In an internationalized header "IDNs SHOULD be represented as U-labels": so
 * they are when the administrator wrote them so. Elsewhere only A-labels may
 * stand.
 */
static void
add_domain(
    struct buf *b, bool utf8, struct slice given, const struct domain *d)
{
	if (given.len && given.ptr[given.len - 1] == '.')
		given.len--;
	buf_add(b, utf8 && !slice_is_ascii(given) ? given : domain_slice(d));
}

static void
word_tag(struct dkim_fold *f, const char *name, const char *value)
{
	buf_addf(&f->word, "%s=%s;", name, value);
	dkim_fold_space(f);
}

static void
canon_tag(struct dkim_fold *f, const struct dkim_sign_options *o)
{
	buf_addf(&f->word, "c=%s/%s;",
	    names_word(dkim_canon_words, (int)o->header_canon),
	    names_word(dkim_canon_words, (int)o->body_canon));
	dkim_fold_space(f);
}

static void
domain_tag(struct dkim_fold *f, const char *name, bool utf8,
    struct slice given, const struct domain *d)
{
	buf_addz(&f->word, name);
	add_domain(&f->word, utf8, given, d);
	buf_addc(&f->word, ';');
	dkim_fold_space(f);
}

static void
identity_tag(struct dkim_fold *f, bool utf8, struct slice identity)
{
	size_t at = slice_rfind(identity, '@');
	struct slice given = slice_from(identity, at + 1);
	struct domain d;

	/* dkim_signer_add has seen that it is a domain. */
	if (identity.len == 0 || !domain_parse(given, &d))
		return;
	buf_addz(&f->word, "i=");
	dkim_qp_encode(slice_upto(identity, at), utf8, &f->word);
	buf_addc(&f->word, '@');
	add_domain(&f->word, utf8, given, &d);
	buf_addc(&f->word, ';');
	dkim_fold_space(f);
}

static void
time_tag(struct dkim_fold *f, const char *name, int64_t time_s)
{
	buf_addf(&f->word, "%s=%lld;", name, (long long)time_s);
	dkim_fold_space(f);
}

static void
names_tag(struct dkim_fold *f, const struct dkim_names *names)
{
	buf_addz(&f->word, "h=");
	for (size_t i = 0; i < names->n; i++) {
		buf_add(&f->word, names->names[i]);
		buf_addc(&f->word, i + 1 < names->n ? ':' : ';');
		if (i == 0)
			dkim_fold_space(f);
		else
			dkim_fold_join(f);
	}
}

void
dkim_sigtext_write(const struct dkim_sigtext *t,
    const struct dkim_signing *one, struct dkim_fold *f)
{
	const struct dkim_sign_options *o = t->options;
	const struct dkim_sign_key *key = &one->key;

	buf_addz(&f->word, DKIM_SIGTEXT_NAME);
	dkim_fold_join(f);
	word_tag(f, "v", "1");
	word_tag(f, "a", names_word(dkim_alg_words, (int)key->alg));
	canon_tag(f, o);
	domain_tag(f, "d=", t->utf8, key->domain, &one->d);
	domain_tag(f, "s=", t->utf8, key->selector, &one->selector);
	identity_tag(f, t->utf8, key->identity);
	time_tag(f, "t", t->now_s);
	if (o->expire_s > 0)
		time_tag(f, "x", t->now_s + o->expire_s);
	names_tag(f, t->names);
	buf_addz(&f->word, "bh=");
	dkim_base64_encode(
	    slice_of(t->body->octets, sizeof(t->body->octets)), &f->word);
	buf_addc(&f->word, ';');
	dkim_fold_space(f);
	buf_addz(&f->word, "b=");
	dkim_fold_space(f);
}

void
dkim_sigtext_finish(struct dkim_fold *f, struct slice signature)
{
	dkim_base64_encode(signature, &f->word);
	dkim_fold_anywhere(f);
}
