/* SPDX-License-Identifier: BSD-2-Clause */
/* What the walls let through; building them. See sandbox.h. */
#include "daemon/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "config/listen.h"
#include "daemon/landlock.h"
#include "daemon/syscalls.h"

#define DNS_PORT 53
#define NAMESERVERS_MAX 64
#define FILES_MAX 16

/* The C library's, OpenSSL's and libunbound's. */
static const char *const system_files[] = {
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/usr/lib/ssl/openssl.cnf",
    "/usr/share/zoneinfo",
    "/usr/share/publicsuffix",
#ifdef ASSAY_SANITIZED
    /* What names are found with, for reports and what is left out of them. */
    "/proc",
    "/lib",
    "/usr/lib",
    "/proc/self/exe",
#endif
};

/* --- going in ----------------------------------------------------------------- */

static uint16_t
port_of(const char *nameserver)
{
	const char *at = strchr(nameserver, '@');
	uint64_t port = DNS_PORT;

	if (at && slice_u64(slice_z(at + 1), UINT16_MAX, &port))
		return DNS_PORT;
	return (uint16_t)port;
}

static int
confine_files(struct sandbox *s, const struct config *c, struct err *err)
{
	const struct daemon_options *o = &c->daemon;
	const char *files[FILES_MAX];
	uint16_t ports[NAMESERVERS_MAX + 2] = {DNS_PORT};
	struct landlock_plan plan = {
	    .roots = &s->roots, .files = files, .ports = ports, .nports = 1};
	struct listen l;

	for (size_t i = 0; i < ARRAY_LEN(system_files); i++)
		files[plan.nfiles++] = system_files[i];
	files[plan.nfiles++] = o->resolv_conf;
	files[plan.nfiles++] = o->trust_anchor_file;
	files[plan.nfiles++] = o->psl_file;
	for (size_t i = 0; i < o->nameservers.n && i < NAMESERVERS_MAX; i++)
		ports[plan.nports++] = port_of(o->nameservers.items[i]);
	/* The watchdog and the shield knock at our own door. */
	if (listen_parse(o->socket, &l) == NULL && l.family != LISTEN_UNIX)
		ports[plan.nports++] = (uint16_t)l.port;
	s->landlock = landlock_enter(&plan, &s->no_landlock);
	if (s->landlock < 0)
		return err_set(err, "%s", s->no_landlock.text);
	return 0;
}

static void
find_program(struct sandbox *s, const struct keys_options *o)
{
	const char *program = o->publish_via == PUBLISH_COMMAND
	    ? o->publish_command
	    : o->publish_program;

	if ((o->publish_via == PUBLISH_COMMAND ||
		o->publish_via == PUBLISH_NSUPDATE) &&
	    roots_expose(&s->roots, program))
		(void)err_set(&s->weak,
		    "%s is run as a publisher and lies in a directory that "
		    "assayd writes to",
		    program);
}

/* The publishing process believes these. */
static void
find_weakness(
    struct sandbox *s, const struct config *c, const char *config_path)
{
	const struct rules *rules = &c->engine.rules;

	find_program(s, &rules->all.keys);
	for (size_t i = 0; i < rules->nsections; i++)
		find_program(s, &rules->sections[i].rules.keys);
	if (roots_expose(&s->roots, config_path))
		(void)err_set(&s->weak,
		    "the configuration lies in a directory that assayd "
		    "writes to");
}

int
sandbox_enter(struct sandbox *s, const struct config *c,
    const char *config_path, struct err *err)
{
	*s = (struct sandbox){.mode = c->daemon.sandbox};
	if (s->mode == SANDBOX_NO)
		return 0;
	if (roots_of(c, config_path, &s->roots, err) ||
	    confine_files(s, c, err))
		return -1;
	find_weakness(s, c, config_path);
	s->seccomp = syscalls_enter(&s->no_seccomp);
	if (s->seccomp < 0)
		return err_set(err, "%s", s->no_seccomp.text);
	if (s->mode != SANDBOX_REQUIRE)
		return 0;
	if (s->weak.text[0])
		return err_set(err, "sandbox = require: %s", s->weak.text);
	if (s->landlock && s->seccomp)
		return 0;
	return err_set(err, "sandbox = require, and this kernel has none: %s",
	    s->landlock ? s->no_seccomp.text : s->no_landlock.text);
}

/* --- telling ------------------------------------------------------------------- */

static void
tell_missing(struct log *lg, const struct err *err)
{
	log_event(lg, LOG_LEVEL_WARNING, "sandbox_missing", "why", err->text,
	    "effect", "assayd runs without this part of its sandbox", NULL);
}

void
sandbox_tell(const struct sandbox *s, struct log *lg)
{
	struct event e;

	event_begin(&e, lg, LOG_LEVEL_INFO, "start", SLICE_EMPTY);
	event_z(&e, "part", "sandbox");
	event_z(&e, "sandbox", names_word(sandbox_words, (int)s->mode));
	event_num(&e, "landlock", s->landlock);
	event_z(&e, "seccomp", s->seccomp ? "yes" : "no");
	event_end(&e);
	if (s->mode == SANDBOX_NO)
		return;
	if (!s->landlock)
		tell_missing(lg, &s->no_landlock);
	if (!s->seccomp)
		tell_missing(lg, &s->no_seccomp);
	if (s->weak.text[0])
		log_event(lg, LOG_LEVEL_WARNING, "sandbox_weak", "why",
		    s->weak.text, NULL);
}

bool
sandbox_takes(const struct sandbox *s, const struct config *c,
    const char *config_path, struct buf *why)
{
	struct err err = ERR_INIT;
	struct roots wanted;
	bool covered;

	if (!s->landlock)
		return true;
	if (roots_of(c, config_path, &wanted, &err)) {
		buf_addz(why, err.text);
		return false;
	}
	covered = roots_cover(&s->roots, &wanted, why);
	roots_free(&wanted);
	if (!covered)
		buf_addz(why,
		    " lies outside of the sandbox made at the start; a "
		    "restart takes it in");
	return covered;
}

void
sandbox_free(struct sandbox *s)
{
	roots_free(&s->roots);
}
