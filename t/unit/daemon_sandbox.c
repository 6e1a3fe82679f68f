/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sandbox from inside: each row is a child that goes in and tries one
 * thing. Where the kernel has no such walls there is nothing to see.
 */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "daemon/privileges.h"
#include "daemon/signals.h"
#include "scratch.h"
#include "unit.h"

static char home[] = "/tmp/assay-sandbox-XXXXXX";

/* What a child tries: 0, or errno. */
typedef int attempt_fn(void);

static int
result(long rc)
{
	return rc < 0 ? errno : 0;
}

static int
open_in(const char *name, int flags)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", home, name);
	fd = open(path, flags, 0600);
	return result(fd);
}

static int
try_exec(void)
{
	static char name[] = "/bin/true";
	char *argv[] = {name, NULL};

	return result(execve(name, argv, NULL));
}

static int
try_execveat(void)
{
	static char name[] = "/bin/true";
	char *argv[] = {name, NULL};

	return result(syscall(SYS_execveat, AT_FDCWD, name, argv, NULL, 0));
}

static int
try_fork(void)
{
	return result(fork());
}

static int
try_vfork(void)
{
	return result(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int
try_clone3(void)
{
	return result(syscall(435, NULL, 0));
}

static int
try_ptrace(void)
{
	return result(ptrace(PTRACE_ATTACH, getppid(), 0, 0));
}

static int
try_memory(void)
{
	return result(
	    syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0));
}

static int
try_parents_memory(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%ld/mem", (long)getppid());
	return result(open(path, O_RDWR));
}

static int
try_kill(void)
{
	return result(kill(getppid(), 0));
}

static int
try_tgkill(void)
{
	return result(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int
try_own_signal(void)
{
	(void)signal(SIGUSR1, SIG_IGN);
	return result(raise(SIGUSR1));
}

static int
try_read_config(void)
{
	return open_in("conf/assay.conf", O_RDONLY);
}

static int
try_write_config(void)
{
	return open_in("conf/assay.conf", O_WRONLY);
}

static int
try_read_outside(void)
{
	return open_in("outside/file", O_RDONLY);
}

static int
try_write_outside(void)
{
	return open_in("outside/new", O_WRONLY | O_CREAT);
}

static int
try_passwd(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int
try_write_keys(void)
{
	return open_in("keys/new", O_WRONLY | O_CREAT);
}

static int
try_link(bool hard)
{
	char from[256], to[256];

	(void)snprintf(from, sizeof(from), "%s/outside/file", home);
	(void)snprintf(to, sizeof(to), "%s/keys/taken", home);
	return result(hard ? link(from, to) : rename(from, to));
}

static int
try_hard_link(void)
{
	return try_link(true);
}

static int
try_rename(void)
{
	return try_link(false);
}

static int
try_symlink(void)
{
	char to[256];

	(void)snprintf(to, sizeof(to), "%s/keys/symlink", home);
	return result(symlink("/etc/passwd", to));
}

/* Landlock has nothing to say of modes. */
static int
try_mode(void)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/outside/file", home);
	return result(chmod(path, 0666));
}

static int
try_remove_outside(void)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/outside/file", home);
	return result(unlink(path));
}

static int
try_netlink(void)
{
	return result(socket(16, SOCK_RAW, 0));
}

static int
try_tcp(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

static int
try_smtp(void)
{
	return try_tcp(25);
}

/* Nobody listens, but that is all that is in the way. */
static int
try_dns(void)
{
	int e = try_tcp(9);

	return e == ECONNREFUSED ? 0 : e;
}

static int
try_listen(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(bind(fd, (struct sockaddr *)&at, sizeof(at)));
}

static int
try_udp(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return result(bind(fd, (struct sockaddr *)&at, sizeof(at)));
}

static int
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
try_code_later(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
try_typing(void)
{
	return result(ioctl(0, TIOCSTI, "x"));
}

static int
try_limits(void)
{
	const struct rlimit r = {1, 1};

	return result(setrlimit(RLIMIT_CPU, &r));
}

static int
try_dumpable(void)
{
	return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int
try_setuid(void)
{
	return result(syscall(SYS_setuid, 0));
}

static int
try_chroot(void)
{
	return result(chroot("/tmp"));
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
try_thread(void)
{
	pthread_t t;
	int e = pthread_create(&t, NULL, nothing, NULL);

	return e ? e : pthread_join(t, NULL);
}

static int
try_exec_in_thread(void)
{
	pthread_t t;
	int e = pthread_create(
	    &t, NULL, (void *(*)(void *))(uintptr_t)try_exec, NULL);

	return e ? e : pthread_join(t, NULL);
}

/* Not one of our own calls: the number says that the sandbox ended it. */
#define DEAD 1000
/* A sanitizer's runtime does this itself. */
#define NOT_SANITIZED true

struct row {
	const char *name;
	attempt_fn *attempt;
	int want; /* 0, errno, or DEAD */
	const char *call;
	bool sanitizers_may;
	int landlock; /* the version that brought it, when not the first */
};

static const struct row rows[] = {
    {"exec", try_exec, DEAD, "execve", false, 0},
    {"exec in a thread", try_exec_in_thread, DEAD, "execve", false, 0},
    {"execveat", try_execveat, DEAD, "execveat", false, 0},
    {"fork", try_fork, DEAD, "clone", NOT_SANITIZED, 0},
    {"a process by clone", try_vfork, DEAD, "clone", NOT_SANITIZED, 0},
    {"clone3", try_clone3, ENOSYS, NULL, false, 0},
    {"a thread", try_thread, 0, NULL, false, 0},
    {"ptrace", try_ptrace, DEAD, "ptrace", NOT_SANITIZED, 0},
    {"another's memory", try_memory, DEAD, "process_vm_writev", false, 0},
    {"another's memory as a file", try_parents_memory, EACCES, NULL,
	NOT_SANITIZED, 0},
    {"a signal to another", try_kill, DEAD, "kill", NOT_SANITIZED, 0},
    {"a signal to another's thread", try_tgkill, ENOSYS, NULL, false, 0},
    {"a signal to itself", try_own_signal, 0, NULL, false, 0},
    {"to read the configuration", try_read_config, 0, NULL, false, 0},
    {"to write it", try_write_config, EACCES, NULL, false, 0},
    {"to write a key", try_write_keys, 0, NULL, false, 0},
    {"to read elsewhere", try_read_outside, EACCES, NULL, false, 0},
    {"to write elsewhere", try_write_outside, EACCES, NULL, false, 0},
    {"to open another's file to all", try_mode, ENOSYS, NULL, false, 0},
    {"to remove elsewhere", try_remove_outside, EACCES, NULL, false, 0},
    {"to read what all may", try_passwd, EACCES, NULL, false, 0},
    {"to link another's file to a key", try_hard_link, EXDEV, NULL, false, 0},
    {"to move another's file to a key", try_rename, EACCES, NULL, false, 0},
    {"a symbolic link", try_symlink, ENOSYS, NULL, false, 0},
    {"netlink", try_netlink, ENOSYS, NULL, false, 0},
    {"SMTP", try_smtp, EACCES, NULL, false, 4},
    {"DNS by TCP", try_dns, 0, NULL, false, 0},
    {"to listen", try_listen, EACCES, NULL, false, 4},
    {"DNS by UDP", try_udp, 0, NULL, false, 0},
    {"new code", try_code, ENOSYS, NULL, false, 0},
    {"data as code", try_code_later, ENOSYS, NULL, false, 0},
    {"to type for another", try_typing, ENOSYS, NULL, false, 0},
    {"to change its limits", try_limits, ENOSYS, NULL, NOT_SANITIZED, 0},
    {"to allow debuggers", try_dumpable, ENOSYS, NULL, NOT_SANITIZED, 0},
    {"to become root", try_setuid, DEAD, "setuid", false, 0},
    {"chroot", try_chroot, DEAD, "chroot", false, 0},
};

#ifdef ASSAY_SANITIZED
#define SANITIZED true
#else
#define SANITIZED false
#endif

static struct config *
configuration(void)
{
	struct buf text = BUF_INIT(1000), errors = BUF_INIT(1000);
	struct config *c;

	buf_addf(&text,
	    "key_dir = \"%s/keys\"\nlog = syslog\nsyslog_socket = "
	    "\"%s/log\"\nnameservers = { \"127.0.0.1@9\" }\n",
	    home, home);
	if (config_parse(buf_slice(&text), "f", &c, &errors))
		fail_msg("%s", buf_str(&errors));
	buf_free(&text);
	return c;
}

/* In a child: goes in, and returns what comes of it. */
static int
inside(struct config *c, const char *config_path, const struct row *r)
{
	struct err err = ERR_INIT;
	struct log *lg = log_new(&c->daemon.log, &err);
	struct sandbox s;

	if (!lg || privileges_bound(&err) || privileges_drop(&err) ||
	    sandbox_enter(&s, c, config_path, &err) ||
	    signals_last_words(lg, &err)) {
		(void)fprintf(stderr, "# %s\n", err.text);
		return 254;
	}
	if (s.landlock < 1 || s.landlock < r->landlock || !s.seccomp)
		return 253;
	return r->attempt();
}

static int
listen_to_log(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/log", home);
	(void)unlink(at.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* cmocka's word for a test that is skipped is a failure to TAP's readers. */
static void
not_tried(const struct row *r, const char *why)
{
	(void)printf("# %s: not tried, %s\n", r->name, why);
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct config *c = configuration();
	int fd = listen_to_log(), status;
	char path[256], line[1000] = "", want[100];
	pid_t pid;

	if (SANITIZED && r->sanitizers_may) {
		(void)close(fd);
		config_unref(c);
		not_tried(r, "a sanitizer does it itself");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/conf/assay.conf", home);
	pid = fork();
	if (pid == 0)
		_exit(inside(c, path, r));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	config_unref(c);
	(void)recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	(void)close(fd);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 253) {
		not_tried(r, "this kernel has less");
		return;
	}
	if (r->want != DEAD) {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), r->want);
		return;
	}
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	(void)snprintf(want, sizeof(want),
	    "<19>assayd[%ld]: sandbox_violation call=%s", (long)pid, r->call);
	assert_string_equal(line, want);
}

int
main(void)
{
	static const char *const dirs[] = {"conf", "keys", "outside"};
	char path[256];
	FILE *f;
	int rc;

	if (!mkdtemp(home))
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", home, dirs[i]);
		(void)mkdir(path, 0700);
		(void)snprintf(path, sizeof(path), "%s/%s/%s", home, dirs[i],
		    i ? "file" : "assay.conf");
		f = fopen(path, "w");
		if (f)
			(void)fclose(f);
	}
	UNIT_TABLE(rows, check);
	rc = unit_end();
	scratch_remove(home);
	return rc;
}
