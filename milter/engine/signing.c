/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outbound mail. RFC 6376 section 5: the key's domain is the author's, or,
 * when the operator allows it, a parent of it. No key is no error: the
 * message passes unsigned and the log says why.
 */
#include "engine/signing.h"

#include <stdio.h>
#include <string.h>

#include "engine/session.h"

/*
 * Sendmail adds these when they are missing, after every milter: listing an
 * absent one in h= would break each such signature.
 */
static const struct slice sendmail_adds[] = {
    {"Date", 4}, {"Message-ID", 10}, {"From", 4}};

static int
set_why(struct signing *sg, const char *what, const char *domain)
{
	(void)snprintf(sg->text, sizeof(sg->text), "%s%s", what, domain);
	sg->why = sg->text;
	return 0;
}

/*
 * RSA first, so on top: a verifier that looks at one signature only, or stops
 * at the first it does not know, finds the one that everybody knows.
 */
static void
add_active(struct signing *sg, const struct key_info *key)
{
	size_t at = sg->n++;

	for (; at > 0 && sg->keys[at - 1].alg > key->alg; at--)
		sg->keys[at] = sg->keys[at - 1];
	sg->keys[at] = *key;
}

/* The active keys of a domain into sg->keys; true when it has any key. */
static bool
choose(struct signing *sg, struct keystore *ks, const struct domain *d)
{
	struct key_info all[SIGNING_KEYS_MAX];
	size_t n = keystore_keys(ks, d, all, SIGNING_KEYS_MAX);

	for (size_t i = 0; i < n; i++) {
		if (all[i].state == KEY_ACTIVE) {
			add_active(sg, &all[i]);
		} else {
			(void)snprintf(sg->text, sizeof(sg->text),
			    "key %s of %s is %s: %s", all[i].selector, d->text,
			    names_word(key_state_words, (int)all[i].state),
			    all[i].why[0] ? all[i].why : "not looked up yet");
			sg->why = sg->text;
			keys_release(&all[i], 1);
		}
	}
	return n > 0;
}

static void
choose_from_domain(struct signing *sg, const struct engine_options *o,
    const struct domain *author)
{
	size_t labels = domain_nlabels(author);
	size_t least = o->sign_subdomains ? 2 : labels;

	for (size_t n = labels; n >= least && n > 0; n--) {
		struct domain d = domain_tail(author, n);

		if (choose(sg, o->keys, &d))
			return;
	}
	(void)set_why(sg, "no key for ", author->text);
}

static int
add_keys(struct signing *sg, struct err *err)
{
	for (size_t i = 0; i < sg->n; i++) {
		const struct key_info *k = &sg->keys[i];
		struct dkim_sign_key key = {.domain = domain_slice(&k->domain),
		    .selector = slice_z(k->selector),
		    .alg = k->alg,
		    .pkey = k->pkey};

		if (dkim_signer_add(sg->signer, &key, err))
			return -1;
	}
	return 0;
}

static enum dkim_canon
header_canon(enum sign_canon c)
{
	return c == SIGN_RELAXED_RELAXED || c == SIGN_RELAXED_SIMPLE
	    ? DKIM_RELAXED
	    : DKIM_SIMPLE;
}

static enum dkim_canon
body_canon(enum sign_canon c)
{
	return c == SIGN_RELAXED_RELAXED || c == SIGN_SIMPLE_RELAXED
	    ? DKIM_RELAXED
	    : DKIM_SIMPLE;
}

static int
make_signer(struct signing *sg, const struct session *s, struct arena *arena,
    struct err *err)
{
	const struct engine_options *o = s->options;
	struct dkim_sign_options so = {.shared = s->engine->dkim,
	    .header_canon = header_canon(o->canon),
	    .body_canon = body_canon(o->canon),
	    .sign = dkim_default_sign_fields,
	    .nsign = dkim_default_sign_fields_n,
	    .oversign = dkim_default_oversign,
	    .noversign = dkim_default_oversign_n,
	    .expire_s = o->signature_expiry_s,
	    .sign_malformed = o->sign_malformed};

	/* Not known to be Postfix: leave out what Sendmail may add. */
	if (s->mta != MTA_POSTFIX) {
		so.never_absent = sendmail_adds;
		so.nnever_absent = ARRAY_LEN(sendmail_adds);
	}
	return dkim_signer_new(&so, arena, &sg->signer, err);
}

int
signing_begin(struct signing *sg, const struct session *s,
    const struct header *h, const struct from *from, struct arena *arena,
    struct err *err)
{
	const char *word = names_word(from_status_words, (int)from->status);

	sg->why = "";
	if (from->status != FROM_OK)
		return set_why(sg, "From: ", word ? word : "");
	if (!s->options->keys)
		return set_why(sg, "no keys", "");
	choose_from_domain(sg, s->options, &from->domain);
	if (sg->n == 0)
		return 0;
	sg->why = "";
	if (make_signer(sg, s, arena, err) || add_keys(sg, err))
		return -1;
	return dkim_signer_eoh(sg->signer, h, err);
}

int
signing_body(struct signing *sg, const void *data, size_t len, struct err *err)
{
	if (!sg->signer)
		return 0;
	return dkim_signer_body(sg->signer, data, len, err) ? -1 : 1;
}

int
signing_end(struct signing *sg, const struct session *s,
    const struct slice **values, size_t *n, struct err *err)
{
	*n = 0;
	if (!sg->signer)
		return 0;
	if (dkim_signer_eom(
		sg->signer, clock_now_s(s->engine->clock), values, n, err))
		return -1;
	if (*n == 0) {
		keys_release(sg->keys, sg->n);
		sg->n = 0;
		sg->why = dkim_reason_text(dkim_signer_refusal(sg->signer));
	}
	return 0;
}

void
signing_free(struct signing *sg)
{
	keys_release(sg->keys, sg->n);
	sg->n = 0;
}
