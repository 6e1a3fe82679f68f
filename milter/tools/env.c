/* SPDX-License-Identifier: BSD-2-Clause */
/* See env.h. Nothing here becomes another user: root reads what root may. */
#include "tools/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "dns/overlay.h"
#include "dns/unbound.h"
#include "dns/zone.h"
#include "mail/limits.h"
#include "spf/spf.h"
#include "tools/tape.h"

#define ERRORS_MAX 65536
#define ZONE_MAX (64u << 20)
#define WORKERS 2
#define QUEUE 16

/* --- files ------------------------------------------------------------------- */

static int
read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "%s", path);
		buf_add(out, slice_of(chunk, (size_t)n));
		if (buf_status(out))
			return err_set(err, "%s: too large", path);
	}
	return 0;
}

int
env_read(const char *path, size_t max, struct buf *out, struct err *err)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	*out = BUF_INIT(max);
	if (fd < 0)
		return err_errno(err, "%s", path);
	rc = read_all(fd, path, out, err);
	if (!is_stdin)
		(void)close(fd);
	return rc;
}

/* Not opened: it may be a pipe, which is read once. */
int
env_readable(const char *path, struct err *err)
{
	struct stat st;

	if (access(path, R_OK) || stat(path, &st))
		return err_errno(err, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return 0;
	errno = EISDIR;
	return err_errno(err, "%s", path);
}

/* --- the time ------------------------------------------------------------------ */

static int64_t
now_s(const struct clock *c)
{
	const struct env_clock *e = (const struct env_clock *)c;

	return e->now_s ? e->now_s : clock_now_s(&clock_system);
}

static int64_t
mono_ms(const struct clock *c)
{
	(void)c;
	return clock_mono_ms(&clock_system);
}

/* --- configuration --------------------------------------------------------------- */

static int
load_config(struct env *e, struct err *err)
{
	struct buf errors = BUF_INIT(ERRORS_MAX);
	int rc;

	/* Without a file the daemon's defaults are what there is. */
	if (!e->config_path && access(CONFIG_DEFAULT_FILE, F_OK))
		rc =
		    config_parse(SLICE_EMPTY, "defaults", &e->config, &errors);
	else
		rc = config_load(
		    e->config_path ? e->config_path : CONFIG_DEFAULT_FILE,
		    &e->config, &errors);
	if (rc)
		(void)err_set(err, "%s", buf_str(&errors));
	buf_free(&errors);
	return rc;
}

/* --- DNS ---------------------------------------------------------------------------- */

static struct resolver *
open_zone(const char *path, struct err *err)
{
	struct resolver *r = NULL;
	struct buf text;

	if (env_read(path, ZONE_MAX, &text, err) == 0) {
		struct err inner = ERR_INIT;

		r = zone_new(buf_slice(&text), &inner);
		if (!r)
			(void)err_set(err, "%s: %s", path, inner.text);
	}
	buf_free(&text);
	return r;
}

static struct resolver *
open_unbound(const struct env *e, struct err *err)
{
	const struct daemon_options *o = &e->config->daemon;
	struct unbound_options uo = {.nameservers = o->nameservers.items,
	    .nnameservers = o->nameservers.n,
	    .resolv_conf = o->resolv_conf,
	    .trust_anchor_file =
		o->trust_anchor_file[0] ? o->trust_anchor_file : NULL};

	if (e->servers.n) {
		uo.nameservers = e->servers.items;
		uo.nnameservers = e->servers.n;
	}
	return unbound_new(&uo, err);
}

static int
open_resolver(struct env *e, struct err *err)
{
	struct resolver *r =
	    e->zone_path ? open_zone(e->zone_path, err) : open_unbound(e, err);

	if (r && e->overlay_path) {
		struct resolver *table = open_zone(e->overlay_path, err);

		if (!table) {
			resolver_free(r);
			return -1;
		}
		r = overlay_new(table, r, err);
	}
	if (r && e->record_path) {
		e->tape = tape_new(r, err);
		r = e->tape;
	}
	e->engine.resolver = r;
	return r ? 0 : -1;
}

int
env_overlay(struct env *e, struct slice text, struct err *err)
{
	struct resolver *table = zone_new(text, err);

	if (!table)
		return -1;
	e->engine.resolver = overlay_new(table, e->engine.resolver, err);
	return e->engine.resolver ? 0 : -1;
}

/* --- all of it ------------------------------------------------------------------------- */

static void
set_clock(struct env *e)
{
	e->clock = (struct env_clock){{now_s, mono_ms}, e->now_s};
	e->engine.clock = &e->clock.base;
}

static int
open_engine(struct env *e, struct err *err)
{
	static const struct log_options lo = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};
	const char *psl = e->config->daemon.psl_file;
	struct hash_key key;

	if (gethostname(e->hostname, sizeof(e->hostname) - 1))
		memcpy(e->hostname, "localhost", sizeof("localhost"));
	e->engine.hostname = e->hostname;
	set_clock(e);
	if (RAND_bytes((unsigned char *)key.k, sizeof(key.k)) != 1)
		return err_set(err, "no random numbers");
	spf_init();
	e->engine.log = log_new(&lo, err);
	if (!e->engine.log || open_resolver(e, err))
		return -1;
	e->engine.psl = dmarc_psl_new(psl[0] ? psl : NULL, err);
	if (!e->engine.psl)
		return -1;
	e->engine.dkim = dkim_shared_new(LIMIT_OBJECT_CACHE, &key, err);
	if (!e->engine.dkim)
		return -1;
	e->engine.workers = workers_new(WORKERS, QUEUE, err);
	return e->engine.workers ? 0 : -1;
}

static void
release(struct env *e)
{
	progress_stop(e->progress);
	workers_free(e->engine.workers);
	resolver_free(e->engine.resolver);
	dkim_shared_free(e->engine.dkim);
	dmarc_psl_free(e->engine.psl);
	log_free(e->engine.log);
	config_unref(e->config);
}

static bool
want_colour(const struct env *e)
{
	if (e->colour && !strcmp(e->colour, "always"))
		return true;
	if (e->colour && !strcmp(e->colour, "never"))
		return false;
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

/* Those of all commands. */
#define COMMON_ARGS(e) \
	{"json", 0, ARG_FLAG, &(e)->json, NULL, "write JSON"}, \
	    {"color", 0, ARG_TEXT, &(e)->colour, "WHEN", \
		"auto (on a terminal), always, never"}, \
	    {"config", 'c', ARG_TEXT, &(e)->config_path, "FILE", \
		"this assay.conf"}, \
	{ \
		"now", 0, ARG_NUMBER, &(e)->now_s, "SECONDS", \
		    "as if it were then (since 1970)" \
	}

/* After the arguments. */
static bool
open_all(struct env *e, const struct command *c, bool offline, int *status)
{
	struct err err = ERR_INIT;

	e->progress = progress_start();
	progress_say(e->progress, slice_z(c->name), 0, 0);
	set_clock(e);
	if (load_config(e, &err) || (!offline && open_engine(e, &err))) {
		release(e);
		*status = env_fail(c, &err);
		return false;
	}
	out_begin(&e->out, e->json, !e->json && want_colour(e));
	e->out.progress = e->progress;
	return true;
}

bool
env_open(struct env *e, const struct command *c, int argc, char **argv,
    struct args_rest *rest, int *status)
{
	const struct arg common[] = {
	    COMMON_ARGS(e),
	    {"server", 0, ARG_LIST, &e->servers, "IP[@PORT]",
		"ask this name server; may be given again"},
	    {"zone", 0, ARG_TEXT, &e->zone_path, "FILE",
		"answers from this file, not from DNS"},
	    {"replay", 0, ARG_TEXT, &e->zone_path, "FILE",
		"the same: answers that --record has kept"},
	    {"record", 0, ARG_TEXT, &e->record_path, "FILE",
		"keep all DNS answers in this file"},
	    {"overlay", 0, ARG_TEXT, &e->overlay_path, "FILE",
		"these records over those of DNS"},
	    {"timeout", 0, ARG_NUMBER, &e->timeout_s, "SECONDS",
		"wait no longer for DNS (60)"},
	};

	return args_parse(
		   c, common, ARRAY_LEN(common), argc, argv, rest, status) &&
	    open_all(e, c, false, status);
}

bool
env_open_offline(struct env *e, const struct command *c, int argc, char **argv,
    struct args_rest *rest, int *status)
{
	const struct arg common[] = {COMMON_ARGS(e)};

	return args_parse(
		   c, common, ARRAY_LEN(common), argc, argv, rest, status) &&
	    open_all(e, c, true, status);
}

int64_t
env_deadline_ms(const struct env *e)
{
	int64_t s = e->timeout_s > 0 ? e->timeout_s : ENV_PATIENCE_S;

	if (s > 86400)
		s = 86400;
	return clock_mono_ms(e->engine.clock) + s * 1000;
}

struct inquiry *
env_inquiry(const struct env *e, size_t max_queries)
{
	struct inquiry *q = inquiry_new(e->engine.resolver, max_queries);

	if (q)
		inquiry_set_deadline(q, env_deadline_ms(e));
	return q;
}

int
env_wrong(
    struct env *e, const char *argument, const char *what, struct err *err)
{
	e->wrong = true;
	return err_set(err, "\"%.200s\" is no %s", argument, what);
}

int
env_fail(const struct command *c, const struct err *err)
{
	/* Over a line of progress. */
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r\033[K");
	out_complain(c->name, slice_z(err->text));
	return EXIT_TROUBLE;
}

int
env_close(struct env *e, int status)
{
	struct err err = ERR_INIT;

	if (e->wrong && status == EXIT_TROUBLE)
		status = EXIT_USAGE;
	progress_clear(e->progress);
	if (out_finish(&e->out)) {
		(void)fprintf(stderr, "assay: the output was cut short\n");
		status = EXIT_TROUBLE;
	}
	if (e->tape && tape_write(e->tape, e->record_path, &err)) {
		out_complain("--record", slice_z(err.text));
		status = EXIT_TROUBLE;
	}
	release(e);
	return status;
}
