/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a subcommand says, once: as text for people or as JSON, from the same
 * calls. Text is a line a member, indented by depth; JSON has the same members
 * under the same keys. Whatever octets a value has, none of them reaches the
 * terminal but printable ASCII: others are shown as \xHH.
 *
 * Keys are ours ([a-z0-9_]). Trouble with memory is kept: out_finish tells.
 */
#ifndef ASSAY_TOOLS_OUT_H
#define ASSAY_TOOLS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authres/words.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"
#include "tools/progress.h"

#define OUT_DEPTH_MAX 64

enum out_tone {
	OUT_PLAIN,
	OUT_GOOD, /* green */
	OUT_WARN, /* yellow */
	OUT_BAD,  /* red */
	OUT_BOLD,
};

struct out {
	struct buf text;
	bool json, colour;
	struct progress *progress; /* cleared before anything is written */
	size_t depth;
	size_t indent[OUT_DEPTH_MAX + 1];
	bool started[OUT_DEPTH_MAX + 1]; /* has this level a member yet? */
	bool array[OUT_DEPTH_MAX + 1];
};

/* The document is one JSON object; end it with out_finish. */
void out_begin(struct out *, bool json, bool colour);
/* Writes to standard output what is there so far. 0, or -1: it failed. */
MUST_CHECK int out_flush(struct out *);
/* Ends the document, writes and frees it. 0, or -1. */
MUST_CHECK int out_finish(struct out *);

/* --- members --------------------------------------------------------------- */

/* key is NULL inside an array. A text without octets is not written. */
void out_str(struct out *, const char *key, struct slice);
void out_z(struct out *, const char *key, const char *);
void out_num(struct out *, const char *key, int64_t);
void out_bool(struct out *, const char *key, bool);
/* A text of several lines. */
void out_lines(struct out *, const char *key, struct slice);
/* A word that means good or bad. */
void out_tone(struct out *, const char *key, const char *, enum out_tone);
/* A result; AR_NOT_RUN writes nothing. */
void out_result(struct out *, const char *key, enum ar_word);
enum out_tone out_result_tone(enum ar_word);

void out_object(struct out *, const char *key);
void out_array(struct out *, const char *key);
/* An array whose items stand for themselves in text: no title, no indent. */
void out_flat_array(struct out *, const char *key);
void out_close(struct out *);

/* --- text alone, JSON alone -------------------------------------------------- */

/*
 * A line for people, indented; what of it is a peer's must have gone through
 * out_escape. Nothing in JSON.
 */
void out_line(struct out *, enum out_tone, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* Printable ASCII as it is, but backslashes doubled; any other octet \xHH. */
void out_escape(struct buf *, struct slice);
/* To standard error, "assay COMMAND: LINE" of each, escaped. */
void out_complain(const char *command, struct slice lines);

#endif
