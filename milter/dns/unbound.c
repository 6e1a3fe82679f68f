/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libunbound behind resolver.h. A lookup is shared between the caller, who
 * may lose interest, and the library, whose answer comes later in any case:
 * the last of the two frees it.
 */
#include "dns/unbound.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unbound.h>

#include "base/buf.h"
#include "mail/limits.h"

struct unbound {
	struct resolver base;
	struct ub_ctx *ctx;
	pthread_t thread;
	int wake[2];             /* a pipe: writing ends the thread */
	struct dns_stats *stats; /* or NULL */
	atomic_bool asked;       /* the library has its own thread */
	pthread_mutex_t lock;
	struct unbound_lookup *pending; /* the library still owes an answer */
};

struct unbound_lookup {
	struct lookup base;
	struct unbound *ub;
	pthread_cond_t done_cond;
	bool done;      /* the answer is there, the library has let go */
	bool abandoned; /* the caller has let go */
	struct timespec asked;
	struct answer answer;
	struct ub_result *result;
	struct unbound_lookup *next, **link; /* of pending */
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

static enum dns_status
status_of(const struct ub_result *r)
{
	/*
	 * RFC 8020: NXDOMAIN is about the name, and after a CNAME about its
	 * target. Bogus data is no data: it may be somebody else's.
	 */
	if (!r || r->bogus)
		return DNS_SERVFAIL;
	if (r->nxdomain)
		return DNS_NXDOMAIN;
	if (r->rcode != 0)
		return DNS_SERVFAIL;
	return r->havedata ? DNS_OK : DNS_NODATA;
}

static void
fill_answer(struct unbound_lookup *l, struct ub_result *r)
{
	struct answer *a = &l->answer;
	size_t n = 0;

	l->result = r;
	a->status = status_of(r);
	a->secure = r && r->secure;
	a->ttl_s = r && r->ttl > 0 ? (uint32_t)r->ttl : 0;
	if (a->status != DNS_OK)
		return;
	while (n < LIMIT_ANSWER_RECORDS && r->data[n])
		n++;
	a->rdata = calloc(n ? n : 1, sizeof(*a->rdata));
	if (!a->rdata) {
		a->status = DNS_SERVFAIL;
		return;
	}
	for (size_t i = 0; i < n; i++)
		a->rdata[i] = slice_of(r->data[i], (size_t)r->len[i]);
	a->nrr = n;
}

static void
lookup_free(struct unbound_lookup *l)
{
	free(l->answer.rdata);
	if (l->result)
		ub_resolve_free(l->result);
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
count_answer(const struct unbound_lookup *l, const struct ub_result *r)
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
	if (r && r->bogus)
		(void)atomic_fetch_add(&stats->bogus, 1);
}

/* Runs in our thread, inside ub_process. */
static void
on_answer(void *arg, int error, struct ub_result *result)
{
	struct unbound_lookup *l = arg;
	struct unbound *ub = l->ub;
	bool abandoned;

	(void)pthread_mutex_lock(&ub->lock);
	unlink_pending(l);
	fill_answer(l, error ? NULL : result);
	if (error && result)
		l->result = result;
	count_answer(l, error ? NULL : result);
	l->done = true;
	abandoned = l->abandoned;
	if (!abandoned)
		(void)pthread_cond_signal(&l->done_cond);
	(void)pthread_mutex_unlock(&ub->lock);
	if (abandoned)
		lookup_free(l);
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
lookup_new(struct unbound *ub)
{
	struct unbound_lookup *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;

	if (!l)
		return NULL;
	l->base.ops = &unbound_ops;
	l->ub = ub;
	(void)clock_gettime(CLOCK_MONOTONIC, &l->asked);
	if (ub->stats)
		dns_stats_asked(ub->stats);
	/* Deadlines are monotonic: a clock that jumps shortens no wait. */
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&l->done_cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_lock(&ub->lock);
	l->next = ub->pending;
	l->link = &ub->pending;
	if (l->next)
		l->next->link = &l->next;
	ub->pending = l;
	(void)pthread_mutex_unlock(&ub->lock);
	return l;
}

/* The first question makes the library's own thread. */
static int
ask(struct unbound_lookup *l, const char *name, enum dns_type type)
{
	bool first = !atomic_exchange(&l->ub->asked, true);
	sigset_t before;
	int rc;

	if (first)
		signals_block(&before);
	rc = ub_resolve_async(
	    l->ub->ctx, name, (int)type, 1, l, on_answer, NULL);
	if (first)
		signals_restore(&before);
	return rc;
}

static struct lookup *
unbound_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct unbound *ub = (struct unbound *)r;
	struct buf text = BUF_INIT(4 * LIMIT_DOMAIN + 2);
	struct unbound_lookup *l = NULL;

	presentation(&text, name);
	if (buf_status(&text) || !(l = lookup_new(ub)))
		goto out;
	/* Refused at once (never seen): the answer is "trouble". */
	if (ask(l, buf_str(&text), type))
		on_answer(l, -1, NULL);
out:
	buf_free(&text);
	return l ? &l->base : NULL;
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
		until.tv_sec = (time_t)(deadline_ms / 1000);
		until.tv_nsec = (long)(deadline_ms % 1000) * 1000000;
		if (pthread_cond_timedwait(&l->done_cond, &ub->lock, &until))
			break;
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
	bool done;

	(void)pthread_mutex_lock(&ub->lock);
	done = l->done;
	l->abandoned = true;
	(void)pthread_mutex_unlock(&ub->lock);
	/* Not done: the answer will come and free it. */
	if (done)
		lookup_free(l);
	else if (ub->stats)
		dns_stats_gave_up(ub->stats);
}

static void
unbound_free(struct resolver *r)
{
	struct unbound *ub = (struct unbound *)r;

	if (ub->wake[1] >= 0) {
		(void)close(ub->wake[1]);
		(void)pthread_join(ub->thread, NULL);
		(void)close(ub->wake[0]);
	}
	if (ub->ctx)
		ub_ctx_delete(ub->ctx);
	while (ub->pending) {
		struct unbound_lookup *l = ub->pending;

		unlink_pending(l);
		lookup_free(l);
	}
	(void)pthread_mutex_destroy(&ub->lock);
	free(ub);
}

static const struct resolver_ops unbound_ops = {
    unbound_start, unbound_wait, unbound_drop, unbound_free};

/* --- set-up ---------------------------------------------------------------- */

static void *
answer_thread(void *arg)
{
	struct unbound *ub = arg;
	struct pollfd fds[2] = {
	    {.fd = ub_fd(ub->ctx), .events = POLLIN},
	    {.fd = ub->wake[0], .events = POLLIN},
	};

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			break;
		if (fds[0].revents)
			(void)ub_process(ub->ctx);
	}
	return NULL;
}

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
	rc = ub_ctx_async(ctx, 1);
	return rc ? err_set(err, "libunbound: %s", ub_strerror(rc)) : 0;
}

static int
start_thread(struct unbound *ub, struct err *err)
{
	sigset_t before;
	int e;

	if (pipe(ub->wake))
		return err_errno(err, "pipe");
	(void)fcntl(ub->wake[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ub->wake[1], F_SETFD, FD_CLOEXEC);
	signals_block(&before);
	e = pthread_create(&ub->thread, NULL, answer_thread, ub);
	signals_restore(&before);
	if (e == 0)
		return 0;
	(void)close(ub->wake[0]);
	(void)close(ub->wake[1]);
	ub->wake[1] = -1;
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
	ub->wake[1] = -1;
	(void)pthread_mutex_init(&ub->lock, NULL);
	ub->ctx = ub_ctx_create();
	if (!ub->ctx)
		(void)err_set(err, "libunbound: no context");
	if (!ub->ctx || set_options(ub->ctx, err) ||
	    set_servers(ub->ctx, o, err) || start_thread(ub, err)) {
		unbound_free(&ub->base);
		return NULL;
	}
	return &ub->base;
}
