/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal on a real disk: order, bounds, modes, trouble, sudden death. */
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "journal/file.h"
#include "journal/reader.h"
#include "scratch.h"
#include "unit.h"

/* --- a disk that fills up ----------------------------------------------------------- */

static atomic_long room = -1; /* octets write() still takes, -1: any */
static atomic_bool slow;      /* write() does not return */

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	static const struct timespec tick = {0, 1000000};
	long left = atomic_load(&room);

	/* TAP goes where it goes. */
	if (fd <= 2)
		return __real_write(fd, p, n);
	while (atomic_load(&slow))
		(void)nanosleep(&tick, NULL);
	if (left < 0)
		return __real_write(fd, p, n);
	if (left == 0) {
		errno = ENOSPC;
		return -1;
	}
	if ((long)n > left)
		n = (size_t)left;
	atomic_store(&room, left - (long)n);
	return __real_write(fd, p, n);
}

/* --- a scene --------------------------------------------------------------------------- */

struct place {
	char top[64], dir[80];
	struct log *log;
	struct journal *journal;
};

static void
place_start(struct place *p, size_t megabytes, size_t files)
{
	struct journal_options o = {.on = true,
	    .dir = p->dir,
	    .megabytes = megabytes,
	    .files = files,
	    .tick_ms = 20};
	struct err err = ERR_INIT;

	p->journal = journal_new(&o, &clock_system, p->log, &err);
	assert_non_null(p->journal);
}

static void
place_open(struct place *p, size_t megabytes, size_t files)
{
	struct log_options lo = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};

	(void)snprintf(p->top, sizeof(p->top), "/tmp/assay-journal-XXXXXX");
	assert_non_null(mkdtemp(p->top));
	(void)snprintf(p->dir, sizeof(p->dir), "%s/journal", p->top);
	p->log = log_new(&lo, NULL);
	place_start(p, megabytes, files);
}

static void
place_close(struct place *p)
{
	journal_free(p->journal);
	log_free(p->log);
	scratch_remove(p->top);
}

static void
put(struct place *p, unsigned n, size_t size)
{
	struct buf b = BUF_INIT(LIMIT_JOURNAL_RECORD);

	char fill[LIMIT_JOURNAL_RECORD];

	memset(fill, 'x', sizeof(fill));
	buf_addf(&b, "n=%u fill=", n);
	buf_add(&b, slice_of(fill, size - b.len));
	journal_put(p->journal, buf_slice(&b));
	buf_free(&b);
}

struct seen {
	unsigned first, last, n;
	bool gaps;
	struct journal_damage damage;
};

static struct seen
look(const struct place *p)
{
	struct seen s = {.n = 0};
	struct err err = ERR_INIT;
	struct journal_reader *r = journal_reader_open(p->dir, &err);
	struct slice pairs;
	int rc;

	assert_non_null(r);
	while ((rc = journal_reader_next(r, &pairs, &err)) == 1) {
		struct slice rest = slice_from(pairs, 2);
		uint64_t n;
		bool more;

		assert_int_equal(
		    slice_u64(slice_cut(&rest, ' ', &more), UINT32_MAX, &n),
		    0);
		if (s.n == 0)
			s.first = (unsigned)n;
		else if (n != s.last + 1)
			s.gaps = true;
		s.last = (unsigned)n;
		s.n++;
	}
	assert_int_equal(rc, 0);
	s.damage = journal_reader_damage(r);
	journal_reader_close(r);
	return s;
}

/* Waits until the journal is in trouble, or out of it again. */
static void
wait_stopped(const struct place *p, bool stopped)
{
	static const struct timespec tick = {0, 5000000};

	for (int i = 0; i < 2000; i++) {
		if (journal_count(p->journal).stopped == stopped)
			return;
		(void)nanosleep(&tick, NULL);
	}
	fail_msg("stopped is not %d", stopped);
}

/* The log may be looked at when the journal's thread has ended. */
static bool
told(const struct place *p, const char *what)
{
	return slice_icontains(log_captured(p->log), slice_z(what));
}

static size_t
count(struct slice text, const char *what)
{
	struct slice rest = text;
	bool more = true;
	size_t n = 0;

	while (more)
		n += slice_icontains(
		    slice_cut(&rest, '\n', &more), slice_z(what));
	return n;
}

/* --- tests -------------------------------------------------------------------------------- */

static void
test_order_and_modes(void **state)
{
	char name[200];
	struct place p;
	struct seen s;
	struct stat st;

	(void)state;
	place_open(&p, 10, 4);
	for (unsigned i = 0; i < 1000; i++)
		put(&p, i, 300);
	journal_flush(p.journal, 5000);
	s = look(&p);
	assert_int_equal(s.n, 1000);
	assert_false(s.gaps);
	assert_int_equal(s.first, 0);
	assert_int_equal(stat(p.dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	(void)snprintf(name, sizeof(name), "%s/0000000001.journal", p.dir);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* The next process goes on in the same file. */
	journal_free(p.journal);
	place_start(&p, 10, 4);
	put(&p, 1000, 300);
	journal_flush(p.journal, 5000);
	s = look(&p);
	assert_int_equal(s.n, 1001);
	assert_false(s.gaps);
	journal_free(p.journal);
	p.journal = NULL;
	assert_int_equal(log_captured(p.log).len, 0);
	place_close(&p);
}

/* Files there are; their octets, and the most that one has. */
static long
measure(const struct place *p, uint64_t *total, uint64_t *most)
{
	int fd = open(p->dir, O_RDONLY | O_DIRECTORY);
	uint64_t numbers[LIMIT_JOURNAL_FILES];
	long n = journal_file_list(fd, numbers, NULL);

	*total = *most = 0;
	for (long i = 0; i < n; i++) {
		char name[JOURNAL_NAME_MAX];
		uint64_t size;
		struct stat st;

		assert_int_equal(
		    fstatat(fd, journal_file_name(numbers[i], name), &st, 0),
		    0);
		size = (uint64_t)st.st_size;
		*total += size;
		*most = size > *most ? size : *most;
	}
	(void)close(fd);
	return n;
}

static void
put_many_of(struct place *p, unsigned from, unsigned to, size_t size)
{
	for (unsigned i = from; i < to; i++) {
		put(p, i, size);
		if (i % 500 == 0)
			journal_flush(p->journal, 5000);
	}
	journal_flush(p->journal, 5000);
}

static void
test_bounds(void **state)
{
	struct journal_options o = {.megabytes = 1, .files = 2};
	struct journal_counts c;
	uint64_t total, most;
	struct place p;
	struct seen s;
	long n;

	(void)state;
	place_open(&p, 1, 5);
	put_many_of(&p, 0, 3000, 900);
	n = measure(&p, &total, &most);
	assert_true(n >= 4 && n <= 5);
	assert_true(most <= 200000);
	assert_true(total <= 1000000 && total > 700000);
	c = journal_count(p.journal);
	assert_true(c.removed > 5);
	assert_int_equal(c.begun - c.removed, n);
	s = look(&p);
	assert_false(s.gaps);
	assert_int_equal(s.last, 2999);
	/* Others hold from the next record on; what is kept grows at once. */
	journal_bound(p.journal, &o);
	put_many_of(&p, 3000, 3001, 900);
	assert_true(measure(&p, &total, &most) <= 2);
	put_many_of(&p, 3001, 4000, 900);
	assert_true(measure(&p, &total, &most) <= 2);
	assert_true(most > 400000);
	/* Those of a process to come as well. */
	journal_free(p.journal);
	place_start(&p, 1, 100);
	put_many_of(&p, 4000, 4001, 900);
	(void)measure(&p, &total, &most);
	assert_true(total <= 1000000);
	s = look(&p);
	assert_false(s.gaps);
	assert_int_equal(s.last, 4000);
	place_close(&p);
}

/* A file has room for less than one record: they are in files of their own. */
static void
test_large_records(void **state)
{
	uint64_t total, most;
	struct place p;
	struct seen s;

	(void)state;
	place_open(&p, 1, 500);
	put_many_of(&p, 0, 200, 9000);
	assert_true(measure(&p, &total, &most) <= 500);
	assert_true(total <= 1000000 && total > 900000);
	s = look(&p);
	assert_false(s.gaps);
	assert_int_equal(s.last, 199);
	place_close(&p);
}

/* All is kept that the queue holds; the rest is counted, in two lines. */
static void
test_full_disk(void **state)
{
	struct journal_counts c;
	struct place p;
	struct seen s;
	unsigned n = 0;

	(void)state;
	place_open(&p, 100, 4);
	atomic_store(&room, 5000);
	for (int i = 0; i < 100; i++)
		put(&p, n++, 900);
	wait_stopped(&p, true);
	s = look(&p);
	assert_int_equal(s.n, 5);
	assert_int_equal(s.damage.octets, 0);
	while (journal_count(p.journal).dropped == 0)
		put(&p, n++, 30000);
	put(&p, n++, 30000);
	c = journal_count(p.journal);
	assert_int_equal(c.put, n);
	assert_true(c.dropped >= 1);
	assert_int_equal(c.written, 5);
	assert_int_equal(c.waiting, n - c.dropped - 5);
	atomic_store(&room, -1);
	wait_stopped(&p, false);
	journal_free(p.journal);
	p.journal = NULL;
	assert_true(told(&p, "journal_stopped why="));
	assert_true(told(&p, "No space left"));
	assert_int_equal(count(log_captured(p.log), "journal_stopped"), 1);
	assert_int_equal(count(log_captured(p.log), "journal_resumed"), 1);
	assert_int_equal(count(log_captured(p.log), "dropped="), 1);
	s = look(&p);
	assert_int_equal(s.n + c.dropped, n);
	assert_int_equal(s.damage.octets, 0);
	place_close(&p);
}

/* Nobody who puts a record ever waits for the disk. */
static void
test_stuck_disk(void **state)
{
	struct place p;
	int64_t before = clock_mono_ms(&clock_system);
	unsigned n = 0;

	(void)state;
	place_open(&p, 100, 4);
	atomic_store(&slow, true);
	while (journal_count(p.journal).dropped < 10)
		put(&p, n++, 30000);
	assert_true(clock_mono_ms(&clock_system) - before < 20000);
	atomic_store(&slow, false);
	journal_free(p.journal);
	p.journal = NULL;
	assert_int_equal(count(log_captured(p.log), "journal_stopped"), 1);
	assert_true(told(&p, "queue is full"));
	assert_true(told(&p, "journal_resumed dropped=10"));
	assert_int_equal(look(&p).n + 10, n);
	place_close(&p);
}

static void
test_no_directory(void **state)
{
	struct place p;
	struct seen s;

	(void)state;
	place_open(&p, 10, 4);
	put(&p, 0, 100);
	journal_flush(p.journal, 5000);
	journal_free(p.journal);
	/* Others may write there: it is not believed. */
	assert_int_equal(chmod(p.dir, 0777), 0);
	place_start(&p, 10, 4);
	put(&p, 1, 100);
	wait_stopped(&p, true);
	assert_int_equal(chmod(p.dir, 0700), 0);
	wait_stopped(&p, false);
	journal_free(p.journal);
	p.journal = NULL;
	assert_true(told(&p, "must belong to the service user"));
	assert_true(told(&p, "journal_resumed dropped=0"));
	s = look(&p);
	assert_int_equal(s.n, 2);
	place_close(&p);
}

static void
test_torn_end_is_told(void **state)
{
	char name[200];
	struct place p;
	struct seen s;
	int fd;

	(void)state;
	place_open(&p, 10, 4);
	put(&p, 0, 100);
	journal_flush(p.journal, 5000);
	journal_free(p.journal);
	(void)snprintf(name, sizeof(name), "%s/0000000001.journal", p.dir);
	fd = open(name, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "\036A1 100 0123", 12), 12);
	(void)close(fd);
	place_start(&p, 10, 4);
	put(&p, 1, 100);
	journal_flush(p.journal, 5000);
	journal_free(p.journal);
	p.journal = NULL;
	assert_true(
	    told(&p, "journal_torn file=0000000001.journal octets=12"));
	s = look(&p);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.damage.octets, 13);
	assert_int_equal(s.damage.stretches, 1);
	place_close(&p);
}

/* Puts records until it is killed; tells how many were surely written. */
static void
write_until_killed(struct place *p, int tell)
{
	for (unsigned n = 0;; n++) {
		put(p, n, 100 + n % 700);
		if (n % 50)
			continue;
		journal_flush(p->journal, 5000);
		(void)!__real_write(tell, &n, sizeof(n));
	}
}

static void
test_killed_under_load(void **state)
{
	unsigned sure = 0, n;
	struct place p;
	struct seen s;
	int pipes[2];

	(void)state;
	place_open(&p, 10, 4);
	journal_free(p.journal);
	for (int round = 0; round < 3; round++) {
		static const struct timespec tick = {0, 20000000};
		pid_t pid;

		scratch_remove(p.dir);
		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		if (pid == 0) {
			place_start(&p, 10, 4);
			write_until_killed(&p, pipes[1]);
		}
		(void)close(pipes[1]);
		assert_int_equal(read(pipes[0], &n, sizeof(n)), sizeof(n));
		(void)nanosleep(&tick, NULL);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		sure = n;
		while (read(pipes[0], &n, sizeof(n)) == sizeof(n))
			sure = n;
		(void)close(pipes[0]);
		s = look(&p);
		assert_false(s.gaps);
		assert_int_equal(s.first, 0);
		assert_true(s.last >= sure);
		assert_true(s.damage.stretches <= 1);
	}
	p.journal = NULL;
	place_close(&p);
}

#define THREADS 4
#define EACH 2000

static void *
put_many(void *arg)
{
	for (unsigned i = 0; i < EACH; i++)
		put(arg, i, 200);
	return NULL;
}

static void
test_threads(void **state)
{
	pthread_t threads[THREADS];
	struct place p;
	struct seen s;

	(void)state;
	place_open(&p, 10, 4);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, put_many, &p), 0);
	for (size_t i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	journal_flush(p.journal, 5000);
	s = look(&p);
	assert_int_equal(
	    s.n + journal_count(p.journal).dropped, THREADS * EACH);
	assert_int_equal(s.damage.octets, 0);
	place_close(&p);
}

int
main(void)
{
	UNIT_TEST(test_order_and_modes);
	UNIT_TEST(test_bounds);
	UNIT_TEST(test_large_records);
	UNIT_TEST(test_full_disk);
	UNIT_TEST(test_stuck_disk);
	UNIT_TEST(test_no_directory);
	UNIT_TEST(test_torn_end_is_told);
	UNIT_TEST(test_killed_under_load);
	UNIT_TEST(test_threads);
	return unit_end();
}
