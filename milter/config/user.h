/* SPDX-License-Identifier: BSD-2-Clause */
/* The service user that the configuration names. */
#ifndef ASSAY_CONFIG_USER_H
#define ASSAY_CONFIG_USER_H

#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * Becomes user, with group (empty: the user's own) and the user's further
 * groups, when the process is root; nothing of root is left. When it is not,
 * a user other than itself is an error. An empty user changes nothing. 0, -1.
 */
MUST_CHECK int user_become(
    const char *user, const char *group, struct err *err);

/*
 * For a tool that root runs and that is to be refused what user is refused:
 * user's effective id until user_leave. Does nothing when the process is not
 * root, or user is empty or no user of this machine. 0, -1.
 */
MUST_CHECK int user_enter(const char *user, struct err *err);
void user_leave(void);

/* The id of a user; (uid_t)-1 when there is no such user. */
uid_t user_id(const char *user);
/* The id of a group; (gid_t)-1 when there is no such group. */
gid_t group_id(const char *group);

#endif
