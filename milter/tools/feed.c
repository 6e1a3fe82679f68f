/* SPDX-License-Identifier: BSD-2-Clause */
/* See feed.h. Memory is one line, however large a log is. */
#include "tools/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <zlib.h>

#include "journal/logline.h"
#include "journal/reader.h"

#define LINE_OCTETS 65536
#define CHUNK_OCTETS (256u * 1024)
/* What a file may hold once it is unpacked: a year of a busy site. */
#define FILE_OCTETS_MAX ((int64_t)64 << 30)
/* A log has lines, and a device that is none's terminal may have no end. */
#define LINE_GIVEN_UP ((int64_t)16 << 20)
#define DEVICE_OCTETS_MAX ((int64_t)16 << 20)
#define MAIL_LOG "/var/log/mail.log"
#define DAY_S 86400

extern char **environ;

struct feed {
	feed_fn *fn;
	void *arg;
	struct feed_counts *counts;
	struct err *err;
	int64_t now_s, since_s, until_s; /* bounds: 0: none */
	struct logline_clock clock;
	struct entry entry;
	char chunk[CHUNK_OCTETS];
	char room[LOGLINE_ROOM(LINE_OCTETS)];
};

/* --- times ------------------------------------------------------------------------------ */

const char *
feed_time(int64_t time_s, char text[FEED_TIME_MAX])
{
	time_t t = (time_t)time_s;
	struct tm tm;

	if (time_s == 0 || !gmtime_r(&t, &tm) ||
	    strftime(text, FEED_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(text, FEED_TIME_MAX, "-");
	return text;
}

/* "24h": so long ago. */
static bool
read_ago(struct slice s, int64_t now_s, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {
	    {'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY_S}, {'w', 7 * DAY_S}};
	uint64_t n;

	for (size_t i = 0; s.len && i < ARRAY_LEN(units); i++)
		if (s.ptr[s.len - 1] == units[i].unit &&
		    !slice_u64(slice_upto(s, s.len - 1), 1000000, &n)) {
			*out = now_s - (int64_t)n * units[i].seconds;
			return true;
		}
	return false;
}

/* The day, or the minute or second of it, by the local clock; Z: UTC. */
static bool
read_date(struct slice s, int64_t *out)
{
	static const char *const forms[] = {
	    "dddd-dd-dd", "dddd-dd-ddTdd:dd", "dddd-dd-ddTdd:dd:dd"};
	int64_t n[6] = {0};
	bool utc = s.len && s.ptr[s.len - 1] == 'Z', fits = false;
	struct tm tm = {.tm_isdst = -1};
	size_t k = 0;

	if (utc)
		s.len--;
	for (size_t i = 0; i < ARRAY_LEN(forms) && !fits; i++) {
		fits = s.len == strlen(forms[i]);
		for (size_t c = 0; fits && c < s.len; c++)
			fits = forms[i][c] == 'd' ? is_digit(s.ptr[c])
						  : s.ptr[c] == forms[i][c];
	}
	if (!fits)
		return false;
	for (size_t c = 0; c < s.len; c++) {
		if (!is_digit(s.ptr[c]))
			k++;
		else
			n[k] = n[k] * 10 + (s.ptr[c] - '0');
	}
	tm.tm_year = (int)n[0] - 1900;
	tm.tm_mon = (int)n[1] - 1;
	tm.tm_mday = (int)n[2];
	tm.tm_hour = (int)n[3];
	tm.tm_min = (int)n[4];
	tm.tm_sec = (int)n[5];
	*out = utc ? logline_utc((int)n[0], (int)n[1], (int)n[2]) +
		n[3] * 3600 + n[4] * 60 + n[5]
		   : (int64_t)mktime(&tm);
	return n[1] >= 1 && n[1] <= 12 && n[2] >= 1 && n[2] <= 31;
}

static int
read_bound(const struct feed *f, const char *text, int64_t *out)
{
	struct slice s = slice_z(text);

	*out = 0;
	if (!text || read_ago(s, f->now_s, out) || read_date(s, out))
		return 0;
	return err_set(f->err,
	    "\"%s\" is no time: 2026-11-21, 2026-11-21T10:00 (with Z: UTC) "
	    "or 30m, 24h, 7d ago",
	    text);
}

/* --- one verdict ---------------------------------------------------------------------------- */

static int
hand_on(struct feed *f)
{
	const struct entry *e = &f->entry;

	if ((f->since_s || f->until_s) && e->time_s == 0) {
		f->counts->undated++;
		return 0;
	}
	if ((f->since_s && e->time_s < f->since_s) ||
	    (f->until_s && e->time_s >= f->until_s))
		return 0;
	f->counts->verdicts++;
	return f->fn(f->arg, e, f->err);
}

static int
one_line(struct feed *f, struct slice line)
{
	int rc = line.len > LINE_OCTETS
	    ? 0
	    : logline_read(&f->clock, line, f->room, &f->entry);

	f->counts->lines++;
	if (rc < 0)
		f->counts->unreadable++;
	return rc == 1 ? hand_on(f) : 0;
}

/* --- lines ------------------------------------------------------------------------------------ */

/*
 * All lines of the chunk but the last, which may be cut; *len is what is left
 * of it. A line longer than the chunk is given up piece by piece: no piece of
 * it but the first can be taken for a line's beginning.
 */
static int
lines_of(struct feed *f, size_t *len, bool *amid, bool end)
{
	struct slice rest = slice_of(f->chunk, *len);

	while (rest.len) {
		size_t n = slice_find(rest, '\n');

		if (n == rest.len && !end && rest.len < CHUNK_OCTETS)
			break;
		if (!*amid && one_line(f, slice_upto(rest, n)))
			return -1;
		*amid = n == rest.len && !end;
		rest = slice_from(rest, n + 1);
	}
	if (rest.len)
		memmove(f->chunk, rest.ptr, rest.len);
	*len = rest.len;
	return 0;
}

/* It can't be all there is of a log. */
static int
check_end(
    struct feed *f, const char *name, bool device, int64_t total, int64_t line)
{
	if (device && total > DEVICE_OCTETS_MAX)
		return err_set(f->err,
		    "%s: is a device, and has no end within 16 MB", name);
	if (total > FILE_OCTETS_MAX)
		return err_set(f->err, "%s: unpacks to more than 64 GB", name);
	if (line > LINE_GIVEN_UP)
		return err_set(
		    f->err, "%s: is no log: a line of more than 16 MB", name);
	return 0;
}

static int
read_gz(struct feed *f, gzFile gz, const char *name, bool device)
{
	int64_t total = 0, line = 0;
	size_t len = 0;
	bool amid = false;
	int n;

	do {
		n = gzread(gz, f->chunk + len, (unsigned)(CHUNK_OCTETS - len));
		if (n < 0) {
			int code;

			return err_set(
			    f->err, "%s: %s", name, gzerror(gz, &code));
		}
		total += n;
		len += (size_t)n;
		/* Of one that is given up nothing is left. */
		line = amid && !memchr(f->chunk, '\n', len) ? line + n : 0;
		if (check_end(f, name, device, total, line))
			return -1;
		if (lines_of(f, &len, &amid, n == 0))
			return -1;
	} while (n > 0);
	return 0;
}

/* Neither is text: rather a word than a report of nothing. */
static int
check_packing(int fd, const char *name, struct err *err)
{
	char front[6];
	ssize_t n = pread(fd, front, sizeof(front), 0);
	struct slice s = slice_of(front, n > 0 ? (size_t)n : 0);

	if (slice_starts(s,
		SLICE_LIT("\xfd"
			  "7zXZ")))
		return err_set(
		    err, "%s: packed by xz: xzcat it and give -", name);
	if (slice_starts(s, SLICE_LIT("\x28\xb5\x2f\xfd")))
		return err_set(
		    err, "%s: packed by zstd: zstdcat it and give -", name);
	if (slice_starts(s, SLICE_LIT("BZh")))
		return err_set(
		    err, "%s: packed by bzip2: bzcat it and give -", name);
	return 0;
}

/* Takes the descriptor. */
static int
read_fd(struct feed *f, int fd, const char *name)
{
	struct stat st;
	gzFile gz;
	bool device;
	int rc;

	if (fd < 0)
		return err_errno(f->err, "%s", name);
	if (check_packing(fd, name, f->err)) {
		(void)close(fd);
		return -1;
	}
	device = fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && !isatty(fd);
	gz = gzdopen(fd, "rb");
	if (!gz) {
		(void)close(fd);
		return err_no_mem(f->err);
	}
	(void)gzbuffer(gz, 128 * 1024);
	rc = read_gz(f, gz, name, device);
	/* Of a file that is cut zlib says so at the end only. */
	if (gzclose(gz) == Z_BUF_ERROR && rc == 0)
		rc = err_set(f->err, "%s: is cut short", name);
	return rc;
}

/* --- journald ------------------------------------------------------------------------------------ */

static int
start_journalctl(const struct feed *f, pid_t *pid, int *out)
{
	char since[40], until[40];
	char *argv[] = {(char[]){"journalctl"}, (char[]){"-o"},
	    (char[]){"json"}, (char[]){"--no-pager"}, (char[]){"-q"},
	    (char[]){"-t"}, (char[]){"assayd"}, since, until, NULL};
	posix_spawn_file_actions_t actions;
	int fds[2], rc;

	(void)snprintf(since, sizeof(since), "--since=@%" PRId64, f->since_s);
	(void)snprintf(until, sizeof(until), "--until=@%" PRId64,
	    f->until_s ? f->until_s : f->now_s + DAY_S);
	if (pipe(fds))
		return err_errno(f->err, "pipe");
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	(void)posix_spawn_file_actions_addclose(&actions, fds[0]);
	(void)posix_spawn_file_actions_addclose(&actions, fds[1]);
	rc = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(fds[1]);
	*out = fds[0];
	if (rc == 0)
		return 0;
	(void)close(fds[0]);
	errno = rc;
	return err_errno(f->err, "journalctl");
}

static int
read_journald(struct feed *f)
{
	int out, rc, status = 0;
	pid_t pid, got;

	if (start_journalctl(f, &pid, &out))
		return -1;
	rc = read_fd(f, out, "journalctl");
	while ((got = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	if (rc == 0 && (got < 0 || !WIFEXITED(status) || WEXITSTATUS(status)))
		return err_set(f->err, "journalctl failed");
	return rc;
}

/* --- the journal ------------------------------------------------------------------------------------ */

static int
read_journal(struct feed *f, const char *dir)
{
	struct journal_reader *r = journal_reader_open(dir, f->err);
	struct slice pairs;
	int rc;

	if (!r)
		return -1;
	while ((rc = journal_reader_next(r, &pairs, f->err)) == 1) {
		f->counts->lines++;
		if (entry_parse(pairs, f->room, &f->entry))
			f->counts->unreadable++;
		else if (hand_on(f))
			break;
	}
	f->counts->damaged += journal_reader_damage(r).octets;
	journal_reader_close(r);
	return rc == 0 ? 0 : -1;
}

/* A directory, or a file that begins with a record. */
static bool
is_journal(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char front = '\0';
	bool is = fd >= 0 && fstat(fd, &st) == 0 &&
	    (S_ISDIR(st.st_mode) ||
		(S_ISREG(st.st_mode) && pread(fd, &front, 1, 0) == 1 &&
		    front == '\036'));

	if (fd >= 0)
		(void)close(fd);
	return is;
}

static int
read_file(struct feed *f, const char *path)
{
	if (!strcmp(path, "-"))
		return read_fd(f, dup(STDIN_FILENO), "standard input");
	if (is_journal(path))
		return read_journal(f, path);
	return read_fd(f, open(path, O_RDONLY | O_CLOEXEC), path);
}

/* --- which -------------------------------------------------------------------------------------------- */

static int
read_default(struct feed *f, const char *dir)
{
	if (access(dir, R_OK | X_OK) == 0)
		return read_journal(f, dir);
	if (errno == EACCES)
		return err_errno(f->err, "%s", dir);
	if (access(MAIL_LOG, F_OK) == 0)
		return read_file(f, MAIL_LOG);
	return read_journald(f);
}

static int
read_all(struct feed *f, const char *dir, const struct feed_options *o,
    const struct args_rest *files)
{
	if (!o->journal && !o->journald && files->n == 0)
		return read_default(f, dir);
	if (o->journal && read_journal(f, dir))
		return -1;
	if (o->journald && read_journald(f))
		return -1;
	for (size_t i = 0; i < files->n; i++)
		if (read_file(f, files->items[i]))
			return -1;
	return 0;
}

int
feed_read(const struct env *env, const struct feed_options *o,
    const struct args_rest *files, feed_fn *fn, void *arg,
    struct feed_counts *counts, struct err *err)
{
	struct feed *f = calloc(1, sizeof(*f));
	int rc = -1;

	*counts = (struct feed_counts){0};
	if (!f)
		return err_no_mem(err);
	f->fn = fn;
	f->arg = arg;
	f->counts = counts;
	f->err = err;
	f->now_s = clock_now_s(env->engine.clock);
	f->clock.now_s = f->now_s;
	if (read_bound(f, o->since, &f->since_s) == 0 &&
	    read_bound(f, o->until, &f->until_s) == 0)
		rc = read_all(f, env->config->daemon.journal.dir, o, files);
	free(f);
	return rc;
}

void
feed_complain(const struct command *c, const struct feed_counts *n)
{
	if (n->unreadable)
		(void)fprintf(stderr,
		    "assay %s: %" PRIu64 " line%s of assayd can't be read\n",
		    c->name, n->unreadable, n->unreadable == 1 ? "" : "s");
	if (n->damaged)
		(void)fprintf(stderr,
		    "assay %s: %" PRIu64 " octets of the journal are damaged "
		    "or cut, and were passed over\n",
		    c->name, n->damaged);
	if (n->undated)
		(void)fprintf(stderr,
		    "assay %s: %" PRIu64
		    " verdicts without a time were passed "
		    "over\n",
		    c->name, n->undated);
}
