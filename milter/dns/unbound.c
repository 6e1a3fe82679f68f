/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libunbound behind resolver.h: its settings, its questions, its answers. Its
 * work is done in turns (turns.h).
 */
#include "dns/unbound.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unbound-event.h>
#include <unbound.h>

#include "base/buf.h"
#include "dns/events.h"
#include "dns/gate.h"
#include "dns/reply.h"
#include "dns/turns.h"
#include "mail/limits.h"

struct unbound {
	struct resolver base;
	struct ub_ctx *ctx;
	struct turns *turns;
	struct gate *gate; /* in a turn */
	bool feeding;      /* in a turn: gate_next is being called, or never */
	struct dns_stats *stats; /* or NULL */
};

struct unbound_lookup {
	struct asked asked;
	struct lookup base;
	struct unbound *ub;
	struct gated gated;
	struct timespec begun;
	struct answer answer;
	enum dns_type type;
	char name[]; /* as libunbound wants it */
};

static struct unbound_lookup *
lookup_of(struct lookup *l)
{
	return (struct unbound_lookup *)((char *)l -
	    offsetof(struct unbound_lookup, base));
}

/* --- answers -------------------------------------------------------------- */

static void
count_answer(const struct unbound_lookup *l, bool bogus)
{
	struct dns_stats *stats = l->ub->stats;
	struct timespec now;

	if (!stats)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	dns_stats_answered(stats, l->answer.status,
	    ((int64_t)now.tv_sec - l->begun.tv_sec) * 1000000 +
		(now.tv_nsec - l->begun.tv_nsec) / 1000,
	    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	if (bogus)
		(void)atomic_fetch_add(&stats->bogus, 1);
}

/* Whether DNSSEC has looked at it, and what it found (unbound-event.h). */
#define SEC_BOGUS 1
#define SEC_SECURE 2
#define RCODE_NXDOMAIN 3

static void feed(struct unbound *);

static void
answer_is_there(struct unbound_lookup *l, bool bogus)
{
	struct unbound *ub = l->ub;

	count_answer(l, bogus);
	if (l->gated.under_way)
		gate_leave(
		    ub->gate, &l->gated, l->answer.status != DNS_SERVFAIL);
	turns_answer(ub->turns, &l->asked);
}

/* Runs in whichever thread does the library's work. */
static void
on_answer(void *arg, int rcode, void *packet, int len, int sec,
    char *why_bogus, int was_ratelimited)
{
	struct unbound_lookup *l = arg;
	struct unbound *ub = l->ub;
	struct answer *a = &l->answer;
	bool bogus = rcode == 0 && sec == SEC_BOGUS;

	(void)why_bogus, (void)was_ratelimited;
	a->status = rcode == RCODE_NXDOMAIN ? DNS_NXDOMAIN : DNS_SERVFAIL;
	/* Bogus data is no data: it may be somebody else's. */
	if (rcode == 0 && !bogus && packet && len > 0 &&
	    reply_read(slice_of(packet, (size_t)len), l->type, a))
		a->status = DNS_SERVFAIL;
	a->secure = rcode == 0 && sec == SEC_SECURE;
	answer_is_there(l, bogus);
	feed(ub);
}

/* Never asked, or never seen: refused by the library at once. */
static void
answer_trouble(struct unbound_lookup *l)
{
	l->answer.status = DNS_SERVFAIL;
	answer_is_there(l, false);
}

static struct unbound_lookup *
lookup_of_gated(struct gated *q)
{
	return (struct unbound_lookup *)((char *)q -
	    offsetof(struct unbound_lookup, gated));
}

/* Asks what may be asked. An answer that comes at once asks no further. */
static void
feed(struct unbound *ub)
{
	struct gated *q;

	if (ub->feeding)
		return;
	ub->feeding = true;
	while ((q = gate_next(ub->gate))) {
		struct unbound_lookup *l = lookup_of_gated(q);

		if (!q->under_way ||
		    ub_resolve_event(
			ub->ctx, l->name, (int)l->type, 1, l, on_answer, NULL))
			answer_trouble(l);
	}
	ub->feeding = false;
}

static void
ask(struct asked *asked)
{
	struct unbound_lookup *l = (struct unbound_lookup *)asked;
	struct gated *out = gate_enter(
	    l->ub->gate, &l->gated, slice_of(l->name, strlen(l->name) - 1));

	if (out)
		answer_trouble(lookup_of_gated(out));
	feed(l->ub);
}

static void
lookup_free(struct asked *asked)
{
	struct unbound_lookup *l = (struct unbound_lookup *)asked;

	free(l->answer.rdata);
	free(l);
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

	if (!l)
		return NULL;
	asked_init(&l->asked);
	l->base.ops = &unbound_ops;
	l->ub = ub;
	l->type = type;
	memcpy(l->name, name.ptr, name.len);
	(void)clock_gettime(CLOCK_MONOTONIC, &l->begun);
	if (ub->stats)
		dns_stats_asked(ub->stats);
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
	turns_put(ub->turns, &l->asked);
	return &l->base;
}

static const struct answer *
unbound_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct unbound_lookup *l = lookup_of(lookup);

	return turns_wait(l->ub->turns, &l->asked, deadline_ms) ? &l->answer
								: NULL;
}

static void
unbound_drop(struct lookup *lookup)
{
	struct unbound_lookup *l = lookup_of(lookup);
	struct unbound *ub = l->ub;

	atomic_store(&l->gated.given_up, true);
	if (!turns_drop(ub->turns, &l->asked) && ub->stats)
		dns_stats_gave_up(ub->stats);
}

static void
unbound_free(struct resolver *r)
{
	struct unbound *ub = (struct unbound *)r;

	if (ub->turns)
		turns_end(ub->turns);
	/* It answers all there is, and nothing is asked for that. */
	ub->feeding = true;
	if (ub->ctx)
		ub_ctx_delete(ub->ctx);
	turns_free(ub->turns);
	gate_free(ub->gate);
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
	    /*
	     * Questions under way, each with a socket of its own: some more
	     * than the gate lets in, for those DNSSEC adds. In a library these
	     * are 16 and 2, and others wait.
	     */
	    {"outgoing-range:", "512"},
	    {"outgoing-num-tcp:", "8"},
	    /*
	     * A resolver on this machine answers in a millisecond what it
	     * knows; from that the library concludes that a question without
	     * an answer is to be sent again after 50 ms, and given up after
	     * one second or two. With this it takes ten tries and 8 s.
	     */
	    {"infra-cache-min-rtt:", "800"},
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

/*
 * All that is asked goes to these servers: what the library keeps for the
 * other family of addresses, 0.2 MB, is for nothing.
 */
static int
set_family(
    struct ub_ctx *ctx, const struct unbound_options *o, struct err *err)
{
	size_t v6 = 0;
	int rc = 0;

	for (size_t i = 0; i < o->nnameservers; i++)
		v6 += strchr(o->nameservers[i], ':') != NULL;
	if (o->nnameservers && v6 == 0)
		rc = ub_ctx_set_option(ctx, "do-ip6:", "no");
	else if (o->nnameservers && v6 == o->nnameservers)
		rc = ub_ctx_set_option(ctx, "do-ip4:", "no");
	return rc ? err_set(err, "libunbound: %s", ub_strerror(rc)) : 0;
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

struct resolver *
unbound_new(const struct unbound_options *o, struct err *err)
{
	static const struct turns_ops ops = {ask, lookup_free};
	struct unbound *ub = calloc(1, sizeof(*ub));

	if (!ub) {
		(void)err_no_mem(err);
		return NULL;
	}
	ub->base.ops = &unbound_ops;
	ub->stats = o->stats;
	ub->turns = turns_new(&ops, err);
	if (!ub->turns)
		goto failed;
	ub->gate = gate_new(&o->key);
	if (!ub->gate) {
		(void)err_no_mem(err);
		goto failed;
	}
	ub->ctx = ub_ctx_create_ub_event(events_base(turns_events(ub->turns)));
	if (!ub->ctx)
		(void)err_set(err, "libunbound: no context");
	if (ub->ctx && set_options(ub->ctx, err) == 0 &&
	    set_family(ub->ctx, o, err) == 0 &&
	    set_servers(ub->ctx, o, err) == 0 &&
	    turns_start(ub->turns, err) == 0)
		return &ub->base;
failed:
	unbound_free(&ub->base);
	return NULL;
}
