/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libunbound behind resolver.h. A lookup is shared between the caller, who
 * may lose interest, and the library, whose answer comes later in any case:
 * the last of the two frees it.
 *
 * The library's work is done by one thread at a time, by whichever is there:
 * who asks sends the query itself, and a thread of ours takes what comes back.
 * Nobody waits for that turn: what is asked while another has it, that one
 * asks.
 */
#include "dns/unbound.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unbound-event.h>
#include <unbound.h>

#include "base/buf.h"
#include "dns/events.h"
#include "dns/reply.h"
#include "mail/limits.h"

struct unbound {
	struct resolver base;
	struct ub_ctx *ctx;
	struct events *events;
	struct dns_stats *stats; /* or NULL */
	pthread_t thread;
	bool started;         /* the thread */
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t idle;  /* for the thread: nobody is at work */
	bool working;         /* somebody does the library's work */
	bool waiting;         /* the thread has some to do */
	bool ending;
	struct unbound_lookup *pending;       /* without an answer */
	struct unbound_lookup *answered;      /* in this turn */
	struct unbound_lookup *first, **last; /* of them, still to be asked */
};

struct unbound_lookup {
	struct lookup base;
	struct unbound *ub;
	pthread_cond_t done_cond;
	bool done;      /* the answer is there */
	bool told;      /* so is the caller; nobody else refers to it */
	bool abandoned; /* the caller has let go */
	struct timespec asked;
	struct answer answer;
	struct unbound_lookup *next, **link; /* of pending, then answered */
	struct unbound_lookup *next_to_ask;
	enum dns_type type;
	char name[]; /* as libunbound wants it */
};

/* --- signals -------------------------------------------------------------- */

/*
 * A thread made from here on takes none of the signals that end a program:
 * those are for who can end something first.
 */
static void
signals_block(sigset_t *before)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		(void)sigaddset(&set, ends[i]);
	(void)pthread_sigmask(SIG_BLOCK, &set, before);
}

static void
signals_restore(const sigset_t *before)
{
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* --- answers -------------------------------------------------------------- */

static void
lookup_free(struct unbound_lookup *l)
{
	free(l->answer.rdata);
	(void)pthread_cond_destroy(&l->done_cond);
	free(l);
}

static void
unlink_pending(struct unbound_lookup *l)
{
	*l->link = l->next;
	if (l->next)
		l->next->link = l->link;
}

static void
count_answer(const struct unbound_lookup *l, bool bogus)
{
	struct dns_stats *stats = l->ub->stats;
	struct timespec now;

	if (!stats)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	dns_stats_answered(stats, l->answer.status,
	    ((int64_t)now.tv_sec - l->asked.tv_sec) * 1000000 +
		(now.tv_nsec - l->asked.tv_nsec) / 1000,
	    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	if (bogus)
		(void)atomic_fetch_add(&stats->bogus, 1);
}

/* The answer is in the lookup. */
static void
settle(struct unbound_lookup *l)
{
	struct unbound *ub = l->ub;

	(void)pthread_mutex_lock(&ub->lock);
	unlink_pending(l);
	l->done = true;
	l->next = ub->answered;
	ub->answered = l;
	(void)pthread_mutex_unlock(&ub->lock);
}

/*
 * Wakes who waits for what the turn has answered, after the turn: what is asked
 * meanwhile is another's. With the lock held, which it gives away meanwhile:
 * woken with it held, they would wait again, for it.
 */
static void
tell(struct unbound *ub)
{
	struct unbound_lookup *answered = ub->answered, *l;

	if (!answered)
		return;
	ub->answered = NULL;
	(void)pthread_mutex_unlock(&ub->lock);
	for (l = answered; l; l = l->next)
		(void)pthread_cond_signal(&l->done_cond);
	(void)pthread_mutex_lock(&ub->lock);
	while (answered) {
		l = answered;
		answered = l->next;
		l->told = true;
		if (l->abandoned)
			lookup_free(l);
	}
}

/* Whether DNSSEC has looked at it, and what it found (unbound-event.h). */
#define SEC_BOGUS 1
#define SEC_SECURE 2
#define RCODE_NXDOMAIN 3

/* Runs in whichever thread does the library's work. */
static void
on_answer(void *arg, int rcode, void *packet, int len, int sec,
    char *why_bogus, int was_ratelimited)
{
	struct unbound_lookup *l = arg;
	struct answer *a = &l->answer;
	bool bogus = rcode == 0 && sec == SEC_BOGUS;

	(void)why_bogus, (void)was_ratelimited;
	a->status = rcode == RCODE_NXDOMAIN ? DNS_NXDOMAIN : DNS_SERVFAIL;
	/* Bogus data is no data: it may be somebody else's. */
	if (rcode == 0 && !bogus && packet && len > 0 &&
	    reply_read(slice_of(packet, (size_t)len), l->type, a))
		a->status = DNS_SERVFAIL;
	a->secure = rcode == 0 && sec == SEC_SECURE;
	count_answer(l, bogus);
	settle(l);
}

/* --- the library's work ----------------------------------------------------- */

static void
ask(struct unbound_lookup *l)
{
	/* Refused at once (never seen): the answer is "trouble". */
	if (ub_resolve_event(
		l->ub->ctx, l->name, (int)l->type, 1, l, on_answer, NULL))
		on_answer(l, -1, NULL, 0, 0, NULL, 0);
}

/*
 * Asks what is to be asked. With the lock held, which it gives away meanwhile,
 * and with the turn. Another thread leaves the rest when ours is there, whose
 * work it is.
 */
static void
ask_all(struct unbound *ub, bool ours)
{
	while (ub->first && (ours || !ub->waiting)) {
		struct unbound_lookup *l = ub->first;

		ub->first = l->next_to_ask;
		if (!ub->first)
			ub->last = &ub->first;
		(void)pthread_mutex_unlock(&ub->lock);
		ask(l);
		(void)pthread_mutex_lock(&ub->lock);
	}
}

/* With the lock held: asks, unless somebody is there who will. */
static void
help(struct unbound *ub)
{
	if (ub->working || ub->waiting)
		return;
	ub->working = true;
	ask_all(ub, false);
	events_settle(ub->events);
	ub->working = false;
	if (ub->waiting)
		(void)pthread_cond_signal(&ub->idle);
	tell(ub);
}

/* With the lock held, as below. */
static void
take_turn(struct unbound *ub)
{
	ub->waiting = true;
	while (ub->working)
		(void)pthread_cond_wait(&ub->idle, &ub->lock);
	ub->waiting = false;
	ub->working = true;
}

static void *
answer_thread(void *arg)
{
	struct unbound *ub = arg;
	int timeout_ms;

	(void)pthread_mutex_lock(&ub->lock);
	while (!ub->ending) {
		take_turn(ub);
		(void)pthread_mutex_unlock(&ub->lock);
		events_run(ub->events);
		(void)pthread_mutex_lock(&ub->lock);
		ask_all(ub, true);
		timeout_ms = events_plan(ub->events);
		ub->working = false;
		tell(ub);
		(void)pthread_mutex_unlock(&ub->lock);
		events_wait(ub->events, timeout_ms);
		(void)pthread_mutex_lock(&ub->lock);
	}
	(void)pthread_mutex_unlock(&ub->lock);
	return NULL;
}

/* --- resolver_ops ---------------------------------------------------------- */

/*
 * libunbound wants presentation format: an octet that is neither letter,
 * digit, hyphen, underscore nor the dot between labels goes as \DDD, so that
 * no octet of a peer's can mean anything to its parser.
 */
static void
presentation(struct buf *b, struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (is_alnum(c) || c == '-' || c == '_' || c == '.')
			buf_addc(b, c);
		else
			buf_addf(b, "\\%03u", (unsigned char)c);
	}
	buf_addc(b, '.');
}

static const struct resolver_ops unbound_ops;

static struct unbound_lookup *
lookup_new(struct unbound *ub, struct slice name, enum dns_type type)
{
	struct unbound_lookup *l = calloc(1, sizeof(*l) + name.len + 1);
	pthread_condattr_t attr;

	if (!l)
		return NULL;
	l->base.ops = &unbound_ops;
	l->ub = ub;
	l->type = type;
	memcpy(l->name, name.ptr, name.len);
	(void)clock_gettime(CLOCK_MONOTONIC, &l->asked);
	if (ub->stats)
		dns_stats_asked(ub->stats);
	/* Deadlines are monotonic: a clock that jumps shortens no wait. */
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&l->done_cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	return l;
}

static struct lookup *
unbound_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct unbound *ub = (struct unbound *)r;
	struct buf text = BUF_INIT(4 * LIMIT_DOMAIN + 2);
	struct unbound_lookup *l = NULL;

	presentation(&text, name);
	if (buf_status(&text) == 0)
		l = lookup_new(ub, buf_slice(&text), type);
	buf_free(&text);
	if (!l)
		return NULL;
	(void)pthread_mutex_lock(&ub->lock);
	l->next = ub->pending;
	l->link = &ub->pending;
	if (l->next)
		l->next->link = &l->next;
	ub->pending = l;
	*ub->last = l;
	ub->last = &l->next_to_ask;
	help(ub);
	(void)pthread_mutex_unlock(&ub->lock);
	return &l->base;
}

static bool
is_past(int64_t deadline_ms)
{
	struct timespec now;

	if (deadline_ms <= 0)
		return true;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 >=
	    deadline_ms;
}

static const struct answer *
unbound_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct unbound_lookup *l = (struct unbound_lookup *)lookup;
	struct unbound *ub = l->ub;
	bool done;

	(void)pthread_mutex_lock(&ub->lock);
	while (!l->done) {
		struct timespec until;

		if (deadline_ms == INT64_MAX) {
			(void)pthread_cond_wait(&l->done_cond, &ub->lock);
			continue;
		}
		/* Who only looks makes no system call. */
		if (is_past(deadline_ms))
			break;
		until.tv_sec = (time_t)(deadline_ms / 1000);
		until.tv_nsec = (long)(deadline_ms % 1000) * 1000000;
		(void)pthread_cond_timedwait(&l->done_cond, &ub->lock, &until);
	}
	done = l->done;
	(void)pthread_mutex_unlock(&ub->lock);
	return done ? &l->answer : NULL;
}

static void
unbound_drop(struct lookup *lookup)
{
	struct unbound_lookup *l = (struct unbound_lookup *)lookup;
	struct unbound *ub = l->ub;
	bool done, told;

	(void)pthread_mutex_lock(&ub->lock);
	done = l->done;
	told = l->told;
	l->abandoned = true;
	(void)pthread_mutex_unlock(&ub->lock);
	if (!done && ub->stats)
		dns_stats_gave_up(ub->stats);
	/* If not, who is about to tell frees it. */
	if (told)
		lookup_free(l);
}

static void
unbound_free(struct resolver *r)
{
	struct unbound *ub = (struct unbound *)r;

	if (ub->started) {
		(void)pthread_mutex_lock(&ub->lock);
		ub->ending = true;
		(void)pthread_mutex_unlock(&ub->lock);
		events_wake(ub->events);
		(void)pthread_join(ub->thread, NULL);
	}
	if (ub->ctx)
		ub_ctx_delete(ub->ctx);
	/* It has answered what nobody waits for any longer. */
	(void)pthread_mutex_lock(&ub->lock);
	tell(ub);
	(void)pthread_mutex_unlock(&ub->lock);
	events_free(ub->events);
	while (ub->pending) {
		struct unbound_lookup *l = ub->pending;

		unlink_pending(l);
		lookup_free(l);
	}
	(void)pthread_cond_destroy(&ub->idle);
	(void)pthread_mutex_destroy(&ub->lock);
	free(ub);
}

static const struct resolver_ops unbound_ops = {
    unbound_start, unbound_wait, unbound_drop, unbound_free};

/* --- set-up ---------------------------------------------------------------- */

static int
set_options(struct ub_ctx *ctx, struct err *err)
{
	static const char *const options[][2] = {
	    {"do-not-query-localhost:", "no"},
	    /* Reverse zones of private networks are the site's own. */
	    {"unblock-lan-zones:", "yes"},
	    {"insecure-lan-zones:", "yes"},
	    {"prefetch:", "yes"},
	    {"msg-cache-size:", "8m"},
	    {"rrset-cache-size:", "16m"},
	    {"num-queries-per-thread:", "4096"},
	};
	/*
	 * How soon servers that were away are tried again: they are forgotten
	 * to be. Older libraries lack the first.
	 */
	static const char *const wishes[][2] = {
	    {"infra-keep-probing:", "yes"},
	    {"infra-host-ttl:", "5"},
	};

	for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
		(void)ub_ctx_set_option(ctx, wishes[i][0], wishes[i][1]);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (ub_ctx_set_option(ctx, options[i][0], options[i][1]))
			return err_set(err, "libunbound refuses %s %s",
			    options[i][0], options[i][1]);
	return 0;
}

static int
set_servers(
    struct ub_ctx *ctx, const struct unbound_options *o, struct err *err)
{
	int rc;

	for (size_t i = 0; i < o->nnameservers; i++) {
		rc = ub_ctx_set_fwd(ctx, o->nameservers[i]);
		if (rc)
			return err_set(err, "name server %s: %s",
			    o->nameservers[i], ub_strerror(rc));
	}
	if (o->nnameservers == 0) {
		rc = ub_ctx_resolvconf(ctx, o->resolv_conf);
		if (rc)
			return err_set(err, "%s: %s",
			    o->resolv_conf ? o->resolv_conf
					   : "/etc/resolv.conf",
			    ub_strerror(rc));
	}
	if (o->trust_anchor_file) {
		/* libunbound would fail at each query, and say so to nobody. */
		if (access(o->trust_anchor_file, R_OK))
			return err_errno(
			    err, "trust anchor %s", o->trust_anchor_file);
		rc = ub_ctx_add_ta_file(ctx, o->trust_anchor_file);
		if (rc)
			return err_set(err, "trust anchor %s: %s",
			    o->trust_anchor_file, ub_strerror(rc));
	}
	return 0;
}

static int
start_thread(struct unbound *ub, struct err *err)
{
	sigset_t before;
	int e;

	signals_block(&before);
	e = pthread_create(&ub->thread, NULL, answer_thread, ub);
	signals_restore(&before);
	ub->started = e == 0;
	if (ub->started)
		return 0;
	errno = e;
	return err_errno(err, "DNS thread");
}

struct resolver *
unbound_new(const struct unbound_options *o, struct err *err)
{
	struct unbound *ub = calloc(1, sizeof(*ub));

	if (!ub) {
		(void)err_no_mem(err);
		return NULL;
	}
	ub->base.ops = &unbound_ops;
	ub->stats = o->stats;
	ub->last = &ub->first;
	(void)pthread_mutex_init(&ub->lock, NULL);
	(void)pthread_cond_init(&ub->idle, NULL);
	ub->events = events_new(err);
	if (!ub->events)
		goto failed;
	ub->ctx = ub_ctx_create_ub_event(events_base(ub->events));
	if (!ub->ctx)
		(void)err_set(err, "libunbound: no context");
	if (ub->ctx && set_options(ub->ctx, err) == 0 &&
	    set_servers(ub->ctx, o, err) == 0 && start_thread(ub, err) == 0)
		return &ub->base;
failed:
	unbound_free(&ub->base);
	return NULL;
}
