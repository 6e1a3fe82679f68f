/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: one thread, a bounded number of clients, each with a
 * deadline. Root and the service user may ask anything; members of
 * control_group, who can connect as well, only for the status. A client that
 * says nothing gives its place to one that comes.
 */
#ifndef ASSAY_CONTROL_SERVER_H
#define ASSAY_CONTROL_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct control_server;

/* What the server asks of the daemon. Called in its thread; none may block. */
struct control_hooks {
	void *arg;
	/* Appends the lines of status.h. */
	void (*status)(void *arg, struct buf *out);
	/* Starts a reload, and says which one it is. */
	uint64_t (*reload)(void *arg);
	/*
	 * Is it, or a later one, done? Then how it went, and lines ("why TAB
	 * text"). control_server_wake tells that something may be.
	 */
	bool (*reloaded)(void *arg, uint64_t which, bool *ok, struct buf *out);
	/* Begins to end the process. */
	void (*drain)(void *arg);
	/* Grows at least every second while the thread is well. */
	atomic_uint_fast64_t *beats;
	/* Has it ended but for the exit? As with reloaded. */
	bool (*drained)(void *arg, bool *ok, struct buf *out);
};

/*
 * Opens the socket at path, mode 0600, or 0660 and of this group. A directory
 * that is missing is made when its parent is there. Both belong to owner when
 * root asks ((uid_t)-1: nobody else). Returns the descriptor, or -1 and err.
 */
MUST_CHECK int control_bind(
    const char *path, uid_t owner, gid_t group, struct err *);

/*
 * Serves the descriptor, which it owns from now on. (gid_t)-1: no group.
 * NULL and err: no memory, no thread.
 */
MUST_CHECK struct control_server *control_server_new(
    int fd, gid_t group, const struct control_hooks *, struct err *);
/* From any thread. NULL is fine. */
void control_server_wake(struct control_server *);
/* Ends the thread, half a second after what is to be written at the latest. */
void control_server_free(struct control_server *);

#endif
