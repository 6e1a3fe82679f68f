/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork and exec among threads: between the two, only what POSIX allows there.
 * See spawn.h.
 */
#include "keys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "keys/hold.h"

#define FD_MAX 65536
#define NOT_FOUND 127
#define TICK_MS 20
#define LOOK_MS 100 /* how often we look whether to end */

extern char **environ;

struct child {
	pid_t pid;
	int in, out; /* its standard input and output, -1: closed */
	int asker;   /* -1, or gone when nobody waits for the result */
	struct slice input;
	struct buf *said;
};

static int
highest_fd(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur > FD_MAX)
		return FD_MAX;
	return (int)r.rlim_cur;
}

/* A daemon ignores or blocks what is to end a program. */
static void
restore_signals(void)
{
	static const int usual[] = {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGUSR1};
	sigset_t none;

	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		(void)signal(usual[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child. Descriptors of the MTA's connections are none of its. */
static void
become(const char *const argv[], int in, int out, int nfds)
{
	char *args[16];
	size_t n = 0;

	/* execve takes char *, and changes none of them. */
	for (; n < 15 && argv[n]; n++)
		args[n] = (char *)(uintptr_t)argv[n];
	args[n] = NULL;
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(NOT_FOUND);
	for (int fd = 3; fd < nfds; fd++)
		(void)close(fd);
	restore_signals();
	(void)setpgid(0, 0);
	(void)execve(args[0], args, environ);
	_exit(NOT_FOUND);
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int
start(struct child *c, const char *const argv[], struct err *err)
{
	int to[2], from[2], nfds = highest_fd();

	if (pipe(to))
		return err_errno(err, "pipe");
	if (pipe(from)) {
		(void)close(to[0]);
		(void)close(to[1]);
		return err_errno(err, "pipe");
	}
	c->pid = fork();
	if (c->pid == 0)
		become(argv, to[0], from[1], nfds);
	/* Whichever of the two comes first. */
	if (c->pid > 0)
		(void)setpgid(c->pid, c->pid);
	(void)close(to[0]);
	(void)close(from[1]);
	c->in = to[1];
	c->out = from[0];
	for (size_t i = 0; i < 2; i++) {
		(void)fcntl(i ? c->in : c->out, F_SETFD, FD_CLOEXEC);
		(void)fcntl(i ? c->in : c->out, F_SETFL, O_NONBLOCK);
	}
	return c->pid < 0 ? err_errno(err, "fork") : 0;
}

static void
feed(struct child *c)
{
	ssize_t n =
	    c->input.len ? write(c->in, c->input.ptr, c->input.len) : 0;

	if (n > 0)
		c->input = slice_from(c->input, (size_t)n);
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || c->input.len == 0)
		shut(&c->in);
}

static void
hear(struct child *c)
{
	char text[1024];
	ssize_t n = read(c->out, text, sizeof(text));

	if (n > 0)
		buf_add(c->said, slice_of(text, (size_t)n));
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		shut(&c->out);
}

/* Does nobody wait for the result any more? */
static bool
is_called_off(const struct child *c)
{
	struct pollfd asker = {.fd = c->asker};

	return poll(&asker, 1, 0) > 0 || hold_called();
}

/* Until it has said all, the time is over, or nobody waits for it. */
static void
talk(struct child *c, int64_t until_ms)
{
	int64_t left_ms;

	while ((c->in >= 0 || c->out >= 0) && !is_called_off(c) &&
	    (left_ms = until_ms - clock_mono_ms(&clock_system)) > 0) {
		struct pollfd fds[] = {{.fd = c->in, .events = POLLOUT},
		    {.fd = c->out, .events = POLLIN}, {.fd = c->asker}};

		if (poll(fds, 3, left_ms < LOOK_MS ? (int)left_ms : LOOK_MS) <
			0 &&
		    errno != EINTR)
			return;
		if (fds[0].revents)
			feed(c);
		if (fds[1].revents)
			hear(c);
	}
}

static int
end(struct child *c, int64_t until_ms, struct err *err)
{
	static const struct timespec tick = {0, TICK_MS * 1000000};
	bool off = is_called_off(c);
	int status;
	pid_t got;

	/* What it left behind that still holds its output ends as well. */
	if (off || clock_mono_ms(&clock_system) >= until_ms)
		(void)kill(-c->pid, SIGKILL);
	while ((got = waitpid(c->pid, &status, WNOHANG)) == 0 ||
	    (got < 0 && errno == EINTR)) {
		if (off || clock_mono_ms(&clock_system) >= until_ms) {
			(void)kill(-c->pid, SIGKILL);
			(void)kill(c->pid, SIGKILL);
		}
		(void)nanosleep(&tick, NULL);
		off = is_called_off(c);
	}
	if (got < 0)
		return err_errno(err, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}

/*
 * A program that does not read its input must not end us. The signal is for
 * the thread that writes, so this is its business alone.
 */
static void
pipe_signal_block(sigset_t *before)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &set, before);
}

static void
pipe_signal_restore(const sigset_t *before)
{
	static const struct timespec now = {0, 0};
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	if (!sigismember(before, SIGPIPE))
		(void)sigtimedwait(&set, NULL, &now);
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

int
spawn_run(const char *const argv[], struct slice input, int64_t limit_ms,
    int asker, struct buf *said, struct err *err)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + limit_ms;
	struct child c = {
	    .in = -1, .out = -1, .asker = asker, .input = input, .said = said};
	sigset_t before, held;
	int status = -1;

	if (access(argv[0], X_OK))
		return err_errno(err, "%s", argv[0]);
	pipe_signal_block(&before);
	hold_begin(&held);
	if (start(&c, argv, err) == 0) {
		talk(&c, until_ms);
		status = end(&c, until_ms, err);
	}
	shut(&c.in);
	shut(&c.out);
	hold_end(&held);
	pipe_signal_restore(&before);
	return status;
}
