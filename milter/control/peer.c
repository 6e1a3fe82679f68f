/* SPDX-License-Identifier: BSD-2-Clause */
/* Credentials of a peer, by Linux's socket options. See peer.h. */
#define _DEFAULT_SOURCE /* SO_PEERCRED */
#include "control/peer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"

/* What SO_PEERCRED fills; the library hides its struct behind extensions. */
struct credentials {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

#define GROUPS_MAX 1024

/*
 * The further groups. A peer with more than we look at is not in ours, and
 * neither is any where the kernel does not tell.
 */
static bool
in_groups(int fd, gid_t group)
{
	gid_t *groups = calloc(GROUPS_MAX, sizeof(*groups));
	socklen_t len = GROUPS_MAX * sizeof(*groups);
	bool found = false;

	if (groups &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0)
		for (size_t i = 0; i < len / sizeof(*groups); i++)
			found |= groups[i] == group;
	free(groups);
	return found;
}

enum peer_right
peer_right(int fd, gid_t group)
{
	struct credentials c;
	socklen_t len = sizeof(c);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) ||
	    len != sizeof(c))
		return PEER_NOTHING;
	if (c.uid == 0 || c.uid == geteuid())
		return PEER_ALL;
	if (group != (gid_t)-1 && (c.gid == group || in_groups(fd, group)))
		return PEER_LOOK;
	return PEER_NOTHING;
}
