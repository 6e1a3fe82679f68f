/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments of a subcommand: a table of options, and what is left over.
 * "--name value", "--name=value", "-n value"; options may stand anywhere,
 * "--" ends them. The help of a subcommand is written from the same table, and
 * so is what "--usage-table" as the first argument prints: lines of fields
 * with a TAB between, from which completions are made and manual pages are
 * checked (conf/update, t/lint/commands.t):
 *	group	COMMAND	SUBCOMMAND	SUMMARY
 *	command	COMMAND	OPERANDS
 *	own	COMMAND	LETTER	NAME	VALUE	HELP	(and common; - for none)
 */
#ifndef ASSAY_TOOLS_ARGS_H
#define ASSAY_TOOLS_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"

#define ARG_LIST_MAX 32
#define ARG_REST_MAX 1000

enum arg_kind {
	ARG_FLAG,   /* bool */
	ARG_TEXT,   /* const char * */
	ARG_NUMBER, /* int64_t, not negative */
	ARG_LIST,   /* struct arg_list: may be given again */
};

struct arg_list {
	const char *items[ARG_LIST_MAX];
	size_t n;
};

struct arg {
	const char *name; /* without its dashes */
	char letter;      /* 0: none */
	enum arg_kind kind;
	void *to;
	const char *value; /* how the help calls it; NULL with a flag */
	const char *help;  /* one line */
};

struct command {
	const char *name;     /* "spf explain" */
	const char *operands; /* "DOMAIN IP" */
	size_t min, max;      /* how many of them */
	const char *about;    /* lines, for the help */
	const struct arg *args;
	size_t nargs;
};

/* A subcommand of a command: "flatten" of "spf", "spf" of "assay". */
struct args_sub {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is its name */
	const char *summary;
};

struct args_rest {
	const char *items[ARG_REST_MAX];
	size_t n;
};

/* What main.c returns; also what scripts see. */
enum exit_status {
	EXIT_GOOD = 0,
	EXIT_BAD = 1,     /* the answer is no, or faults were found */
	EXIT_USAGE = 2,   /* wrong arguments */
	EXIT_TROUBLE = 3, /* there is no answer: a file, DNS, memory */
};

/*
 * Fills what the tables point to: the command's own and the common one. True
 * when the command is to run; else *status is what to exit with (help was
 * asked for, or the arguments are wrong, and this was said).
 */
MUST_CHECK bool args_parse(const struct command *, const struct arg *common,
    size_t ncommon, int argc, char **argv, struct args_rest *, int *status);

/*
 * Hands over to the subcommand that the first argument names, or lists them
 * (name is "" for assay itself). Returns the exit status.
 */
MUST_CHECK int args_group(const char *name, const struct args_sub *, size_t n,
    int argc, char **argv);

#endif
