/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The publishing process. See helper.h. Messages are packets of a socket pair,
 * whole or not at all, and never longer than HANDOVER_MAX.
 */
#include "daemon/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "keys/handover.h"

#define FD_MAX 65536
/* Beyond a program's own time, for it to be killed and the answer to come. */
#define GRACE_MS 10000
#define LOOK_MS 100 /* how often we look whether to stop */
#define GONE \
	"the publishing process is gone: nothing is published until " \
	"assayd is restarted"

/* --- in the helper --------------------------------------------------------- */

struct serving {
	int fd;
	const char *config_path;
	struct config *config;
};

/*
 * The configuration of that fingerprint, or why there is none: the file may
 * have been written again since, and not be one that the daemon would take.
 */
static int
use_config(struct serving *s, uint64_t fingerprint, struct buf *why)
{
	struct config *fresh;

	if (s->config->fingerprint == fingerprint)
		return 0;
	if (config_load_again(s->config_path, CONFIG_SETTLE_MS, &fresh, why))
		return -1;
	if (fresh->fingerprint != fingerprint) {
		buf_addf(why, "%s is not what assayd has read: reload it",
		    s->config_path);
		config_unref(fresh);
		return -1;
	}
	config_unref(s->config);
	s->config = fresh;
	return 0;
}

static enum publish_result
publish(struct serving *s, const struct handover *h, struct buf *said)
{
	const struct publication *p = &h->publication;
	const struct keys_options *o;

	if (use_config(s, h->config, said))
		return PUBLISH_RETRY;
	o = &rules_of(&s->config->engine.rules, &p->domain)->keys;
	if (o->publish_via != PUBLISH_NSUPDATE &&
	    o->publish_via != PUBLISH_COMMAND) {
		buf_addz(said, "the configuration names no program for it");
		return PUBLISH_RETRY;
	}
	return publish_run(o, p, s->fd, said);
}

static void
answer(const struct serving *s, uint32_t number, enum publish_result result,
    const struct buf *said)
{
	struct buf out = BUF_INIT(HANDOVER_MAX);

	handover_answer_format(result, number, buf_slice(said), &out);
	if (buf_status(&out) == 0)
		(void)!send(s->fd, out.ptr, out.len, MSG_NOSIGNAL);
	buf_free(&out);
}

static void
serve_one(struct serving *s, struct slice message)
{
	struct buf said = BUF_INIT(HANDOVER_SAID_MAX);
	struct handover h;
	uint64_t config;

	if (handover_config_parse(message, &config) == 0) {
		(void)use_config(s, config, &said);
	} else if (handover_parse(message, &h) == 0) {
		enum publish_result result = publish(s, &h, &said);

		answer(s, h.number, result, &said);
		publication_clear(&h.publication);
	}
	/* What else comes is no request of ours: there is no answer to it. */
	buf_free(&said);
}

/* The connections of MTAs, the listening socket: none of its. */
static void
close_others(int fd)
{
	struct rlimit r;
	int n = FD_MAX;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < FD_MAX)
		n = (int)r.rlim_cur;
	for (int i = 3; i < n; i++)
		if (i != fd)
			(void)close(i);
}

/* Only the end of the other process is its end. */
static void
ignore_signals(void)
{
	static const int others[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		(void)signal(others[i], SIG_IGN);
}

static void
serve(struct serving *s)
{
	char message[HANDOVER_MAX];
	int null = open("/dev/null", O_RDWR);

	/* Not what an administrator's pkill -x assayd means. */
	(void)prctl(PR_SET_NAME, "assayd-publish", 0, 0, 0);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	close_others(s->fd);
	ignore_signals();
	(void)!chdir("/");
	for (;;) {
		ssize_t n = recv(s->fd, message, sizeof(message), MSG_TRUNC);

		if (n == 0 || (n < 0 && errno != EINTR))
			_exit(0);
		if (n > 0 && (size_t)n <= sizeof(message))
			serve_one(s, slice_of(message, (size_t)n));
	}
}

/* --- in the daemon ------------------------------------------------------------ */

int
helper_start(struct helper *h, struct config *config, const char *config_path,
    int errors_fd, struct err *err)
{
	struct serving s = {.config_path = config_path, .config = config};
	int pair[2];

	*h = (struct helper){.fd = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		return err_errno(err, "socketpair");
	for (int i = 0; i < 2; i++)
		(void)fcntl(pair[i], F_SETFD, FD_CLOEXEC);
	h->pid = fork();
	if (h->pid == 0) {
		(void)close(pair[0]);
		s.fd = pair[1];
		if (errors_fd >= 0)
			(void)dup2(errors_fd, STDERR_FILENO);
		serve(&s);
	}
	(void)close(pair[1]);
	if (h->pid < 0) {
		(void)close(pair[0]);
		return err_errno(err, "fork");
	}
	(void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
	h->fd = pair[0];
	return 0;
}

void
helper_reload(const struct helper *h, const struct config *c)
{
	struct buf out = BUF_INIT(HANDOVER_MAX);

	handover_config_format(c->fingerprint, &out);
	/* With no room for it, the next request has it as well. */
	if (buf_status(&out) == 0)
		(void)!send(h->fd, out.ptr, out.len, MSG_NOSIGNAL);
	buf_free(&out);
}

static bool
is_stopped(const atomic_bool *stop)
{
	return stop && atomic_load(stop);
}

/* Until there is something to read, or not: false. */
static bool
wait_until(int fd, int64_t until_ms, const atomic_bool *stop)
{
	while (clock_mono_ms(&clock_system) < until_ms && !is_stopped(stop)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int n = poll(&p, 1, LOOK_MS);

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
	return false;
}

/*
 * When we are told to stop the program is as well: the helper sees our end of
 * the socket closed, as this process ends.
 */
static enum publish_result
hear(const struct helper *h, const atomic_bool *stop, struct buf *said)
{
	int64_t until_ms =
	    clock_mono_ms(&clock_system) + PUBLISH_LIMIT_MS + GRACE_MS;
	char message[HANDOVER_MAX];
	enum publish_result result;
	struct slice text;
	uint32_t number;

	while (wait_until(h->fd, until_ms, stop)) {
		ssize_t n = recv(h->fd, message, sizeof(message), MSG_TRUNC);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			buf_addz(said, GONE);
			return PUBLISH_RETRY;
		}
		/* An answer to a request we gave up is not this one's. */
		if (n <= 0 || (size_t)n > sizeof(message) ||
		    handover_answer_parse(slice_of(message, (size_t)n),
			&number, &result, &text) ||
		    number != h->number)
			continue;
		buf_add(said, text);
		return result;
	}
	if (is_stopped(stop))
		return PUBLISH_STOPPED;
	buf_addz(said, "the publishing process does not answer");
	return PUBLISH_RETRY;
}

enum publish_result
helper_publish(void *helper, const struct publication *p,
    const atomic_bool *stop, struct buf *said)
{
	struct buf out = BUF_INIT(HANDOVER_MAX);
	enum publish_result result = PUBLISH_RETRY;
	struct helper *h = helper;

	handover_format(p, ++h->number, h->config, &out);
	if (buf_status(&out))
		buf_addz(said, "the record is too large");
	else if (send(h->fd, out.ptr, out.len, MSG_NOSIGNAL) ==
	    (ssize_t)out.len)
		result = hear(h, stop, said);
	else
		buf_addf(said, "%s",
		    errno == EAGAIN ? "the publishing process is busy" : GONE);
	buf_free(&out);
	return result;
}

void
helper_watch(struct helper *h, struct log *lg)
{
	struct pollfd p = {.fd = h->fd};
	char status[40] = "";
	int wstatus;

	if (h->told || poll(&p, 1, 0) != 1 || !(p.revents & POLLHUP))
		return;
	h->told = true;
	if (waitpid(h->pid, &wstatus, WNOHANG) == h->pid &&
	    WIFSIGNALED(wstatus))
		(void)snprintf(
		    status, sizeof(status), "signal %d", WTERMSIG(wstatus));
	log_event(lg, LOG_LEVEL_ERROR, "publisher_gone", "why", status,
	    "effect", GONE, NULL);
}
