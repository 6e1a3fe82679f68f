/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries of trusted_forwarders and mailing_lists: reading and matching. See
 * exception.h. A name that DNS did not confirm matches nothing, and DNS
 * trouble is told apart from a no.
 */
#include "policy/exception.h"

/* What no forwarder of anybody's fills. */
#define NARROW_BITS4 8
#define NARROW_BITS6 16

static const char form[] =
    "must be CLIENT dkim=DOMAIN or CLIENT spf=DOMAIN, as in \"192.0.2.1 "
    "dkim=lists.example.org\"";

/* --- reading --------------------------------------------------------------- */

static struct slice
next_word(struct slice *rest)
{
	struct slice word = *rest = slice_trim(*rest);

	for (word.len = 0; word.len < rest->len; word.len++)
		if (is_fws(rest->ptr[word.len]))
			break;
	*rest = slice_from(*rest, word.len);
	return word;
}

static const char *
parse_name(struct slice text, struct exception_name *out)
{
	out->below = text.len && text.ptr[0] == '.';
	if (!domain_parse(slice_from(text, out->below), &out->domain))
		return form;
	/* ".com" would be half the world, "com" is nobody's mail server. */
	return domain_nlabels(&out->domain) < 2 ? "names a whole top level"
						: NULL;
}

static const char *
parse_client(struct slice word, struct exception *out)
{
	unsigned narrow;

	if (cidr_parse(word, &out->net))
		return parse_name(word, &out->name);
	narrow = out->net.net.family == IP_V4 ? NARROW_BITS4 : NARROW_BITS6;
	return out->net.bits < narrow ? "names too wide a network" : NULL;
}

static const char *
parse_proof(struct slice word, struct exception *out)
{
	bool more;
	struct slice key = slice_cut(&word, '=', &more);
	struct exception_name *proof = NULL;

	if (slice_ieqz(key, "list-id") && out->list_id.len == 0) {
		/* As it stands in the field, or without its brackets. */
		if (word.len && word.ptr[0] == '<' &&
		    word.ptr[word.len - 1] == '>')
			word = slice_of(word.ptr + 1, word.len - 2);
		out->list_id = word;
		return word.len ? NULL : form;
	}
	if (slice_ieqz(key, "dkim"))
		proof = &out->dkim;
	else if (slice_ieqz(key, "spf"))
		proof = &out->spf;
	if (!proof || proof->domain.len)
		return form;
	return parse_name(word, proof);
}

const char *
exception_parse(const char *text, struct exception *out)
{
	struct slice rest = slice_z(text), word = next_word(&rest);
	const char *wrong;

	*out = (struct exception){.text = text};
	wrong = parse_client(word, out);
	for (word = next_word(&rest); !wrong && word.len;
	     word = next_word(&rest))
		wrong = parse_proof(word, out);
	if (!wrong && (out->dkim.domain.len > 0) == (out->spf.domain.len > 0))
		wrong = form;
	return wrong;
}

/* --- matching -------------------------------------------------------------- */

static bool
name_is(const struct exception_name *n, const struct domain *d)
{
	return n->below ? domain_is_under(d, &n->domain)
			: domain_eq(d, &n->domain);
}

static enum exception_match
by_word(enum ar_word w)
{
	if (w == AR_PASS)
		return EXCEPTION_YES;
	return w == AR_TEMPERROR ? EXCEPTION_UNDECIDED : EXCEPTION_NO;
}

static enum exception_match
client_is(const struct exception *e, const struct verdict *v,
    const struct ip *client)
{
	if (e->name.domain.len == 0)
		return cidr_has(&e->net, client) ? EXCEPTION_YES
						 : EXCEPTION_NO;
	if (v->iprev.word == AR_PASS && !name_is(&e->name, &v->iprev.name))
		return EXCEPTION_NO;
	return by_word(v->iprev.word);
}

static enum exception_match
proof_of(const struct exception *e, const struct verdict *v)
{
	enum exception_match best = EXCEPTION_NO;

	if (e->spf.domain.len)
		return name_is(&e->spf, &v->mfrom.domain)
		    ? by_word(v->mfrom.word)
		    : EXCEPTION_NO;
	for (size_t i = 0; i < v->ndkim; i++) {
		enum exception_match one = by_word(v->dkim[i].word);

		if (one > best && name_is(&e->dkim, &v->dkim[i].domain))
			best = one;
	}
	return best;
}

enum exception_match
exception_holds(const struct exception *e, const struct verdict *v,
    const struct ip *client)
{
	enum exception_match c = client_is(e, v, client);
	enum exception_match p = proof_of(e, v);

	return c < p ? c : p;
}

bool
exception_is_list(const struct exception *e, struct slice list_id)
{
	if (list_id.len == 0)
		return false;
	return e->list_id.len == 0 || slice_ieq(e->list_id, list_id);
}
