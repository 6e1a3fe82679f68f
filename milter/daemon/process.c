/* SPDX-License-Identifier: BSD-2-Clause */
/* Becoming a service. See process.h. */
#include "daemon/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

void
process_raise_limits(void)
{
	struct rlimit rl;

	/* Without descriptors libmilter's accept loop spins. */
	if (getrlimit(RLIMIT_NOFILE, &rl))
		return;
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &rl);
}

int
process_background(int *ready_fd, struct err *err)
{
	int fds[2];
	char octet;
	pid_t pid;

	if (pipe(fds))
		return err_errno(err, "pipe");
	pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid > 0) {
		ssize_t n;

		(void)close(fds[1]);
		do
			n = read(fds[0], &octet, 1);
		while (n < 0 && errno == EINTR);
		_exit(n == 1 ? 0 : 1);
	}
	(void)close(fds[0]);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)setsid();
	*ready_fd = fds[1];
	return 0;
}

void
process_ready(int ready_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			(void)close(null);
	}
	(void)!chdir("/");
	(void)!write(ready_fd, "", 1);
	(void)close(ready_fd);
}

int
process_pid_file(const char *path, bool *written, struct err *err)
{
	int fd;

	if (!path[0])
		return 0;
	fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(err, "pid_file %s", path);
	*written = true;
	/* umask is 077 by now; others look for us here. */
	(void)fchmod(fd, 0644);
	if (dprintf(fd, "%ld\n", (long)getpid()) < 0) {
		(void)close(fd);
		return err_errno(err, "pid_file %s", path);
	}
	return close(fd) ? err_errno(err, "pid_file %s", path) : 0;
}
