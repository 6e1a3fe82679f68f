/* SPDX-License-Identifier: BSD-2-Clause */
/* Few and many identifiers, in any order, of any result. */
#include "dmarc_scene.h"

#include "base/buf.h"

#define COM "example.com"
#define SUB "sub.example.com"
#define ORG REC(COM, "v=DMARC1; p=reject")

/* Every order of two signatures: nothing spoils what aligned. */
static void
test_every_order_of_signatures(void **state)
{
	static const char *const domains[] = {
	    COM, "a.example.com", "b.example.com", "evil.net"};
	static const char *const words[] = {"pass", "fail", "temperror"};
	enum {
		N = 12
	};

	(void)state;
	for (int i = 0; i < N * N; i++) {
		int x = i / N, y = i % N;
		bool first = x < N / 4 * 3 && x % 3 == 0;
		bool second = y < N / 4 * 3 && y % 3 == 0;
		char dkim[100];
		struct scene s = {.zone = ORG, .author = COM, .dkim = dkim};
		struct played p;

		snprintf(dkim, sizeof(dkim), "%s:%s %s:%s", words[x % 3],
		    domains[x / 3], words[y % 3], domains[y / 3]);
		scene_play(&s, &p);
		assert_int_equal(
		    p.result.word, first || second ? AR_PASS : AR_FAIL);
		assert_int_equal(p.result.aligned_dkim, first || second);
		/* One that is the author's own is found before others. */
		if (first && second)
			assert_int_equal(p.result.aligned_dkim_index, x && !y);
		else
			assert_int_equal(p.result.aligned_dkim_index, second);
		scene_end(&p);
	}
}

static void
test_spf_words(void **state)
{
	(void)state;
	for (int word = AR_NOT_RUN; word <= AR_PERMERROR; word++) {
		struct scene s = {.zone = ORG, .author = COM};
		struct dmarc_result r;
		struct played p;

		scene_play(&s, &p);
		p.request.spf = (enum ar_word)word;
		p.request.spf_domain = p.request.from.domain;
		assert_int_equal(
		    dmarc_evaluate(&p.request, p.inquiry, p.arena, &r, &p.err),
		    0);
		assert_int_equal(r.aligned_spf, word == AR_PASS);
		assert_int_equal(r.word, word == AR_PASS ? AR_PASS : AR_FAIL);
		/* A pass of no domain is nobody's. */
		p.request.spf_domain.len = 0;
		p.request.spf_domain.text[0] = '\0';
		assert_int_equal(
		    dmarc_evaluate(&p.request, p.inquiry, p.arena, &r, &p.err),
		    0);
		assert_int_equal(r.word, AR_FAIL);
		scene_end(&p);
	}
}

/* n names below example.com, each its own organization, then last. */
static void
many_identifiers(struct buf *zone, struct buf *dkim, int n, const char *last)
{
	buf_addz(zone, ORG);
	for (int i = 0; i < n; i++) {
		buf_addf(zone,
		    "_dmarc.n%d.example.com TXT \"v=DMARC1; p=none; psd=n\"\n",
		    i);
		buf_addf(dkim, "%sn%d.example.com", i ? " " : "", i);
	}
	buf_addz(dkim, last);
}

static void
check_many(int n, const char *last, enum ar_word word, size_t queries)
{
	struct buf zone = BUF_INIT(1 << 16), dkim = BUF_INIT(1 << 16);
	struct scene s = {.author = COM};
	struct played p;

	many_identifiers(&zone, &dkim, n, last);
	s.zone = buf_str(&zone);
	s.dkim = buf_str(&dkim);
	scene_play(&s, &p);
	assert_int_equal(p.result.word, word);
	assert_int_equal(inquiry_count(p.inquiry), queries);
	assert_int_equal(p.result.reason == DMARC_REASON_IDENTIFIERS,
	    word == AR_FAIL && n > LIMIT_DMARC_IDENTIFIERS);
	if (p.result.reason == DMARC_REASON_IDENTIFIERS)
		assert_slice(p.result.detail, SLICE_LIT("n20.example.com"));
	if (word == AR_PASS)
		assert_int_equal(p.result.aligned_dkim_index, n);
	scene_end(&p);
	buf_free(&zone);
	buf_free(&dkim);
}

static void
test_many_identifiers(void **state)
{
	const size_t author = 2; /* _dmarc.example.com, _dmarc.com */

	(void)state;
	check_many(LIMIT_DMARC_IDENTIFIERS, "", AR_FAIL,
	    author + LIMIT_DMARC_IDENTIFIERS);
	check_many(50, "", AR_FAIL, author + LIMIT_DMARC_IDENTIFIERS);
	/* The author's own needs no walk, wherever it stands. */
	check_many(50, " example.com", AR_PASS, author);
	check_many(LIMIT_DMARC_IDENTIFIERS - 1, " a.example.com", AR_PASS,
	    author + LIMIT_DMARC_IDENTIFIERS);
	check_many(
	    50, " a.example.com", AR_FAIL, author + LIMIT_DMARC_IDENTIFIERS);
}

/* Too many signatures are nothing to remark on where SPF aligned. */
static void
test_many_and_spf(void **state)
{
	struct buf zone = BUF_INIT(1 << 16), dkim = BUF_INIT(1 << 16);
	struct scene s = {.author = COM, .spf = COM};
	struct played p;

	(void)state;
	many_identifiers(&zone, &dkim, 50, "");
	s.zone = buf_str(&zone);
	s.dkim = buf_str(&dkim);
	scene_play(&s, &p);
	assert_int_equal(p.result.word, AR_PASS);
	assert_int_equal(p.result.reason, DMARC_REASON_NONE);
	scene_end(&p);
	buf_free(&zone);
	buf_free(&dkim);
}

static void
test_many_signatures_of_one_domain(void **state)
{
	struct buf dkim = BUF_INIT(1 << 16);
	struct scene s = {.zone = ORG REC("n.example.com", "v=DMARC1; psd=n"),
	    .author = COM};
	struct played p;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_addz(&dkim, "n.example.com ");
	buf_addz(&dkim, "a.example.com");
	s.dkim = buf_str(&dkim);
	scene_play(&s, &p);
	assert_int_equal(p.result.word, AR_PASS);
	assert_int_equal(p.result.aligned_dkim_index, 60);
	scene_end(&p);
	buf_free(&dkim);
}

static void
test_no_more_queries(void **state)
{
	struct scene s = {.zone = ORG, .author = "a.b.example.com"};
	struct played p;

	(void)state;
	s.queries = 2;
	scene_play(&s, &p);
	assert_int_equal(p.result.word, AR_TEMPERROR);
	assert_int_equal(p.result.reason, DMARC_REASON_BUDGET);
	assert_slice(p.result.detail, SLICE_LIT("_dmarc.example.com"));
	scene_end(&p);
}

int
main(void)
{
	UNIT_TEST(test_every_order_of_signatures);
	UNIT_TEST(test_spf_words);
	UNIT_TEST(test_many_identifiers);
	UNIT_TEST(test_many_and_spf);
	UNIT_TEST(test_many_signatures_of_one_domain);
	UNIT_TEST(test_no_more_queries);
	return unit_end();
}
