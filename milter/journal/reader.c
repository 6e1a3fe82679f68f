/* SPDX-License-Identifier: BSD-2-Clause */
/* See reader.h. What a record is, frame.c knows; this brings the octets. */
#include "journal/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/file.h"
#include "journal/frame.h"

#define ROOM (256u * 1024)

struct journal_reader {
	int dir_fd, fd; /* -1: not open */
	uint64_t numbers[LIMIT_JOURNAL_FILES];
	size_t n, next;
	struct frames frames; /* of the file that is open */
	struct journal_damage damage;
	struct slice rest; /* of octets, not looked at yet */
	bool end;
	char octets[ROOM];
};

_Static_assert(ROOM >= 2 * FRAME_MAX, "a record fits after another's rest");

static int
open_dir(struct journal_reader *r, const char *path, struct err *err)
{
	long n;

	r->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd < 0)
		return err_errno(err, "%s", path);
	n = journal_file_list(r->dir_fd, r->numbers, err);
	r->n = n > 0 ? (size_t)n : 0;
	return n < 0 ? -1 : 0;
}

struct journal_reader *
journal_reader_open(const char *path, struct err *err)
{
	struct journal_reader *r = calloc(1, sizeof(*r));
	struct stat st;
	int rc = 0;

	if (!r) {
		(void)err_no_mem(err);
		return NULL;
	}
	r->dir_fd = r->fd = -1;
	if (stat(path, &st)) {
		rc = err_errno(err, "%s", path);
	} else if (S_ISDIR(st.st_mode)) {
		rc = open_dir(r, path, err);
	} else {
		r->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (r->fd < 0)
			rc = err_errno(err, "%s", path);
	}
	if (rc == 0)
		return r;
	journal_reader_close(r);
	return NULL;
}

void
journal_reader_close(struct journal_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->dir_fd >= 0)
		(void)close(r->dir_fd);
	free(r);
}

static void
end_file(struct journal_reader *r)
{
	r->damage.octets += r->frames.octets;
	r->damage.stretches += r->frames.stretches;
	r->damage.files += r->frames.octets != 0;
	r->frames = (struct frames){0};
	r->rest = SLICE_EMPTY;
	r->end = false;
	(void)close(r->fd);
	r->fd = -1;
}

/* 1, or 0: there is none. */
static int
next_file(struct journal_reader *r, struct err *err)
{
	while (r->next < r->n) {
		char name[JOURNAL_NAME_MAX];

		journal_file_name(r->numbers[r->next++], name);
		r->fd = openat(r->dir_fd, name, O_RDONLY | O_CLOEXEC);
		if (r->fd >= 0)
			return 1;
		if (errno != ENOENT)
			return err_errno(err, "%s", name);
	}
	return 0;
}

/* More octets behind the rest, which moves to the front. */
static int
fill(struct journal_reader *r, struct err *err)
{
	size_t len = r->rest.len;
	ssize_t n;

	if (len)
		memmove(r->octets, r->rest.ptr, len);
	do
		n = read(r->fd, r->octets + len, ROOM - len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, "reading the journal");
	r->end = n == 0;
	r->rest = slice_of(r->octets, len + (size_t)n);
	return 0;
}

int
journal_reader_next(
    struct journal_reader *r, struct slice *pairs, struct err *err)
{
	for (;;) {
		if (r->fd < 0) {
			int rc = next_file(r, err);

			if (rc != 1)
				return rc;
		}
		switch (frame_next(&r->frames, &r->rest, r->end, pairs)) {
		case FRAME_WHOLE: return 1;
		case FRAME_DAMAGED: continue;
		case FRAME_MORE: break;
		}
		if (r->end)
			end_file(r);
		else if (fill(r, err))
			return -1;
	}
}

struct journal_damage
journal_reader_damage(const struct journal_reader *r)
{
	struct journal_damage d = r->damage;

	d.octets += r->frames.octets;
	d.stretches += r->frames.stretches;
	d.files += r->frames.octets != 0;
	return d;
}
