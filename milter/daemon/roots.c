/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories, not files: what is edited is put in place by a rename, and the
 * kernel would know the old file only. See roots.h.
 */
#define _DEFAULT_SOURCE /* realpath */
#include "daemon/roots.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/listen.h"
#include "config/tables.h"
#include "tables/keytable.h"

#define PATH_OCTETS 4096

/* --- the list ---------------------------------------------------------------- */

static bool
is_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	if (!strcmp(root, "/"))
		return true;
	return !strncmp(path, root, len) &&
	    (path[len] == '\0' || path[len] == '/');
}

static bool
has(const struct roots *r, const struct root *wanted)
{
	for (size_t i = 0; i < r->n; i++)
		if ((r->items[i].use & wanted->use) == wanted->use &&
		    is_below(wanted->path, r->items[i].path))
			return true;
	return false;
}

/* Takes path, which may be NULL: there is no such file. */
static void
take(struct roots *r, char *path, unsigned use, const char *option)
{
	struct root root = {.path = path, .use = use, .option = option};
	struct root *items = r->items;

	if (use & ROOT_WRITE)
		root.use |= ROOT_READ | ROOT_REMOVE;
	if (!path || has(r, &root)) {
		free(path);
		return;
	}
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;

		items = realloc(r->items, cap * sizeof(*items));
		if (!items) {
			r->no_mem = true;
			free(path);
			return;
		}
		r->items = items;
		r->cap = cap;
	}
	items[r->n++] = root;
}

static void
add(struct roots *r, const char *path, unsigned use, const char *option)
{
	take(r, realpath(path, NULL), use, option);
}

/* The last component, and the slash before it, go; "/" stays. */
static void
cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == path)
		slash++;
	if (slash)
		*slash = '\0';
}

/*
 * Where a file is, and where it really is when it is a link: the first for
 * another file of the name, the second for this one. A "%" stands for what is
 * not known.
 */
static void
add_home(struct roots *r, const char *file, unsigned use, const char *option)
{
	char dir[PATH_OCTETS], *real;

	if (strlen(file) >= sizeof(dir))
		return;
	memcpy(dir, file, strlen(file) + 1);
	dir[strcspn(dir, "%")] = '\0';
	cut_last(dir);
	add(r, dir, use, option);
	real = realpath(file, NULL);
	if (real)
		cut_last(real);
	take(r, real, use, option);
}

/* --- a configuration ------------------------------------------------------------ */

struct key_files {
	struct roots *roots;
	char last[PATH_OCTETS]; /* tables have many files of one place */
};

static void
add_key_file(void *arg, struct slice file, struct slice domain)
{
	struct key_files *k = arg;
	char dir[PATH_OCTETS];
	const char *last;

	if (file.len >= sizeof(dir))
		return;
	memcpy(dir, file.ptr, file.len);
	dir[file.len] = '\0';
	dir[strcspn(dir, "%")] = '\0';
	cut_last(dir);
	last = strrchr(dir, '/');
	if (last && slice_ieqz(domain, last + 1))
		cut_last(dir);
	if (!strcmp(dir, k->last))
		return;
	memcpy(k->last, dir, strlen(dir) + 1);
	add(k->roots, dir, ROOT_READ, "key_table");
}

static void
add_tables(struct roots *r, const struct config *c)
{
	struct key_files k = {.roots = r, .last = ""};

	if (!c->engine.keytable)
		return;
	add_home(r, table_path(c->daemon.signing_table), ROOT_READ,
	    "signing_table");
	add_home(r, table_path(c->daemon.key_table), ROOT_READ, "key_table");
	keytable_each_file(c->engine.keytable, add_key_file, &k);
}

static void
add_fragments(struct roots *r, const struct keys_options *o)
{
	if (o->publish_via == PUBLISH_FILE)
		add_home(r, o->publish_file, ROOT_WRITE, "publish_file");
}

/*
 * Its parents are an administrator's to make. One that is missing all the same
 * counts: what comes there later could not be read.
 */
static void
add_own_dir(struct roots *r, const char *dir, const char *option)
{
	char *real;

	(void)mkdir(dir, 0700);
	real = realpath(dir, NULL);
	take(r, real ? real : strdup(dir), ROOT_WRITE, option);
}

int
roots_of(const struct config *c, const char *config_path, struct roots *r,
    struct err *err)
{
	const struct daemon_options *o = &c->daemon;
	const struct rules *rules = &c->engine.rules;
	struct listen l;

	*r = (struct roots){.n = 0};
	add_own_dir(r, o->key_dir, "key_dir");
	if (o->journal.on)
		add_own_dir(r, o->journal.dir, "journal_dir");
	add_home(r, config_path, ROOT_READ, "the configuration");
	add_fragments(r, &rules->all.keys);
	for (size_t i = 0; i < rules->nsections; i++)
		add_fragments(r, &rules->sections[i].rules.keys);
	add_tables(r, c);
	for (size_t i = 0; i < o->sandbox_read.n; i++)
		add(r, o->sandbox_read.items[i], ROOT_READ, "sandbox_read");
	if (listen_parse(o->socket, &l) == NULL && l.family == LISTEN_UNIX)
		add_home(r, l.path, ROOT_REMOVE, "socket");
	if (o->pid_file[0])
		add_home(r, o->pid_file, ROOT_REMOVE, "pid_file");
	if (o->control_socket[0])
		add_home(r, o->control_socket, ROOT_REMOVE, "control_socket");
	if (!r->no_mem)
		return 0;
	roots_free(r);
	return err_no_mem(err);
}

void
roots_free(struct roots *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->items[i].path);
	free(r->items);
	*r = (struct roots){.n = 0};
}

bool
roots_cover(
    const struct roots *held, const struct roots *wanted, struct buf *why)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct root *w = &wanted->items[i];

		/* These a reload does not change. */
		if (w->use == ROOT_REMOVE || has(held, w))
			continue;
		buf_addf(why, "%s: %s", w->option, w->path);
		return false;
	}
	return true;
}

bool
roots_expose(const struct roots *r, const char *file)
{
	char *real = file[0] ? realpath(file, NULL) : NULL;
	struct root there = {.path = real, .use = ROOT_WRITE};
	bool exposed = real && has(r, &there);

	free(real);
	return exposed;
}
