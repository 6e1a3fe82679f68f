/* SPDX-License-Identifier: BSD-2-Clause */
/* The system's users and groups: the one file that reads them. */
#define _DEFAULT_SOURCE /* initgroups */
#include "config/user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

static int
become(const char *user, uid_t uid, gid_t gid, struct err *err)
{
	if (geteuid() != 0) {
		if (uid == geteuid())
			return 0;
		return err_set(
		    err, "user = %s: only root can become another user", user);
	}
	if (initgroups(user, gid) || setgid(gid) || setuid(uid))
		return err_errno(err, "user = %s", user);
	/* The way back must be shut. */
	if (uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
		return err_set(err, "user = %s: root was not given up", user);
	return 0;
}

int
user_become(const char *user, const char *group, struct err *err)
{
	const struct passwd *pw;
	gid_t gid;

	if (!user[0])
		return 0;
	pw = getpwnam(user);
	if (!pw)
		return err_set(err, "user = %s: no such user", user);
	gid = group[0] ? group_id(group) : pw->pw_gid;
	if (gid == (gid_t)-1)
		return err_set(err, "group = %s: no such group", group);
	return become(user, pw->pw_uid, gid, err);
}

int
user_enter(const char *user, struct err *err)
{
	uid_t uid = user[0] ? user_id(user) : (uid_t)-1;

	if (getuid() != 0 || uid == (uid_t)-1 || seteuid(uid) == 0)
		return 0;
	return err_errno(err, "user = %s", user);
}

void
user_leave(void)
{
	/* To the real one, which it always may be. */
	(void)seteuid(getuid());
}

uid_t
user_id(const char *user)
{
	const struct passwd *pw = getpwnam(user);

	return pw ? pw->pw_uid : (uid_t)-1;
}

gid_t
group_id(const char *group)
{
	const struct group *g = getgrnam(group);

	return g ? g->gr_gid : (gid_t)-1;
}
