/* SPDX-License-Identifier: BSD-2-Clause */
/* Small files that are there whole or not at all, after a power cut too. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/pem.h"

static int
write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

/* The directory entry itself must reach the disk as well. */
static int
sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[4096] = ".";
	int fd, rc;

	if (slash && (size_t)(slash - path) < sizeof(dir)) {
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = '\0';
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	(void)close(fd);
	return rc;
}

static int
write_file(const char *path, const void *data, size_t len, bool replace,
    struct err *err)
{
	char tmp[4096];
	int fd, rc = -1;

	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		return err_set(err, "%s: name too long", path);
	fd = mkstemp(tmp); /* mode 0600 */
	if (fd < 0)
		return err_errno(err, "%s", tmp);
	if (write_all(fd, data, len)) {
		(void)err_errno(err, "%s", tmp);
		(void)close(fd);
		goto out;
	}
	if (close(fd)) {
		(void)err_errno(err, "%s", tmp);
		goto out;
	}
	/* link refuses an existing name, rename replaces it; both are atomic. */
	if (replace ? rename(tmp, path) : link(tmp, path)) {
		(void)err_errno(err, "%s", path);
		goto out;
	}
	rc = sync_directory(path) ? err_errno(err, "%s", path) : 0;
out:
	if (rc || !replace)
		(void)unlink(tmp);
	return rc;
}

int
file_write_new(const char *path, const void *data, size_t len, struct err *err)
{
	return write_file(path, data, len, false, err);
}

int
file_replace(const char *path, const void *data, size_t len, struct err *err)
{
	return write_file(path, data, len, true, err);
}

long
file_read(int fd, char *buf, size_t size, struct err *err)
{
	size_t n = 0;

	while (n < size - 1) {
		ssize_t got = read(fd, buf + n, size - 1 - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read");
		if (got == 0) {
			buf[n] = '\0';
			return (long)n;
		}
		n += (size_t)got;
	}
	return err_set(err, "larger than %zu octets", size - 1);
}
