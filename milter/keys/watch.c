/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting keys become active here: their TXT record was seen, equal to ours.
 * RFC 6376 section 3.6.2; asked through the resolver everybody else uses.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "dkim/key.h"
#include "dns/inquiry.h"
#include "dns/rdata.h"
#include "keys/index.h"
#include "keys/seen.h"
#include "keys/store.h"

#define BATCH 256
#define RECORD_MAX 4096

struct look {
	struct key_info key; /* with a reference on pkey */
	enum key_seen seen;
	enum dns_status status;
	bool news; /* it has become active by this look */
};

static int
owner_name(const struct key_info *k, struct domain *out)
{
	struct buf b = BUF_INIT(4 * LIMIT_DOMAIN);
	bool ok;

	buf_addf(&b, "%s._domainkey.%s", k->selector, k->domain.text);
	ok = buf_status(&b) == 0 && domain_parse(buf_slice(&b), out);
	buf_free(&b);
	return ok ? 0 : -1;
}

static enum key_seen
judge(const struct answer *a, EVP_PKEY *pkey)
{
	struct arena *arena;
	struct slice txt;
	bool equal;

	if (dns_is_temporary(a->status))
		return KEY_SEEN_TROUBLE;
	if (a->nrr == 0)
		return KEY_SEEN_ABSENT;
	/* With several, a verifier may pick the wrong one: section 3.6.2.2. */
	if (a->nrr > 1)
		return KEY_SEEN_OTHER;
	arena = arena_new(LIMIT_TXT_OCTETS + 1024);
	if (!arena)
		return KEY_SEEN_TROUBLE;
	equal = rdata_txt(a->rdata[0], arena, &txt) == 0 &&
	    dkim_key_matches(txt, pkey);
	arena_free(arena);
	return equal ? KEY_SEEN_EQUAL : KEY_SEEN_OTHER;
}

/* Waits for the answer about one key. */
static void
hear(struct look *look, struct inquiry *q)
{
	const struct answer *a;
	struct domain name;

	look->seen = KEY_SEEN_ABSENT;
	if (owner_name(&look->key, &name))
		return;
	a = inquiry_ask(q, domain_slice(&name), DNS_TXT);
	look->status = a->status;
	look->seen = judge(a, look->key.pkey);
}

static void
ask_all(struct look *looks, size_t n, struct inquiry *q)
{
	for (size_t i = 0; i < n; i++)
		keystore_ask(&looks[i].key, q);
	for (size_t i = 0; i < n; i++)
		hear(&looks[i], q);
}

/* --- what was seen, into the store and the log ----------------------------------- */

static const char *
seen_words(enum key_seen seen)
{
	switch (seen) {
	case KEY_SEEN_EQUAL: return "published";
	case KEY_SEEN_OTHER: return "another record is published";
	case KEY_SEEN_ABSENT: return "not published";
	case KEY_SEEN_TROUBLE: return "DNS did not answer";
	}
	return "";
}

static void
tell_waiting(struct keystore *ks, struct stored_key *k, enum key_seen seen)
{
	struct buf record = BUF_INIT(RECORD_MAX);
	struct event e;

	event_begin(
	    &e, ks->log, LOG_LEVEL_WARNING, "key_waiting", SLICE_EMPTY);
	event_z(&e, "d", k->info.domain.text);
	event_z(&e, "s", k->info.selector);
	event_z(&e, "dns", seen_words(seen));
	if (!k->told && seen != KEY_SEEN_TROUBLE &&
	    dkim_key_record(k->info.pkey, &record) == 0) {
		event_z(&e, "publish_as", "TXT");
		event_str(&e, "publish", buf_slice(&record));
		k->told = true;
	}
	event_end(&e);
	buf_free(&record);
}

/*
 * Beside a key of the directory, or in DIR/.seen, which is made. Without the
 * lock: a disk takes its time, and mail must not wait for it.
 */
static void
write_stamp(struct keystore *ks, const struct key_info *k, int64_t now_s)
{
	char path[KEY_PATH_MAX];
	struct err err = ERR_INIT;
	bool fits;

	if (k->path &&
	    snprintf(path, sizeof(path), "%s/.seen", ks->dir) <
		(int)sizeof(path))
		(void)mkdir(path, 0700);
	(void)pthread_mutex_lock(&ks->lock);
	fits = index_stamp_path(ks, k, path);
	(void)pthread_mutex_unlock(&ks->lock);
	if (!fits || seen_write(path, k->pkey, now_s, &err) == 0)
		return;
	log_event(ks->log, LOG_LEVEL_WARNING, "key_stamp", "why", err.text,
	    "effect", "the key is looked up again after a restart", NULL);
}

/* The key that was looked for, unless its file has another by now. */
static struct stored_key *
same_key(struct keystore *ks, const struct key_info *key)
{
	struct stored_key *k = index_key(ks, key);

	if (!k || !k->info.pkey || EVP_PKEY_eq(k->info.pkey, key->pkey) != 1)
		return NULL;
	return k;
}

static void
apply(struct keystore *ks, struct look *look)
{
	const char *words = seen_words(look->seen);
	struct stored_key *k = same_key(ks, &look->key);
	bool news;

	if (!k || k->info.state != KEY_WAITING || k->managed)
		return;
	news = !k->info.looked || strcmp(k->info.why, words);
	k->info.looked = true;
	memcpy(k->info.why, words, strlen(words) + 1);
	if (look->seen != KEY_SEEN_EQUAL) {
		if (news)
			tell_waiting(ks, k, look->seen);
		return;
	}
	k->info.state = KEY_ACTIVE;
	look->news = true;
	log_event(ks->log, LOG_LEVEL_INFO, "key_active", "d",
	    k->info.domain.text, "s", k->info.selector, NULL);
}

void
keystore_ask(const struct key_info *key, struct inquiry *q)
{
	struct domain name;

	if (owner_name(key, &name) == 0)
		inquiry_prefetch(q, domain_slice(&name), DNS_TXT);
}

bool
keystore_hear(struct keystore *ks, struct key_info *key, struct inquiry *q,
    int64_t now_s)
{
	struct look look = {.key = *key};
	const struct stored_key *k;

	hear(&look, q);
	(void)pthread_mutex_lock(&ks->lock);
	apply(ks, &look);
	k = same_key(ks, key);
	if (k) {
		key->state = k->info.state;
		memcpy(key->why, k->info.why, sizeof(key->why));
	}
	(void)pthread_mutex_unlock(&ks->lock);
	if (look.news)
		write_stamp(ks, &look.key, now_s);
	return key->state == KEY_ACTIVE;
}

/* --- choosing what to ask ---------------------------------------------------------- */

struct position {
	size_t domain, named;
};

/* Adds a key to the batch if it waits. */
static size_t
take(const struct stored_key *k, struct look *look)
{
	/* A managed key's turn comes by rotation alone. */
	if (k->info.state != KEY_WAITING || k->managed)
		return 0;
	*look = (struct look){.key = k->info};
	(void)EVP_PKEY_up_ref(look->key.pkey);
	return 1;
}

/* The next waiting keys from a position on; up to BATCH. */
static size_t
collect(struct keystore *ks, struct position *at, struct look *looks)
{
	size_t n = 0;

	for (; at->domain < ks->n; at->domain++) {
		const struct domain_keys *d = ks->domains[at->domain];

		if (n + d->n > BATCH)
			return n;
		for (size_t i = 0; i < d->n; i++)
			n += take(&d->keys[i], &looks[n]);
	}
	for (; at->named < ks->nnamed && n < BATCH; at->named++)
		n += take(&ks->named[at->named]->key, &looks[n]);
	return n;
}

/* With the lock held, which others get between two domains. */
static void
load_some(struct keystore *ks, size_t nload)
{
	for (; nload > 0 && ks->next_load < ks->n; nload--) {
		index_read(ks, ks->domains[ks->next_load++]);
		(void)pthread_mutex_unlock(&ks->lock);
		(void)sched_yield();
		(void)pthread_mutex_lock(&ks->lock);
	}
}

/* One batch, with the lock held at its begin and end only. */
static void
look_at_batch(struct keystore *ks, struct look *looks, size_t n,
    struct inquiry *q, const struct clock *clock)
{
	/* DNS may take its time; mail must not wait for it. */
	(void)pthread_mutex_unlock(&ks->lock);
	if (q)
		ask_all(looks, n, q);
	(void)pthread_mutex_lock(&ks->lock);
	for (size_t i = 0; q && i < n; i++)
		apply(ks, &looks[i]);
	(void)pthread_mutex_unlock(&ks->lock);
	for (size_t i = 0; i < n; i++) {
		if (looks[i].news)
			write_stamp(ks, &looks[i].key, clock_now_s(clock));
		EVP_PKEY_free(looks[i].key.pkey);
	}
	(void)pthread_mutex_lock(&ks->lock);
}

void
keystore_watch(struct keystore *ks, struct resolver *r,
    const struct clock *clock, int64_t deadline_ms, size_t nload)
{
	struct look *looks = calloc(BATCH, sizeof(*looks));
	struct position at = {0, 0};
	size_t n;

	if (!looks)
		return;
	(void)pthread_mutex_lock(&ks->lock);
	load_some(ks, nload);
	ks->wants_watch = false;
	while ((n = collect(ks, &at, looks)) > 0) {
		struct inquiry *q = inquiry_new(r, BATCH);

		if (q)
			inquiry_set_deadline(q, deadline_ms);
		look_at_batch(ks, looks, n, q, clock);
		inquiry_free(q);
	}
	(void)pthread_mutex_unlock(&ks->lock);
	free(looks);
}
