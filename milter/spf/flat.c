/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a tree of records to segments, from segments to records. A segment is
 * a set of addresses with their results, or a term that is kept; their order
 * is that of the terms they come from. See flat.h.
 */
#include "spf/flat.h"

#include "base/buf.h"
#include "mail/limits.h"
#include "spf/spans.h"

/* One string of a TXT record; an answer of 512 octets with its header. */
#define OCTETS_STRING 255
#define OCTETS_ANSWER 450

const struct name spf_flat_faults[] = {
    {SPF_FLAT_OK, ""},
    {SPF_FLAT_NO_RECORD, "no usable record to flatten"},
    {SPF_FLAT_BROKEN, "a record it needs is missing or faulty"},
    {SPF_FLAT_OVER, "too large to be followed to its end"},
    {SPF_FLAT_LOOKUPS, "more than 10 lookups even when flattened"},
    {SPF_FLAT_LONG, "too long for one record"},
    {0, NULL},
};

struct segment {
	const struct spf_branch *kept; /* or: */
	struct spf_spans v4, v6;
};

struct flattening {
	const struct spf_tree *tree;
	struct arena *arena;
	struct segment *segments;
	size_t n;
	enum ar_word rest; /* of "all"; AR_NOT_RUN: no "all" */
	const struct spf_term *exp;
};

/* --- what can be flattened --------------------------------------------------------- */

static bool is_static(const struct spf_node *, bool included);

static bool
is_branch_static(const struct spf_branch *b)
{
	if (b->dead || !spf_term_is_lookup(b->term))
		return true;
	if (b->dynamic)
		return false;
	return !b->node || is_static(b->node, b->term->kind == SPF_INCLUDE);
}

/* The words of a redirect's exp= would be another domain's. */
static bool
is_static(const struct spf_node *node, bool included)
{
	if (node->record.exp && !included)
		return false;
	for (size_t i = 0; i < node->n; i++)
		if (!is_branch_static(&node->branches[i]))
			return false;
	return true;
}

/* --- sets of addresses ---------------------------------------------------------------- */

struct sets {
	struct spf_spans v4, v6;
};

static int
add_span(struct sets *s, struct spf_span span, enum ar_word word)
{
	span.word = word;
	return spf_spans_add(
	    span.first.family == IP_V4 ? &s->v4 : &s->v6, &span);
}

static int
add_everything(struct sets *s, enum ar_word word)
{
	const struct ip any4 = {.family = IP_V4}, any6 = {.family = IP_V6};

	return add_span(s, spf_span_of(&any4, 0), word) ||
		add_span(s, spf_span_of(&any6, 0), word)
	    ? -1
	    : 0;
}

static int add_node(struct sets *, const struct spf_node *);

/* Section 5.2: an include matches where the other record says pass. */
static int
add_include(struct sets *s, const struct spf_branch *b)
{
	struct sets other = {{.family = IP_V4}, {.family = IP_V6}};
	const struct spf_spans *both[] = {&other.v4, &other.v6};
	int rc = add_node(&other, b->node);

	for (size_t k = 0; k < ARRAY_LEN(both); k++) {
		spf_spans_merge(k ? &other.v6 : &other.v4);
		for (size_t i = 0; i < both[k]->n && rc == 0; i++)
			if (both[k]->items[i].word == AR_PASS)
				rc = add_span(
				    s, both[k]->items[i], b->term->word);
	}
	spf_spans_free(&other.v4);
	spf_spans_free(&other.v6);
	return rc;
}

static int
add_hosts(struct sets *s, const struct spf_branch *b)
{
	for (size_t i = 0; i < b->nips; i++) {
		const struct ip *ip = &b->ips[i];
		unsigned bits =
		    ip->family == IP_V4 ? b->term->bits4 : b->term->bits6;

		if (add_span(s, spf_span_of(ip, bits), b->term->word))
			return -1;
	}
	return 0;
}

static int
add_branch(struct sets *s, const struct spf_branch *b)
{
	const struct spf_term *t = b->term;

	if (b->dead)
		return 0;
	switch (t->kind) {
	case SPF_ALL: return add_everything(s, t->word);
	case SPF_IP4:
	case SPF_IP6:
		return add_span(
		    s, spf_span_of(&t->net.net, t->net.bits), t->word);
	case SPF_A:
	case SPF_MX: return add_hosts(s, b);
	case SPF_INCLUDE: return add_include(s, b);
	case SPF_REDIRECT: return 0; /* comes last, wherever it stands */
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_EXP:
	case SPF_MODIFIER: break;
	}
	return 0;
}

static const struct spf_branch *
redirect_of(const struct spf_node *node)
{
	for (size_t i = 0; i < node->n; i++)
		if (node->branches[i].term->kind == SPF_REDIRECT &&
		    !node->branches[i].dead)
			return &node->branches[i];
	return NULL;
}

static int
add_node(struct sets *s, const struct spf_node *node)
{
	const struct spf_branch *redirect = redirect_of(node);

	for (size_t i = 0; i < node->n; i++)
		if (add_branch(s, &node->branches[i]))
			return -1;
	return redirect ? add_node(s, redirect->node) : 0;
}

/* --- segments --------------------------------------------------------------------------- */

static int
add_segment(struct flattening *f, const struct spf_branch *b)
{
	struct segment *last = f->n ? &f->segments[f->n - 1] : NULL;
	struct sets sets;
	int rc;

	if (!is_branch_static(b)) {
		f->segments[f->n++] = (struct segment){.kept = b};
		return 0;
	}
	if (!last || last->kept) {
		last = &f->segments[f->n++];
		*last = (struct segment){
		    .v4 = {.family = IP_V4}, .v6 = {.family = IP_V6}};
	}
	sets = (struct sets){last->v4, last->v6};
	rc = add_branch(&sets, b);
	last->v4 = sets.v4;
	last->v6 = sets.v6;
	return rc;
}

/*
 * The terms of the record and, where its redirect can be written out, those
 * of the record it leads to. "all" becomes f->rest.
 */
static int
collect(struct flattening *f, const struct spf_node *node)
{
	const struct spf_branch *redirect = redirect_of(node);
	struct segment *s;

	/* As many as there are terms, and one for a kept redirect. */
	s = arena_array(f->arena, f->n + node->n + 2, sizeof(*s));
	if (!s)
		return -1;
	for (size_t i = 0; i < f->n; i++)
		s[i] = f->segments[i];
	f->segments = s;
	for (size_t i = 0; i < node->n; i++) {
		const struct spf_branch *b = &node->branches[i];

		if (b->dead || b->term->kind == SPF_REDIRECT)
			continue;
		if (b->term->kind == SPF_ALL)
			f->rest = b->term->word;
		else if (add_segment(f, b))
			return -1;
	}
	if (!redirect)
		return 0;
	if (is_branch_static(redirect) && !f->exp)
		return collect(f, redirect->node);
	f->segments[f->n++] = (struct segment){.kept = redirect};
	return 0;
}

/* --- the writer -------------------------------------------------------------------------- */

struct writer {
	const struct flattening *f;
	const struct spf_flat_options *options;
	size_t octets; /* of one record */
	bool split;    /* passing networks go into records of their own */
	struct buf top, piece;
	struct spf_flat *out;
};

static void
add_network(const struct cidr *net, enum ar_word word, struct buf *b)
{
	const char *q = names_word(spf_qualifiers, (int)word);
	char text[IP_TEXT_MAX];

	buf_addf(b, " %s%s:%s", word == AR_PASS ? "" : q,
	    net->net.family == IP_V4 ? "ip4" : "ip6",
	    ip_format(&net->net, text));
	if (net->bits < (net->net.family == IP_V4 ? 32u : 128u))
		buf_addf(b, "/%u", net->bits);
}

static int
add_record(struct writer *w, struct slice name, struct slice text)
{
	struct spf_flat_record *r = &w->out->records[w->out->n];

	if (arena_copy(w->f->arena, name, &r->name) ||
	    arena_copy(w->f->arena, text, &r->text))
		return -1;
	w->out->n++;
	return 0;
}

/* The piece is full, or is the last one: a record, and an include of it. */
static int
end_piece(struct writer *w)
{
	struct buf name = BUF_INIT(2 * LIMIT_DOMAIN);
	int rc;

	if (w->piece.len == 0)
		return 0;
	/* More of them than lookups are allowed: it is refused anyway. */
	if (w->out->n > LIMIT_SPF_TERMS) {
		w->out->lookups++;
		buf_clear(&w->piece);
		return 0;
	}
	buf_addz(&w->piece, " -all");
	buf_addf(&name, "%s%zu." SLICE_FMT, w->options->prefix, w->out->n,
	    SLICE_ARG(w->f->tree->root->domain));
	buf_addf(&w->top, " include:%s", buf_str(&name));
	w->out->lookups++;
	rc = add_record(w, buf_slice(&name), buf_slice(&w->piece));
	buf_clear(&w->piece);
	buf_free(&name);
	return rc;
}

static int
place(struct writer *w, const struct cidr *net, enum ar_word word)
{
	struct buf one = BUF_INIT(128);
	int rc = 0;

	add_network(net, word, &one);
	w->out->networks++;
	/* Another record can say of an address that it passes, no more. */
	if (!w->split || word != AR_PASS) {
		buf_add(&w->top, buf_slice(&one));
	} else {
		if (w->piece.len + one.len + sizeof(" -all") - 1 > w->octets)
			rc = end_piece(w);
		if (w->piece.len == 0)
			buf_addz(&w->piece, "v=spf1");
		buf_add(&w->piece, buf_slice(&one));
	}
	buf_free(&one);
	return rc;
}

static int
write_spans(struct writer *w, const struct spf_spans *set, bool last)
{
	/* In the end all that have no word get that of the rest. */
	enum ar_word rest = w->f->rest == AR_NOT_RUN ? AR_NEUTRAL : w->f->rest;

	for (size_t i = 0; i < set->n; i++) {
		const struct spf_span *s = &set->items[i];
		struct ip from = s->first;
		struct cidr net;
		bool more = true;

		if (last && s->word == rest)
			continue;
		while (more) {
			more = spf_span_next(&from, &s->last, &net);
			if (place(w, &net, s->word))
				return -1;
		}
	}
	return 0;
}

static int
write_segment(struct writer *w, const struct segment *s, bool last)
{
	if (s->kept) {
		w->out->lookups += s->kept->lookups;
		w->out->kept[w->out->nkept++] = s->kept->term->text;
		buf_addf(
		    &w->top, " " SLICE_FMT, SLICE_ARG(s->kept->term->text));
		return 0;
	}
	if (write_spans(w, &s->v4, last) || write_spans(w, &s->v6, last))
		return -1;
	return end_piece(w);
}

static int
write_top(struct writer *w)
{
	const struct flattening *f = w->f;

	for (size_t i = 0; i < f->n; i++)
		if (write_segment(w, &f->segments[i], i + 1 == f->n))
			return -1;
	if (f->rest != AR_NOT_RUN)
		buf_addf(&w->top, " %sall",
		    names_word(spf_qualifiers, (int)f->rest));
	if (f->exp)
		buf_addf(&w->top, " " SLICE_FMT, SLICE_ARG(f->exp->text));
	return w->top.no_mem || w->piece.no_mem ? -1 : 0;
}

/* One way to write it. out->fault says whether it will do. */
static int
attempt(const struct flattening *f, const struct spf_flat_options *o,
    size_t octets, bool split, struct spf_flat *out)
{
	struct writer w = {.f = f,
	    .options = o,
	    .octets = octets,
	    .split = split,
	    .top = BUF_INIT(LIMIT_SPF_RECORD),
	    .piece = BUF_INIT(LIMIT_SPF_RECORD),
	    .out = out};
	int rc = -1;

	out->n = 1; /* the domain's own, when it is known */
	out->lookups = 0;
	out->networks = out->nkept = 0;
	out->fault = SPF_FLAT_OK;
	buf_addz(&w.top, "v=spf1");
	if (write_top(&w))
		goto out;
	if (out->lookups > LIMIT_SPF_TERMS)
		out->fault = SPF_FLAT_LOOKUPS;
	else if (w.top.over || w.top.len > octets)
		out->fault = SPF_FLAT_LONG;
	out->records[0].name = f->tree->root->domain;
	rc = arena_copy(f->arena, buf_slice(&w.top), &out->records[0].text);
out:
	buf_free(&w.top);
	buf_free(&w.piece);
	return rc;
}

static int
write_records(const struct flattening *f, const struct spf_flat_options *o,
    struct spf_flat *out)
{
	const struct {
		size_t octets;
		bool split;
	} ways[] = {
	    {o->octets ? o->octets : OCTETS_STRING, false},
	    {o->octets ? o->octets : OCTETS_STRING, true},
	    {o->octets ? o->octets : OCTETS_ANSWER, true},
	};

	out->records =
	    arena_array(f->arena, LIMIT_SPF_TERMS + 2, sizeof(*out->records));
	out->kept = arena_array(f->arena, f->n + 1, sizeof(*out->kept));
	if (!out->records || !out->kept)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (attempt(f, o, ways[i].octets, ways[i].split, out))
			return -1;
		if (out->fault == SPF_FLAT_OK)
			return 0;
	}
	return 0;
}

/* --- all of it ---------------------------------------------------------------------------- */

static void
release(struct flattening *f)
{
	for (size_t i = 0; i < f->n; i++) {
		spf_spans_free(&f->segments[i].v4);
		spf_spans_free(&f->segments[i].v6);
	}
}

int
spf_flat_make(const struct spf_tree *tree, const struct spf_flat_options *o,
    struct arena *arena, struct spf_flat *out)
{
	struct flattening f = {
	    .tree = tree, .arena = arena, .rest = AR_NOT_RUN};
	int rc = -1;

	*out = (struct spf_flat){.fault = SPF_FLAT_OK};
	if (tree->over)
		out->fault = SPF_FLAT_OVER;
	else if (tree->root->fault != SPF_OK && tree->root->n == 0)
		out->fault = SPF_FLAT_NO_RECORD;
	else if (tree->broken)
		out->fault = SPF_FLAT_BROKEN;
	if (out->fault != SPF_FLAT_OK)
		return 0;
	f.exp = tree->root->record.exp;
	if (collect(&f, tree->root))
		goto out;
	for (size_t i = 0; i < f.n; i++) {
		spf_spans_merge(&f.segments[i].v4);
		spf_spans_merge(&f.segments[i].v6);
	}
	rc = write_records(&f, o, out);
out:
	release(&f);
	return rc;
}
