/* SPDX-License-Identifier: BSD-2-Clause */
/* assay check: DMARC (RFC 9989, RFC 9990 section 4). */
#include <stdio.h>

#include "dmarc/discover.h"
#include "dmarc/record.h"
#include "dmarc/uri.h"
#include "mail/limits.h"
#include "tools/check.h"

static const struct slice version = {"v=DMARC1", 8};

/* --- where reports go --------------------------------------------------------------- */

/* RFC 9990 section 4: HOST says so at DOMAIN._report._dmarc.HOST. */
static void
external(struct check *c, const struct domain *host)
{
	char name[2 * LIMIT_DOMAIN + 32], publish[2 * LIMIT_DOMAIN + 64];
	struct check_txt t;

	if (domain_is_under(host, &c->domain) ||
	    domain_is_under(&c->domain, host))
		return;
	(void)snprintf(name, sizeof(name), "%s._report._dmarc.%s",
	    c->domain.text, host->text);
	check_txt(c, slice_z(name), &t);
	if (check_txt_keep(&t, version))
		return;
	(void)snprintf(publish, sizeof(publish), "%s. TXT \"v=DMARC1\"", name);
	check_found(c, FIND_DMARC_RUA_EXTERNAL, domain_slice(host), publish);
}

static void
report_uri(struct check *c, struct slice uri)
{
	static const struct slice scheme = {"mailto:", 7};
	size_t at = slice_rfind(uri, '@'), end;
	struct domain host;
	struct slice rest;

	if (!dmarc_uri_valid(uri) || !slice_istarts(uri, scheme) ||
	    at == uri.len) {
		check_found(c, FIND_DMARC_RUA_URI, uri, NULL);
		return;
	}
	rest = slice_from(uri, at + 1);
	end = slice_find(rest, '?');
	if (domain_parse(slice_upto(rest, end), &host))
		external(c, &host);
	else
		check_found(c, FIND_DMARC_RUA_URI, uri, NULL);
}

static void
report_uris(struct check *c, struct slice list)
{
	bool more = true;

	if (slice_find(list, '!') < list.len)
		check_found(c, FIND_DMARC_RUA_SIZE, list, NULL);
	while (more)
		report_uri(c, slice_trim(dmarc_uri_next(&list, &more)));
}

/* --- tags ------------------------------------------------------------------------------ */

static bool
is_word(const char *const *words, struct slice s)
{
	for (; *words; words++)
		if (slice_ieqz(s, *words))
			return true;
	return false;
}

static bool
is_value_good(struct slice name, struct slice value)
{
	static const char *const rors[] = {"r", "s", NULL};
	static const char *const yorn[] = {"y", "n", NULL};
	static const char *const psd[] = {"y", "n", "u", NULL};
	static const char *const fo[] = {"0", "1", "d", "s", NULL};
	bool more = true, good = true;

	if (slice_ieqz(name, "adkim") || slice_ieqz(name, "aspf"))
		return is_word(rors, value);
	if (slice_ieqz(name, "t"))
		return is_word(yorn, value);
	if (slice_ieqz(name, "psd"))
		return is_word(psd, value);
	while (slice_ieqz(name, "fo") && more)
		good &= is_word(fo, slice_trim(slice_cut(&value, ':', &more)));
	return good;
}

static void
tag(struct check *c, struct slice whole, struct slice name, struct slice value)
{
	static const char *const policies[] = {"p", "sp", "np", NULL};
	static const char *const words[] = {
	    "none", "quarantine", "reject", NULL};
	static const char *const historic[] = {"pct", "rf", "ri", NULL};
	static const char *const known[] = {
	    "v", "adkim", "aspf", "t", "psd", "fo", "rua", "ruf", NULL};

	if (is_word(policies, name)) {
		if (!is_word(words, value))
			check_found(c, FIND_DMARC_BAD_POLICY, whole, NULL);
	} else if (is_word(historic, name)) {
		check_found(c, FIND_DMARC_HISTORIC, whole, NULL);
	} else if (!is_word(known, name)) {
		check_found(c, FIND_DMARC_UNKNOWN_TAG, name, NULL);
	} else if (!is_value_good(name, value)) {
		check_found(c, FIND_DMARC_BAD_VALUE, whole, NULL);
	} else if (slice_ieqz(name, "rua") || slice_ieqz(name, "ruf")) {
		report_uris(c, value);
	}
}

/* "p=reject; mailto:reports@example.com": seen in guides, and copied. */
static void
not_a_tag(struct check *c, struct slice whole)
{
	char publish[1024];

	if (slice_find(whole, '@') == whole.len) {
		check_found(c, FIND_DMARC_NOT_A_TAG, whole, NULL);
		return;
	}
	(void)snprintf(publish, sizeof(publish), "rua=%s" SLICE_FMT,
	    slice_istarts(whole, SLICE_LIT("mailto:")) ? "" : "mailto:",
	    SLICE_ARG(slice_upto(whole, 300)));
	check_found(c, FIND_DMARC_BARE_MAILTO, whole, publish);
}

static void
tags(struct check *c, struct slice text)
{
	bool more = true, equals;

	while (more) {
		struct slice whole = slice_trim(slice_cut(&text, ';', &more));
		struct slice value = whole;
		struct slice name =
		    slice_trim(slice_cut(&value, '=', &equals));

		if (whole.len == 0)
			continue;
		if (!equals)
			not_a_tag(c, whole);
		else
			tag(c, whole, name, slice_trim(value));
	}
}

/* --- what the record means ----------------------------------------------------------------- */

static enum dmarc_policy
or_else(enum dmarc_policy p, enum dmarc_policy otherwise)
{
	return p == DMARC_UNSET ? otherwise : p;
}

static void
policies(struct check *c, const struct dmarc_record *r)
{
	enum dmarc_policy sp = or_else(r->sp, r->p);
	enum dmarc_policy np = or_else(r->np, sp);
	struct slice value;

	if (!check_tag(r->text, "p", &value))
		check_found(c, FIND_DMARC_NO_POLICY, SLICE_EMPTY, NULL);
	else if (r->p == DMARC_NONE)
		check_found(c, FIND_DMARC_P_NONE, SLICE_EMPTY, NULL);
	if (sp < r->p)
		check_found(c, FIND_DMARC_SP_WEAKER, SLICE_EMPTY, NULL);
	if (r->np != DMARC_UNSET && np < sp)
		check_found(c, FIND_DMARC_NP_WEAKER, SLICE_EMPTY, NULL);
	if (r->testing)
		check_found(c, FIND_DMARC_TESTING, SLICE_EMPTY, NULL);
	if (r->psd == DMARC_PSD_YES)
		check_found(c, FIND_DMARC_PSD, SLICE_EMPTY, NULL);
	if (!check_tag(r->text, "rua", &value))
		check_found(c, FIND_DMARC_NO_RUA, SLICE_EMPTY, NULL);
	if (check_tag(r->text, "fo", &value) &&
	    !check_tag(r->text, "ruf", &value))
		check_found(c, FIND_DMARC_FO, SLICE_EMPTY, NULL);
	if (r->strict_dkim || r->strict_spf)
		check_found(c, FIND_DMARC_STRICT, SLICE_EMPTY, NULL);
	c->policy = r->bad_policy ? DMARC_NONE : r->p;
	if (c->policy > DMARC_NONE && !c->has_key)
		check_found(c, FIND_DMARC_NO_DKIM, SLICE_EMPTY, NULL);
}

static void
no_record(struct check *c, const struct dmarc_node *n)
{
	struct slice detail = n ? n->record.detail : SLICE_EMPTY;
	enum dmarc_reason reason = n ? n->record.reason : DMARC_REASON_NONE;
	char publish[2 * LIMIT_DOMAIN + 96];

	(void)snprintf(publish, sizeof(publish),
	    "_dmarc.%s. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@%s\"",
	    c->domain.text, c->domain.text);
	if (reason == DMARC_REASON_SEVERAL_RECORDS)
		check_found(c, FIND_DMARC_SEVERAL, SLICE_EMPTY, NULL);
	else if (reason == DMARC_REASON_DUPLICATE_TAG)
		check_found(c, FIND_DMARC_DUPLICATE_TAG, detail, NULL);
	else if (reason == DMARC_REASON_VERSION)
		check_found(c, FIND_DMARC_VERSION, detail, publish);
	else if (n && dns_is_temporary(n->dns))
		check_found(c, FIND_DMARC_DNS, SLICE_EMPTY, NULL);
	else
		check_found(c, FIND_DMARC_NONE, SLICE_EMPTY, publish);
}

/* The record that applies: the domain's own, else that of its organization. */
static const struct dmarc_node *
applying(struct check *c, const struct dmarc_walk *w)
{
	const struct dmarc_node *n = dmarc_walk_node(w, &c->domain);
	struct domain org;

	if (n && (n->found || n->record.reason != DMARC_REASON_NONE))
		return n;
	if (!dmarc_walk_org(w, &org))
		return n;
	return dmarc_walk_node(w, &org);
}

static void
show_walk(struct check *c, const struct dmarc_walk *w)
{
	struct domain org;

	out_array(&c->env.out, "walk");
	for (size_t i = 0; i < w->n; i++) {
		char name[DMARC_QUERY_NAME];

		out_str(&c->env.out, NULL,
		    dmarc_query_name(&w->nodes[i]->name, name));
	}
	out_close(&c->env.out);
	if (dmarc_walk_org(w, &org))
		out_str(&c->env.out, "organization", domain_slice(&org));
}

static void
inherited(struct check *c, const struct dmarc_node *n)
{
	const struct dmarc_record *r = &n->record;

	out_str(&c->env.out, "record_at", domain_slice(&n->name));
	check_found(c, FIND_DMARC_INHERITED, domain_slice(&n->name), NULL);
	c->policy = r->bad_policy ? DMARC_NONE : or_else(r->sp, r->p);
}

void
check_dmarc(struct check *c)
{
	struct dmarc_tree tree = DMARC_TREE(c->inquiry, c->arena);
	const struct dmarc_node *n;
	struct dmarc_walk walk;
	struct check_txt t;

	c->policy = DMARC_UNSET;
	if (dmarc_tree_walk(&tree, &c->domain, &walk)) {
		c->no_memory = true;
		return;
	}
	check_txt(c, domain_slice(&c->domain), &t);
	if (check_txt_keep(&t, version))
		check_found(c, FIND_DMARC_AT_DOMAIN, t.texts[0], NULL);
	show_walk(c, &walk);
	n = applying(c, &walk);
	if (!n || !n->found) {
		no_record(c, n);
		return;
	}
	check_record(c, "record", n->record.text);
	if (!domain_eq(&n->name, &c->domain)) {
		inherited(c, n);
		return;
	}
	tags(c, n->record.text);
	policies(c, &n->record);
}
