/* SPDX-License-Identifier: BSD-2-Clause */
/* See watch.h. */
#include "tools/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/pem.h"
#include "tools/env.h"

#define STATE_MAX (64u << 20)
#define LINES_MAX 1000000u

/* --- where ------------------------------------------------------------------------ */

/* Each directory of the path, but for its last part. */
static int
make_directories(char *path, struct err *err)
{
	for (char *p = path + 1; *p; p++) {
		int rc;

		if (*p != '/')
			continue;
		*p = '\0';
		rc = mkdir(path, 0700);
		if (rc && errno != EEXIST)
			(void)err_errno(err, "%s", path);
		*p = '/';
		if (rc && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int
find_path(struct watch *w, const char *path, const char *name, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (path)
		n = snprintf(w->path, sizeof(w->path), "%s", path);
	else if (state && state[0] == '/')
		n = snprintf(
		    w->path, sizeof(w->path), "%s/assay/%s", state, name);
	else if (home && home[0] == '/')
		n = snprintf(w->path, sizeof(w->path),
		    "%s/.local/state/assay/%s", home, name);
	else
		return err_set(
		    err, "no home directory: say where with --state FILE");
	if (n < 0 || (size_t)n >= sizeof(w->path))
		return err_set(err, "the name of the state file is too long");
	return path ? 0 : make_directories(w->path, err);
}

/* --- lines ------------------------------------------------------------------------- */

static void
add_line(struct watch *w, struct watch_lines *l, struct slice line)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct slice *p = l->n < LINES_MAX
		    ? realloc(l->items, cap * sizeof(*p))
		    : NULL;

		if (!p) {
			w->no_memory = true;
			return;
		}
		l->items = p;
		l->cap = cap;
	}
	l->items[l->n++] = line;
}

static void
split_lines(struct watch *w, const struct buf *text, struct watch_lines *l)
{
	struct slice rest = buf_slice(text);
	bool more = rest.len > 0;

	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);

		if (line.len && line.ptr[0] != '#')
			add_line(w, l, line);
	}
}

static int
by_text(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return slice_cmp(*x, *y);
}

static void
sort_lines(struct watch_lines *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), by_text);
	for (size_t i = 0; i < l->n; i++)
		if (i == 0 || !slice_eq(l->items[i], l->items[n - 1]))
			l->items[n++] = l->items[i];
	l->n = n;
}

static bool
is_of(struct slice line, struct slice part)
{
	return slice_starts(line, part) && line.len > part.len &&
	    line.ptr[part.len] == '\t';
}

/* --- the interface ------------------------------------------------------------------- */

int
watch_open(
    struct watch *w, const char *path, const char *name, struct err *err)
{
	*w = (struct watch){
	    .old_text = BUF_INIT(STATE_MAX), .new_text = BUF_INIT(STATE_MAX)};
	if (find_path(w, path, name, err))
		return -1;
	w->first = access(w->path, F_OK) != 0;
	if (!w->first && env_read(w->path, STATE_MAX, &w->old_text, err))
		return -1;
	split_lines(w, &w->old_text, &w->old);
	sort_lines(&w->old);
	return w->no_memory ? err_no_mem(err) : 0;
}

void
watch_free(struct watch *w)
{
	buf_free(&w->old_text);
	buf_free(&w->new_text);
	free(w->old.items);
	free(w->now.items);
}

void
watch_add(struct watch *w, struct slice part, struct slice text)
{
	buf_add(&w->new_text, part);
	buf_addc(&w->new_text, '\t');
	out_escape(&w->new_text, text);
	buf_addc(&w->new_text, '\n');
}

void
watch_keep(struct watch *w, struct slice part)
{
	struct buf kept = BUF_INIT(STATE_MAX);
	struct slice rest = buf_slice(&w->new_text);
	bool more = rest.len > 0;

	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);

		if (line.len && !is_of(line, part)) {
			buf_add(&kept, line);
			buf_addc(&kept, '\n');
		}
	}
	for (size_t i = 0; i < w->old.n; i++) {
		if (is_of(w->old.items[i], part)) {
			buf_add(&kept, w->old.items[i]);
			buf_addc(&kept, '\n');
		}
	}
	buf_free(&w->new_text);
	w->new_text = kept;
}

/* --- the end ------------------------------------------------------------------------ */

static void
show(struct out *o, char sign, struct slice line)
{
	struct buf text = BUF_INIT(STATE_MAX);
	bool more;

	if (o->json) {
		out_object(o, NULL);
		out_z(o, "change", sign == '+' ? "new" : "gone");
		out_str(o, "part", slice_cut(&line, '\t', &more));
		out_str(o, "text", line);
		out_close(o);
		return;
	}
	/* A file may have been tampered with: escaped once more. */
	out_escape(&text, slice_cut(&line, '\t', &more));
	buf_addz(&text, ": ");
	while (more) {
		struct slice piece = slice_cut(&line, '\\', &more);

		out_escape(&text, piece);
		if (more)
			buf_addc(&text, '\\');
	}
	out_line(o, sign == '+' ? OUT_GOOD : OUT_BAD, "%c %.3000s", sign,
	    buf_str(&text));
	buf_free(&text);
}

static long
show_changes(const struct watch *w, struct out *o)
{
	size_t i = 0, k = 0;
	long changes = 0;

	out_array(o, "changes");
	while (i < w->old.n || k < w->now.n) {
		int c = i == w->old.n ? 1
		    : k == w->now.n
		    ? -1
		    : slice_cmp(w->old.items[i], w->now.items[k]);

		if (c < 0)
			show(o, '-', w->old.items[i]);
		else if (c > 0)
			show(o, '+', w->now.items[k]);
		changes += c != 0;
		i += c <= 0;
		k += c >= 0;
	}
	out_close(o);
	return changes;
}

static int
save(const struct watch *w, struct err *err)
{
	struct buf text = BUF_INIT(STATE_MAX);
	int rc;

	buf_addz(&text, "# What assay saw last; see --watch in assay(1).\n");
	for (size_t i = 0; i < w->now.n; i++) {
		buf_add(&text, w->now.items[i]);
		buf_addc(&text, '\n');
	}
	rc = buf_status(&text)
	    ? err_no_mem(err)
	    : file_replace(w->path, text.ptr, text.len, err);
	buf_free(&text);
	return rc;
}

long
watch_end(struct watch *w, struct out *o, struct err *err)
{
	long changes = 0;

	split_lines(w, &w->new_text, &w->now);
	sort_lines(&w->now);
	if (w->no_memory || buf_status(&w->new_text))
		return err_no_mem(err);
	if (!w->first)
		changes = show_changes(w, o);
	/* Nothing new: the file stays, and so does its time. */
	if ((w->first || changes) && save(w, err))
		return -1;
	return changes;
}
