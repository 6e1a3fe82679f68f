/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/align.h"

#include "dmarc/evaluate.h"
#include "dns/zone.h"
#include "unit.h"

struct kin_row {
	const char *name, *author, *org, *id; /* org NULL: not known */
	bool strict;
	enum dmarc_kin want;
};

#define NONE DMARC_KIN_NONE
#define SAME DMARC_KIN_SAME
#define BY_ORG DMARC_KIN_BY_ORG

static const struct kin_row kin_rows[] = {
    {"the same", "example.com", "example.com", "example.com", false, SAME},
    {"the same, strict", "example.com", "com", "example.com", true, SAME},
    {"the same, org unknown", "x.com", NULL, "x.com", false, SAME},
    {"case and dot", "EXAMPLE.com.", "example.com", "example.COM", true, SAME},
    {"below, strict", "example.com", "example.com", "a.example.com", true,
	NONE},
    {"above, strict", "a.example.com", "example.com", "example.com", true,
	NONE},
    {"below", "example.com", "example.com", "a.example.com", false, BY_ORG},
    {"above", "a.example.com", "example.com", "example.com", false, BY_ORG},
    {"beside", "a.example.com", "example.com", "b.example.com", false, BY_ORG},
    {"above the organization", "a.example.com", "example.com", "com", false,
	NONE},
    {"another name", "example.com", "example.com", "example.net", false, NONE},
    {"suffix of a label", "example.com", "example.com", "badexample.com",
	false, NONE},
    {"one-letter label", "x.com", "x.com", "evil.com", false, NONE},
    {"one-letter label, other side", "google.com", "google.com", "x.com",
	false, NONE},
    {"one-letter labels, strict", "x.com", "x.com", "y.com", true, NONE},
    {"one-letter subdomains, strict", "a.example.com", "example.com",
	"b.example.com", true, NONE},
    {"two-letter subdomains", "ab.example.com", "example.com",
	"cd.example.com", false, BY_ORG},
    {"the suffix itself", "victim.github.io", "victim.github.io", "github.io",
	false, NONE},
    {"below the suffix", "github.io", "github.io", "attacker.github.io", false,
	BY_ORG},
    {"no record says co.uk", "a.example.co.uk", "a.example.co.uk", "co.uk",
	false, NONE},
    {"T15 never rewritten", "gmail.com", "gmail.com", "googlemail.com", false,
	NONE},
    {"org unknown, one top", "a.example.com", NULL, "b.example.com", false,
	BY_ORG},
    {"org unknown, strangers of one top", "a.com", NULL, "b.com", false,
	BY_ORG},
    {"org unknown, two tops", "a.com", NULL, "a.net", false, NONE},
    {"org unknown, strict", "a.com", NULL, "b.a.com", true, NONE},
    {"organization is a top", "a.com", "com", "b.com", false, BY_ORG},
    {"T23 U-label and A-label",
	"b\xc3\xbc"
	"cher.example",
	"b\xc3\xbc"
	"cher.example",
	"xn--bcher-kva.example", true, SAME},
    {"T23 homograph", "apple.example", "apple.example", "\xd0\xb0pple.example",
	false, NONE},
};

static void
check_kin(void **state)
{
	const struct kin_row *r = *state;
	struct domain author, org, id;

	assert_true(domain_parse(slice_z(r->author), &author));
	assert_true(domain_parse(slice_z(r->id), &id));
	if (r->org)
		assert_true(domain_parse(slice_z(r->org), &org));
	assert_int_equal(
	    dmarc_kin(&author, r->org ? &org : NULL, &id, r->strict), r->want);
}

static void
test_empty_names_align_with_nothing(void **state)
{
	struct domain none = {.len = 0}, d;

	(void)state;
	assert_true(domain_parse(SLICE_LIT("example.com"), &d));
	assert_int_equal(dmarc_kin(&d, &d, &none, false), NONE);
	assert_int_equal(dmarc_kin(&none, &none, &none, false), NONE);
	assert_int_equal(dmarc_kin(&none, &none, &d, false), NONE);
	assert_int_equal(dmarc_kin(&none, NULL, &d, false), NONE);
}

/*
 * A second implementation, on strings, that knows nothing of nodes, walks
 * and early answers: section 4.10 in as few lines as will do.
 */

#define NAMES 24
#define RECORDS 6
#define ROUNDS 600

struct published {
	char name[80];
	char psd;    /* 'y', 'n', 'u' */
	bool strict; /* adkim=s */
	const char *p, *sp;
};

struct world {
	struct published rec[RECORDS];
	size_t n;
	char org[80]; /* of the last model_org */
};

static uint32_t
roll(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 16) % below;
}

/* One to twelve labels out of a few, so that names meet. */
static void
random_name(uint32_t *seed, char out[80])
{
	static const char *const labels[] = {"a", "b", "xy", "ex"};
	uint32_t n = roll(seed, 5) ? roll(seed, 3) : roll(seed, 11);

	out[0] = '\0';
	for (uint32_t i = 0; i < n; i++)
		strcat(strcat(out, labels[roll(seed, 4)]), ".");
	strcat(out, roll(seed, 6) ? "com" : "net");
}

static const struct published *
model_record(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->rec[i].name, name) == 0)
			return &w->rec[i];
	return NULL;
}

static int
dots(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += *s == '.';
	return n;
}

/* The record that stops or ends a walk; its organization in w->org. */
static const struct published *
model_walk(struct world *w, const char *start)
{
	const struct published *last = NULL, *r;
	const char *name = start, *below = start;

	snprintf(w->org, sizeof(w->org), "%s", start);
	for (bool first = true;; first = false) {
		bool asked = first || dots(name) < 7;

		r = asked ? model_record(w, name) : NULL;
		if (r) {
			bool psd = r->psd == 'y' && !first;

			last = r;
			snprintf(
			    w->org, sizeof(w->org), "%s", psd ? below : name);
			if (r->psd != 'u')
				return last;
		}
		below = name;
		name = strchr(name, '.');
		if (!name++)
			return last;
	}
}

static const char *
model(struct world *w, const char *author, const char *id, const char **policy)
{
	const struct published *own = model_record(w, author);
	const struct published *rec = model_walk(w, author);
	char org[80];
	bool aligned;

	if (own)
		rec = own;
	else if (rec && dots(w->org) < 7 && model_record(w, w->org))
		rec = model_record(w, w->org); /* before that of the PSD */
	if (!rec)
		return "none";
	*policy = own || !rec->sp ? rec->p : rec->sp;
	memcpy(org, w->org, sizeof(org));
	aligned = strcmp(author, id) == 0;
	if (!aligned && !rec->strict) {
		(void)model_walk(w, id);
		aligned = strcmp(w->org, org) == 0;
	}
	return aligned ? "pass" : "fail";
}

static void
random_world(uint32_t *seed, struct world *w, char names[NAMES][80])
{
	static const char *const policies[] = {"none", "quarantine", "reject"};

	for (size_t i = 0; i < NAMES; i++)
		random_name(seed, names[i]);
	w->n = 0;
	while (w->n < RECORDS) {
		struct published *r = &w->rec[w->n++];

		do
			memcpy(r->name, names[roll(seed, NAMES)], 80);
		while (model_record(w, r->name) != r);
		r->psd = "ynuuu"[roll(seed, 5)];
		r->strict = roll(seed, 8) == 0;
		r->p = policies[roll(seed, 3)];
		r->sp = roll(seed, 2) ? policies[roll(seed, 3)] : NULL;
	}
}

static struct resolver *
publish(const struct world *w)
{
	struct buf text = BUF_INIT(1 << 16);
	struct resolver *zone;

	for (size_t i = 0; i < w->n; i++)
		buf_addf(&text,
		    "_dmarc.%s TXT \"v=DMARC1; p=%s; %s%s; adkim=%s; "
		    "psd=%c\"\n",
		    w->rec[i].name, w->rec[i].p, w->rec[i].sp ? "sp=" : "",
		    w->rec[i].sp ? w->rec[i].sp : "",
		    w->rec[i].strict ? "s" : "r", w->rec[i].psd);
	zone = zone_new(buf_slice(&text), NULL);
	buf_free(&text);
	return zone;
}

static void
compare(
    struct world *w, struct resolver *zone, const char *author, const char *id)
{
	struct arena *a = arena_new(1 << 20);
	struct inquiry *q = inquiry_new(zone, 100);
	struct dmarc_dkim dkim = {.word = AR_PASS};
	struct dmarc_request request = {.dkim = &dkim, .ndkim = 1};
	const char *policy = NULL, *want = model(w, author, id, &policy);
	struct dmarc_result got;

	assert_true(domain_parse(slice_z(author), &request.from.domain));
	assert_true(domain_parse(slice_z(id), &dkim.domain));
	assert_int_equal(dmarc_judge(&request, q, a, &got, NULL), 0);
	if (strcmp(ar_word(got.word), want) != 0)
		fail_msg("From %s, d=%s: got %s, want %s", author, id,
		    ar_word(got.word), want);
	if (policy)
		assert_string_equal(
		    names_word(dmarc_policy_words, (int)got.policy), policy);
	inquiry_free(q);
	arena_free(a);
}

static void
test_random_against_a_model(void **state)
{
	uint32_t seed = 9989;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		char names[NAMES][80];
		struct resolver *zone;
		struct world w;

		random_world(&seed, &w, names);
		zone = publish(&w);
		assert_non_null(zone);
		for (int k = 0; k < 8; k++)
			compare(&w, zone, names[roll(&seed, NAMES)],
			    names[roll(&seed, NAMES)]);
		resolver_free(zone);
	}
}

int
main(void)
{
	UNIT_TABLE(kin_rows, check_kin);
	UNIT_TEST(test_empty_names_align_with_nothing);
	UNIT_TEST(test_random_against_a_model);
	return unit_end();
}
