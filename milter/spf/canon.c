/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a parsed record to the canonical one (RFC 7208 sections 4.6.2, 4.6.4,
 * 5.1, 5.6, 6.1). No macro, no name of anybody's, no address gets through.
 * See canon.h.
 */
#include "spf/canon.h"

#include <stdio.h>
#include <string.h>

/* --- the plan ------------------------------------------------------------ */

static bool
decided(const struct spf_term *t, const struct ip *client)
{
	return t->kind == SPF_ALL ||
	    ((t->kind == SPF_IP4 || t->kind == SPF_IP6) &&
		cidr_has(&t->net, client));
}

struct spf_plan
spf_plan_make(const struct spf_record *r, const struct ip *client)
{
	struct spf_plan plan = {.n = 0};

	for (size_t i = 0; i < r->n && plan.n <= LIMIT_SPF_TERMS; i++) {
		const struct spf_term *t = &r->terms[i];

		if (decided(t, client)) {
			plan.steps[plan.n++] = (struct spf_step){t, true};
			return plan;
		}
		if (spf_term_is_lookup(t) && t != r->redirect)
			plan.steps[plan.n++] = (struct spf_step){t, false};
	}
	/*
	 * Section 5.1: "Any "redirect" modifier MUST be ignored when there is
	 * an "all" mechanism in the record, regardless of the relative
	 * ordering"; a record with one has ended above, or has too many terms.
	 */
	if (r->redirect && plan.n <= LIMIT_SPF_TERMS)
		plan.steps[plan.n++] = (struct spf_step){r->redirect, false};
	return plan;
}

/* --- tokens -------------------------------------------------------------- */

void
spf_token_write(struct spf_token_name name, char out[SPF_TOKEN_TEXT])
{
	if (name.is_host)
		(void)snprintf(out, SPF_TOKEN_TEXT, "m%u.t%u.x",
		    name.host % LIMIT_SPF_MX, name.token % SPF_TOKENS_MAX);
	else
		(void)snprintf(
		    out, SPF_TOKEN_TEXT, "t%u.x", name.token % SPF_TOKENS_MAX);
}

/* letter, then a number below max. */
static bool
numbered(struct slice s, char letter, unsigned max, unsigned *out)
{
	uint64_t n;

	if (s.len < 2 || s.ptr[0] != letter ||
	    slice_u64(slice_from(s, 1), max - 1, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

bool
spf_token_parse(struct slice s, struct spf_token_name *out)
{
	struct spf_token_name name = {.is_host = false};
	char text[SPF_TOKEN_TEXT];
	struct slice label, rest = s;
	bool more;

	label = slice_cut(&rest, '.', &more);
	if (numbered(label, 'm', LIMIT_SPF_MX, &name.host)) {
		name.is_host = true;
		label = slice_cut(&rest, '.', &more);
	}
	if (!numbered(label, 't', SPF_TOKENS_MAX, &name.token))
		return false;
	spf_token_write(name, text);
	if (!slice_eqz(s, text)) /* "t07.x", or something behind it */
		return false;
	*out = name;
	return true;
}

/* --- the writer ---------------------------------------------------------- */

/* "+" is left out, as everywhere. */
static const char *
qualifier(enum ar_word word)
{
	if (word == AR_FAIL)
		return "-";
	if (word == AR_SOFTFAIL)
		return "~";
	return word == AR_NEUTRAL ? "?" : "";
}

/*
 * The name under which the library does what the term asks. A ptr is
 * evaluated by the check (the library gives up at an error of the peer's
 * reverse DNS), and what always matches is a name that always exists: the
 * library asks for it, and so the check sees which term matched.
 */
static const char *
stand_in(const struct spf_step *step)
{
	if (step->always)
		return "exists:";
	switch (step->term->kind) {
	case SPF_A: return "a:";
	case SPF_MX: return "mx:";
	case SPF_INCLUDE: return "include:";
	case SPF_REDIRECT: return "redirect=";
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_MODIFIER: break;
	}
	return "exists:";
}

/*
 * The library takes a length of 0 for "none given", that is all bits: the
 * check answers for such a term itself, and it is left out here.
 */
static void
prefix(const char *slashes, unsigned bits, unsigned max, struct buf *out)
{
	if (bits > 0 && bits < max)
		buf_addf(out, "%s%u", slashes, bits);
}

void
spf_canon_write(
    const struct spf_step *steps, size_t n, unsigned first, struct buf *out)
{
	char token[SPF_TOKEN_TEXT];

	buf_addz(out, "v=spf1");
	for (size_t i = 0; i < n; i++) {
		const struct spf_term *t = steps[i].term;

		spf_token_write(
		    (struct spf_token_name){.token = first + (unsigned)i},
		    token);
		buf_addf(out, " %s%s%s", qualifier(t->word),
		    stand_in(&steps[i]), token);
		if (t->kind == SPF_A || t->kind == SPF_MX) {
			prefix("/", t->bits4, 32, out);
			prefix("//", t->bits6, 128, out);
		}
	}
}
