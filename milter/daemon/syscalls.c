/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A seccomp filter by libseccomp: seccomp(2), seccomp_rule_add(3).
 *
 * What is not on the list gets ENOSYS, as from a kernel that is too old: a C
 * library that knows a newer call then takes the older one, and mail goes on.
 * To kill for it would end the service on the day a library is updated. What
 * is on the other list no library does: that is not refused quietly, but ends
 * the process with a line in the log. (SECCOMP_RET_KILL would do it without; and
 * SECCOMP_FILTER_FLAG_LOG would have the kernel tell of each thread made, as
 * the C library tries clone3 first.)
 */
#define _DEFAULT_SOURCE /* the numbers of system calls */
#include "daemon/syscalls.h"

#include <errno.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

/* clone's flags are its first argument nearly everywhere. */
#ifdef __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

static const int allowed[] = {
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    /* threads */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(futex_time64),
    SCMP_SYS(gettid),
    SCMP_SYS(membarrier),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    /* signals */
    SCMP_SYS(pause),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(rt_sigtimedwait_time64),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(sigreturn),
    SCMP_SYS(wait4),
    SCMP_SYS(waitpid),
    /* time */
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_getres_time64),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_nanosleep_time64),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(nanosleep),
    SCMP_SYS(time),
    /* descriptors */
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(eventfd2),
    SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64),
    SCMP_SYS(_llseek),
    SCMP_SYS(_newselect),
    SCMP_SYS(lseek),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(ppoll_time64),
    SCMP_SYS(pread64),
    SCMP_SYS(pselect6),
    SCMP_SYS(pselect6_time64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(select),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    /* files: Landlock says which */
    SCMP_SYS(access),
    SCMP_SYS(chdir),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fallocate),
    SCMP_SYS(fchmod),
    SCMP_SYS(fdatasync),
    SCMP_SYS(flock),
    SCMP_SYS(fstat),
    SCMP_SYS(fstat64),
    SCMP_SYS(fstatat64),
    SCMP_SYS(fstatfs),
    SCMP_SYS(fstatfs64),
    SCMP_SYS(fsync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(ftruncate64),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents),
    SCMP_SYS(getdents64),
    SCMP_SYS(link),
    SCMP_SYS(linkat),
    SCMP_SYS(lstat),
    SCMP_SYS(lstat64),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(rmdir),
    SCMP_SYS(stat),
    SCMP_SYS(stat64),
    SCMP_SYS(statfs),
    SCMP_SYS(statfs64),
    SCMP_SYS(statx),
    SCMP_SYS(umask),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    /* sockets: of which kinds, see below */
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(bind),
    SCMP_SYS(connect),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(listen),
    SCMP_SYS(recv),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(send),
    SCMP_SYS(sendfile),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown),
    SCMP_SYS(socketpair),
    /* about itself */
    SCMP_SYS(getegid),
    SCMP_SYS(getegid32),
    SCMP_SYS(geteuid),
    SCMP_SYS(geteuid32),
    SCMP_SYS(getgid),
    SCMP_SYS(getgid32),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(getuid),
    SCMP_SYS(getuid32),
    SCMP_SYS(sysinfo),
    SCMP_SYS(ugetrlimit),
    SCMP_SYS(uname),
#ifdef ASSAY_SANITIZED
    /* What a sanitizer does to report, and to look for leaks at the end. */
    SCMP_SYS(clone),
    SCMP_SYS(kill),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(ptrace),
    SCMP_SYS(tkill),
#endif
};

/* On which only an intruder would come. */
struct never {
	int number;
	const char *name;
};

#define NEVER(call) \
	{ \
		SCMP_SYS(call), #call \
	}
static const struct never never[] = {
    NEVER(execve),
    NEVER(execveat),
    NEVER(fork),
    NEVER(vfork),
#ifndef ASSAY_SANITIZED
    NEVER(ptrace),
    NEVER(kill),
    NEVER(tkill),
#endif
    NEVER(process_vm_readv),
    NEVER(process_vm_writev),
    NEVER(pidfd_getfd),
    NEVER(pidfd_open),
    NEVER(pidfd_send_signal),
    NEVER(rt_sigqueueinfo),
    NEVER(rt_tgsigqueueinfo),
    NEVER(kcmp),
    NEVER(bpf),
    NEVER(perf_event_open),
    NEVER(userfaultfd),
    NEVER(keyctl),
    NEVER(add_key),
    NEVER(request_key),
    NEVER(chroot),
    NEVER(pivot_root),
    NEVER(mount),
    NEVER(umount2),
    NEVER(fsopen),
    NEVER(open_tree),
    NEVER(move_mount),
    NEVER(setns),
    NEVER(unshare),
    NEVER(name_to_handle_at),
    NEVER(open_by_handle_at),
    NEVER(mknod),
    NEVER(mknodat),
    NEVER(setuid),
    NEVER(setgid),
    NEVER(setresuid),
    NEVER(setresgid),
    NEVER(setreuid),
    NEVER(setregid),
    NEVER(setgroups),
    NEVER(capset),
    NEVER(init_module),
    NEVER(finit_module),
    NEVER(delete_module),
    NEVER(kexec_load),
    NEVER(kexec_file_load),
    NEVER(reboot),
    NEVER(swapon),
    NEVER(swapoff),
    NEVER(settimeofday),
    NEVER(clock_settime),
    NEVER(personality),
};

const char *
syscalls_name(int number)
{
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (never[i].number == number)
			return never[i].name;
	/* Allowed, but not with those arguments. */
	return number == SCMP_SYS(clone) ? "clone" : "";
}

static int
add_lists(scmp_filter_ctx f)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(allowed) && rc == 0; i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(never) && rc == 0; i++)
		rc = seccomp_rule_add(f, SCMP_ACT_TRAP, never[i].number, 0);
	return rc;
}

/* Allowed when one argument is one of these. */
static int
add_choice(
    scmp_filter_ctx f, int call, unsigned arg, const long *values, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct scmp_arg_cmp cmp = {.arg = arg,
		    .op = SCMP_CMP_EQ,
		    .datum_a = (scmp_datum_t)values[i]};

		rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, 1, &cmp);
	}
	return rc;
}

/* With action when the bits of mask in an argument are these. */
static int
add_bits(scmp_filter_ctx f, uint32_t action, int call, unsigned arg,
    unsigned mask, unsigned bits)
{
	struct scmp_arg_cmp cmp = {.arg = arg,
	    .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = mask,
	    .datum_b = bits};

	return seccomp_rule_add_array(f, action, call, 1, &cmp);
}

static int
add_by_argument(scmp_filter_ctx f)
{
	static const long families[] = {AF_UNIX, AF_INET, AF_INET6};
	static const long requests[] = {FIONREAD, FIONBIO, TCGETS};
	static const long names[] = {PR_SET_NAME, PR_GET_NAME};
	static const long none[] = {0};
	const long self[] = {getpid()};
	int rc = add_choice(f, SCMP_SYS(socket), 0, families, 3);

	rc = rc ? rc : add_choice(f, SCMP_SYS(ioctl), 1, requests, 3);
	/* abort() and raise(). */
	rc = rc ? rc : add_choice(f, SCMP_SYS(tgkill), 0, self, 1);
	/* Memory is written or run, not both. */
	rc = rc
	    ? rc
	    : add_bits(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	for (int i = 0; i < 2 && rc == 0; i++) {
		int call = i ? SCMP_SYS(mmap2) : SCMP_SYS(mmap);

		rc = add_bits(f, SCMP_ACT_ALLOW, call, 2, PROT_EXEC, 0);
	}
#ifdef ASSAY_SANITIZED
	(void)names;
	(void)none;
	return rc;
#else
	rc = rc ? rc : add_choice(f, SCMP_SYS(prctl), 0, names, 2);
	/* It looks at its limits and changes none. */
	rc = rc ? rc : add_choice(f, SCMP_SYS(prlimit64), 2, none, 1);
	/*
	 * A thread, but no process. clone3 keeps its flags in memory, where a
	 * filter can't look: as it is not there, clone is used.
	 */
	rc = rc ? rc
		: add_bits(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), CLONE_FLAGS,
		      CLONE_THREAD, CLONE_THREAD);
	return rc ? rc
		  : add_bits(f, SCMP_ACT_TRAP, SCMP_SYS(clone), CLONE_FLAGS,
			CLONE_THREAD, 0);
#endif
}

int
syscalls_enter(struct err *err)
{
	scmp_filter_ctx f;
	int rc;

	/* Asked with no filter at all: EFAULT, when there are any. */
	if (prctl(PR_SET_SECCOMP, 2, NULL, 0, 0) && errno != EFAULT) {
		(void)err_errno(err, "seccomp");
		return 0;
	}
	f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!f)
		return err_no_mem(err);
	rc = seccomp_attr_set(
	    f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* All threads, though there should be but one as yet. */
	rc = rc ? rc : seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	/* Found by halving: 150 comparisons a call would be felt. */
	rc = rc ? rc : seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	rc = rc ? rc : add_lists(f);
	rc = rc ? rc : add_by_argument(f);
	rc = rc ? rc : seccomp_load(f);
	seccomp_release(f);
	if (rc == 0)
		return 1;
	errno = -rc;
	return err_errno(err, "seccomp");
}
