/* SPDX-License-Identifier: BSD-2-Clause */
/* assay check: DKIM keys (RFC 6376 section 3.6.1, RFC 8301, RFC 8463). */
#include <stdio.h>
#include <time.h>

#include "dkim/key.h"
#include "dkim/tags.h"
#include "dns/rdata.h"
#include "keys/store.h"
#include "tools/check.h"
#include "tools/platforms.h"

#define BITS_ADVISED 2048
#define MONTHS 13
#define KEYS_MAX 32

struct keys_seen {
	size_t keys, rsa; /* that can be used */
};

/* What packages call their selectors, and platforms besides platforms.c. */
static const char *const usual[] = {"default", "dkim", "mail", "email", "smtp",
    "mx", "k1", "pm", "mandrill", "everlytickey1", "zoho", "zmail"};

/* The i-th guess; NULL: there are no more. */
static const char *
guess(size_t i)
{
	if (i < ARRAY_LEN(usual))
		return usual[i];
	i -= ARRAY_LEN(usual);
	for (size_t p = 0; p < nplatforms; p++)
		for (size_t k = 0;
		     k < PLATFORM_KEYS_MAX && platforms[p].keys[k].selector;
		     k++)
			if (i-- == 0)
				return platforms[p].keys[k].selector;
	return NULL;
}

/* --- one key ----------------------------------------------------------------------- */

static void
key_fault(struct check *c, const struct dkim_key *k, const char *selector)
{
	char detail[256];

	(void)snprintf(detail, sizeof(detail), "%.100s: %s", selector,
	    dkim_reason_text(k->reason));
	if (k->reason == DKIM_REASON_KEY_REVOKED)
		check_found(c, FIND_DKIM_REVOKED, slice_z(selector), NULL);
	else if (k->reason == DKIM_REASON_KEY_SMALL ||
	    k->reason == DKIM_REASON_KEY_WEAK)
		check_found(c, FIND_DKIM_WEAK, slice_z(selector), NULL);
	else
		check_found(c, FIND_DKIM_KEY, slice_z(detail), NULL);
}

static void
key_sound(struct check *c, const struct dkim_key *k, const char *selector,
    struct keys_seen *seen)
{
	struct out *o = &c->env.out;

	out_z(o, "type", names_word(dkim_alg_words, (int)k->alg));
	out_num(o, "bits", k->bits);
	if (k->testing)
		check_found(c, FIND_DKIM_TESTING, slice_z(selector), NULL);
	if (!k->sha256) {
		check_found(c, FIND_DKIM_SHA1, slice_z(selector), NULL);
		return;
	}
	if (k->alg == DKIM_RSA_SHA256 && k->bits < BITS_ADVISED)
		check_found(c, FIND_DKIM_SHORT, slice_z(selector), NULL);
	seen->keys++;
	seen->rsa += k->alg == DKIM_RSA_SHA256;
}

static void
key(struct check *c, const char *selector, struct slice text,
    struct keys_seen *seen)
{
	struct dkim_key k;

	out_str(&c->env.out, "record", text);
	check_seen(c, selector, text);
	if (dkim_key_parse(text, &k, c->err)) {
		c->no_memory = true;
		return;
	}
	if (k.reason == DKIM_REASON_NONE)
		key_sound(c, &k, selector, seen);
	else
		key_fault(c, &k, selector);
	dkim_key_clear(&k);
}

/* --- one selector ------------------------------------------------------------------- */

static struct slice
key_name(
    const struct check *c, const char *selector, char name[CHECK_NAME_MAX])
{
	(void)snprintf(name, CHECK_NAME_MAX, "%.100s._domainkey.%s", selector,
	    c->domain.text);
	return slice_z(name);
}

static void
show_alias(struct check *c, struct slice name)
{
	const struct answer *a = check_ask(c, name, DNS_CNAME);
	char target[RDATA_NAME_MAX];

	if (a->nrr && rdata_name(a->rdata[0], target))
		check_record(c, "alias_of", slice_z(target));
}

/* wanted: somebody has named it; else it is a guess, and may be missing. */
static void
selector(struct check *c, const char *s, bool wanted, struct keys_seen *seen)
{
	char name[CHECK_NAME_MAX];
	struct slice asked = key_name(c, s, name);
	struct check_txt t;
	bool alias;

	check_txt(c, asked, &t);
	if (!wanted && t.n == 0)
		return;
	alias = check_ask(c, asked, DNS_CNAME)->nrr > 0;
	out_object(&c->env.out, NULL);
	out_z(&c->env.out, "selector", s);
	show_alias(c, asked);
	if (dns_is_temporary(t.dns))
		check_found(c, FIND_DKIM_DNS, asked, NULL);
	else if (t.n == 0)
		check_found(c, alias ? FIND_DKIM_DANGLING : FIND_DKIM_MISSING,
		    asked, NULL);
	else if (t.n > 1)
		check_found(c, FIND_DKIM_SEVERAL, asked, NULL);
	if (t.n)
		key(c, s, t.texts[0], seen);
	out_close(&c->env.out);
}

/* All guesses at once: one round trip, not thirty. */
static void
prefetch(struct check *c)
{
	char name[CHECK_NAME_MAX];

	for (size_t i = 0; guess(i); i++)
		inquiry_prefetch(
		    c->inquiry, key_name(c, guess(i), name), DNS_TXT);
}

/* assay's own: rYYYYMM and eYYYYMM, of the last months. */
static void
dated(struct check *c, struct keys_seen *seen)
{
	time_t now = (time_t)clock_now_s(c->env.engine.clock);
	struct tm tm;
	int month;

	if (!gmtime_r(&now, &tm))
		return;
	month = (tm.tm_year + 1900) * 12 + tm.tm_mon;
	for (int i = 0; i < MONTHS; i++, month--) {
		char s[32];

		for (size_t k = 0; k < 2; k++) {
			(void)snprintf(s, sizeof(s), "%c%04d%02d", "re"[k],
			    month / 12, month % 12 + 1);
			selector(c, s, false, seen);
		}
	}
}

/* --- our own keys ---------------------------------------------------------------------- */

static bool
is_published(struct check *c, const struct key_info *k)
{
	char name[CHECK_NAME_MAX];
	struct check_txt t;

	check_txt(c, key_name(c, k->selector, name), &t);
	for (size_t i = 0; i < t.n; i++)
		if (dkim_key_matches(t.texts[i], k->pkey))
			return true;
	return false;
}

static void
own_keys(struct check *c, struct keys_seen *seen)
{
	struct key_info keys[KEYS_MAX];
	size_t n =
	    keystore_keys(c->env.config->keys, &c->domain, keys, KEYS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct buf record = BUF_INIT(4096);

		/* A retired one is taken out of DNS in its time. */
		if (keys[i].state == KEY_BAD || keys[i].state == KEY_RETIRED ||
		    !keys[i].pkey)
			continue;
		selector(c, keys[i].selector, false, seen);
		if (!is_published(c, &keys[i])) {
			buf_addf(&record, "%s._domainkey.%s. TXT \"",
			    keys[i].selector, c->domain.text);
			if (dkim_key_record(keys[i].pkey, &record))
				c->no_memory = true;
			buf_addc(&record, '"');
			check_found(c, FIND_DKIM_OWN,
			    slice_z(keys[i].selector), buf_str(&record));
		}
		buf_free(&record);
	}
	keys_release(keys, n);
}

/* --- all of it --------------------------------------------------------------------------- */

static void
leftovers(struct check *c)
{
	char name[CHECK_NAME_MAX];
	struct check_txt t;

	check_txt(c, check_name(c, "_domainkey", name), &t);
	for (size_t i = 0; i < t.n; i++)
		if (slice_istarts(t.texts[i], SLICE_LIT("o=")) ||
		    slice_icontains(t.texts[i], SLICE_LIT("; o=")))
			check_found(c, FIND_DKIM_POLICY, t.texts[i], NULL);
}

static bool
is_wildcard(struct check *c)
{
	char name[CHECK_NAME_MAX];
	struct check_txt t;

	check_txt(c, key_name(c, "assay-nobody-made-this", name), &t);
	if (t.n)
		check_found(c, FIND_DKIM_WILDCARD, t.texts[0], NULL);
	return t.n > 0;
}

void
check_dkim(struct check *c)
{
	struct keys_seen seen = {0, 0};
	bool wild = is_wildcard(c);

	out_array(&c->env.out, "keys");
	for (size_t i = 0; i < c->selectors.n; i++)
		selector(c, c->selectors.items[i], true, &seen);
	if (c->selectors.n == 0) {
		prefetch(c);
		/* Where any name has a record, guesses tell nothing. */
		for (size_t i = 0; guess(i) && !wild; i++)
			selector(c, guess(i), false, &seen);
		if (!wild)
			dated(c, &seen);
		own_keys(c, &seen);
	}
	out_close(&c->env.out);
	leftovers(c);
	c->has_key = seen.keys > 0;
	if (seen.keys == 0 && c->selectors.n == 0 && !wild)
		check_found(c, FIND_DKIM_UNKNOWN, SLICE_EMPTY, NULL);
	else if (seen.keys && seen.rsa == 0)
		check_found(c, FIND_DKIM_ED25519_ONLY, SLICE_EMPTY, NULL);
}
