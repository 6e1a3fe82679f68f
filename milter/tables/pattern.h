/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of a refile: table. */
#ifndef ASSAY_TABLES_PATTERN_H
#define ASSAY_TABLES_PATTERN_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * Does the pattern fit all of text? A * stands for any octets, none too; any
 * other octet for itself. Takes at most pattern.len * text.len steps.
 */
bool pattern_fits(struct slice pattern, struct slice text);

#endif
