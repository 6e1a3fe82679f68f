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

#include <openssl/crypto.h>

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
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	(void)mallopt(M_ARENA_MAX, n > ARENAS_MIN ? (int)n : ARENAS_MIN);
	/* What is larger than this is mapped by itself, too. */
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_OCTETS);
	/* Its texts of errors are 0.4 MB; openssl errstr knows them, too. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL);
}

/* In the parent: until the child is ready, or is no more. */
static void
wait_for_child(int fd)
{
	char octet;
	ssize_t n;

	do
		n = read(fd, &octet, 1);
	while (n < 0 && errno == EINTR);
	_exit(n == 1 ? 0 : 1);
}

int
process_background(struct background *b, struct err *err)
{
	int fds[2];
	pid_t pid;

	/* Who starts us may have closed those three: nothing of ours is there. */
	do
		b->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (b->null_fd >= 0 && b->null_fd <= STDERR_FILENO);
	if (b->null_fd < 0)
		return err_errno(err, "/dev/null");
	if (pipe(fds))
		return err_errno(err, "pipe");
	pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid > 0) {
		(void)close(fds[1]);
		wait_for_child(fds[0]);
	}
	(void)close(fds[0]);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)setsid();
	b->ready_fd = fds[1];
	return 0;
}

void
process_ready(struct background *b)
{
	if (b->ready_fd < 0)
		return;
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		(void)dup2(b->null_fd, fd);
	(void)close(b->null_fd);
	(void)!chdir("/");
	(void)!write(b->ready_fd, "", 1);
	(void)close(b->ready_fd);
	b->ready_fd = b->null_fd = -1;
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

/* F_WRLCK or F_UNLCK; -1: a living process has it. */
static int
set_lock(int fd, short type)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET};

	return fcntl(fd, F_SETLK, &l);
}

static int
lock_pid_file(const struct pid_file *f, struct err *err)
{
	struct flock other = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (set_lock(f->fd, F_WRLCK) == 0)
		return 0;
	if (fcntl(f->fd, F_GETLK, &other) == 0 && other.l_type != F_UNLCK)
		return err_set(err, "pid_file %s: process %ld has it", f->path,
		    (long)other.l_pid);
	return err_errno(err, "pid_file %s", f->path);
}

static int
open_locked(struct pid_file *f, struct err *err)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd =
	    open(f->path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (f->fd < 0)
		return err_errno(err, "pid_file %s", f->path);
	if (lock_pid_file(f, err) == 0)
		return 0;
	(void)close(f->fd);
	f->fd = -1;
	return -1;
}

/* By the one before us, at its end, while we opened it. */
static bool
is_removed(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

int
pid_file_write(struct pid_file *f, const char *path, struct err *err)
{
	*f = (struct pid_file){path, -1};
	if (!path[0])
		return 0;
	if (open_locked(f, err) || (is_removed(f->fd) && open_locked(f, err)))
		return -1;
	/* umask is 077 by now; others look for us here. */
	(void)fchmod(f->fd, 0644);
	/* It stays open: to close it would give up the lock. */
	if (ftruncate(f->fd, 0) || dprintf(f->fd, "%ld\n", (long)getpid()) < 0)
		return err_errno(err, "pid_file %s", path);
	return 0;
}

void
pid_file_release(struct pid_file *f)
{
	if (f->fd >= 0)
		(void)set_lock(f->fd, F_UNLCK);
}

void
pid_file_remove(struct pid_file *f)
{
	if (f->fd < 0)
		return;
	if (set_lock(f->fd, F_WRLCK) == 0)
		(void)unlink(f->path);
	(void)close(f->fd);
	f->fd = -1;
}
