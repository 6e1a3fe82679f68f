/* SPDX-License-Identifier: BSD-2-Clause */
/* See file.h. Only one process writes: a lock on .lock tells. */
#include "journal/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/frame.h"

#define SUFFIX ".journal"
#define DIGITS 10

/* --- names -------------------------------------------------------------------------- */

const char *
journal_file_name(uint64_t number, char name[JOURNAL_NAME_MAX])
{
	(void)snprintf(
	    name, JOURNAL_NAME_MAX, "%0*" PRIu64 SUFFIX, DIGITS, number);
	return name;
}

static bool
number_of(const char *name, uint64_t *number)
{
	struct slice s = slice_z(name);
	char again[JOURNAL_NAME_MAX];

	return !slice_u64(
		   slice_upto(s, slice_find(s, '.')), INT64_MAX, number) &&
	    !strcmp(journal_file_name(*number, again), name);
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The newest are kept: the smallest makes room. */
static void
keep(uint64_t *numbers, size_t *n, uint64_t number)
{
	size_t least = 0;

	if (*n < LIMIT_JOURNAL_FILES) {
		numbers[(*n)++] = number;
		return;
	}
	for (size_t i = 1; i < *n; i++)
		if (numbers[i] < numbers[least])
			least = i;
	if (numbers[least] < number)
		numbers[least] = number;
}

long
journal_file_list(
    int dir_fd, uint64_t numbers[LIMIT_JOURNAL_FILES], struct err *err)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	uint64_t number;
	size_t n = 0;

	if (!d) {
		(void)err_errno(err, "reading the directory");
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	while ((e = readdir(d)))
		if (number_of(e->d_name, &number))
			keep(numbers, &n, number);
	(void)closedir(d);
	qsort(numbers, n, sizeof(numbers[0]), by_number);
	return (long)n;
}

/* --- opening ------------------------------------------------------------------------- */

void
journal_file_init(struct journal_file *f, const char *dir,
    const struct journal_bounds *bounds)
{
	*f = (struct journal_file){.dir = dir,
	    .bounds = *bounds,
	    .dir_fd = -1,
	    .lock_fd = -1,
	    .fd = -1};
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
journal_file_close(struct journal_file *f)
{
	shut(&f->fd);
	shut(&f->lock_fd);
	shut(&f->dir_fd);
}

void
journal_file_bound(struct journal_file *f, const struct journal_bounds *b)
{
	f->bounds = *b;
	if (f->fd >= 0)
		(void)fdatasync(f->fd);
	shut(&f->fd);
}

static int
take_lock(struct journal_file *f, struct err *err)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	f->lock_fd = openat(f->dir_fd, ".lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->lock_fd < 0)
		return err_errno(err, "%s/.lock", f->dir);
	if (fcntl(f->lock_fd, F_SETLK, &l))
		return err_set(err, "%s: another process writes it", f->dir);
	return 0;
}

static int
open_dir(struct journal_file *f, struct err *err)
{
	struct stat st;

	if (f->dir_fd >= 0)
		return 0;
	if (mkdir(f->dir, 0700) && errno != EEXIST)
		return err_errno(err, "%s", f->dir);
	f->dir_fd =
	    open(f->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->dir_fd < 0 || fstat(f->dir_fd, &st))
		return err_errno(err, "%s", f->dir);
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return err_set(err,
		    "%s: must belong to the service user, and be writable by "
		    "nobody else",
		    f->dir);
	return take_lock(f, err);
}

/* How much of the file's end is no whole record. */
static int
find_torn(struct journal_file *f, struct err *err)
{
	char tail[FRAME_MAX];
	size_t n = f->size < sizeof(tail) ? (size_t)f->size : sizeof(tail);
	ssize_t got = pread(f->fd, tail, n, (off_t)(f->size - n));
	struct slice s;

	if (got < 0)
		return err_errno(err, "%s", f->dir);
	s = slice_of(tail, (size_t)got);
	f->torn = s.len && s.ptr[s.len - 1] != '\n';
	if (f->torn) {
		size_t at = slice_rfind(s, '\n');

		f->torn_octets = at < s.len ? s.len - 1 - at : s.len;
	}
	return 0;
}

static int
open_number(
    struct journal_file *f, uint64_t number, int flags, struct err *err)
{
	char name[JOURNAL_NAME_MAX];
	struct stat st;

	shut(&f->fd);
	f->fd = openat(f->dir_fd, journal_file_name(number, name),
	    O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	if (f->fd < 0 || fstat(f->fd, &st))
		return err_errno(err, "%s/%s", f->dir, name);
	f->number = number;
	f->size = (uint64_t)st.st_size;
	f->torn = false;
	return f->size ? find_torn(f, err) : 0;
}

/* --- bounds ---------------------------------------------------------------------------- */

static uint64_t
file_max(const struct journal_file *f)
{
	return f->bounds.octets / f->bounds.files;
}

static uint64_t
size_of(const struct journal_file *f, uint64_t number)
{
	char name[JOURNAL_NAME_MAX];
	struct stat st;

	return fstatat(f->dir_fd, journal_file_name(number, name), &st,
		   AT_SYMLINK_NOFOLLOW)
	    ? 0
	    : (uint64_t)st.st_size;
}

/* Of the newest file: its full size, or more when it is larger already. */
static uint64_t
need_of(const struct journal_file *f, uint64_t octets)
{
	return octets > file_max(f) ? octets : file_max(f);
}

/* The oldest of these go until there is room for one more, of that size. */
static void
make_room(
    struct journal_file *f, const uint64_t *numbers, size_t n, uint64_t need)
{
	uint64_t total = need;
	size_t first = 0;

	for (size_t i = 0; i < n; i++)
		total += size_of(f, numbers[i]);
	while (first < n &&
	    (n - first >= f->bounds.files || total > f->bounds.octets)) {
		char name[JOURNAL_NAME_MAX];

		total -= size_of(f, numbers[first]);
		f->removed +=
		    unlinkat(f->dir_fd,
			journal_file_name(numbers[first++], name), 0) == 0;
	}
}

/* The next number, on a disk that also keeps its name; need: as above. */
static int
open_new(struct journal_file *f, uint64_t need, struct err *err)
{
	uint64_t *numbers = calloc(LIMIT_JOURNAL_FILES, sizeof(*numbers));
	uint64_t next;
	long n;
	int rc = -1;

	if (!numbers)
		return err_no_mem(err);
	n = journal_file_list(f->dir_fd, numbers, err);
	if (n >= 0) {
		make_room(f, numbers, (size_t)n, need);
		next = n ? numbers[n - 1] + 1 : 1;
		rc = open_number(f, next, O_CREAT | O_EXCL, err);
	}
	if (rc == 0) {
		f->begun++;
		(void)fsync(f->dir_fd);
	}
	free(numbers);
	return rc;
}

/* The bounds may be others than when it was written. */
static int
open_newest(struct journal_file *f, struct err *err)
{
	uint64_t *numbers;
	long n;
	int rc = -1;

	if (open_dir(f, err))
		return -1;
	if (f->fd >= 0)
		return 0;
	numbers = calloc(LIMIT_JOURNAL_FILES, sizeof(*numbers));
	if (!numbers)
		return err_no_mem(err);
	n = journal_file_list(f->dir_fd, numbers, err);
	if (n > 0)
		rc = open_number(f, numbers[n - 1], 0, err);
	if (rc == 0)
		make_room(f, numbers, (size_t)n - 1, need_of(f, f->size));
	free(numbers);
	return n == 0 ? open_new(f, file_max(f), err) : rc;
}

/* --- writing --------------------------------------------------------------------------- */

/* write() until it fails; how much was written. */
static size_t
write_some(int fd, struct slice s)
{
	size_t done = 0;

	while (done < s.len) {
		ssize_t n = write(fd, s.ptr + done, s.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* Half a record is taken back, or its line ended before the next one. */
static int
append(struct journal_file *f, struct slice s, size_t *done, struct err *err)
{
	size_t n, whole;
	int why;

	if (f->torn && write_some(f->fd, SLICE_LIT("\n")) != 1)
		return err_errno(err, "%s", f->dir);
	f->size += f->torn;
	f->torn = false;
	n = write_some(f->fd, s);
	why = errno;
	whole = n == s.len ? n : slice_rfind(slice_upto(s, n), '\n') + 1;
	if (whole > n)
		whole = 0;
	if (whole < n && ftruncate(f->fd, (off_t)(f->size + whole))) {
		f->torn = true;
		f->size += n - whole;
	}
	f->size += whole;
	*done += whole;
	errno = why;
	return n == s.len ? 0 : err_errno(err, "%s", f->dir);
}

/* As many whole records from the front as the file has room for. */
static struct slice
that_fit(const struct journal_file *f, struct slice s)
{
	uint64_t room = file_max(f) > f->size ? file_max(f) - f->size : 0;
	size_t end;

	if (s.len <= room)
		return s;
	end = slice_rfind(slice_upto(s, (size_t)room), '\n');
	return slice_upto(s, end < room ? end + 1 : 0);
}

int
journal_file_write(struct journal_file *f, struct slice records, size_t *done,
    struct err *err)
{
	*done = 0;
	if (open_newest(f, err))
		return -1;
	while (*done < records.len) {
		struct slice rest = slice_from(records, *done);
		struct slice now = that_fit(f, rest);

		if (now.len == 0) {
			size_t first = slice_find(rest, '\n') + 1;

			(void)fdatasync(f->fd);
			if (open_new(f, need_of(f, first), err))
				return -1;
			/* One that is larger than a file may be all there is. */
			now = that_fit(f, rest);
			if (now.len == 0)
				now = slice_upto(rest, first);
		}
		if (append(f, now, done, err))
			return -1;
	}
	return 0;
}

int
journal_file_sync(struct journal_file *f, struct err *err)
{
	struct stat st;

	if (f->fd < 0)
		return 0;
	if (fdatasync(f->fd))
		return err_errno(err, "%s", f->dir);
	if (fstat(f->fd, &st) == 0 && st.st_nlink == 0)
		journal_file_close(f);
	return 0;
}
