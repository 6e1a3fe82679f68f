/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The option table: one row an option. The configuration file, the sample and
 * the manual page are all made from these rows.
 */
#ifndef ASSAY_CONFIG_OPTIONS_H
#define ASSAY_CONFIG_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/names.h"
#include "base/slice.h"
#include "config/config.h"
#include "config/split.h"

enum option_type {
	OPTION_STRING,     /* const char * */
	OPTION_BOOL,       /* bool: yes, no */
	OPTION_SIZE,       /* size_t */
	OPTION_UNSIGNED,   /* unsigned */
	OPTION_MODE,       /* unsigned, octal */
	OPTION_SECONDS,    /* int64_t: 30, 30s, 5m, 2h, 7d */
	OPTION_WORD,       /* an enum of names */
	OPTION_FLAGS,      /* unsigned, a list of names that are bits */
	OPTION_STRINGS,    /* struct string_list */
	OPTION_CIDRS,      /* struct cidr_list */
	OPTION_DOMAINS,    /* struct domain_list */
	OPTION_EXCEPTIONS, /* struct exception_list */
};

enum option_reload {
	OPTION_LIVE,    /* a reload changes it */
	OPTION_RESTART, /* only a restart does */
};

struct option {
	const char *group; /* heading in sample and manual */
	const char *name;
	enum option_type type;
	size_t offset;            /* in struct config */
	const char *def;          /* as the file would have it */
	int64_t min, max;         /* numbers and seconds */
	const struct name *names; /* words and flags */
	/* A further check of a string: NULL when fine, else what is wrong. */
	const char *(*check)(const char *value);
	enum option_reload reload;
	const char *help; /* whole sentences */
};

extern const struct option options[];
extern const size_t noptions;

/* NULL when there is no such option. */
const struct option *option_find(struct slice name);
/* The name most like this one, or NULL when none is near. */
const char *option_suggest(struct slice name);

/* May it stand in a domain section? Then its field is in struct domain_rules. */
bool option_by_domain(const struct option *);

/* Where faults go, a line each: "FILE:LINE: option: what". */
struct faults {
	const char *path;
	struct buf *errors;
};

void fault_add(
    const struct faults *, size_t line, struct slice name, const char *what);

/*
 * Stores what a statement says: in the configuration or, with rules, in those
 * of a section. Returns 0, or -1 when anything is wrong with it: all of that
 * is then in faults.
 */
MUST_CHECK int option_set(const struct option *, struct config *,
    struct domain_rules *, const struct statement *, const struct faults *);
/* Stores the default. Returns 0, or -1 (no memory). */
MUST_CHECK int option_default(
    const struct option *, struct config *, struct err *);

#endif
