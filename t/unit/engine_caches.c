/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What hostile mail does to the caches all messages share: each message has
 * names of its own, all of the attacker's, whose name server answers anything
 * with the longest TTL there is. The caches stay within their bounds, and the
 * victim's results are what they were.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dkim.h"
#include "dns/cache.h"
#include "scene.h"

#define BH "j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=" /* "Hi\r\n" */
#define DNS_OCTETS (64u << 10)
#define KEY_OCTETS (256u << 10)
#define MESSAGES 300

static const char victim[] =
    "legit.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "_dmarc.legit.example TXT \"v=DMARC1; p=reject\"\n";

/* --- the attacker's name server ------------------------------------------- */

struct hostile {
	struct resolver base;
	struct resolver *zone; /* of the victim */
};

struct hostile_lookup {
	struct lookup base;
	struct answer answer;
	struct slice rdata;
	char octets[256];
};

static const struct answer *
hostile_wait(struct lookup *lookup, int64_t deadline_ms)
{
	(void)deadline_ms;
	return &((struct hostile_lookup *)lookup)->answer;
}

static void
hostile_drop(struct lookup *lookup)
{
	free(lookup);
}

static void
hostile_free(struct resolver *r)
{
	resolver_free(((struct hostile *)r)->zone);
	free(r);
}

static struct lookup *hostile_start(
    struct resolver *, struct slice, enum dns_type);

static const struct resolver_ops hostile_ops = {
    hostile_start, hostile_wait, hostile_drop, hostile_free};

/* A record that is another for each name, and good. */
static struct lookup *
hostile_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct resolver *zone = ((struct hostile *)r)->zone;
	struct hostile_lookup *l;
	const char *text = "v=spf1 ip4:192.0.2.66 exists:";
	int n;

	if (!slice_iends(name, SLICE_LIT("attack.example")))
		return zone->ops->start(zone, name, type);
	l = calloc(1, sizeof(*l));
	assert_non_null(l);
	l->base.ops = &hostile_ops;
	if (slice_icontains(name, SLICE_LIT("._domainkey.")))
		text = "k=ed25519; p=" ED25519_P "; n=";
	else if (slice_istarts(name, SLICE_LIT("_dmarc.")))
		text = "v=DMARC1; p=none; x=";
	n = snprintf(l->octets + 1, sizeof(l->octets) - 1, "%s" SLICE_FMT,
	    text, SLICE_ARG(name));
	assert_in_range(n, 1, 254);
	l->octets[0] = (char)n;
	l->rdata = slice_of(l->octets, (size_t)n + 1);
	l->answer =
	    (struct answer){.status = DNS_NXDOMAIN, .ttl_s = UINT32_MAX};
	if (type == DNS_TXT) {
		l->answer.status = DNS_OK;
		l->answer.nrr = 1;
		l->answer.rdata = &l->rdata;
	}
	return &l->base;
}

/* --- mail ------------------------------------------------------------------ */

static struct resolver *
open_caches(struct scene *s)
{
	static const struct hash_key key = {{5, 6}};
	struct hostile *h = calloc(1, sizeof(*h));
	struct err err = ERR_INIT;

	assert_non_null(h);
	scene_open(s, "", victim);
	h->base.ops = &hostile_ops;
	h->zone = s->engine.resolver;
	s->engine.resolver =
	    dns_cache_new(&h->base, &clock_system, DNS_OCTETS, &key);
	s->engine.dkim = dkim_shared_new(KEY_OCTETS, &key, &err);
	assert_string_equal(err.text, "");
	return s->engine.resolver;
}

static void
check_victim(struct scene *s, const char *ip, enum ar_word word)
{
	const struct scene_client c = {.ip = ip,
	    .helo = "mail.legit.example",
	    .mail_from = "<a@LEGIT.example>"};

	scene_send(s, &c, "From: a@legit.example\r\n\r\nHi\r\n");
	assert_int_equal(s->message->verdict.mfrom.word, word);
	assert_int_equal(s->message->verdict.dmarc.word, word);
}

/* Names in every place a sender names any, the victim's within them. */
static void
send_hostile(struct scene *s, unsigned i)
{
	char text[1000], helo[100], from[100];
	struct scene_client c = {
	    .ip = "192.0.2.66", .helo = helo, .mail_from = from};

	(void)snprintf(
	    helo, sizeof(helo), "h%u.legit.example.attack.example", i);
	(void)snprintf(
	    from, sizeof(from), "<a@m%u.legit.example.attack.example>", i);
	(void)snprintf(text, sizeof(text),
	    "From: a@legit.example\r\n"
	    "DKIM-Signature: v=1; a=ed25519-sha256; d=d%u.attack.example;\r\n"
	    " s=legit.example.s%u; h=from; bh=" BH "; b=AAAA\r\n"
	    "\r\nHi\r\n",
	    i, i);
	scene_send(s, &c, text);
	assert_int_equal(s->message->verdict.mfrom.word, AR_PASS);
	assert_int_equal(
	    s->message->verdict.dkim[0].reason, DKIM_REASON_SIGNATURE);
	assert_int_equal(s->message->verdict.dmarc.word, AR_FAIL);
}

static void
test_hostile_mail(void **state)
{
	struct scene s;
	struct resolver *cache = open_caches(&s);
	struct cache_counts dns, keys;

	(void)state;
	check_victim(&s, "192.0.2.1", AR_PASS);
	check_victim(&s, "192.0.2.66", AR_FAIL);
	for (unsigned i = 0; i < MESSAGES; i++) {
		send_hostile(&s, i);
		dns = dns_cache_count(cache);
		keys = dkim_shared_count(s.engine.dkim);
		assert_in_range(dns.octets, 1, DNS_OCTETS);
		assert_in_range(keys.octets, 1, KEY_OCTETS);
	}
	/* Both were full, or this test has shown nothing. */
	assert_in_range(dns.entries, 50, 2 * MESSAGES);
	assert_in_range(keys.entries, 10, MESSAGES / 3);
	check_victim(&s, "192.0.2.1", AR_PASS);
	check_victim(&s, "192.0.2.66", AR_FAIL);
	dkim_shared_free(s.engine.dkim);
	scene_close(&s);
}

int
main(void)
{
	UNIT_TEST(test_hostile_mail);
	return unit_end();
}
