/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the story of a message is told with. A form has {key} for a value of
 * the entry, shown as printable ASCII, and [...] for what is left out when one
 * of the values in it is missing.
 */
#ifndef ASSAY_TOOLS_WHY_H
#define ASSAY_TOOLS_WHY_H

#include "base/buf.h"
#include "journal/entry.h"

/* What is said when a key has a value; ended by a NULL form. */
struct why_line {
	const char *value; /* "": no value; NULL: any */
	const char *form;
};

/* NULL when none of the lines fits. */
const char *why_form(const struct why_line *, struct slice value);

extern const struct why_line why_iprev[], why_spf[], why_dkim[], why_dmarc[];
/* Of every rule of the policy; a test holds them together. */
extern const struct why_line why_rules[];
extern const struct why_line why_actions[];

/* What would help: every line whose conditions hold is said. */
struct why_help {
	struct {
		enum entry_key key;
		const char *value; /* as in why_line; "!": any value */
	} when[3];                 /* value NULL: no condition */
	const char *form;
};

extern const struct why_help why_help[];

void why_write(struct buf *, const char *form, const struct entry *);

#endif
