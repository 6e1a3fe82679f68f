/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two opinions of each method, side by side. What is read here decides
 * nothing: anybody may have written those fields. See observe.h.
 */
#include "engine/observe.h"

#include "authres/match.h"
#include "authres/parse.h"
#include "base/buf.h"
#include "engine/message.h"

#define OPINIONS_MAX 40
#define FIELDS_MAX 40
#define TEXT_MAX 1500

/* What both say of one thing; an empty word says nothing. */
struct opinion {
	const char *method;
	struct slice name; /* a signature's domain, an identity of SPF's */
	struct slice theirs, ours;
};

struct opinions {
	struct opinion items[OPINIONS_MAX];
	size_t n, fields;
	bool null_sender, they_speak;
};

/* The entry of this name, made when missing; NULL when there is no room. */
static struct opinion *
entry(struct opinions *all, const char *method, struct slice name)
{
	struct opinion *o;

	for (size_t i = 0; i < all->n; i++)
		if (slice_eqz(slice_z(method), all->items[i].method) &&
		    slice_ieq(all->items[i].name, name))
			return &all->items[i];
	if (all->n == OPINIONS_MAX)
		return NULL;
	o = &all->items[all->n++];
	*o = (struct opinion){.method = method, .name = name};
	return o;
}

/* Of several results of one name, one that passes counts. */
static void
say(struct slice *side, struct slice word)
{
	if (side->len == 0 || slice_ieqz(word, "pass"))
		*side = word;
}

/* --- ours -------------------------------------------------------------------- */

static void
we_say(struct opinions *all, const char *method, struct slice name,
    enum ar_word word)
{
	struct opinion *o =
	    word == AR_NOT_RUN ? NULL : entry(all, method, name);

	if (o)
		say(&o->ours, slice_z(ar_word(word)));
}

static void
collect_ours(const struct verdict *v, struct opinions *all)
{
	we_say(all, "dmarc", SLICE_EMPTY, v->dmarc.word);
	we_say(all, "iprev", SLICE_EMPTY, v->iprev.word);
	we_say(all, "spf",
	    v->mailfrom.null ? SLICE_LIT("helo") : SLICE_LIT("mailfrom"),
	    v->mfrom.word);
	we_say(all, "spf", SLICE_LIT("helo"), v->helo.word);
	if (v->ndkim == 0)
		we_say(all, "dkim", SLICE_EMPTY, AR_NONE);
	for (size_t i = 0; i < v->ndkim; i++)
		we_say(all, "dkim", domain_slice(&v->dkim[i].domain),
		    v->dkim[i].word);
}

/* --- theirs ------------------------------------------------------------------ */

static const struct ar_prop *
property(const struct ar_result *r, const char *name)
{
	for (const struct ar_prop *p = r->props; p; p = p->next)
		if (slice_ieqz(p->property, name))
			return p;
	return NULL;
}

/* DKIM has a result a domain; older programs give it in header.i alone. */
static struct slice
signer_of(const struct ar_result *r)
{
	const struct ar_prop *d = property(r, "d"), *i = property(r, "i");

	if (d)
		return d->value;
	return i ? i->domain : SLICE_EMPTY;
}

/*
 * Programs that evaluate one identity often name both; it is MAIL FROM then.
 * A null sender has HELO's alone (RFC 7208 section 2.4), whatever they call it.
 */
static struct slice
identity_of(const struct opinions *all, const struct ar_result *r)
{
	bool of_helo = all->null_sender ||
	    (property(r, "helo") && !property(r, "mailfrom"));

	return of_helo ? SLICE_LIT("helo") : SLICE_LIT("mailfrom");
}

static void
they_say(struct opinions *all, const struct ar_result *r)
{
	struct opinion *o = NULL;

	if (slice_ieqz(r->method, "dmarc"))
		o = entry(all, "dmarc", SLICE_EMPTY);
	else if (slice_ieqz(r->method, "iprev"))
		o = entry(all, "iprev", SLICE_EMPTY);
	else if (slice_ieqz(r->method, "spf"))
		o = entry(all, "spf", identity_of(all, r));
	else if (slice_ieqz(r->method, "dkim"))
		o = entry(all, "dkim", signer_of(r));
	if (!o)
		return;
	say(&o->theirs, r->word);
	all->they_speak = true;
}

static int
collect_theirs(const struct message *m, struct opinions *all)
{
	const struct strip_rules *rules = &m->strip_rules;

	for (size_t i = 0; i < m->header.n && all->fields < FIELDS_MAX; i++) {
		const struct field *f = &m->header.fields[i];
		struct ar_field ar;

		if (!slice_ieqz(f->name, STRIP_AUTHRES) ||
		    !authres_claims(f->value, rules->ids, rules->nids))
			continue;
		all->fields++;
		if (ar_field_parse(f->value, m->arena, &ar))
			return -1;
		for (const struct ar_result *r = ar.results; r; r = r->next)
			they_say(all, r);
	}
	return 0;
}

/* --- the differences --------------------------------------------------------- */

static bool
they_have(const struct opinions *all, const char *method)
{
	for (size_t i = 0; i < all->n; i++)
		if (slice_eqz(slice_z(method), all->items[i].method) &&
		    all->items[i].theirs.len)
			return true;
	return false;
}

/*
 * They need not say all: other methods, SPF of HELO, that there is no
 * signature. Where they tell of signatures, each that we see counts.
 */
static bool
is_silence(const struct opinions *all, const struct opinion *o)
{
	return o->theirs.len == 0 &&
	    (!slice_eqz(slice_z(o->method), "dkim") || o->name.len == 0 ||
		!they_have(all, o->method));
}

static void
write_word(struct buf *out, struct slice word)
{
	buf_add(out, word.len ? slice_upto(word, 40) : SLICE_LIT("-"));
}

static void
write_differences(const struct opinions *all, struct buf *out)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct opinion *o = &all->items[i];

		if (is_silence(all, o) || slice_ieq(o->theirs, o->ours))
			continue;
		buf_addf(out, "%s%s", out->len ? "," : "", o->method);
		if (o->name.len) {
			buf_addc(out, '(');
			buf_add(out, slice_upto(o->name, LIMIT_DOMAIN));
			buf_addc(out, ')');
		}
		buf_addc(out, ':');
		write_word(out, o->theirs);
		buf_addc(out, '/');
		write_word(out, o->ours);
	}
	if (out->len == 0)
		buf_addz(out, all->they_speak ? "none" : "unstamped");
}

int
observe_compare(struct message *m, struct err *err)
{
	struct opinions all = {.null_sender = m->verdict.mailfrom.null};
	struct buf text = BUF_INIT(TEXT_MAX);
	int rc;

	collect_ours(&m->verdict, &all);
	rc = collect_theirs(m, &all);
	write_differences(&all, &text);
	if (rc == 0)
		rc = arena_copy(m->arena,
		    buf_status(&text) ? SLICE_LIT("many") : buf_slice(&text),
		    &m->differences);
	buf_free(&text);
	return rc ? err_no_mem(err) : 0;
}
