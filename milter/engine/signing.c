/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outbound mail: RFC 6376 section 5. No key is no error: the message passes
 * unsigned and the log says why. Which keys sign is choice.c's.
 */
#include "engine/signing.h"

#include <stdio.h>
#include <string.h>

#include "engine/choice.h"
#include "engine/sendmail.h"
#include "engine/session.h"

/*
 * Sendmail adds these when they are missing, after every milter: listing an
 * absent one in h= would break each such signature.
 */
static const struct slice sendmail_adds[] = {
    {"Date", 4}, {"Message-ID", 10}, {"From", 4}};
/* And it cuts longer lines of a body (L= of its SMTP mailers). */
#define SENDMAIL_LINE 990

static int
set_why(struct signing *sg, const char *what, const char *domain)
{
	(void)snprintf(sg->text, sizeof(sg->text), "%s%s", what, domain);
	sg->why = sg->text;
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

/* Names of fields as the signer takes them; "default" is its own list. */
static int
field_names(const struct string_list *list, const struct slice *def,
    size_t ndef, struct arena *arena, const struct slice **out, size_t *n)
{
	struct slice *names =
	    arena_array(arena, list->n * (ndef + 1) + 1, sizeof(*names));

	*out = names;
	*n = 0;
	if (!names)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->items[i], "default")) {
			names[(*n)++] = slice_z(list->items[i]);
			continue;
		}
		memcpy(names + *n, def, ndef * sizeof(*def));
		*n += ndef;
	}
	return 0;
}

/* Not known to be Postfix: mind what Sendmail adds, changes and cuts. */
static int
mind_sendmail(const struct header *h, struct arena *arena,
    struct dkim_sign_options *so, struct err *err)
{
	struct slice *omit =
	    arena_array(arena, SENDMAIL_NAMES_MAX, sizeof(*omit));

	if (!omit)
		return err_no_mem(err);
	so->never_absent = sendmail_adds;
	so->nnever_absent = ARRAY_LEN(sendmail_adds);
	so->max_line = SENDMAIL_LINE;
	so->omit = omit;
	so->nomit = sendmail_changes(h, omit);
	return 0;
}

static int
sign_options(const struct session *s, const struct header *h,
    const struct sign_rules *r, struct arena *arena,
    struct dkim_sign_options *so, struct err *err)
{
	*so = (struct dkim_sign_options){.shared = s->engine->dkim,
	    .header_canon = header_canon(r->canon),
	    .body_canon = body_canon(r->canon),
	    .expire_s = r->expiry_s,
	    .sign_malformed = s->options->sign_malformed};
	if (field_names(&r->fields, dkim_default_sign_fields,
		dkim_default_sign_fields_n, arena, &so->sign, &so->nsign) ||
	    field_names(&r->oversign, dkim_default_oversign,
		dkim_default_oversign_n, arena, &so->oversign, &so->noversign))
		return err_no_mem(err);
	return s->mta == MTA_POSTFIX ? 0 : mind_sendmail(h, arena, so, err);
}

/* The group of a key: that of an earlier key of the same rules, or its own. */
static int
join_group(struct signing *sg, const struct session *s, const struct header *h,
    size_t i, struct arena *arena, struct err *err)
{
	struct signing_how *how = &sg->how[i];
	struct dkim_sign_options so;

	for (size_t k = 0; k < i; k++) {
		if (sg->how[k].rules == how->rules) {
			how->group = sg->how[k].group;
			return 0;
		}
	}
	if (sign_options(s, h, &how->rules->sign, arena, &so, err))
		return -1;
	if (sg->signer)
		return dkim_signer_group(sg->signer, &so, &how->group, err);
	how->group = 0;
	return dkim_signer_new(&so, arena, &sg->signer, err);
}

int
signing_begin(struct signing *sg, const struct session *s,
    const struct header *h, const struct from *from, struct inquiry *q,
    struct arena *arena, struct err *err)
{
	const char *word = names_word(from_status_words, (int)from->status);

	sg->why = "";
	if (from->status != FROM_OK)
		return set_why(sg, "From: ", word ? word : "");
	if (!s->options->keys)
		return set_why(sg, "no keys", "");
	if (choice_make(sg, s->options, from, arena, err))
		return -1;
	if (sg->n == 0)
		return 0;
	for (size_t i = 0; i < sg->n; i++) {
		if (sg->keys[i].state == KEY_WAITING)
			keystore_ask(&sg->keys[i], q);
		if (join_group(sg, s, h, i, arena, err))
			return -1;
	}
	return dkim_signer_eoh(sg->signer, h, err);
}

int
signing_body(struct signing *sg, const void *data, size_t len, struct err *err)
{
	if (!sg->signer)
		return 0;
	return dkim_signer_body(sg->signer, data, len, err) ? -1 : 1;
}

/* Waits for the records of keys that were never looked up. */
static void
hear_keys(struct signing *sg, const struct session *s, struct inquiry *q)
{
	int64_t now_s = clock_now_s(s->engine->clock);

	for (size_t i = sg->n; i-- > 0;) {
		struct key_info *k = &sg->keys[i];

		if (k->state == KEY_ACTIVE ||
		    keystore_hear(s->options->keys, k, q, now_s))
			continue;
		choice_tell(sg, k);
		choice_drop(sg, i);
	}
}

static int
add_keys(struct signing *sg, struct err *err)
{
	for (size_t i = 0; i < sg->n; i++) {
		const struct key_info *k = &sg->keys[i];
		const struct signing_how *how = &sg->how[i];
		struct dkim_sign_key key = {.domain = how->domain.len
			? how->domain
			: domain_slice(&k->domain),
		    .selector = slice_z(k->selector),
		    .identity = how->identity,
		    .alg = k->alg,
		    .pkey = k->pkey,
		    .group = how->group};

		if (dkim_signer_add(sg->signer, &key, err))
			return -1;
	}
	return 0;
}

/* Keys whose options refuse this message go; their places stay in step. */
static void
drop_refused(struct signing *sg, struct slice *values, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		if (values[i].len)
			values[kept++] = values[i];
		else
			choice_drop(sg, kept);
	}
	*n = kept;
}

int
signing_end(struct signing *sg, const struct session *s, struct inquiry *q,
    struct slice **values, size_t *n, struct err *err)
{
	*n = 0;
	if (!sg->signer)
		return 0;
	hear_keys(sg, s, q);
	if (sg->n == 0)
		return 0;
	if (add_keys(sg, err) ||
	    dkim_signer_eom(
		sg->signer, clock_now_s(s->engine->clock), values, n, err))
		return -1;
	drop_refused(sg, *values, n);
	sg->why = "";
	if (*n == 0) {
		signing_free(sg);
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
