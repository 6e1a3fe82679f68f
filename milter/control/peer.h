/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a Unix socket. */
#ifndef ASSAY_CONTROL_PEER_H
#define ASSAY_CONTROL_PEER_H

#include <sys/types.h>

enum peer_right {
	PEER_NOTHING,
	PEER_LOOK, /* in the group */
	PEER_ALL,  /* root, or who we are ourselves */
};

/* As the kernel saw the peer connect. (gid_t)-1: no group. */
enum peer_right peer_right(int fd, gid_t group);

#endif
