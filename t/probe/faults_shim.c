/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preloaded into assayd by t/mta/starved.t: the wall clock runs OFFSET seconds
 * beside the machine's, and one in so many allocations fails, but not those of
 * libunbound and its libevent, which crash for want of memory by themselves.
 * Both are read from the file $FAULTS ("OFFSET ONE_IN\n", 0: none), at most every 10 ms. With
 * -DNO_MALLOC, under sanitizers, allocations are left alone.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char path[256];
static atomic_long offset_s, one_in, next_look_ms;
static int (*real_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void
begin(void)
{
	const char *p = getenv("FAULTS");

	for (size_t i = 0; p && p[i] && i < sizeof(path) - 1; i++)
		path[i] = p[i];
	real_clock = (int (*)(clockid_t, struct timespec *))dlsym(
	    RTLD_NEXT, "clock_gettime");
}

/* No allocation and no lock: this may run inside malloc. */
static void
look(void)
{
	int saved = errno, fd;
	struct timespec now;
	char text[64] = "";
	long ms, next;
	char *end;

	if (!real_clock || !path[0])
		return;
	(void)real_clock(CLOCK_MONOTONIC, &now);
	ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
	next = atomic_load(&next_look_ms);
	if (ms < next ||
	    !atomic_compare_exchange_strong(&next_look_ms, &next, ms + 10))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && pread(fd, text, sizeof(text) - 1, 0) > 0) {
		atomic_store(&offset_s, strtol(text, &end, 10));
		atomic_store(&one_in, strtol(end, NULL, 10));
	}
	if (fd >= 0)
		(void)close(fd);
	errno = saved;
}

/* --- the clock ------------------------------------------------------------- */

int
clock_gettime(clockid_t id, struct timespec *t)
{
	int rc;

	if (!real_clock)
		return -1;
	rc = real_clock(id, t);
	if (rc || id != CLOCK_REALTIME)
		return rc;
	look();
	t->tv_sec += atomic_load(&offset_s);
	return 0;
}

time_t
time(time_t *out)
{
	struct timespec t = {0, 0};

	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t = {0, 0};

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}

/* --- memory ------------------------------------------------------------------ */

#ifndef NO_MALLOC
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

static struct {
	uintptr_t from, to;
} spared[4];
static size_t nspared;

static int
find_spared(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	if (!strstr(info->dlpi_name, "libunbound") &&
	    !strstr(info->dlpi_name, "libevent"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && (p->p_flags & PF_X) &&
		    nspared < 4) {
			spared[nspared].from = info->dlpi_addr + p->p_vaddr;
			spared[nspared].to = spared[nspared].from + p->p_memsz;
			nspared++;
		}
	}
	return 0;
}

__attribute__((constructor)) static void
begin_memory(void)
{
	(void)dl_iterate_phdr(find_spared, NULL);
}

static int
fails(const void *caller)
{
	static atomic_ullong dice = 88172645463325252u;
	unsigned long long z;
	long n;

	look();
	n = atomic_load(&one_in);
	if (n <= 0)
		return 0;
	for (size_t i = 0; i < nspared; i++)
		if ((uintptr_t)caller >= spared[i].from &&
		    (uintptr_t)caller < spared[i].to)
			return 0;
	z = atomic_fetch_add(&dice, 0x9e3779b97f4a7c15u);
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	if ((z ^ z >> 31) % (unsigned long long)n)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL
						  : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL
						  : __libc_realloc(p, n);
}
#endif
