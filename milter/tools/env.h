/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every subcommand stands on: the common options, the configuration, an
 * engine like the daemon's over real DNS or over a file, and the output.
 */
#ifndef ASSAY_TOOLS_ENV_H
#define ASSAY_TOOLS_ENV_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "config/config.h"
#include "dns/inquiry.h"
#include "engine/engine.h"
#include "tools/args.h"
#include "tools/out.h"

struct env_clock {
	struct clock base;
	int64_t now_s; /* 0: the machine's own */
};

struct env {
	/* As the options say. */
	bool json;
	const char *colour, *config_path, *zone_path, *record_path;
	const char *overlay_path;
	int64_t timeout_s;
	struct arg_list servers;
	int64_t now_s;
	/* From env_open on. */
	struct out out;
	struct config *config;
	struct engine engine;
	struct env_clock clock;
	struct resolver *tape; /* NULL: nothing is recorded */
	struct progress *progress;
	char hostname[256];
	bool wrong; /* an argument was: env_wrong */
};

/*
 * Reads the arguments, then opens all of it. True when the command is to run
 * (end it with env_close); else *status is what to exit with.
 */
MUST_CHECK bool env_open(struct env *, const struct command *, int argc,
    char **argv, struct args_rest *, int *status);
/* The same for a command that asks no DNS: of the engine, only the clock. */
MUST_CHECK bool env_open_offline(struct env *, const struct command *,
    int argc, char **argv, struct args_rest *, int *status);
/* Writes the rest of the output; what the command is to exit with. */
MUST_CHECK int env_close(struct env *, int status);

/*
 * An inquiry over its DNS that waits --timeout in all, ENV_PATIENCE_S unless
 * given: nobody looks at a tool for longer. NULL: no memory.
 */
#define ENV_PATIENCE_S 60
MUST_CHECK struct inquiry *env_inquiry(const struct env *, size_t max_queries);

/* When what is to be waited for now must be there: monotonic, ms. */
int64_t env_deadline_ms(const struct env *);

/*
 * From here on these records (zone file text) hold in place of what DNS says
 * of their names. 0, or -1 with err.
 */
MUST_CHECK int env_overlay(struct env *, struct slice text, struct err *);

/*
 * An argument that can't be: "x" is no WHAT. What the command ends with is
 * EXIT_USAGE then. Returns -1 and err.
 */
int env_wrong(
    struct env *, const char *argument, const char *what, struct err *);

/* Says it on standard error; returns EXIT_TROUBLE. */
int env_fail(const struct command *, const struct err *);

/* May it be read, and is it no directory? 0, or -1. */
MUST_CHECK int env_readable(const char *path, struct err *);

/* Reads a file ("-": standard input) of at most max octets. 0, or -1. */
MUST_CHECK int env_read(
    const char *path, size_t max, struct buf *out, struct err *);

#endif
