/* SPDX-License-Identifier: BSD-2-Clause */
/* Would a BIMI logo be shown: the basics of SVG Tiny PS. */
#ifndef ASSAY_TOOLS_SVG_H
#define ASSAY_TOOLS_SVG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#define SVG_OCTETS_MAX (1u << 20) /* what is looked at */
#define SVG_OCTETS_GOOD 32768     /* the profile's own ceiling */

enum svg_fault {
	SVG_OK,
	SVG_NOT_XML,
	SVG_DOCTYPE,
	SVG_DEEP,
	SVG_ROOT,
	SVG_PROFILE, /* not version="1.2" baseProfile="tiny-ps" */
	SVG_TITLE,
	SVG_POSITION, /* x or y on the root */
	SVG_SCRIPT,
	SVG_ELEMENT, /* one that the profile leaves out */
	SVG_EVENT,
	SVG_EXTERNAL,
};

struct svg_report {
	enum svg_fault fault; /* the first */
	char at[64];          /* element or attribute; printable ASCII */
	bool square;          /* by its viewBox */
};

const char *svg_fault_text(enum svg_fault);

/* Asks nobody and reads no file, whatever the text names. */
void svg_check(struct slice text, struct svg_report *out);

#endif
