/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between record.c and record_*.c: makes the records of a domain. Each is
 * laid over DNS and goes through assay check before it is shown; what check
 * calls an error is never shown.
 */
#ifndef ASSAY_TOOLS_RECORD_H
#define ASSAY_TOOLS_RECORD_H

#include "tools/check.h"

#define RECORD_ENTRIES 64
#define RECORD_TTL_S 3600

struct record_entry {
	struct slice name; /* without its last dot */
	enum dns_type type;
	struct slice text; /* of a CNAME: its target */
	const char *by;    /* who publishes it, when it is not the domain */
};

struct record_tool {
	struct check check; /* its env is the command's, its arena too */
	struct args_rest rest;
	const char *form;
	int64_t ttl_s;
	bool offline; /* check nothing over DNS */
	struct record_entry entries[RECORD_ENTRIES];
	size_t n;
	struct buf remarks; /* lines */
	/* A file that goes with them, and where; empty: none. */
	struct slice file, file_url;
	bool refused; /* and said why */
};

int tool_record_bimi(int argc, char **argv);
int tool_record_dkim(int argc, char **argv);
int tool_record_dmarc(int argc, char **argv);
int tool_record_mta_sts(int argc, char **argv);
int tool_record_senders(int argc, char **argv);
int tool_record_spf(int argc, char **argv);
int tool_record_tls_rpt(int argc, char **argv);

/* The options that each of them has besides its own. */
#define RECORD_ARGS(t) \
	{"form", 0, ARG_TEXT, (void *)&(t)->form, "WHICH", \
	    "zone, panel, both"}, \
	    {"ttl", 0, ARG_NUMBER, &(t)->ttl_s, "SECONDS", \
		"of the records (3600)"}, \
	{ \
		"offline", 0, ARG_FLAG, &(t)->offline, NULL, \
		    "do not look at DNS" \
	}

/* As env_open; the first operand must be a domain. */
MUST_CHECK bool record_open(struct record_tool *, const struct command *,
    int argc, char **argv, int *status);
/*
 * Checks what was added by a part of assay check (NULL: by none), shows it,
 * closes. Findings about something else are in others.
 */
MUST_CHECK int record_close(struct record_tool *, const struct command *,
    void (*part)(struct check *), const enum finding *others, size_t nothers);

/* text is copied. LABEL may be "" (the domain itself). */
void record_add(
    struct record_tool *, const char *label, enum dns_type, struct slice text);
/* The same under a whole name, to be published by somebody else. */
void record_add_for(struct record_tool *, struct slice name, const char *by,
    struct slice text);
void record_remark(struct record_tool *, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* No record comes of it, and why: status 1. */
void record_refuse(struct record_tool *, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

/* Appends "NAME. TTL IN TXT "..." "..."", strings of at most 255 octets. */
void record_zone_line(struct buf *, struct slice name, int64_t ttl_s,
    enum dns_type, struct slice text);

/*
 * "a@b" or "mailto:a@b" as a URI for rua: appended, with ", " before it
 * when there is something. https: as it is, if it may be. False: no address.
 */
MUST_CHECK bool record_add_uri(
    struct buf *, const char *address, bool https_too);

#endif
