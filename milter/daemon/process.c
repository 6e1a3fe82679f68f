/* SPDX-License-Identifier: BSD-2-Clause */
/* Becoming a service. See process.h. */
#include "daemon/process.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/slice.h"

#define FDS_AT_ONCE 512
#define FDS_MAX 65536
#define ARENAS_MIN 2
#define TRIM_OCTETS 131072

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

void
process_bound_memory(void)
{
#ifdef M_ARENA_MAX /* the GNU C library */
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	(void)mallopt(M_ARENA_MAX, n > ARENAS_MIN ? (int)n : ARENAS_MIN);
	/* What is larger than this is mapped by itself, too. */
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_OCTETS);
#endif
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

/* Those that poll knows: /proc/self/fd is beyond the sandbox. */
static uint64_t
count_descriptors(uint64_t limit)
{
	struct pollfd fds[FDS_AT_ONCE];
	uint64_t n = 0;

	if (limit > FDS_MAX)
		limit = FDS_MAX;
	for (uint64_t at = 0; at < limit; at += FDS_AT_ONCE) {
		nfds_t k = limit - at < FDS_AT_ONCE ? limit - at : FDS_AT_ONCE;

		for (nfds_t i = 0; i < k; i++)
			fds[i] = (struct pollfd){.fd = (int)(at + i)};
		if (poll(fds, k, 0) < 0)
			return 0;
		for (nfds_t i = 0; i < k; i++)
			n += !(fds[i].revents & POLLNVAL);
	}
	return n;
}

/* Pages in all, pages in memory: the first two numbers of statm. */
static void
measure_memory(int statm, struct fact_process *p)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char text[200];
	ssize_t n = statm >= 0 ? pread(statm, text, sizeof(text), 0) : -1;
	struct slice rest = slice_of(text, n > 0 ? (size_t)n : 0);
	uint64_t pages;
	bool more;

	if (slice_u64(slice_cut(&rest, ' ', &more), INT64_MAX, &pages) == 0)
		p->virtual_octets = pages * page;
	if (slice_u64(slice_cut(&rest, ' ', &more), INT64_MAX, &pages) == 0)
		p->resident_octets = pages * page;
}

static uint64_t
milliseconds(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_usec / 1000;
}

int
process_statm(void)
{
	return open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

void
process_measure(int statm, struct fact_process *p)
{
	struct rlimit rl;
	struct rusage ru;

	*p = (struct fact_process){.max_fds = 0};
	measure_memory(statm, p);
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		p->max_fds = rl.rlim_cur;
		p->open_fds = count_descriptors(rl.rlim_cur);
	}
	if (getrusage(RUSAGE_SELF, &ru) == 0)
		p->cpu_ms =
		    milliseconds(&ru.ru_utime) + milliseconds(&ru.ru_stime);
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
