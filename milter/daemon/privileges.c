/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities, by the kernel's own interface: to clear three sets takes one
 * call, which a library would not make shorter. capabilities(7), prctl(2).
 */
#define _DEFAULT_SOURCE /* syscall */
#include "daemon/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int
privileges_bound(struct err *err)
{
	/* EINVAL: this kernel knows no more of them. */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap) == 1 &&
		    prctl(PR_CAPBSET_DROP, cap) && errno != EPERM)
			return err_errno(err, "capability %lu", cap);
	return 0;
}

/* A service manager may have left none, and forbid the call. */
static int
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3],
	    none[_LINUX_CAPABILITY_U32S_3] = {{.effective = 0}};

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &head, has) == 0 &&
	    !memcmp(has, none, sizeof(has)))
		return 0;
	return syscall(SYS_capset, &head, none) ? -1 : 0;
}

int
privileges_drop(struct err *err)
{
	const struct rlimit no_core = {0, 0};

	if (drop_capabilities())
		return err_errno(err, "capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_errno(err, "no_new_privs");
	if (setrlimit(RLIMIT_CORE, &no_core) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return err_errno(err, "core dumps");
	return 0;
}
