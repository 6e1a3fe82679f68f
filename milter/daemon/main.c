/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assayd(8). The order of things: configuration, background, socket (as root
 * when root started us), privileges, the publishing process, the sandbox, then
 * threads. The main thread waits for signals: SIGHUP and SIGUSR1 reload,
 * SIGTERM and SIGINT end after the messages under way.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/listen.h"
#include "config/user.h"
#include "daemon/daemon.h"
#include "daemon/footprint.h"
#include "daemon/mfi.h"
#include "daemon/privileges.h"
#include "daemon/process.h"
#include "daemon/service.h"
#include "daemon/shield.h"
#include "daemon/signals.h"
#include "daemon/socket.h"
#include "daemon/startup.h"

#define ERRORS_MAX 65536
#define PATH_OCTETS 4096

struct arguments {
	const char *config_path;
	bool foreground, check_only;
};

static void
usage(FILE *out)
{
	(void)fprintf(out,
	    "usage: assayd [-f] [-n] [-V] [-c FILE]\n"
	    "  -c FILE  read this configuration (default %s)\n"
	    "  -f       stay in the foreground\n"
	    "  -n       check the configuration and exit\n"
	    "  -V       print the version and exit\n",
	    CONFIG_DEFAULT_FILE);
}

static void
read_arguments(int argc, char **argv, struct arguments *a)
{
	int opt;

	*a = (struct arguments){.config_path = CONFIG_DEFAULT_FILE};
	while ((opt = getopt(argc, argv, "c:fhnV")) != -1) {
		switch (opt) {
		case 'c': a->config_path = optarg; break;
		case 'f': a->foreground = true; break;
		case 'n': a->check_only = true; break;
		case 'V':
			(void)printf("assayd %s\n", PACKAGE_VERSION);
			exit(0);
		case 'h': usage(stdout); exit(0);
		default: usage(stderr); exit(2);
		}
	}
	if (optind < argc) {
		usage(stderr);
		exit(2);
	}
}

/* --- running and ending ------------------------------------------------------------ */

static void *
milter_thread(void *arg)
{
	struct daemon *d = arg;

	if (mfi_run())
		log_event(
		    d->engine.log, LOG_LEVEL_ERROR, "milter_failed", NULL);
	/* Nobody else is listening: have the main thread end us. */
	signals_post(SIGTERM);
	return NULL;
}

/* Everything with threads: returns the exit status. */
static int
run(struct daemon *d, struct service *s, struct config *config,
    const struct listen *l, struct background *background,
    struct pid_file *pid_file)
{
	struct err err = ERR_INIT;
	pthread_t milter;

	socket_no_delay(s->listener, l);
	d->tcp = l->family != LISTEN_UNIX;
	if (sandbox_enter(d->sandbox, config, d->config_path, &err) ||
	    daemon_open(d, config, &err) ||
	    signals_last_words(d->engine.log, &err) ||
	    shield_raise(d, s->listener, &err) || service_start(s, d, &err)) {
		(void)fprintf(stderr, "assayd: %s\n", err.text);
		return 1;
	}
	if (pthread_create(&milter, NULL, milter_thread, d)) {
		(void)fprintf(stderr, "assayd: no thread for libmilter\n");
		return 1;
	}
	if (signals_take(&err)) {
		(void)fprintf(stderr, "assayd: %s\n", err.text);
		return 1;
	}
	startup_tell(d);
	process_ready(background);
	footprint_shrink();
	service_run(s);
	pid_file_release(pid_file);
	if (service_end(s, l)) {
		daemon_close(d);
		sandbox_free(d->sandbox);
	}
	return 0;
}

/* The configuration, or an exit with all that is wrong with it. */
static struct config *
load(const struct arguments *args)
{
	struct buf errors = BUF_INIT(ERRORS_MAX);
	struct config *config;

	if (config_load(args->config_path, &config, &errors)) {
		(void)fprintf(stderr, "%s", buf_str(&errors));
		buf_free(&errors);
		exit(1);
	}
	buf_free(&errors);
	if (args->check_only) {
		(void)fprintf(stderr, "%s", buf_str(&config->remarks));
		(void)printf("%s: configuration is good\n", args->config_path);
		config_unref(config);
		exit(0);
	}
	return config;
}

/* A reload comes after chdir("/"). Symbolic links stay: they may change. */
static const char *
absolute(const char *file, struct buf *out)
{
	char cwd[PATH_OCTETS];

	if (file[0] != '/' && getcwd(cwd, sizeof(cwd)))
		buf_addf(out, "%s/", cwd);
	buf_addz(out, file);
	return buf_status(out) ? file : buf_str(out);
}

/* For good: after this nothing here is done as root. */
static int
give_up_root(const struct daemon_options *o, struct err *err)
{
	return privileges_bound(err) || user_become(o->user, o->group, err) ||
		(o->sandbox != SANDBOX_NO && privileges_drop(err))
	    ? -1
	    : 0;
}

int
main(int argc, char **argv)
{
	struct sandbox sandbox;
	struct helper helper;
	struct daemon d = {.sandbox = &sandbox, .helper = &helper};
	struct service s = {.daemon = NULL};
	struct buf path = BUF_INIT(2 * PATH_OCTETS);
	struct pid_file pid_file = {"", -1};
	struct err err = ERR_INIT;
	struct config *config;
	struct arguments args;
	struct listen l;
	struct background background = {-1, -1};
	int rc = 1;

	process_bound_memory();
	read_arguments(argc, argv, &args);
	config = config_ref(load(&args));
	d.config_path = absolute(args.config_path, &path);
	notify_open(&s.notify);
	process_raise_limits();
	if (listen_parse(config->daemon.socket, &l) ||
	    (!args.foreground && process_background(&background, &err)) ||
	    signals_prepare(&err) ||
	    socket_prepare(&l, &config->daemon, &err) ||
	    mfi_open(&d, l.spec, &err) ||
	    socket_finish(&l, &config->daemon, &err) ||
	    service_prepare(&s, &config->daemon, &err) ||
	    pid_file_write(&pid_file, config->daemon.pid_file, &err) ||
	    give_up_root(&config->daemon, &err) ||
	    helper_start(
		&helper, config, d.config_path, background.null_fd, &err))
		(void)fprintf(stderr, "assayd: %s\n", err.text);
	else
		rc = run(&d, &s, config, &l, &background, &pid_file);
	pid_file_remove(&pid_file);
	if (d.engine.log) /* not closed: threads are still at work */
		_exit(rc);
	config_unref(config);
	buf_free(&path);
	return rc;
}
