/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals as octets in a pipe. See signals.h. */
#include "daemon/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "daemon/syscalls.h"

/* A handler has no argument to find it by. Set before any thread exists. */
static int signal_pipe[2] = {-1, -1};

static const int ours[] = {SIGHUP, SIGUSR1, SIGTERM, SIGINT};

static void
our_set(sigset_t *set)
{
	(void)sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		(void)sigaddset(set, ours[i]);
}

void
signals_post(int sig)
{
	unsigned char octet = (unsigned char)sig;

	/* A full pipe holds more signals than anybody has sent in earnest. */
	(void)!write(signal_pipe[1], &octet, 1);
}

static void
on_signal(int sig)
{
	int saved = errno;

	signals_post(sig);
	errno = saved;
}

int
signals_prepare(struct err *err)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	if (pipe(signal_pipe))
		return err_errno(err, "pipe");
	for (int i = 0; i < 2; i++)
		(void)fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
	(void)fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	our_set(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	return 0;
}

int
signals_take(struct err *err)
{
	/* SA_NODEFER: not blocked even while the handler runs. */
	struct sigaction act = {
	    .sa_handler = on_signal, .sa_flags = SA_RESTART | SA_NODEFER};
	sigset_t set;

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (sigaction(ours[i], &act, NULL))
			return err_errno(err, "signal %d", ours[i]);
	our_set(&set);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return 0;
}

/* --- the end by the sandbox ------------------------------------------------- */

/* Nor does this handler have an argument. Set once, before any thread exists. */
static const struct log *last_words_log;

static void
on_forbidden(int sig, siginfo_t *info, void *context)
{
	static const char head[] = "sandbox_violation call=";
	char text[80];
	const char *name = syscalls_name(info->si_syscall);
	size_t n = strlen(name);

	(void)context;
	if (n > 40)
		n = 40;
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(head) - 1, name, n);
	text[sizeof(head) - 1 + n] = '\0';
	log_last_words(last_words_log, text);
	/* It counts when we return, since it is blocked until then. */
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

int
signals_last_words(const struct log *lg, struct err *err)
{
	struct sigaction act = {
	    .sa_sigaction = on_forbidden, .sa_flags = SA_SIGINFO};

	last_words_log = lg;
	return sigaction(SIGSYS, &act, NULL) ? err_errno(err, "SIGSYS") : 0;
}

/* --- libmilter's -------------------------------------------------------------- */

/*
 * In place of the C library's, for the one thread that calls it: libmilter's,
 * which blocks the signals and would answer any it is given by a shutdown that
 * resets running transactions. While the main thread has one signal pending
 * and no processor yet, Linux gives the next to whoever waits for it, and that
 * must be nobody.
 */
int
sigwait(const sigset_t *restrict set, int *restrict sig)
{
	(void)set;
	*sig = 0;
	for (;;)
		(void)pause();
}

int
signals_wait(int timeout_ms)
{
	/* poll is never restarted, so a handler runs as soon as it can. */
	struct pollfd fd = {.fd = signal_pipe[0], .events = POLLIN};
	unsigned char octet;

	/* Interrupted: by one of ours, and then there is something to read. */
	if (poll(&fd, 1, timeout_ms) <= 0)
		return 0;
	return read(signal_pipe[0], &octet, 1) == 1 ? octet : SIGTERM;
}
