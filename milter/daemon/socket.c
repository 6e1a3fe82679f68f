/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The listening socket. libmilter removes any existing Unix socket, also one
 * that a live milter listens on, and knows nothing of groups; and it has no
 * way to stop listening that does not reset running transactions.
 */
#include "daemon/socket.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/user.h"

#define MTA_GROUP "postfix"

static bool
somebody_listens(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool answered;

	if (fd < 0)
		return false;
	memcpy(to.sun_path, path, strlen(path) + 1);
	answered = connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
	(void)close(fd);
	return answered;
}

static int
remove_stale(const struct listen *l, struct err *err)
{
	struct stat st;

	if (lstat(l->path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, "%s: exists and is no socket", l->path);
	if (somebody_listens(l->path))
		return err_set(
		    err, "%s: another process listens on it", l->path);
	if (unlink(l->path))
		return err_errno(err, "%s", l->path);
	return 0;
}

/* (gid_t)-1 leaves the group as it is. 0, or -1. */
static int
socket_gid(const struct daemon_options *o, gid_t *gid, struct err *err)
{
	*gid = group_id(o->socket_group[0] ? o->socket_group : MTA_GROUP);
	if (*gid == (gid_t)-1 && o->socket_group[0])
		return err_set(
		    err, "socket_group: no group %s", o->socket_group);
	return 0;
}

int
socket_prepare(
    const struct listen *l, const struct daemon_options *o, struct err *err)
{
	gid_t gid;

	(void)umask(077);
	if (l->family != LISTEN_UNIX)
		return 0;
	if (remove_stale(l, err) || socket_gid(o, &gid, err))
		return -1;
	(void)umask(0777 & ~(mode_t)o->socket_mode);
	if (geteuid() == 0 && gid != (gid_t)-1 && setegid(gid))
		return err_errno(err, "group of %s", l->path);
	return 0;
}

int
socket_finish(
    const struct listen *l, const struct daemon_options *o, struct err *err)
{
	gid_t gid;

	(void)umask(077);
	if (l->family != LISTEN_UNIX)
		return 0;
	if (geteuid() == 0) {
		if (setegid(getgid()) ||
		    (o->user[0] &&
			chown(l->path, user_id(o->user), (gid_t)-1)))
			return err_errno(err, "%s: owner", l->path);
		return 0;
	}
	/* Without root the group only counts when we are in it. */
	if (socket_gid(o, &gid, err))
		return -1;
	if (chown(l->path, (uid_t)-1, gid) && o->socket_group[0])
		return err_errno(err, "%s: group", l->path);
	return 0;
}

int
socket_listener(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;
	int found = -1;

	while (dir && (e = readdir(dir))) {
		int fd = (int)strtol(e->d_name, NULL, 10), listens = 0;
		socklen_t len = sizeof(listens);

		if (e->d_name[0] != '.' &&
		    getsockopt(
			fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 &&
		    listens)
			found = fd;
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

void
socket_no_delay(int listener, const struct listen *l)
{
	const int on = 1;

	if (l->family != LISTEN_UNIX && listener >= 0)
		(void)setsockopt(
		    listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void
socket_quiet(int listener, const struct listen *l)
{
	/* A name of the kernel's choosing, which nobody knows. */
	struct sockaddr_un nobody = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	int old = listener >= 0 ? dup(listener) : -1;

	if (l->family == LISTEN_UNIX)
		(void)unlink(l->path);
	if (fd < 0 || old < 0)
		goto out;
	/* libmilter would wait in accept, holding a lock. */
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	/*
	 * The poll that libmilter is in keeps the old socket, and clients
	 * would come to it for seconds more; the next assayd could not open
	 * the same port.
	 */
	if (bind(fd, (const struct sockaddr *)&nobody, sizeof(sa_family_t)) ==
		0 &&
	    listen(fd, 1) == 0 && dup2(fd, listener) >= 0)
		(void)shutdown(old, SHUT_RDWR);
out:
	if (fd >= 0)
		(void)close(fd);
	if (old >= 0)
		(void)close(old);
}
