/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts beside the mail. See service.h. */
#include "daemon/service.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/listen.h"
#include "config/user.h"
#include "control/request.h"
#include "control/status.h"
#include "daemon/process.h"
#include "daemon/signals.h"
#include "daemon/socket.h"
#include "dns/cache.h"
#include "journal/journal.h"

#define ERRORS_MAX 65536
#define TICK_MS 1000
#define DRAIN_TICK_MS 20
#define DRAIN_SETTLE_TICKS 5
#define JOURNAL_FLUSH_MS 2000
#define PERIOD_MS 60000 /* of the pulse, without a watchdog */
/* Beside a period: what each part may take when all is well. */
#define TURN_MS 5000     /* one of a loop that beats each second */
#define ANSWER_MS 60000  /* deadline is 25 s at most */
#define DNS_MS 120000    /* libunbound gives up on silent servers */
#define KEEPER_MS 900000 /* it waits for DNS, and for publishers */

/* --- facts ------------------------------------------------------------------- */

static void
gather(void *arg, struct facts *f)
{
	struct service *s = arg;
	struct daemon *d = s->daemon;
	const struct engine *e = &d->engine;
	int connections = atomic_load(&d->connections);
	int messages = atomic_load(&d->messages);

	*f = (struct facts){.version = PACKAGE_VERSION,
	    .config_path = d->config_path,
	    .pid = (long)getpid(),
	    .now_s = clock_now_s(&clock_system),
	    .now_ms = clock_mono_ms(&clock_system),
	    .started_s = d->started_s,
	    .loaded_s = atomic_load(&d->loaded_s),
	    .last_reload_ok = atomic_load(&d->last_reload_ok),
	    .draining = atomic_load(&d->draining),
	    .connections = connections > 0 ? (uint64_t)connections : 0,
	    .messages = messages > 0 ? (uint64_t)messages : 0,
	    .counters = &d->counters,
	    .dns = dns_stats_read(&d->dns_stats),
	    .dns_cache = dns_cache_count(e->resolver),
	    .key_cache = dkim_shared_count(e->dkim),
	    .workers = workers_load(e->workers),
	    .workers_refused = workers_refused(e->workers)};
	f->journal.on = e->journal != NULL;
	if (e->journal)
		f->journal.counts = journal_count(e->journal);
	if (s->pulse)
		f->hung = pulse_hung(s->pulse, f->now_ms);
	process_measure(s->statm, &f->process);
	keylist_copy(&s->keeper.list, &f->keys);
}

static void
facts_done(void *arg, struct facts *f)
{
	(void)arg;
	free(f->keys.items);
}

/* --- orders: what the control socket's thread calls ------------------------------- */

static void
tell_status(void *arg, struct buf *out)
{
	struct facts f;

	gather(arg, &f);
	status_write(&f, out);
	facts_done(arg, &f);
}

static uint64_t
order_reload(void *arg)
{
	struct service *s = arg;
	uint64_t which;

	(void)pthread_mutex_lock(&s->orders.lock);
	which = ++s->orders.reloads_asked;
	(void)pthread_mutex_unlock(&s->orders.lock);
	signals_post(SIGHUP);
	return which;
}

static void
why_lines(struct slice rest, struct buf *out)
{
	bool more = true;

	while (more && rest.len) {
		struct slice line = slice_cut(&rest, '\n', &more);

		if (!line.len)
			continue;
		buf_addz(out, "why\ttext\t");
		reply_value(out, line);
		buf_addc(out, '\n');
	}
}

static bool
order_reloaded(void *arg, uint64_t which, bool *ok, struct buf *out)
{
	struct service *s = arg;
	struct orders *o = &s->orders;
	bool done;

	(void)pthread_mutex_lock(&o->lock);
	done = o->reloads_done >= which;
	*ok = o->reload_ok;
	if (done && !*ok)
		why_lines(buf_slice(&o->reload_why), out);
	(void)pthread_mutex_unlock(&o->lock);
	if (!done && atomic_load(&s->daemon->draining)) {
		*ok = false;
		why_lines(SLICE_LIT("assayd is ending"), out);
		done = true;
	}
	return done;
}

static void
order_drain(void *arg)
{
	(void)arg;
	signals_post(SIGTERM);
}

static bool
order_drained(void *arg, bool *ok, struct buf *out)
{
	struct service *s = arg;
	struct orders *o = &s->orders;
	bool done;

	(void)pthread_mutex_lock(&o->lock);
	done = o->drained;
	*ok = o->cut == 0;
	if (done)
		buf_addf(out, "drained\tmessages_cut\t%d\n", o->cut);
	(void)pthread_mutex_unlock(&o->lock);
	return done;
}

/* --- what must go on ------------------------------------------------------------------ */

static uint64_t
progress_main(void *arg, bool *idle)
{
	const struct service *s = arg;

	(void)idle;
	return atomic_load(&s->beats);
}

static uint64_t
progress_control(void *arg, bool *idle)
{
	const struct service *s = arg;

	*idle = !atomic_load(&s->control_on);
	return atomic_load(&s->control_beats);
}

static uint64_t
progress_answers(void *arg, bool *idle)
{
	const struct service *s = arg;
	const struct counters *c = &s->daemon->counters;
	uint64_t given = counters_get(&c->answers_given);

	*idle = given == counters_get(&c->answers_begun);
	return given;
}

static uint64_t
progress_dns(void *arg, bool *idle)
{
	const struct service *s = arg;
	struct dns_stats_sum sum = dns_stats_read(&s->daemon->dns_stats);

	*idle = sum.pending == 0;
	return sum.latency.upto[HISTOGRAM_BOUNDS];
}

static uint64_t
progress_keys(void *arg, bool *idle)
{
	const struct service *s = arg;

	(void)idle;
	return atomic_load(&s->keeper.beats);
}

static int
start_pulse(struct service *s, struct err *err)
{
	const struct pulse_watch watches[] = {
	    {"main", progress_main, s, TURN_MS},
	    {"control", progress_control, s, TURN_MS},
	    {"answers", progress_answers, s, ANSWER_MS},
	    {"dns", progress_dns, s, DNS_MS},
	    {"keys", progress_keys, s, KEEPER_MS},
	};
	struct pulse_options o = {.watches = watches,
	    .n = ARRAY_LEN(watches),
	    .period_ms =
		s->notify.watchdog_ms ? s->notify.watchdog_ms : PERIOD_MS};

	o.salen = sizeof(o.milter);
	if (s->listener < 0 ||
	    getsockname(s->listener, (struct sockaddr *)&o.milter, &o.salen))
		o.salen = 0;
	s->pulse = pulse_new(&o, err);
	return s->pulse ? 0 : -1;
}

/* --- beginning -------------------------------------------------------------------------- */

/* Mail does not wait for the control socket: the log will tell. */
static void
prepare_control(struct service *s, const struct daemon_options *o)
{
	uid_t owner = o->user[0] ? user_id(o->user) : (uid_t)-1;

	if (!o->control_socket[0])
		return;
	if (o->control_group[0]) {
		s->control_group = group_id(o->control_group);
		if (s->control_group == (gid_t)-1) {
			(void)err_set(&s->control_err,
			    "control_group: no group %s", o->control_group);
			return;
		}
	}
	(void)snprintf(
	    s->control_path, sizeof(s->control_path), "%s", o->control_socket);
	s->control_fd = control_bind(
	    o->control_socket, owner, s->control_group, &s->control_err);
}

int
service_prepare(
    struct service *s, const struct daemon_options *o, struct err *err)
{
	struct listen l;

	s->control_fd = s->http_fd = -1;
	s->statm = process_statm();
	s->control_group = (gid_t)-1;
	/* Before others listen. */
	s->listener = socket_listener();
	(void)pthread_mutex_init(&s->orders.lock, NULL);
	s->orders.reload_why = BUF_INIT(ERRORS_MAX);
	prepare_control(s, o);
	if (!o->metrics[0])
		return 0;
	if (listen_parse(o->metrics, &l))
		return err_set(err, "metrics: no address");
	s->http_fd = http_bind(&l, err);
	return s->http_fd < 0 ? -1 : 0;
}

static void
start_control(struct service *s)
{
	const struct control_hooks hooks = {.arg = s,
	    .status = tell_status,
	    .reload = order_reload,
	    .reloaded = order_reloaded,
	    .drain = order_drain,
	    .drained = order_drained,
	    .beats = &s->control_beats};

	if (s->control_fd >= 0)
		s->control = control_server_new(
		    s->control_fd, s->control_group, &hooks, &s->control_err);
	atomic_store(&s->control_on, s->control != NULL);
	if (s->control_err.text[0])
		log_event(s->daemon->engine.log, LOG_LEVEL_WARNING,
		    "control_off", "why", s->control_err.text, NULL);
}

int
service_start(struct service *s, struct daemon *d, struct err *err)
{
	const struct http_hooks pages = {s, gather, facts_done};

	s->daemon = d;
	if (keeper_start(&s->keeper, d, err))
		return -1;
	/* Before those who ask how it is. */
	if ((s->notify.watchdog_ms || s->http_fd >= 0) && start_pulse(s, err))
		return -1;
	start_control(s);
	if (s->http_fd >= 0) {
		s->http = http_server_new(s->http_fd, &pages, err);
		if (!s->http)
			return -1;
	}
	return 0;
}

/* --- the main thread ----------------------------------------------------------------------- */

static void
reload(struct service *s)
{
	struct orders *o = &s->orders;
	struct buf why = BUF_INIT(ERRORS_MAX);
	uint64_t asked;
	int rc;

	/* Who asks from here on may mean a file that is newer still. */
	(void)pthread_mutex_lock(&o->lock);
	asked = o->reloads_asked;
	(void)pthread_mutex_unlock(&o->lock);
	notify_reloading(&s->notify);
	rc = daemon_reload(s->daemon, &why);
	notify_send(&s->notify,
	    rc ? "READY=1\nSTATUS=Serving; the last reload was refused\n"
	       : "READY=1\nSTATUS=Serving\n");
	(void)pthread_mutex_lock(&o->lock);
	o->reloads_done = asked;
	o->reload_ok = rc == 0;
	buf_clear(&o->reload_why);
	buf_add(&o->reload_why, buf_slice(&why));
	(void)pthread_mutex_unlock(&o->lock);
	buf_free(&why);
	control_server_wake(s->control);
}

/* Only while all go on: else somebody is to start us anew. */
static void
beat(struct service *s)
{
	atomic_fetch_add(&s->beats, 1);
	if (s->notify.watchdog_ms &&
	    !pulse_hung(s->pulse, clock_mono_ms(&clock_system)))
		notify_send(&s->notify, "WATCHDOG=1\n");
}

static int
tick_ms(const struct service *s)
{
	int64_t quarter = s->notify.watchdog_ms / 4;

	return quarter && quarter < TICK_MS ? (int)quarter : TICK_MS;
}

static bool
is_end(int sig)
{
	return sig == SIGTERM || sig == SIGINT;
}

void
service_run(struct service *s)
{
	int sig = 0;

	notify_send(&s->notify, "READY=1\nSTATUS=Serving\n");
	while (!is_end(sig)) {
		bool wanted = false;

		sig = signals_wait(tick_ms(s));
		/* Any number that have come by now are one reload. */
		while (sig && !is_end(sig)) {
			wanted = true;
			sig = signals_wait(0);
		}
		if (wanted && !is_end(sig))
			reload(s);
		beat(s);
	}
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
sleep_ms(long ms)
{
	struct timespec t = {ms / 1000, (ms % 1000) * 1000000};

	(void)nanosleep(&t, NULL);
}

/*
 * A message counts until libmilter has our answer, which it has still to send:
 * none for a while, then.
 */
static void
wait_until_quiet(struct service *s, int64_t until_ms)
{
	int quiet = 0;

	while (quiet < DRAIN_SETTLE_TICKS &&
	    clock_mono_ms(&clock_system) < until_ms) {
		quiet = atomic_load(&s->daemon->messages) > 0 ? 0 : quiet + 1;
		sleep_ms(DRAIN_TICK_MS);
		beat(s);
	}
}

/*
 * On connections that never rest there is no such while; so, half-way, messages
 * that begin are put off. They are after a while without any, too: one that
 * begins at the very end is answered, not cut.
 */
static void
wait_for_messages(struct service *s, int64_t limit_ms)
{
	int64_t now_ms = clock_mono_ms(&clock_system);

	wait_until_quiet(s, now_ms + limit_ms / 2);
	atomic_store(&s->daemon->put_off, true);
	wait_until_quiet(s, now_ms + limit_ms);
}

static void
tell_end(struct service *s, int cut)
{
	struct daemon *d = s->daemon;
	struct event e;

	event_begin(&e, d->engine.log, LOG_LEVEL_INFO, "stop", SLICE_EMPTY);
	event_num(&e, "messages_cut", cut);
	event_num(&e, "put_off",
	    (int64_t)counters_get(&d->counters.left[COUNTED_PUT_OFF]));
	event_num(&e, "connections", atomic_load(&d->connections));
	event_num(&e, "spf_pool_refused",
	    (int64_t)workers_refused(d->engine.workers));
	event_end(&e);
	(void)pthread_mutex_lock(&s->orders.lock);
	s->orders.drained = true;
	s->orders.cut = cut;
	(void)pthread_mutex_unlock(&s->orders.lock);
	control_server_wake(s->control);
}

bool
service_end(struct service *s, const struct listen *l)
{
	struct daemon *d = s->daemon;
	struct config *c = daemon_config(d);
	int64_t limit_ms = c->daemon.drain_limit_s * 1000;
	char lines[120];
	int cut;

	atomic_store(&d->draining, true);
	(void)snprintf(lines, sizeof(lines),
	    "STOPPING=1\nSTATUS=Ending\nEXTEND_TIMEOUT_USEC=%lld\n",
	    (long long)(limit_ms + 20000) * 1000);
	notify_send(&s->notify, lines);
	pulse_stop_knocking(s->pulse);
	socket_quiet(s->listener, l);
	wait_for_messages(s, limit_ms);
	journal_flush(d->engine.journal, JOURNAL_FLUSH_MS);
	config_unref(c);
	cut = atomic_load(&d->messages);
	tell_end(s, cut > 0 ? cut : 0);
	http_server_free(s->http);
	/* While we listen nobody else can have taken its name. */
	if (s->control)
		(void)unlink(s->control_path);
	atomic_store(&s->control_on, false);
	control_server_free(s->control);
	pulse_free(s->pulse);
	/*
	 * Connections of MTAs that are between messages stay open for hours,
	 * and DNS may keep the keeper, or checks whose message is gone: they
	 * end with the process, and their threads must find all in place
	 * until then.
	 */
	if (!keeper_stop(&s->keeper) || atomic_load(&d->connections) > 0 ||
	    !workers_idle(d->engine.workers))
		return false;
	buf_free(&s->orders.reload_why);
	(void)pthread_mutex_destroy(&s->orders.lock);
	return true;
}
