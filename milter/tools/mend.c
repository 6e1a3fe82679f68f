/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9989 sections 4.7 and 4.8, RFC 7208 section 5.1. See mend.h. */
#include "tools/mend.h"

#include "dmarc/uri.h"
#include "mail/limits.h"

/* --- DMARC ------------------------------------------------------------------------ */

struct tag_rule {
	const char *name;
	const char *words[4]; /* none: anything goes */
};

static const struct tag_rule rules[] = {
    {"p", {"none", "quarantine", "reject"}},
    {"sp", {"none", "quarantine", "reject"}},
    {"np", {"none", "quarantine", "reject"}},
    {"adkim", {"r", "s"}},
    {"aspf", {"r", "s"}},
    {"t", {"y", "n"}},
    {"psd", {"y", "n", "u"}},
    {"rua", {NULL}},
    {"ruf", {NULL}},
    {"fo", {NULL}},
};

static const char *
word_of(const struct tag_rule *rule, struct slice value)
{
	for (size_t i = 0; i < ARRAY_LEN(rule->words) && rule->words[i]; i++)
		if (slice_ieqz(value, rule->words[i]))
			return rule->words[i];
	return NULL;
}

/* The first tag of that name. */
static bool
value_of(struct slice text, const char *name, struct slice *value)
{
	bool more = true, equals;

	while (more) {
		struct slice v = slice_trim(slice_cut(&text, ';', &more));
		struct slice n = slice_trim(slice_cut(&v, '=', &equals));

		*value = slice_trim(v);
		if (equals && slice_ieqz(n, name))
			return true;
	}
	return false;
}

/* "mailto:a@b" between two semicolons, without its rua=. */
static bool
bare_address(struct slice text, struct slice *address)
{
	bool more = true;

	while (more) {
		*address = slice_trim(slice_cut(&text, ';', &more));
		if (slice_find(*address, '=') == address->len &&
		    slice_find(*address, '@') < address->len)
			return true;
	}
	return false;
}

static void
add_uris(struct slice list, struct buf *uris)
{
	bool more = true;

	while (more) {
		struct slice uri = slice_trim(dmarc_uri_next(&list, &more));
		bool bare = slice_find(uri, ':') == uri.len;

		if (slice_find(uri, '@') == uri.len ||
		    (!bare && !slice_istarts(uri, SLICE_LIT("mailto:"))))
			continue;
		buf_addf(uris, "%s%s" SLICE_FMT, uris->len ? "," : "",
		    bare ? "mailto:" : "", SLICE_ARG(uri));
	}
}

static void
add_reports(struct slice text, const char *name, struct buf *out)
{
	struct buf uris = BUF_INIT(LIMIT_TXT_OCTETS);
	struct slice value;

	if (value_of(text, name, &value))
		add_uris(value, &uris);
	if (uris.len == 0 && slice_eqz(slice_z(name), "rua") &&
	    bare_address(text, &value))
		add_uris(value, &uris);
	if (uris.len)
		buf_addf(out, "; %s=%s", name, buf_str(&uris));
	buf_free(&uris);
}

static void
add_tag(struct slice text, const struct tag_rule *rule, struct buf *out)
{
	struct slice value, ruf;
	bool there = value_of(text, rule->name, &value);
	const char *word = there ? word_of(rule, value) : NULL;
	struct slice name = slice_z(rule->name);

	if (slice_eqz(name, "rua") || slice_eqz(name, "ruf"))
		add_reports(text, rule->name, out);
	else if (slice_eqz(name, "p"))
		buf_addf(out, "; p=%s", word ? word : "none");
	else if (word)
		buf_addf(out, "; %s=%s", rule->name, word);
	else if (slice_eqz(name, "fo") && there && value.len == 1 &&
	    value_of(text, "ruf", &ruf) &&
	    slice_find(SLICE_LIT("01ds"), value.ptr[0]) < 4)
		buf_addf(out, "; fo=%c", value.ptr[0]);
}

void
mend_dmarc(struct slice text, struct buf *out)
{
	buf_addz(out, "v=DMARC1");
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		add_tag(text, &rules[i], out);
}

/* --- SPF --------------------------------------------------------------------------- */

static bool
is_repeated(const struct spf_record *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (slice_ieq(r->terms[k].text, r->terms[i].text))
			return true;
	return false;
}

void
mend_spf(const struct spf_record *r, struct buf *out)
{
	buf_addz(out, "v=spf1");
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_term *t = &r->terms[i];
		bool last = t->kind == SPF_ALL || t->kind == SPF_REDIRECT;

		if (t->kind == SPF_PTR || t->kind == SPF_MODIFIER ||
		    spf_term_is_broad(t) || is_repeated(r, i) || last)
			continue;
		/* Mechanisms behind "all" are never reached. */
		if (r->all && i > (size_t)(r->all - r->terms) &&
		    t->word != AR_NOT_RUN)
			continue;
		if (t->kind != SPF_EXP)
			buf_addf(out, " " SLICE_FMT, SLICE_ARG(t->text));
	}
	if (r->all && (r->all->word == AR_FAIL || r->all->word == AR_SOFTFAIL))
		buf_addf(out, " " SLICE_FMT, SLICE_ARG(r->all->text));
	else if (r->redirect && !r->all)
		buf_addf(out, " " SLICE_FMT, SLICE_ARG(r->redirect->text));
	else
		buf_addz(out, " ~all");
	if (r->exp)
		buf_addf(out, " " SLICE_FMT, SLICE_ARG(r->exp->text));
}
