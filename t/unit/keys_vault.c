/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store of managed keys, and what power cuts and full disks leave of it.
 * The linker puts the functions below in the place of the system's (--wrap),
 * so that the process dies, or the disk is full, at the n-th of them.
 */
#include "keys/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/make.h"
#include "keys/pem.h"
#include "scratch.h"
#include "unit.h"

/* --- faults --------------------------------------------------------------------- */

static int calls_left; /* 0: no fault */
static bool full;

static bool
fault(void)
{
	if (calls_left == 0 || --calls_left > 0)
		return false;
	if (full) {
		calls_left = 1; /* and it stays full */
		errno = ENOSPC;
		return true;
	}
	(void)kill(getpid(), SIGKILL);
	return true;
}

int __real_mkdir(const char *, mode_t);
int __real_rename(const char *, const char *);
int __real_link(const char *, const char *);
int __real_unlink(const char *);
int __real_mkstemp(char *);
ssize_t __real_write(int, const void *, size_t);
int __wrap_mkdir(const char *, mode_t);
int __wrap_rename(const char *, const char *);
int __wrap_link(const char *, const char *);
int __wrap_unlink(const char *);
int __wrap_fsync(int);
int __wrap_mkstemp(char *);
ssize_t __wrap_write(int, const void *, size_t);

int
__wrap_mkdir(const char *path, mode_t mode)
{
	return fault() ? -1 : __real_mkdir(path, mode);
}

int
__wrap_rename(const char *a, const char *b)
{
	return fault() ? -1 : __real_rename(a, b);
}

int
__wrap_link(const char *a, const char *b)
{
	return fault() ? -1 : __real_link(a, b);
}

int
__wrap_unlink(const char *path)
{
	/* A full disk does not hinder removing; a power cut does. */
	return !full && fault() ? -1 : __real_unlink(path);
}

int
__wrap_fsync(int fd)
{
	/* A process that is killed leaves all to the kernel: no need to wait. */
	(void)fd;
	return fault() ? -1 : 0;
}

int
__wrap_mkstemp(char *path)
{
	return fault() ? -1 : __real_mkstemp(path);
}

ssize_t
__wrap_write(int fd, const void *data, size_t len)
{
	/* Half of it is there already. */
	if (calls_left == 1)
		(void)!__real_write(fd, data, len / 2);
	return fault() ? -1 : __real_write(fd, data, len);
}

/* --- a place ------------------------------------------------------------------------- */

static char dir[64];
static struct domain domain;

static int
place_open(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/assay-vault-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_true(domain_parse(SLICE_LIT("example.com"), &domain));
	return 0;
}

static int
count(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* --- the life of a key, in writes -------------------------------------------------------- */

static int
step(struct vault *v, struct key_record *r, enum key_event e, struct err *err)
{
	r->key.at[e] = vault_now(v);
	return vault_write(v, &domain, r, err);
}

static int
add(struct vault *v, const char *selector, struct err *err)
{
	struct key_record r = {.key = {.type = KEY_ED25519}};
	EVP_PKEY *pkey = key_generate(KEY_ED25519);
	int rc;

	snprintf(r.key.selector, sizeof(r.key.selector), "%s", selector);
	r.key.at[EVENT_GENERATED] = vault_now(v);
	rc = vault_add(v, &domain, &r, pkey, err);
	EVP_PKEY_free(pkey);
	return rc;
}

static int
one_step(struct vault *v, struct vault_domain *vd, struct err *err)
{
	struct key_record *r = &vd->records[0];

	if (vd->n == 0)
		return add(v, vd->tombstones ? "e2" : "e1", err);
	switch (key_life(&r->key)) {
	case LIFE_GENERATED:
		return step(
		    v, r, r->key.lost ? EVENT_REMOVED : EVENT_PUBLISHED, err);
	case LIFE_WAITING: return step(v, r, EVENT_ACTIVE, err);
	case LIFE_ACTIVE: return step(v, r, EVENT_RETIRED, err);
	case LIFE_RETIRING: return step(v, r, EVENT_REVOKED, err);
	case LIFE_REVOKED: return step(v, r, EVENT_REMOVED, err);
	case LIFE_REMOVED:
		return vault_destroy(v, &domain, r, err)
		    ? -1
		    : vault_bury(v, vd, r, err);
	}
	return -1;
}

/* One key to its end and the next one active: 0, -1: an error was told. */
static int
whole_life(struct err *err)
{
	struct vault v;
	int rc = -1;

	if (vault_open(&v, dir, &clock_system, 0, err))
		return -1;
	for (int n = 0; n < 50; n++) {
		struct vault_domain vd;
		bool end;

		rc = vault_read(&v, &domain, &vd, err);
		if (rc)
			break;
		end = vd.n == 1 && vd.tombstones &&
		    key_life(&vd.records[0].key) == LIFE_ACTIVE;
		rc = end ? 0 : one_step(&v, &vd, err);
		vault_domain_clear(&vd);
		if (end || rc)
			break;
	}
	vault_close(&v);
	return rc;
}

/* Whatever happened: it can be read, and nothing in it is a riddle. */
static void
check_store(void)
{
	struct err err = ERR_INIT;
	struct vault_domain vd;
	struct vault v;

	if (vault_open(&v, dir, &clock_system, 0, &err) ||
	    vault_read(&v, &domain, &vd, &err))
		fail_msg("%s", err.text);
	assert_int_equal(vd.nothers, 0);
	assert_true(vd.n <= 1);
	if (vd.n && !vd.records[0].key.usable) {
		enum key_life life = key_life(&vd.records[0].key);

		assert_true(vd.records[0].key.lost);
		assert_true(life == LIFE_GENERATED || life == LIFE_REMOVED);
	}
	vault_domain_clear(&vd);
	vault_close(&v);
}

static void
check_end(void)
{
	struct err err = ERR_INIT;
	struct vault_domain vd;
	struct vault v;
	char path[256];

	if (whole_life(&err))
		fail_msg("%s", err.text);
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	assert_int_equal(vault_read(&v, &domain, &vd, NULL), 0);
	assert_int_equal(vd.n, 1);
	assert_true(vd.records[0].key.usable);
	assert_true(
	    tombstone_has(slice_of(vd.tombstones, vd.tombstones_len), "e1"));
	/* state, pem, tombstones; nothing half-written is left */
	snprintf(path, sizeof(path), "%s/example.com", dir);
	assert_int_equal(count(path), 3);
	vault_domain_clear(&vd);
	vault_close(&v);
}

static int
in_child(int calls, bool disk_full)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct err err = ERR_INIT;

		calls_left = calls;
		full = disk_full;
		status = whole_life(&err) ? 1 : 0;
		_exit(status && !err.text[0] ? 2 : status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
test_power_cut_at_every_write(void **state)
{
	int status, n = 0;

	do {
		scratch_remove(dir);
		(void)place_open(state);
		status = in_child(++n, false);
		check_store();
		check_end();
	} while (WIFSIGNALED(status));
	assert_int_equal(status, 0);
	assert_true(n > 50);
}

/* The power goes, comes back, goes ... each time one write later. */
static void
test_power_cuts_in_a_row(void **state)
{
	int status, n = 0;

	(void)state;
	do {
		status = in_child(1 + n++ / 3, false);
		check_store();
	} while (WIFSIGNALED(status) && n < 1000);
	assert_int_equal(status, 0);
	check_end();
}

static void
test_disk_full_at_every_write(void **state)
{
	int status, n = 0;

	do {
		scratch_remove(dir);
		(void)place_open(state);
		status = in_child(++n, true);
		check_store();
		check_end();
	} while (WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_int_equal(status, 0);
	assert_true(n > 30);
}

/* The kernel's own refusal, in the midst of a file. */
static void
test_file_size_limit(void **state)
{
	struct rlimit tiny = {60, 60};
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct err err = ERR_INIT;

		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &tiny);
		_exit(whole_life(&err) == -1 && strstr(err.text, "large") ? 0
									  : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	check_store();
	check_end();
}

/* --- who may, and who may not -------------------------------------------------------- */

static void
test_lock(void **state)
{
	struct vault v, other;
	struct err err = ERR_INIT;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	pid = fork();
	if (pid == 0)
		_exit(vault_open(&other, dir, &clock_system, 100, &err) == 1 &&
			    strstr(err.text, "another process")
			? 0
			: 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	vault_close(&v);
	pid = fork();
	if (pid == 0)
		_exit(vault_open(&other, dir, &clock_system, 0, &err));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
spoil_file(const char *name, const char *text, mode_t mode)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/example.com/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

#define GOOD \
	"assay key 1\nselector x1\ntype ed25519\nslot no\nsha256 " \
	"00000000000000000000000000000000000000000000000000000000000000" \
	"00\nttl 0\ngenerated 5 6\n"

struct bad_row {
	const char *name;
	const char *file, *text;
	mode_t mode;
	const char *why; /* NULL: it is read */
};

static const struct bad_row bad_rows[] = {
    {"whole", "x1.state", GOOD "end\n", 0600, NULL},
    {"cut", "x1.state", GOOD, 0600, "line 8"},
    {"cut in a line", "x1.state", "assay key 1\nselec", 0600, "line 2"},
    {"empty", "x1.state", "", 0600, "version"},
    {"goes on", "x1.state", GOOD "end\nend\n", 0600, "after its end"},
    {"of a later version", "x1.state", "assay key 2\nend\n", 0600, "version"},
    {"an unknown line", "x1.state", GOOD "hello 1\nend\n", 0600, "line 8"},
    {"no selector", "x1.state", "assay key 1\nend\n", 0600, "missing"},
    {"another's selector", "x2.state", GOOD "end\n", 0600, "speaks of"},
    {"readable by others", "x1.state", GOOD "end\n", 0644, "mode 0644"},
    {"a selector that climbs", "x1.state", "assay key 1\nselector ../x\nend\n",
	0600, "line 2"},
    {"an unmanaged key", "x1.pem", "hello", 0600, NULL},
};

static void
check_bad(void **state)
{
	const struct bad_row *r = *state;
	struct err err = ERR_INIT;
	struct vault_domain vd;
	struct vault v;
	int rc;

	(void)place_open(NULL);
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	assert_int_equal(add(&v, "e1", NULL), 0);
	spoil_file(r->file, r->text, r->mode);
	rc = vault_read(&v, &domain, &vd, &err);
	assert_int_equal(rc, r->why ? -1 : 0);
	if (r->why && !strstr(err.text, r->why))
		assert_string_equal(err.text, r->why);
	vault_domain_clear(&vd);
	vault_close(&v);
	scratch_remove(dir);
}

static void
test_directories(void **state)
{
	struct err err = ERR_INIT;
	struct vault_domain vd;
	struct vault v;
	char path[256];

	(void)state;
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, &err), -1);
	assert_non_null(strstr(err.text, "mode 0777"));
	assert_int_equal(chmod(dir, 0750), 0);
	err = ERR_INIT;
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, &err), -1);
	assert_non_null(strstr(err.text, "mode 0750"));
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	assert_int_equal(add(&v, "e1", NULL), 0);
	snprintf(path, sizeof(path), "%s/example.com", dir);
	assert_int_equal(chmod(path, 0770), 0);
	err = ERR_INIT;
	assert_int_equal(vault_read(&v, &domain, &vd, &err), -1);
	assert_non_null(strstr(err.text, "assay keys repair"));
	vault_close(&v);
}

/* Every file of the store but the keys, which pem.c checks. */
static void
test_modes(void **state)
{
	static const char *const files[] = {".lock", ".time",
	    "example.com/e1.state", "example.com/tombstones"};
	struct vault_domain vd;
	struct vault v;
	char path[256];

	(void)state;
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	assert_int_equal(add(&v, "e1", NULL), 0);
	vault_close(&v);
	spoil_file("tombstones", "", 0600);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct err err = ERR_INIT;
		int rc;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		assert_int_equal(chmod(path, 0606), 0);
		rc = vault_open(&v, dir, &clock_system, 0, &err);
		if (rc == 0) {
			rc = vault_read(&v, &domain, &vd, &err);
			vault_close(&v);
		}
		assert_int_equal(rc, -1);
		assert_non_null(strstr(err.text, files[i]));
		assert_non_null(strstr(err.text, "mode 0606"));
		assert_non_null(strstr(err.text, "assay keys repair"));
		assert_int_equal(chmod(path, 0600), 0);
	}
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	assert_int_equal(vault_read(&v, &domain, &vd, NULL), 0);
	vault_domain_clear(&vd);
	vault_close(&v);
}

static void
test_time_is_kept(void **state)
{
	struct vault_domain vd;
	struct vault v;
	char path[256];
	int64_t own_ms;

	(void)state;
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	v.time.own_ms += 5000000;
	assert_int_equal(add(&v, "e1", NULL), 0);
	vault_close(&v);
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	own_ms = v.time.own_ms;
	assert_true(own_ms >= 5001000);
	vault_close(&v);
	/* Lost, it goes on from what the keys say. */
	snprintf(path, sizeof(path), "%s/.time", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(vault_open(&v, dir, &clock_system, 0, NULL), 0);
	assert_true(v.time.own_ms < 5000000);
	assert_int_equal(vault_read(&v, &domain, &vd, NULL), 0);
	assert_true(v.time.own_ms >= 5001000);
	vault_domain_clear(&vd);
	vault_close(&v);
}

static int
place_close(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

#define PLACED(fn) \
	{ \
		.name = #fn, .test_func = fn, .setup_func = place_open, \
		.teardown_func = place_close \
	}

int
main(void)
{
	UNIT_TABLE(bad_rows, check_bad);
	unit_tests[unit_n++] =
	    (struct CMUnitTest)PLACED(test_power_cut_at_every_write);
	unit_tests[unit_n++] =
	    (struct CMUnitTest)PLACED(test_power_cuts_in_a_row);
	unit_tests[unit_n++] =
	    (struct CMUnitTest)PLACED(test_disk_full_at_every_write);
	unit_tests[unit_n++] = (struct CMUnitTest)PLACED(test_file_size_limit);
	unit_tests[unit_n++] = (struct CMUnitTest)PLACED(test_lock);
	unit_tests[unit_n++] = (struct CMUnitTest)PLACED(test_directories);
	unit_tests[unit_n++] = (struct CMUnitTest)PLACED(test_modes);
	unit_tests[unit_n++] = (struct CMUnitTest)PLACED(test_time_is_kept);
	return unit_end();
}
