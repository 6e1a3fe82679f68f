/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message before DMARC in one line each: what the DNS holds, who it claims
 * to be from, what passed; and the result as one line to compare.
 */
#ifndef ASSAY_DMARC_SCENE_H
#define ASSAY_DMARC_SCENE_H

#include "dmarc/dmarc.h"
#include "dns/zone.h"
#include "mail/limits.h"
#include "unit.h"

/* A record published for a domain; a name that exists; one that is broken. */
#define REC(domain, text) "_dmarc." domain " TXT \"" text "\"\n"
#define HAS(name) name " A 192.0.2.1\n"
#define BAD(name) name " SERVFAIL\n"
#define SLOW(name) name " TIMEOUT\n"

#define SCENE_DKIM 64
#define SCENE_TEXT 1600

struct scene {
	const char *zone, *author;
	const char *spf;  /* domain of an SPF pass, or NULL */
	const char *dkim; /* "a.example fail:b.example": results of d= */
	enum dmarc_org mode;
	dmarc_psl_fn *psl;
	bool prefetch;
	size_t queries; /* 0: LIMIT_MESSAGE_QUERIES */
};

struct played {
	struct arena *arena;
	struct resolver *zone;
	struct inquiry *inquiry;
	struct dmarc_dkim dkim[SCENE_DKIM];
	struct dmarc_request request;
	struct dmarc_result result;
	struct err err;
};

static inline void
scene_dkim(struct played *p, struct slice list)
{
	bool more = list.len > 0;

	p->request.dkim = p->dkim;
	while (more) {
		struct slice one = slice_cut(&list, ' ', &more);
		size_t colon = slice_find(one, ':');
		struct dmarc_dkim *d = &p->dkim[p->request.ndkim++];
		int word = AR_PASS;

		assert_true(p->request.ndkim <= SCENE_DKIM);
		if (colon < one.len) {
			assert_int_equal(names_value(ar_words,
					     slice_upto(one, colon), &word),
			    0);
			one = slice_from(one, colon + 1);
		}
		d->word = (enum ar_word)word;
		assert_true(domain_parse(one, &d->domain));
	}
}

static inline void
scene_play(const struct scene *s, struct played *p)
{
	*p = (struct played){.err = ERR_INIT};
	p->arena = arena_new(LIMIT_MESSAGE_ARENA);
	p->zone = zone_new(slice_z(s->zone), &p->err);
	assert_string_equal(p->err.text, "");
	p->inquiry = inquiry_new(
	    p->zone, s->queries ? s->queries : LIMIT_MESSAGE_QUERIES);
	p->request.from.status = FROM_OK;
	assert_true(domain_parse(slice_z(s->author), &p->request.from.domain));
	p->request.spf = s->spf ? AR_PASS : AR_NONE;
	if (s->spf)
		assert_true(
		    domain_parse(slice_z(s->spf), &p->request.spf_domain));
	scene_dkim(p, slice_z(s->dkim));
	p->request.org_mode = s->mode;
	p->request.psl_org = s->psl;
	if (s->prefetch)
		dmarc_prefetch(&p->request.from.domain, p->inquiry);
	if (dmarc_evaluate(
		&p->request, p->inquiry, p->arena, &p->result, &p->err))
		fail_msg("%s", p->err.text);
}

static inline void
scene_end(struct played *p)
{
	inquiry_free(p->inquiry);
	resolver_free(p->zone);
	arena_free(p->arena);
}

static inline const char *
scene_policy(enum dmarc_policy p)
{
	const char *word = names_word(dmarc_policy_words, (int)p);

	return word ? word : "-";
}

/*
 * "pass example.com reject quarantine spf+dkim example.com": the word, where
 * the record stands, the policy, what t= leaves of it, what aligned, the
 * author's organization. Else the word and what it is about.
 */
static inline void
scene_text(const struct dmarc_result *r, char out[SCENE_TEXT])
{
	static const char *const aligned[] = {"-", "spf", "dkim", "spf+dkim"};

	if (r->word == AR_PASS || r->word == AR_FAIL)
		snprintf(out, SCENE_TEXT, "%s %s %s %s %s %s",
		    ar_word(r->word), r->record_domain.text,
		    scene_policy(r->policy), scene_policy(r->effective),
		    aligned[r->aligned_spf + 2 * r->aligned_dkim],
		    r->org.text);
	else if (r->word == AR_TEMPERROR)
		snprintf(out, SCENE_TEXT, "%s " SLICE_FMT, ar_word(r->word),
		    SLICE_ARG(r->detail));
	else
		snprintf(out, SCENE_TEXT, "%s%s%s", ar_word(r->word),
		    r->record_domain.len ? " " : "", r->record_domain.text);
}

/* Everything there is in a result, for "the same with and without". */
static inline void
scene_dump(const struct dmarc_result *r, char out[SCENE_TEXT])
{
	snprintf(out, SCENE_TEXT,
	    "%d %d [" SLICE_FMT "] %s %s %s [" SLICE_FMT
	    "] %d %d %d %d %d %d %d %d %d %d %d %zu %d",
	    r->word, r->reason, SLICE_ARG(r->detail), r->author.text,
	    r->org.text, r->record_domain.text, SLICE_ARG(r->record), r->p,
	    r->sp, r->np, r->policy, r->effective, r->testing, r->strict_dkim,
	    r->strict_spf, r->author_exists, r->aligned_spf, r->aligned_dkim,
	    r->aligned_dkim_index, r->psl_differs);
}

static inline bool
scene_was_asked(const struct played *p, const char *question)
{
	const char *asked;

	for (size_t i = 0; (asked = zone_asked(p->zone, i)); i++)
		if (strcmp(asked, question) == 0)
			return true;
	return false;
}

/* With prefetching: the same result, and every name asked was fetched. */
static inline void
scene_same_with_prefetch(const struct scene *s, const struct played *without)
{
	char a[SCENE_TEXT], b[SCENE_TEXT];
	struct scene early = *s;
	struct played with;
	const char *asked;

	early.prefetch = true;
	scene_play(&early, &with);
	scene_dump(&without->result, a);
	scene_dump(&with.result, b);
	assert_string_equal(a, b);
	for (size_t i = 0; (asked = zone_asked(without->zone, i)); i++)
		assert_true(scene_was_asked(&with, asked));
	scene_end(&with);
}

#endif
