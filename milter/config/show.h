/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration written out again. */
#ifndef ASSAY_CONFIG_SHOW_H
#define ASSAY_CONFIG_SHOW_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/options.h"

/*
 * The value of an option as a file would have it, which reads back to the
 * same value. rules: those of a section, NULL the configuration's own.
 */
void show_value(const struct option *, const struct config *,
    const struct domain_rules *rules, struct buf *out);

/* A text as the file has it, in quotes where it needs them. */
void show_text(const char *, struct buf *);

#endif
