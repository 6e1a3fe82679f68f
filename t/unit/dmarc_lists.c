/* SPDX-License-Identifier: BSD-2-Clause */
/* Organizations by a public suffix list, instead of a walk and beside it. */
#include "dmarc_scene.h"

#define COM "example.com"
#define SUB "sub.example.com"
#define ORG REC(COM, "v=DMARC1; p=reject")

/* Everything is registered one label below its top. */
static bool
two_labels(void *ctx, const struct domain *d, struct domain *out)
{
	(void)ctx;
	*out = domain_tail(d, 2);
	return domain_nlabels(d) >= 2;
}

struct psl_row {
	const char *name, *zone, *author, *dkim, *want;
	bool differs;
};

static const struct psl_row psl_rows[] = {
    {"author's record", ORG, COM, "a.example.com",
	"pass example.com reject reject dkim example.com", false},
    {"organization's record", ORG, "a.b.example.com", "c.example.com",
	"pass example.com reject reject dkim example.com", false},
    {"no record between", REC(SUB, "v=DMARC1; p=none") ORG,
	"a.sub.example.com", NULL,
	"fail example.com reject reject - example.com", false},
    {"psd=n means nothing to a list", REC(SUB, "v=DMARC1; p=none; psd=n") ORG,
	SUB, COM, "pass sub.example.com none none dkim example.com", true},
    {"record only at the author: the walk knows no other",
	REC(SUB, "v=DMARC1; p=none"), SUB, COM,
	"pass sub.example.com none none dkim example.com", true},
    {"np", REC(COM, "v=DMARC1; p=none; np=reject"), SUB, NULL,
	"fail example.com reject reject - example.com", false},
    {"the PSD's record is not looked for",
	REC("com", "v=DMARC1; p=reject; psd=y"), COM, NULL, "none", false},
    {"no suffix above", REC("com", "v=DMARC1; p=reject"), "com", NULL,
	"fail com reject reject - com", false},
    {"another organization", ORG, COM, "other.com",
	"fail example.com reject reject - example.com", false},
    {"temperror at the author", ORG BAD("_dmarc.sub.example.com"), SUB, NULL,
	"temperror _dmarc.sub.example.com", false},
    {"temperror at the organization", BAD("_dmarc.example.com"), SUB, NULL,
	"temperror _dmarc.example.com", false},
    {"temperror where only a walk looks",
	ORG BAD("_dmarc.com") BAD("_dmarc.b.example.com"), "a.b.example.com",
	COM, "pass example.com reject reject dkim example.com", false},
};

static void
check_psl(void **state)
{
	const struct psl_row *r = *state;
	struct scene s = {.zone = r->zone,
	    .author = r->author,
	    .dkim = r->dkim,
	    .mode = DMARC_ORG_PSL,
	    .psl = two_labels};
	char got[SCENE_TEXT];
	struct played p;

	scene_play(&s, &p);
	scene_text(&p.result, got);
	assert_string_equal(got, r->want);
	assert_int_equal(p.result.psl_differs, r->differs);
	scene_same_with_prefetch(&s, &p);
	scene_end(&p);
}

/* In tree walk mode a list only tells that it would have said otherwise. */
static void
test_list_beside_the_walk(void **state)
{
	struct scene s = {.zone = ORG,
	    .author = "a.example.com",
	    .dkim = COM,
	    .psl = two_labels};
	struct played p;

	(void)state;
	scene_play(&s, &p);
	assert_false(p.result.psl_differs);
	scene_end(&p);
	s.zone = REC("a.example.com", "v=DMARC1; p=none");
	scene_play(&s, &p);
	assert_true(p.result.psl_differs);
	assert_string_equal(p.result.org.text, "a.example.com");
	assert_int_equal(p.result.word, AR_FAIL);
	scene_end(&p);
	s.zone = "";
	scene_play(&s, &p);
	assert_false(p.result.psl_differs); /* nothing applies */
	scene_end(&p);
}

int
main(void)
{
	UNIT_TABLE(psl_rows, check_psl);
	UNIT_TEST(test_list_beside_the_walk);
	return unit_end();
}
