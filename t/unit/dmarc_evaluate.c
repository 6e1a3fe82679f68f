/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc_scene.h"

#define COM "example.com"
#define SUB "sub.example.com"
#define ORG REC(COM, "v=DMARC1; p=reject")

/* --- one line a message -------------------------------------------------- */

struct row {
	const char *name, *zone, *author, *spf, *dkim, *want;
};

static const struct row rows[] = {
    /* T15, T23 and the attacks on one-letter labels */
    {"forged x.com", REC("x.com", "v=DMARC1; p=reject"), "x.com", "evil.com",
	"evil.com", "fail x.com reject reject - x.com"},
    {"forged t.co", REC("t.co", "v=DMARC1; p=reject"), "t.co", NULL,
	"attacker.co", "fail t.co reject reject - t.co"},
    {"x.com as identifier", REC("google.com", "v=DMARC1; p=reject"),
	"google.com", "x.com", NULL,
	"fail google.com reject reject - google.com"},
    {"y.com, strict", REC("x.com", "v=DMARC1; p=reject; adkim=s"), "x.com",
	NULL, "y.com", "fail x.com reject reject - x.com"},
    {"x.com itself", REC("x.com", "v=DMARC1; p=reject; aspf=s; adkim=s"),
	"x.com", "x.com", "x.com", "pass x.com reject reject spf+dkim x.com"},
    {"below x.com", REC("x.com", "v=DMARC1; p=reject"), "a.x.com", NULL,
	"b.x.com", "pass x.com reject reject dkim x.com"},
    {"suffix as identifier", REC("victim.github.io", "v=DMARC1; p=reject"),
	"victim.github.io", NULL, "github.io attacker.github.io",
	"fail victim.github.io reject reject - victim.github.io"},
    {"top as identifier", ORG, COM, "com", "com",
	"fail example.com reject reject - example.com"},
    {"name that ends alike", ORG, COM, NULL, "badexample.com",
	"fail example.com reject reject - example.com"},
    {"T15 googlemail is not gmail", REC("gmail.com", "v=DMARC1; p=reject"),
	"gmail.com", NULL, "googlemail.com",
	"fail gmail.com reject reject - gmail.com"},
    {"T23 U-label and A-label",
	REC("xn--bcher-kva.example", "v=DMARC1; p=reject; aspf=s; adkim=s"),
	"B\xc3\x9c"
	"CHER.example",
	"b\xc3\xbc"
	"cher.example.",
	"XN--BCHER-KVA.example",
	"pass xn--bcher-kva.example reject reject spf+dkim "
	"xn--bcher-kva.example"},
    {"T23 below a U-label", REC("xn--bcher-kva.example", "v=DMARC1; p=reject"),
	"a.b\xc3\xbc"
	"cher.example",
	NULL, "b.xn--bcher-kva.example",
	"pass xn--bcher-kva.example reject reject dkim "
	"xn--bcher-kva.example"},
    {"T23 homograph", REC("apple.example", "v=DMARC1; p=reject"),
	"apple.example", NULL, "\xd0\xb0pple.example",
	"fail apple.example reject reject - apple.example"},
    {"12 labels", ORG, "a.b.c.d.e.f.g.h.i.j.example.com", NULL,
	"z.y.x.w.v.u.t.s.r.q.example.com",
	"pass example.com reject reject dkim example.com"},
    {"underscore", REC("_x.example", "v=DMARC1; p=reject"), "_x.example",
	"_x.example", NULL, "pass _x.example reject reject spf _x.example"},

    /* D-17, D-18, T20: what is not a pass counts for nothing */
    {"T20 nothing passed", ORG, COM, NULL, NULL,
	"fail example.com reject reject - example.com"},
    {"D-18 no other word is a pass", ORG, COM, NULL,
	"fail:example.com none:example.com policy:example.com "
	"neutral:example.com temperror:example.com permerror:example.com "
	"softfail:example.com",
	"fail example.com reject reject - example.com"},
    {"D-18 bad aligned, good foreign, good aligned", ORG, COM, NULL,
	"fail:example.com esp.example.net sub.example.com",
	"pass example.com reject reject dkim example.com"},
    {"D-19 set aside by policy", ORG, COM, NULL,
	"policy:example.com esp.example.net",
	"fail example.com reject reject - example.com"},

    /* D-32, D-34: what is broken, and whether it matters */
    {"broken above the author's record, same name", ORG BAD("_dmarc.com"), COM,
	COM, NULL, "pass example.com reject reject spf example.com"},
    {"broken above the author's record, stranger of that top",
	ORG BAD("_dmarc.com"), COM, NULL, "evil.com", "temperror _dmarc.com"},
    {"broken above the author's record, stranger", ORG BAD("_dmarc.com"), COM,
	NULL, "evil.net", "fail example.com reject reject - "},
    {"broken above the author's record, nothing passed", ORG BAD("_dmarc.com"),
	COM, NULL, NULL, "fail example.com reject reject - "},
    {"broken above the author's record, strict",
	REC(COM, "v=DMARC1; p=reject; adkim=s") BAD("_dmarc.com"), COM, NULL,
	SUB, "fail example.com reject reject - "},
    {"an identifier's walk, it matters", ORG BAD("_dmarc.sub.example.com"),
	COM, NULL, SUB, "temperror _dmarc.sub.example.com"},
    {"an identifier's walk, another aligned",
	ORG BAD("_dmarc.sub.example.com"), COM, NULL, SUB " " COM,
	"pass example.com reject reject dkim example.com"},
    {"an identifier's walk, another aligned by its walk",
	ORG BAD("_dmarc.sub.example.com"), COM, NULL, SUB " a.example.com",
	"pass example.com reject reject dkim example.com"},
    {"an identifier's walk, SPF aligned", ORG BAD("_dmarc.sub.example.com"),
	COM, COM, SUB, "pass example.com reject reject spf example.com"},
    {"a stranger's broken name server",
	ORG BAD("_dmarc.evil.net") SLOW("_dmarc.evil.com"), COM, "evil.net",
	"evil.net evil.com", "fail example.com reject reject - example.com"},
    {"a signature that failed is not walked",
	ORG BAD("_dmarc.sub.example.com"), COM, NULL, "fail:" SUB,
	"fail example.com reject reject - example.com"},

    /* np: who exists */
    {"np differs, no answer", REC(COM, "v=DMARC1; p=none; np=reject") BAD(SUB),
	SUB, NULL, NULL, "temperror sub.example.com"},
    {"np differs, no answer, and it passes",
	REC(COM, "v=DMARC1; p=none; np=reject") BAD(SUB), SUB, NULL, COM,
	"pass example.com none none dkim example.com"},
    {"np is sp, no answer",
	REC(COM, "v=DMARC1; p=none; sp=reject; np=reject") BAD(SUB), SUB, NULL,
	NULL, "fail example.com reject reject - example.com"},
    {"D-30 a name with TXT only exists",
	REC(COM, "v=DMARC1; p=none; np=reject") "sub.example.com TXT \"x\"\n",
	SUB, NULL, NULL, "fail example.com none none - example.com"},
    {"D-40 t=y acts on np", REC(COM, "v=DMARC1; p=none; np=reject; t=y"), SUB,
	NULL, NULL, "fail example.com reject quarantine - example.com"},
    {"D-6 p=none by rua drops sp and np",
	REC(COM, "v=DMARC1; p=x; sp=reject; np=reject; rua=mailto:a@b.c"), SUB,
	NULL, NULL, "fail example.com none none - example.com"},
    {"D-6 the same for a name that exists",
	REC(COM, "v=DMARC1; p=x; sp=reject; rua=mailto:a@b.c") HAS(SUB), SUB,
	NULL, NULL, "fail example.com none none - example.com"},
    {"D-29 the PSD's record is not used when there is another",
	REC("com", "v=DMARC1; p=reject; rua=mailto:a@b.c; psd=y")
	    REC(COM, "v=DMARC1;"),
	SUB, NULL, NULL, "permerror example.com"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene s = {.zone = r->zone,
	    .author = r->author,
	    .spf = r->spf,
	    .dkim = r->dkim};
	char got[SCENE_TEXT];
	struct played p;

	scene_play(&s, &p);
	scene_text(&p.result, got);
	assert_string_equal(got, r->want);
	scene_same_with_prefetch(&s, &p);
	scene_end(&p);
}

/* --- no answer at each step of the walk ---------------------------------- */

static void
no_answer_at(const char *kind, const char *author, const char *name,
    const char *records, bool spoils)
{
	char zone[512], want[SCENE_TEXT], got[SCENE_TEXT];
	struct scene s = {.zone = zone, .author = author, .dkim = COM};
	struct played p;

	snprintf(zone, sizeof(zone), "_dmarc.%s %s\n%s", name, kind, records);
	snprintf(want, sizeof(want), "temperror _dmarc.%s", name);
	scene_play(&s, &p);
	scene_text(&p.result, got);
	if (spoils)
		assert_string_equal(got, want);
	else
		assert_int_equal(p.result.word, AR_PASS);
	assert_int_equal(
	    p.result.reason, spoils ? DMARC_REASON_DNS : DMARC_REASON_NONE);
	if (spoils)
		assert_int_equal(p.result.effective, DMARC_UNSET);
	scene_same_with_prefetch(&s, &p);
	scene_end(&p);
}

static void
test_no_answer_at_each_step(void **state)
{
	static const char *const kinds[] = {"SERVFAIL", "TIMEOUT"};
	static const char *const names[] = {
	    "a.b.example.com", "b.example.com", COM, "com"};
	static const char *const deep[] = {
	    "z.a.b.c.d.e.f.g.example.com", "d.e.f.g.example.com", "com"};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		/* The policy may stand at any of them. */
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			no_answer_at(kinds[k], names[0], names[i], "", true);
		for (size_t i = 0; i < ARRAY_LEN(deep); i++)
			no_answer_at(kinds[k], deep[0], deep[i], "", true);
		/* psd=n ends the walk below the broken names. */
		for (size_t i = 2; i < ARRAY_LEN(names); i++)
			no_answer_at(kinds[k], COM, "com",
			    REC(COM, "v=DMARC1; p=reject; psd=n"), false);
		/* The jump leaves names out: these are never asked. */
		no_answer_at(kinds[k], deep[0], "a.b.c.d.e.f.g.example.com",
		    ORG, false);
		/* The record is at hand, alignment is not. */
		for (size_t i = 1; i < ARRAY_LEN(names); i++)
			no_answer_at(kinds[k], names[0], names[i],
			    REC("a.b.example.com", "v=DMARC1; p=reject"),
			    true);
	}
}

/* --- the From field ------------------------------------------------------ */

static void
test_no_author_domain(void **state)
{
	struct resolver *zone = zone_new(SLICE_LIT(ORG), NULL);
	struct inquiry *q = inquiry_new(zone, 10);
	struct arena *a = arena_new(1 << 20);
	struct dmarc_request request = {.spf = AR_PASS};

	(void)state;
	assert_true(domain_parse(SLICE_LIT(COM), &request.spf_domain));
	for (int s = FROM_MISSING; s <= FROM_TOO_LONG; s++) {
		struct dmarc_result r;

		request.from.status = (enum from_status)s;
		assert_int_equal(dmarc_evaluate(&request, q, a, &r, NULL), 0);
		assert_int_equal(r.word, AR_PERMERROR);
		assert_int_equal(r.reason, DMARC_REASON_FROM);
		assert_slice(
		    r.detail, slice_z(names_word(from_status_words, s)));
		assert_int_equal(r.effective, DMARC_UNSET);
	}
	assert_int_equal(inquiry_count(q), 0);
	inquiry_free(q);
	resolver_free(zone);
	arena_free(a);
}

static void
test_prefetch_of_nothing(void **state)
{
	struct resolver *zone = zone_new(SLICE_EMPTY, NULL);
	struct inquiry *q = inquiry_new(zone, 10);
	struct domain none = {.len = 0};

	(void)state;
	dmarc_prefetch(&none, q);
	assert_null(zone_asked(zone, 0));
	inquiry_free(q);
	resolver_free(zone);
}

/* --- what else a result tells -------------------------------------------- */

static void
test_published_values(void **state)
{
	struct scene s = {.zone = REC(COM,
			      "v=DMARC1; p=none; sp=reject; "
			      "np=quarantine; t=y; adkim=s"),
	    .author = SUB};
	struct played p;

	(void)state;
	scene_play(&s, &p);
	assert_string_equal(p.result.author.text, SUB);
	assert_string_equal(p.result.record_domain.text, COM);
	assert_slice(p.result.record,
	    SLICE_LIT("v=DMARC1; p=none; sp=reject; np=quarantine; t=y; "
		      "adkim=s"));
	assert_int_equal(p.result.p, DMARC_NONE);
	assert_int_equal(p.result.sp, DMARC_REJECT);
	assert_int_equal(p.result.np, DMARC_QUARANTINE);
	assert_int_equal(p.result.policy, DMARC_QUARANTINE);
	assert_int_equal(p.result.effective, DMARC_NONE);
	assert_true(p.result.testing && p.result.strict_dkim);
	assert_false(p.result.strict_spf);
	assert_int_equal(p.result.author_exists, DMARC_EXISTS_NOT);
	scene_end(&p);
}

struct exists_row {
	const char *name, *zone, *author, *dkim;
	enum dmarc_existence want;
	bool asked;
};

static const struct exists_row exists_rows[] = {
    {"own record", ORG, COM, NULL, DMARC_EXISTS, false},
    {"fail, not there", ORG, SUB, NULL, DMARC_EXISTS_NOT, true},
    {"fail, there", ORG HAS(SUB), SUB, NULL, DMARC_EXISTS, true},
    {"fail, no answer", ORG BAD(SUB), SUB, NULL, DMARC_EXISTENCE_UNKNOWN,
	true},
    {"D-31 pass, np is sp", ORG, SUB, COM, DMARC_EXISTENCE_UNKNOWN, false},
    {"D-31 pass, np is not sp", REC(COM, "v=DMARC1; p=none; np=reject"), SUB,
	COM, DMARC_EXISTS_NOT, true},
    {"no record", "", SUB, NULL, DMARC_EXISTENCE_UNKNOWN, false},
};

static void
check_exists(void **state)
{
	const struct exists_row *r = *state;
	struct scene s = {
	    .zone = r->zone, .author = r->author, .dkim = r->dkim};
	struct played p;

	scene_play(&s, &p);
	assert_int_equal(p.result.author_exists, r->want);
	assert_int_equal(
	    scene_was_asked(&p, SUB " A") || scene_was_asked(&p, COM " A"),
	    r->asked);
	scene_same_with_prefetch(&s, &p);
	scene_end(&p);
}

/* --- our own failures ---------------------------------------------------- */

static void
test_list_mode_without_a_list(void **state)
{
	struct dmarc_request request = {.org_mode = DMARC_ORG_PSL};
	struct resolver *zone = zone_new(SLICE_EMPTY, NULL);
	struct inquiry *q = inquiry_new(zone, 10);
	struct arena *a = arena_new(1 << 20);
	struct err err = ERR_INIT;
	struct dmarc_result r;

	(void)state;
	assert_true(domain_parse(SLICE_LIT(COM), &request.from.domain));
	assert_int_equal(dmarc_evaluate(&request, q, a, &r, &err), -1);
	assert_string_equal(
	    err.text, "dmarc: no public suffix list is loaded");
	inquiry_free(q);
	resolver_free(zone);
	arena_free(a);
}

/* With ever more memory: an error, an error ... then the result. */
static void
test_no_memory(void **state)
{
	struct resolver *zone = zone_new(SLICE_LIT(ORG), NULL);
	struct dmarc_request request = {.spf = AR_PASS};
	int rc = -1;

	(void)state;
	assert_true(domain_parse(SLICE_LIT(SUB), &request.from.domain));
	assert_true(domain_parse(SLICE_LIT(COM), &request.spf_domain));
	for (size_t room = 0; rc; room += 64) {
		struct inquiry *q = inquiry_new(zone, 10);
		struct arena *a = arena_new(room);
		struct err err = ERR_INIT;
		struct dmarc_result r;

		assert_true(room < 8192);
		rc = dmarc_evaluate(&request, q, a, &r, &err);
		assert_string_equal(err.text, rc ? "out of memory" : "");
		if (rc == 0)
			assert_int_equal(r.word, AR_PASS);
		inquiry_free(q);
		arena_free(a);
	}
	resolver_free(zone);
}

/* A resolver that has no memory for questions about addresses. */
struct forgetful {
	struct resolver base;
	struct resolver *zone;
};

static struct lookup *
forget(struct resolver *r, struct slice name, enum dns_type type)
{
	struct resolver *zone = ((struct forgetful *)r)->zone;

	return type == DNS_A ? NULL : zone->ops->start(zone, name, type);
}

static void
test_no_memory_for_the_last_query(void **state)
{
	static const struct resolver_ops ops = {.start = forget};
	struct forgetful r = {{&ops}, zone_new(SLICE_LIT(ORG), NULL)};
	struct inquiry *q = inquiry_new(&r.base, 10);
	struct arena *a = arena_new(1 << 20);
	struct dmarc_request request = {.spf = AR_NONE};
	struct err err = ERR_INIT;
	struct dmarc_result out;

	(void)state;
	assert_true(domain_parse(SLICE_LIT(SUB), &request.from.domain));
	assert_int_equal(dmarc_evaluate(&request, q, a, &out, &err), -1);
	assert_string_equal(err.text, "out of memory");
	inquiry_free(q);
	resolver_free(r.zone);
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_no_answer_at_each_step);
	UNIT_TEST(test_no_author_domain);
	UNIT_TEST(test_prefetch_of_nothing);
	UNIT_TEST(test_published_values);
	UNIT_TABLE(exists_rows, check_exists);
	UNIT_TEST(test_list_mode_without_a_list);
	UNIT_TEST(test_no_memory);
	UNIT_TEST(test_no_memory_for_the_last_query);
	return unit_end();
}
