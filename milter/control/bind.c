/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket in the file system. See server.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/server.h"

#define BACKLOG 64

/* /run/assay, which systemd makes and nobody else would. */
static void
make_directory(const char *path, uid_t owner)
{
	struct sockaddr_un at;
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len == 0)
		return;
	memcpy(at.sun_path, path, len);
	at.sun_path[len] = '\0';
	if (mkdir(at.sun_path, 0755))
		return;
	/* umask is 077 by now; what is in there has its own mode. */
	(void)chmod(at.sun_path, 0755);
	if (geteuid() == 0 && owner != (uid_t)-1)
		(void)!chown(at.sun_path, owner, (gid_t)-1);
}

/* A socket that nobody serves is what a crash has left. */
static int
remove_stale(const struct sockaddr_un *to, struct err *err)
{
	struct stat st;
	bool answered;
	int fd;

	if (lstat(to->sun_path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(
		    err, "%s: exists and is no socket", to->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return err_errno(err, "socket");
	/* One whose backlog is full (EAGAIN) is served as well. */
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	answered =
	    connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 ||
	    errno == EAGAIN;
	(void)close(fd);
	if (answered)
		return err_set(
		    err, "%s: another process listens on it", to->sun_path);
	return unlink(to->sun_path) ? err_errno(err, "%s", to->sun_path) : 0;
}

static int
open_at(int fd, const struct sockaddr_un *to, uid_t owner, gid_t group,
    struct err *err)
{
	bool shared = group != (gid_t)-1;
	mode_t before = umask(0177);
	int bound = bind(fd, (const struct sockaddr *)to, sizeof(*to));

	(void)umask(before);
	if (bound)
		return err_errno(err, "%s", to->sun_path);
	/* Before anybody can connect: the group first, then its right. */
	if ((geteuid() == 0 || shared) &&
	    chown(to->sun_path, geteuid() == 0 ? owner : (uid_t)-1, group))
		return err_errno(err, "%s: owner", to->sun_path);
	if (shared && chmod(to->sun_path, 0660))
		return err_errno(err, "%s: mode", to->sun_path);
	if (listen(fd, BACKLOG))
		return err_errno(err, "%s", to->sun_path);
	return 0;
}

int
control_bind(const char *path, uid_t owner, gid_t group, struct err *err)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(to.sun_path))
		return err_set(err, "%s: longer than a socket may be", path);
	memcpy(to.sun_path, path, len + 1);
	make_directory(path, owner);
	if (remove_stale(&to, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return err_errno(err, "socket");
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (open_at(fd, &to, owner, group, err) == 0)
		return fd;
	(void)close(fd);
	return -1;
}
