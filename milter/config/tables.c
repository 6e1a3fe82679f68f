/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of signing_table and key_table. The first word tells how keys are
 * looked up, as OpenDKIM's data sets have it: none or file: as they stand,
 * refile: as patterns.
 */
#include "config/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "keys/pem.h"
#include "mail/limits.h"
#include "tables/keytable.h"
#include "tables/signtable.h"

struct loading {
	struct config *config;
	const char *path;
	struct buf *errors;
};

static void
complain(const struct loading *l, const char *option, const char *what)
{
	buf_addf(l->errors, "%s: %s: %s\n", l->path, option, what);
}

/* The file's text, on the arena of the tables. */
static int
read_text(
    struct arena *arena, const char *path, struct slice *out, struct err *err)
{
	/* A FIFO nobody writes to must not hold the start. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rc = -1;
	struct stat st;
	long len = -1;
	char *text;

	if (fd < 0 || fstat(fd, &st)) {
		(void)err_errno(err, "%s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)LIMIT_TABLE_OCTETS) {
		(void)err_set(err, "%s: no file of at most %u octets", path,
		    LIMIT_TABLE_OCTETS);
		goto out;
	}
	text = arena_alloc(arena, (size_t)st.st_size + 2);
	if (text)
		len = file_read(fd, text, (size_t)st.st_size + 2, err);
	else
		(void)err_no_mem(err);
	if (len < 0)
		goto out;
	*out = slice_of(text, (size_t)len);
	rc = 0;
out:
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

const char *
table_path(const char *value)
{
	const char *slash = strchr(value, '/');

	return slash ? slash : value;
}

/* What the value of an option names. */
static int
open_source(const struct loading *l, const char *option, const char *value,
    struct table_source *source)
{
	struct slice name = slice_z(value);
	struct err err = ERR_INIT;

	*source = (struct table_source){
	    .kind = slice_starts(name, SLICE_LIT("refile:")) ? TABLE_REFILE
							     : TABLE_FILE,
	    .name = table_path(value),
	    .faults = l->errors,
	    .remarks = &l->config->remarks};
	if (source->name[0] != '/')
		return -1; /* check_table has said so */
	if (read_text(l->config->tables, source->name, &source->text, &err)) {
		complain(l, option, err.text);
		return -1;
	}
	return 0;
}

static void
load(const struct loading *l)
{
	const struct daemon_options *o = &l->config->daemon;
	struct table_source keys, signs;
	struct err err = ERR_INIT;
	struct keytable *kt;
	struct signtable *st;
	int bad = open_source(l, "key_table", o->key_table, &keys);

	bad |= open_source(l, "signing_table", o->signing_table, &signs);
	if (bad)
		return;
	if (keytable_parse(&keys, l->config->tables, &kt, &err) ||
	    signtable_parse(&signs, kt, l->config->tables, &st, &err)) {
		complain(l, "signing_table", err.text);
		return;
	}
	l->config->engine.keytable = kt;
	l->config->engine.signtable = st;
}

void
tables_load(struct config *c, const char *path, struct buf *errors)
{
	const struct loading l = {c, path, errors};
	bool signs = c->daemon.signing_table[0] != '\0';

	if (!signs && !c->daemon.key_table[0])
		return;
	if (!signs || !c->daemon.key_table[0]) {
		complain(&l, signs ? "key_table" : "signing_table",
		    "is missing: signing_table and key_table go together");
		return;
	}
	c->tables = arena_new(LIMIT_TABLE_ARENA);
	if (c->tables)
		load(&l);
	else
		buf_addz(errors, "out of memory\n");
}
