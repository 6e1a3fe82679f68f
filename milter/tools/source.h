/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where messages come from: a file, an mbox, a Maildir, standard input. Each
 * is handed on as the wire had it, lines ended by CRLF.
 */
#ifndef ASSAY_TOOLS_SOURCE_H
#define ASSAY_TOOLS_SOURCE_H

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct source_message {
	const char *name;   /* of the file */
	size_t number;      /* in it, from 1; 0: it is alone */
	struct slice text;  /* all lines end with CRLF */
	struct slice given; /* as the file has it */
};

/* Returns 0 to go on, or -1. */
typedef int source_fn(
    void *arg, const struct source_message *, struct err *err);

/*
 * path "-" is standard input. A file that begins with "From " is an mbox (of
 * the kind that writes ">From " for "From " in a text), a directory with cur
 * and new in it a Maildir, in order of its file names. Returns 0, or -1.
 */
MUST_CHECK int source_each(
    const char *path, source_fn *, void *arg, struct err *err);
/* The same of a file's octets. */
MUST_CHECK int source_text(const char *name, struct slice, source_fn *,
    void *arg, struct err *err);

#endif
