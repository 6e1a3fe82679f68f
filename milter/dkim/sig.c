/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 6.1.1: "Implementers MUST meticulously validate the format
 * and values in the DKIM-Signature header field". One function a tag; of
 * several faults the first in the order of the table is told. What depends on
 * the time, the key or the message is not judged here.
 */
#include "dkim/sig.h"

#include <openssl/sha.h>

#include "dkim/qp.h"
#include "dkim/tags.h"
#include "dkim/value.h"
#include "mail/limits.h"

#define L_DIGITS 76

const struct name dkim_alg_words[] = {
    {DKIM_RSA_SHA256, "rsa-sha256"},
    {DKIM_ED25519_SHA256, "ed25519-sha256"},
    {DKIM_RSA_SHA1, "rsa-sha1"},
    {0, NULL},
};

const struct name dkim_canon_words[] = {
    {DKIM_SIMPLE, "simple"},
    {DKIM_RELAXED, "relaxed"},
    {0, NULL},
};

struct parse {
	struct dkim_sig *sig;
	struct arena *arena;
	bool no_mem;
};

static enum dkim_reason
parse_v(struct parse *p, struct slice v)
{
	(void)p;
	return slice_eqz(v, "1") ? DKIM_REASON_NONE : DKIM_REASON_VERSION;
}

static enum dkim_reason
parse_a(struct parse *p, struct slice v)
{
	int alg;

	if (!dkim_value_is_alg(v))
		return DKIM_REASON_ALGORITHM;
	p->sig->a = v;
	if (!dkim_value_word(dkim_alg_words, v, &alg))
		return DKIM_REASON_ALGORITHM;
	p->sig->alg = (enum dkim_alg)alg;
	return alg == DKIM_RSA_SHA1 ? DKIM_REASON_SHA1 : DKIM_REASON_NONE;
}

/* The octets of a base64 value, at least one. */
static bool
has_octets(struct parse *p, struct slice v, struct slice *out)
{
	if (dkim_value_octets(v, p->arena, out))
		p->no_mem = true;
	return out->len > 0;
}

/* Without blanks and folding. */
static struct slice
compact(struct parse *p, struct slice v)
{
	struct slice out = SLICE_EMPTY;

	if (dkim_value_compact(v, p->arena, &out))
		p->no_mem = true;
	return out;
}

static enum dkim_reason
parse_b(struct parse *p, struct slice v)
{
	if (!has_octets(p, v, &p->sig->signature))
		return DKIM_REASON_BAD_B;
	p->sig->b = compact(p, v);
	return DKIM_REASON_NONE;
}

static enum dkim_reason
parse_bh(struct parse *p, struct slice v)
{
	/* Each algorithm that may pass has SHA-256. */
	if (!has_octets(p, v, &p->sig->body_hash) ||
	    p->sig->body_hash.len != SHA256_DIGEST_LENGTH)
		return DKIM_REASON_BAD_BH;
	return DKIM_REASON_NONE;
}

static enum dkim_reason
parse_c(struct parse *p, struct slice v)
{
	struct slice body = v, header;
	int h, b = DKIM_SIMPLE;
	bool more;

	/*
	 * "If only one algorithm is named, that algorithm is used for the
	 * header and "simple" is used for the body."
	 */
	header = slice_cut(&body, '/', &more);
	if (!dkim_value_word(dkim_canon_words, header, &h) ||
	    (more && !dkim_value_word(dkim_canon_words, body, &b)))
		return DKIM_REASON_CANON;
	p->sig->header_canon = (enum dkim_canon)h;
	p->sig->body_canon = (enum dkim_canon)b;
	return DKIM_REASON_NONE;
}

static enum dkim_reason
parse_d(struct parse *p, struct slice v)
{
	if (!dkim_value_domain(v, 2, &p->sig->d))
		return DKIM_REASON_BAD_D;
	p->sig->i_domain = p->sig->d;
	return DKIM_REASON_NONE;
}

static enum dkim_reason
parse_h(struct parse *p, struct slice v)
{
	struct slice rest = v;
	bool more = true, from = false;
	size_t n = 0;

	while (more) {
		struct slice name = dkim_list_next(&rest, &more);

		if (!dkim_value_is_field_name(name))
			return DKIM_REASON_BAD_H;
		if (++n > LIMIT_DKIM_H_ENTRIES)
			return DKIM_REASON_LIMIT_H;
		from = from || slice_ieqz(name, "from");
	}
	p->sig->h = v;
	return from ? DKIM_REASON_NONE : DKIM_REASON_FROM_UNSIGNED;
}

/* [ Local-part ] "@" domain-name, quoted-printable with blanks anywhere */
static enum dkim_reason
parse_i(struct parse *p, struct slice v)
{
	struct slice text = compact(p, v), plain;
	struct domain domain;
	size_t at;

	if (p->no_mem || dkim_qp_decode(text, p->arena, &plain)) {
		p->no_mem = true;
		return DKIM_REASON_BAD_I;
	}
	/* A domain holds no "@"; a quoted local part may. */
	at = slice_rfind(plain, '@');
	if (at == plain.len ||
	    !dkim_value_domain(slice_from(plain, at + 1), 2, &domain))
		return DKIM_REASON_BAD_I;
	p->sig->i = text;
	p->sig->i_domain = domain;
	return DKIM_REASON_NONE;
}

static enum dkim_reason
parse_l(struct parse *p, struct slice v)
{
	const uint64_t most = DKIM_NO_LENGTH - 1;

	for (size_t i = 0; i < v.len; i++)
		if (!is_digit(v.ptr[i]))
			return DKIM_REASON_BAD_L;
	if (v.len == 0 || v.len > L_DIGITS)
		return DKIM_REASON_BAD_L;
	/* More than any body has, whatever the digits beyond say. */
	if (slice_u64(v, most, &p->sig->l))
		p->sig->l = most;
	return DKIM_REASON_NONE;
}

static enum dkim_reason
parse_q(struct parse *p, struct slice v)
{
	(void)p;
	/* "Unrecognized query mechanisms MUST be ignored." */
	return dkim_list_has(v, "dns/txt") ? DKIM_REASON_NONE
					   : DKIM_REASON_QUERY_METHOD;
}

static enum dkim_reason
parse_s(struct parse *p, struct slice v)
{
	if (!dkim_value_domain(v, 1, &p->sig->selector))
		return DKIM_REASON_BAD_S;
	p->sig->s = v;
	return DKIM_REASON_NONE;
}

static enum dkim_reason
parse_t(struct parse *p, struct slice v)
{
	return dkim_value_time(v, &p->sig->t) ? DKIM_REASON_NONE
					      : DKIM_REASON_BAD_T;
}

static enum dkim_reason
parse_x(struct parse *p, struct slice v)
{
	return dkim_value_time(v, &p->sig->x) ? DKIM_REASON_NONE
					      : DKIM_REASON_BAD_X;
}

static const struct {
	const char *name;
	bool required;
	enum dkim_reason (*parse)(struct parse *, struct slice value);
} rules[] = {
    {"v", true, parse_v},
    {"a", true, parse_a},
    {"b", true, parse_b},
    {"bh", true, parse_bh},
    {"c", false, parse_c},
    {"d", true, parse_d},
    {"h", true, parse_h},
    {"i", false, parse_i}, /* after d: stands in for it when absent */
    {"l", false, parse_l},
    {"q", false, parse_q},
    {"s", true, parse_s},
    {"t", false, parse_t},
    {"x", false, parse_x},
};

static enum dkim_reason
apply_rules(struct parse *p, const struct dkim_tags *tags)
{
	enum dkim_reason first = DKIM_REASON_NONE, one;

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const struct dkim_tag *t = dkim_tags_find(tags, rules[i].name);

		one = DKIM_REASON_NONE;
		if (t)
			one = rules[i].parse(p, t->value);
		else if (rules[i].required)
			one = DKIM_REASON_MISSING_TAG;
		if (first == DKIM_REASON_NONE)
			first = one;
	}
	return first;
}

/* What two tags say together. */
static enum dkim_reason
compare_tags(const struct dkim_sig *sig)
{
	if (!domain_is_under(&sig->i_domain, &sig->d))
		return DKIM_REASON_DOMAIN_MISMATCH;
	/*
	 * "The value of the "x=" tag MUST be greater than the value of the
	 * "t=" tag if both are present."
	 */
	if (sig->x != DKIM_NO_TIME && sig->t != DKIM_NO_TIME &&
	    sig->x <= sig->t)
		return DKIM_REASON_X_BEFORE_T;
	return DKIM_REASON_NONE;
}

int
dkim_sig_parse(struct slice value, struct arena *arena, struct dkim_sig *out,
    struct err *err)
{
	struct parse p = {.sig = out, .arena = arena};
	enum dkim_reason faults;
	const struct dkim_tag *b;
	struct dkim_tags tags;

	*out = (struct dkim_sig){.l = DKIM_NO_LENGTH,
	    .t = DKIM_NO_TIME,
	    .x = DKIM_NO_TIME,
	    .value_len = value.len};
	if (value.len > LIMIT_DKIM_SIG_OCTETS) {
		out->reason = DKIM_REASON_LIMIT_FIELD;
		return 0;
	}
	out->reason = dkim_tags_parse(value, &tags);
	/* Of a list cut short by a fault, the log still wants d= and s=. */
	faults = apply_rules(&p, &tags);
	if (p.no_mem)
		return err_no_mem(err);
	if (out->reason == DKIM_REASON_NONE)
		out->reason = faults;
	if (out->reason == DKIM_REASON_NONE)
		out->reason = compare_tags(out);
	b = dkim_tags_find(&tags, "b");
	if (b && b->whole.len) {
		out->b_at = (size_t)(b->whole.ptr - value.ptr);
		out->b_len = b->whole.len;
	}
	return 0;
}
