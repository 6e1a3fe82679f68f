/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 sections 3.6.1 and 6.1.2, RFC 8301 section 3.2, RFC 8463 section
 * 4.2. Asking the DNS and choosing among several records is verify.c's.
 */
#include "dkim/key.h"

#include <stdio.h>

#include "dkim/base64.h"
#include "dkim/pkey.h"
#include "dkim/tags.h"

/* Is word in the list of this tag, or the tag absent? */
static bool
allows(const struct dkim_tags *tags, const char *name, const char *word)
{
	const struct dkim_tag *t = dkim_tags_find(tags, name);

	return !t || dkim_list_has(t->value, word);
}

static bool
has_flag(const struct dkim_tags *tags, const char *flag)
{
	const struct dkim_tag *t = dkim_tags_find(tags, "t");

	return t && dkim_list_has(t->value, flag);
}

/* k=, by default rsa. "Unrecognized key types MUST be ignored." */
static bool
key_type(const struct dkim_tags *tags, enum dkim_alg *out)
{
	const struct dkim_tag *k = dkim_tags_find(tags, "k");

	*out = DKIM_RSA_SHA256;
	if (!k || slice_eqz(k->value, "rsa"))
		return true;
	*out = DKIM_ED25519_SHA256;
	return slice_eqz(k->value, "ed25519");
}

/* Everything but the key itself. */
static enum dkim_reason
check_tags(const struct dkim_tags *tags, struct dkim_key *key)
{
	const struct dkim_tag *v = dkim_tags_find(tags, "v");
	const struct dkim_tag *p = dkim_tags_find(tags, "p");

	/*
	 * "This tag MUST be the first tag in the record. Records beginning
	 * with a "v=" tag with any other value MUST be discarded."
	 */
	if (v && v != tags->tags)
		return DKIM_REASON_KEY_SYNTAX;
	if (v && !slice_eqz(v->value, "DKIM1"))
		return DKIM_REASON_KEY_VERSION;
	if (!p)
		return DKIM_REASON_KEY_SYNTAX;
	key->testing = has_flag(tags, "y");
	key->same_domain = has_flag(tags, "s");
	key->sha256 = allows(tags, "h", "sha256");
	if (p->value.len == 0)
		return DKIM_REASON_KEY_REVOKED;
	if (!allows(tags, "s", "email") && !allows(tags, "s", "*"))
		return DKIM_REASON_KEY_SERVICE;
	if (!key_type(tags, &key->alg))
		return DKIM_REASON_KEY_TYPE;
	return DKIM_REASON_NONE;
}

/* base64 text of this many octets, folded at every digit, is still ours. */
#define P_TEXT_MAX (8 * (size_t)LIMIT_DKIM_KEY_OCTETS)

int
dkim_key_parse(struct slice text, struct dkim_key *key, struct err *err)
{
	unsigned char octets[DKIM_BASE64_ROOM(P_TEXT_MAX)];
	struct dkim_tags tags;
	struct slice p;
	size_t len;

	*key = (struct dkim_key){.reason = DKIM_REASON_KEY_SYNTAX};
	/* RFC 8616 section 3: "Strings stored in DNS records remain ASCII" */
	if (!slice_is_ascii(text) ||
	    dkim_tags_parse(text, &tags) != DKIM_REASON_NONE)
		return 0;
	key->reason = check_tags(&tags, key);
	if (key->reason != DKIM_REASON_NONE)
		return 0;
	p = dkim_tags_find(&tags, "p")->value;
	if (p.len > P_TEXT_MAX)
		key->reason = DKIM_REASON_KEY_LARGE;
	else if (!dkim_base64_decode(p, octets, &len))
		key->reason = DKIM_REASON_KEY_SYNTAX;
	else
		return dkim_pkey_from_p(slice_of(octets, len), key, err);
	return 0;
}

void
dkim_key_clear(struct dkim_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}

/* Is the record sound, and only the key in it is not? */
static bool
is_about_p(enum dkim_reason r)
{
	return r == DKIM_REASON_KEY_DATA || r == DKIM_REASON_KEY_LARGE ||
	    r == DKIM_REASON_KEY_SMALL;
}

enum dkim_reason
dkim_key_check(const struct dkim_key *key, const struct dkim_sig *sig)
{
	if (key->reason != DKIM_REASON_NONE && !is_about_p(key->reason))
		return key->reason;
	if (!key->sha256)
		return DKIM_REASON_KEY_HASH;
	if (key->alg != sig->alg)
		return DKIM_REASON_KEY_TYPE;
	if (key->reason != DKIM_REASON_NONE)
		return key->reason;
	/* "the "i=" domain MUST NOT be a subdomain of "d="" */
	if (key->same_domain && !domain_eq(&sig->i_domain, &sig->d))
		return DKIM_REASON_KEY_DOMAIN;
	return DKIM_REASON_NONE;
}

int
dkim_key_record(EVP_PKEY *pkey, struct buf *b)
{
	enum dkim_alg alg;

	if (!dkim_key_alg(pkey, &alg))
		return -1;
	buf_addz(b, "v=DKIM1; k=");
	buf_addz(b, alg == DKIM_RSA_SHA256 ? "rsa" : "ed25519");
	buf_addz(b, "; p=");
	if (dkim_pkey_to_p(pkey, b))
		return -1;
	return buf_status(b);
}

bool
dkim_key_matches(struct slice record_text, EVP_PKEY *pkey)
{
	struct dkim_key key;
	bool same;

	if (dkim_key_parse(record_text, &key, NULL))
		return false;
	same = key.reason == DKIM_REASON_NONE && key.sha256 &&
	    EVP_PKEY_eq(key.pkey, pkey) == 1;
	dkim_key_clear(&key);
	return same;
}

bool
dkim_key_alg(EVP_PKEY *pkey, enum dkim_alg *out)
{
	*out = DKIM_RSA_SHA256;
	if (EVP_PKEY_is_a(pkey, "RSA"))
		return true;
	*out = DKIM_ED25519_SHA256;
	return EVP_PKEY_is_a(pkey, "ED25519");
}

struct slice
dkim_key_name(const struct domain *selector, const struct domain *d,
    char name[DKIM_KEY_NAME_MAX])
{
	static const struct slice between = {"._domainkey.", 12};
	char *end = name;

	memcpy(end, selector->text, selector->len);
	end += selector->len;
	memcpy(end, between.ptr, between.len);
	end += between.len;
	memcpy(end, d->text, d->len + 1);
	return slice_of(name, (size_t)(end - name) + d->len);
}
