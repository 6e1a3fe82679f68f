/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of OpenDKIM and OpenDMARC in assayd's words. What is read
 * is collected here: settings, tables, keys, and of every option in the input
 * what became of it and why.
 */
#ifndef ASSAY_IMPORT_IMPORT_H
#define ASSAY_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/names.h"
#include "import/read.h"
#include "tables/lines.h"

enum import_fate {
	IMPORT_KEPT,       /* the same option with the same value */
	IMPORT_TRANSLATED, /* another word for it */
	IMPORT_NOT_NEEDED, /* nothing is lost without it */
	IMPORT_REFUSED,    /* something is, and why */
};
/* "kept", "translated", "not needed", "refused" */
extern const struct name import_fates[];

/* What became of one option in the input. */
struct import_entry {
	const char *file;
	size_t line;
	const char *option;
	enum import_fate fate;
	const char *became; /* "authserv_id = x", or "" */
	const char *why;
};

struct import_setting {
	const char *name;   /* of an option of assay.conf */
	const char *value;  /* one item of it, when it is a list */
	const char *origin; /* "opendkim.conf:12" */
};

/*
 * A key that a table names: its file, or the text of the key itself. It is to
 * be had as name in the directory of keys. Returns 0, or -1 and why.
 */
typedef int import_key_fn(void *arg, struct slice source, bool is_file,
    const char *name, struct err *);

struct import {
	/* Given. */
	struct import_source source;
	import_key_fn *key;
	void *arg;            /* key's */
	const char *key_dir;  /* absolute: where keys will lie */
	const char *hostname; /* what HOSTNAME stands for */
	/* Collected. */
	struct import_entry *entries;
	size_t nentries, entries_cap;
	struct import_setting *settings;
	size_t nsettings, settings_cap;
	const char **sockets; /* of the programs that assayd replaces */
	size_t nsockets;
	struct buf key_table, signing_table; /* "" when there are none */
	bool signing_patterns;               /* it is of kind refile: */
	bool have_dkim, have_dmarc;
	bool no_memory;
};

/*
 * Ready to read; arena must outlive it. import_free frees the rest. A failing
 * memory is remembered: import_status tells.
 */
void import_init(struct import *, const struct import_source *);
void import_free(struct import *);
MUST_CHECK int import_status(const struct import *, struct err *);

/* --- reading --------------------------------------------------------------- */

/* Each returns 0, or -1: the file can't be read. */
MUST_CHECK int import_opendkim(
    struct import *, const char *path, struct err *);
MUST_CHECK int import_opendmarc(
    struct import *, const char *path, struct err *);
/*
 * The variables of Debian's /etc/default/opendkim or opendmarc, name being one
 * of these. Nothing of it is needed but what a command line said.
 */
MUST_CHECK int import_default_file(
    struct import *, const char *path, struct err *);

/* Where both are silent and assayd's default does more than theirs did. */
void import_finish(struct import *);

/* --- writing ---------------------------------------------------------------- */

/*
 * An assay.conf. The tables are named as files in dir, "" for none: for a
 * look at the rest.
 */
void import_write(const struct import *, const char *dir, struct buf *out);

/* --- for the files of this room ---------------------------------------------- */

struct importing {
	struct import *im;
	const struct import_line *line;
	const struct import_lines *lines; /* all of this program's */
	const char *base;                 /* where relative paths begin */
	struct import_entry entry;        /* being made */
};

/* One option that they have. */
struct import_row {
	const char *name;
	enum import_fate fate;
	/* Only when the value says yes; no is not needed. */
	bool flag;
	const char *why;
	/* What there is to do; NULL: the fate says it all. */
	void (*apply)(struct importing *);
};

/* All lines of a program, by its rows. */
void import_apply(struct import *, const struct import_row *, size_t nrows,
    const struct import_lines *);

/* A text on the arena; never NULL. */
const char *import_text(struct import *, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* Another entry in the report: of a line of a table, or of a default. */
void import_tell(struct import *, const struct import_entry *);
/* The line that counts for this option, the last of them, or NULL. */
const struct import_line *import_last(
    const struct import_lines *, const char *name);
/* The first octet decides: 1, 0, or -1. */
int import_boolean(const char *value);

/* The entry of this line ends so. */
void import_refuse(struct importing *, const char *why);
void import_unneeded(struct importing *, const char *why);
/* Sets an option, unless it was set otherwise before: then that is said. */
void import_set_option(
    struct importing *, const char *name, const char *value);
/* Adds an item to an option that is a list, once. */
void import_add_item(struct importing *, const char *name, const char *value);
/* The same with whole data sets; an item at a time. */
void import_add_hosts(
    struct importing *, const char *option, bool skip_loopback);

/* Where the MTA reached them; what of that assayd's socket must be like. */
void import_add_socket(struct importing *);

/* tables.c: Domain, Selector, KeyFile; KeyTable and SigningTable. */
void import_one_key(struct importing *);
void import_tables(struct importing *);

#endif
