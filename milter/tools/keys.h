/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of assay keys share. */
#ifndef ASSAY_TOOLS_KEYS_H
#define ASSAY_TOOLS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "keys/publish.h"
#include "keys/run.h"
#include "tools/args.h"

struct importing;

struct keys_tool {
	/* as typed */
	const char *config_path, *key_dir;
	bool dry, json, yes, emergency;
	const char *const *args;
	size_t nargs;
	/* made by keys_open */
	struct config *config;
	struct log *log;
	struct keys_env env;
	struct vault vault;
	size_t nlines; /* told so far */
	bool planning;
	const char *member;        /* of the JSON object, being written */
	struct importing *imports; /* keys_import.c's own */
};

/*
 * Each returns the exit status. The store is open and locked, by the service
 * user, but for repair, which is root's.
 */
int keys_init(struct keys_tool *);
int keys_list(struct keys_tool *);
int keys_rotate(struct keys_tool *);
int keys_publish(struct keys_tool *);
int keys_check(struct keys_tool *);
int keys_import(struct keys_tool *);
/* Before root is given up: reads the files to import. */
int keys_import_read(struct keys_tool *);
int keys_export(struct keys_tool *);
int keys_revoke(struct keys_tool *);
int keys_remove(struct keys_tool *);
int keys_repair(struct keys_tool *);
int keys_new(struct keys_tool *);

/* "assay keys: WHY" to standard error. Returns 1. */
int keys_fail(const struct err *);
/* The i-th argument as a domain. 0, or -1 and err. */
MUST_CHECK int keys_domain_argument(
    const struct keys_tool *, size_t i, struct domain *, struct err *);
/* -1 and err when a domain that was named has no keys at all. */
MUST_CHECK int keys_known(
    const struct keys_tool *, const struct keys_view *, struct err *err);
/* The domains named, or all there are. The caller frees. NULL: none. */
struct domain *keys_domains(struct keys_tool *, size_t *n, struct err *);
/*
 * Says what will be done (a dry run of one domain), then does it unless this
 * is all that was asked for. 0, or -1 and err.
 */
MUST_CHECK int keys_plan_and_run(
    struct keys_tool *, const struct domain *, struct err *);
/* Begin and end of what is told, as text or as JSON. */
void keys_heading(struct keys_tool *, const char *text, const char *member);
void keys_end(struct keys_tool *);
/* A line of it; the first argument is the struct keys_tool. */
void keys_tell(void *, const char *line);
/* The records of a domain for zone file, panel and customer. */
MUST_CHECK int keys_print_records(
    struct keys_tool *, const struct domain *, struct err *);
/* Does the person mean it? --yes, or the answer at a terminal. */
bool keys_confirm(const struct keys_tool *, const char *what);

#endif
