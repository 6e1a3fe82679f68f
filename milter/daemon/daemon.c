/* SPDX-License-Identifier: BSD-2-Clause */
/* The shared state: making, reloading, ending it. See daemon.h. */
#include "daemon/daemon.h"

#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/buf.h"
#include "daemon/startup.h"
#include "dns/breaker.h"
#include "dns/cache.h"
#include "dns/renew.h"
#include "dns/unbound.h"
#include "journal/journal.h"
#include "mail/limits.h"
#include "spf/spf.h"

/* What is told of a domain once an hour, and of how many domains. */
#define DOMAINS_TOLD 20000
#define TOLD_EVERY_MS (3600 * 1000)

/* 0 to 99; what 256 has over 200 is thrown again, so that each is as likely. */
static unsigned
dice(void)
{
	unsigned char octet = 0;

	for (int i = 0; i < 20; i++)
		if (RAND_bytes(&octet, 1) == 1 && octet < 200)
			break;
	return octet % 100;
}

/* What peers name is hashed under a key that nobody else knows. */
static int
new_hash_key(struct hash_key *key, struct err *err)
{
	if (RAND_bytes((unsigned char *)key->k, sizeof(key->k)) == 1)
		return 0;
	return err_set(err, "no random numbers");
}

/* The fault once and its end once, however many messages there are. */
static void
tell_dns(void *arg, const struct breaker_news *news)
{
	struct event e;

	event_begin(&e, arg, LOG_LEVEL_WARNING,
	    news->down ? "dns_down" : "dns_up", SLICE_EMPTY);
	event_num(
	    &e, news->down ? "unanswered_ms" : "down_ms", news->since_ms);
	event_num(&e, "failures", (int64_t)news->failures);
	event_z(&e, "last", names_word(dns_status_words, (int)news->last));
	if (news->down)
		event_z(&e, "effect", "answers are waited for one second");
	event_end(&e);
}

/* At the start, and inside the sandbox when the clock went back. */
static struct resolver *
make_resolver(void *arg, struct err *err)
{
	struct daemon *d = arg;
	const struct daemon_options *o = &d->first->daemon;
	struct unbound_options uo = {.nameservers = o->nameservers.items,
	    .nnameservers = o->nameservers.n,
	    .resolv_conf = o->resolv_conf,
	    .stats = &d->dns_stats,
	    .key = d->key,
	    .trust_anchor_file =
		o->trust_anchor_file[0] ? o->trust_anchor_file : NULL};

	return unbound_new(&uo, err);
}

static struct resolver *
open_resolver(struct daemon *d, struct err *err)
{
	struct resolver *unbound, *breaker, *cache = NULL;

	unbound = dns_renew_new(make_resolver, d, &clock_system, err);
	if (!unbound)
		return NULL;
	breaker =
	    dns_breaker_new(unbound, &clock_system, tell_dns, d->engine.log);
	if (breaker)
		cache = dns_cache_new(
		    breaker, &clock_system, LIMIT_DNS_CACHE, &d->key);
	if (!cache)
		(void)err_no_mem(err);
	return cache;
}

int
daemon_open(struct daemon *d, struct config *config, struct err *err)
{
	const struct daemon_options *o = &config->daemon;
	struct engine *e = &d->engine;

	(void)pthread_mutex_init(&d->lock, NULL);
	d->config = config;
	d->first = config_ref(config);
	d->started_s = clock_now_s(&clock_system);
	atomic_init(&d->loaded_s, d->started_s);
	atomic_init(&d->last_reload_ok, true);
	if (gethostname(d->hostname, sizeof(d->hostname) - 1))
		memcpy(d->hostname, "localhost", sizeof("localhost"));
	e->hostname = d->hostname;
	e->clock = &clock_system;
	e->log = log_new(&o->log, err);
	if (!e->log)
		return -1;
	spf_init();
	if (config_open_keys(config, e->log, err))
		return -1;
	/* Loaded always: org_domain may change by a reload. */
	e->psl = dmarc_psl_new(o->psl_file[0] ? o->psl_file : NULL, err);
	if (!e->psl)
		return -1;
	if (new_hash_key(&d->key, err))
		return -1;
	e->dkim = dkim_shared_new(LIMIT_OBJECT_CACHE, &d->key, err);
	if (!e->dkim)
		return -1;
	e->resolver = open_resolver(d, err);
	if (!e->resolver)
		return -1;
	e->dice = dice;
	e->tells = quota_new(DOMAINS_TOLD, TOLD_EVERY_MS);
	if (!e->tells)
		return err_no_mem(err);
	e->workers = workers_new(o->spf_workers, o->spf_queue, err);
	if (!e->workers)
		return -1;
	if (o->journal.on)
		e->journal =
		    journal_new(&o->journal, &clock_system, e->log, err);
	return e->journal || !o->journal.on ? 0 : -1;
}

void
daemon_close(struct daemon *d)
{
	/* Jobs ask the resolver; sessions are gone. */
	workers_free(d->engine.workers);
	resolver_free(d->engine.resolver);
	dkim_shared_free(d->engine.dkim);
	dmarc_psl_free(d->engine.psl);
	quota_free(d->engine.tells);
	journal_free(d->engine.journal);
	config_unref(d->first);
	config_unref(d->config);
	log_free(d->engine.log);
	d->engine = (struct engine){0};
	(void)pthread_mutex_destroy(&d->lock);
}

struct config *
daemon_config(struct daemon *d)
{
	struct config *c;

	(void)pthread_mutex_lock(&d->lock);
	c = config_ref(d->config);
	(void)pthread_mutex_unlock(&d->lock);
	return c;
}

/* One log line a fault: the file's lines may be many. */
static void
tell_faults(struct daemon *d, const struct buf *errors)
{
	const struct slice denied = SLICE_LIT("Permission denied");
	struct slice rest = buf_slice(errors);
	bool more = true;

	while (more && rest.len) {
		struct slice line = slice_cut(&rest, '\n', &more);
		struct event e;

		event_begin(&e, d->engine.log, LOG_LEVEL_ERROR,
		    "reload_refused", SLICE_EMPTY);
		event_str(&e, "why", line);
		/* A table elsewhere than those of the start, as a rule. */
		if (d->sandbox->landlock && slice_icontains(line, denied))
			event_z(&e, "hint",
			    "what lies outside of the sandbox made at the "
			    "start needs a restart");
		event_end(&e);
	}
}

static void
take_over(struct daemon *d, struct config *fresh)
{
	struct buf restart = BUF_INIT(2000);
	struct config *old;

	(void)pthread_mutex_lock(&d->lock);
	old = d->config;
	d->config = fresh;
	(void)pthread_mutex_unlock(&d->lock);
	config_restart_needed(old, fresh, &restart);
	if (restart.len)
		log_event(d->engine.log, LOG_LEVEL_WARNING, "reload_partial",
		    "needs_restart", buf_str(&restart), NULL);
	buf_free(&restart);
	config_unref(old);
}

int
daemon_reload(struct daemon *d, struct buf *why)
{
	struct err err = ERR_INIT;
	struct config *fresh = NULL;
	int rc = -1;

	if (config_load_again(d->config_path, CONFIG_SETTLE_MS, &fresh, why)) {
		if (!why->len)
			buf_addz(why, "out of memory\n");
	} else if (!sandbox_takes(d->sandbox, fresh, d->config_path, why)) {
		config_unref(fresh);
	} else if (config_open_keys(fresh, d->engine.log, &err) ||
	    log_set(d->engine.log, &fresh->daemon.log, &err)) {
		buf_addf(why, "%s\n", err.text);
		config_unref(fresh);
	} else {
		startup_remarks(d->engine.log, fresh);
		take_over(d, fresh);
		journal_bound(d->engine.journal, &fresh->daemon.journal);
		helper_reload(d->helper, fresh);
		log_event(d->engine.log, LOG_LEVEL_INFO, "reloaded", "config",
		    d->config_path, NULL);
		atomic_store(&d->loaded_s, clock_now_s(&clock_system));
		rc = 0;
	}
	if (rc)
		tell_faults(d, why);
	counters_add(rc ? &d->counters.reloads_refused : &d->counters.reloads);
	atomic_store(&d->last_reload_ok, rc == 0);
	return rc;
}
