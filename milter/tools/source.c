/* SPDX-License-Identifier: BSD-2-Clause */
/* See source.h. */
#include "tools/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tools/env.h"

#define FILE_MAX_OCTETS (1u << 30)
#define PATH_OCTETS 4096

static const struct slice from_line = {"From ", 5};

struct giving {
	source_fn *fn;
	void *arg;
	struct err *err;
};

/* --- one message -------------------------------------------------------------- */

/* Mail stores keep LF; an MTA sends CRLF, and that is what was signed. */
static void
add_crlf(struct buf *out, struct slice s)
{
	while (s.len) {
		size_t n = slice_find(s, '\n');
		struct slice line = slice_upto(s, n);

		buf_add(out, line);
		if (n == s.len)
			return;
		if (line.len == 0 || line.ptr[line.len - 1] != '\r')
			buf_addc(out, '\r');
		buf_addc(out, '\n');
		s = slice_from(s, n + 1);
	}
}

static int
give(const struct giving *g, const char *name, size_t number,
    struct slice given)
{
	struct buf text = BUF_INIT(2u * FILE_MAX_OCTETS);
	struct source_message m = {name, number, SLICE_EMPTY, given};
	int rc = -1;

	add_crlf(&text, given);
	m.text = buf_slice(&text);
	if (buf_status(&text))
		(void)err_no_mem(g->err);
	else
		rc = g->fn(g->arg, &m, g->err);
	buf_free(&text);
	return rc;
}

/* --- mbox ------------------------------------------------------------------------ */

/* Where the next message begins: "From " at the front, or after a blank line. */
static size_t
next_from(struct slice s)
{
	bool blank = false;
	size_t at = 0;

	while (at < s.len) {
		struct slice rest = slice_from(s, at);
		size_t n = slice_find(rest, '\n');
		struct slice line = slice_trim(slice_upto(rest, n));

		if (blank && slice_starts(rest, from_line))
			return at;
		blank = line.len == 0;
		at += n < rest.len ? n + 1 : n;
	}
	return s.len;
}

/* ">From " was "From ", ">>From " was ">From ". */
static void
unquote(struct buf *out, struct slice s)
{
	while (s.len) {
		size_t n = slice_find(s, '\n'), quotes = 0;
		struct slice line = slice_upto(s, n < s.len ? n + 1 : n);

		while (quotes < line.len && line.ptr[quotes] == '>')
			quotes++;
		if (quotes &&
		    slice_starts(slice_from(line, quotes), from_line))
			buf_add(out, slice_from(line, 1));
		else
			buf_add(out, line);
		s = slice_from(s, line.len);
	}
}

/* The line end before the next "From " is the store's. */
static struct slice
without_last_line(struct slice s)
{
	if (s.len && s.ptr[s.len - 1] == '\n')
		s.len--;
	if (s.len && s.ptr[s.len - 1] == '\r')
		s.len--;
	return s;
}

static int
mbox(const struct giving *g, const char *name, struct slice s)
{
	size_t number = 0;
	int rc = 0;

	while (s.len && rc == 0) {
		struct buf text = BUF_INIT(FILE_MAX_OCTETS);
		size_t end = next_from(s), line = slice_find(s, '\n');
		struct slice all = slice_upto(s, end);

		if (line < all.len)
			unquote(&text,
			    without_last_line(slice_from(all, line + 1)));
		rc = buf_status(&text)
		    ? err_no_mem(g->err)
		    : give(g, name, ++number, buf_slice(&text));
		buf_free(&text);
		s = slice_from(s, end);
	}
	return rc;
}

/* --- files, directories -------------------------------------------------------------- */

int
source_text(const char *name, struct slice text, source_fn *fn, void *arg,
    struct err *err)
{
	const struct giving g = {fn, arg, err};

	if (slice_starts(text, from_line))
		return mbox(&g, name, text);
	return give(&g, name, 0, text);
}

static int
file(const struct giving *g, const char *path)
{
	struct buf text;
	int rc;

	if (!strcmp(path, "-") && isatty(STDIN_FILENO))
		(void)fprintf(stderr,
		    "assay: reading a message from the terminal, to ^D\n");
	rc = env_read(path, FILE_MAX_OCTETS, &text, g->err);

	if (rc == 0)
		rc =
		    source_text(path, buf_slice(&text), g->fn, g->arg, g->err);
	buf_free(&text);
	return rc;
}

static int
is_message(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int
directory(const struct giving *g, const char *path, const char *sub)
{
	char name[PATH_OCTETS];
	struct dirent **entries;
	int n, rc = 0;

	(void)snprintf(name, sizeof(name), "%s/%s", path, sub);
	n = scandir(name, &entries, is_message, alphasort);
	if (n < 0 && errno == ENOENT)
		return err_set(g->err,
		    "%s: is a directory, and no Maildir: there is no %s in it",
		    path, sub);
	if (n < 0)
		return err_errno(g->err, "%s", name);
	for (int i = 0; i < n; i++) {
		int len = snprintf(name, sizeof(name), "%s/%s/%s", path, sub,
		    entries[i]->d_name);

		if (rc == 0 && len > 0 && (size_t)len < sizeof(name))
			rc = file(g, name);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int
source_each(const char *path, source_fn *fn, void *arg, struct err *err)
{
	const struct giving g = {fn, arg, err};
	struct stat st;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISDIR(st.st_mode))
		return file(&g, path);
	if (directory(&g, path, "cur"))
		return -1;
	return directory(&g, path, "new");
}
