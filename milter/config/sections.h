/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain sections of the configuration. For config.c only. */
#ifndef ASSAY_CONFIG_SECTIONS_H
#define ASSAY_CONFIG_SECTIONS_H

#include "base/buf.h"
#include "config/config.h"
#include "config/split.h"

/*
 * Makes rules of the sections among the statements. What may stand in a
 * section are the options whose rows point into engine.rules.all. Faults are
 * appended to errors.
 */
void sections_apply(struct config *, const struct statements *,
    const char *path, struct buf *errors);

/* "FILE:LINE: name: what" */
void config_complain(struct buf *errors, const char *path,
    const struct statement *, const char *what);
/* The same about a name that is no option. */
void config_unknown(
    struct buf *errors, const char *path, const struct statement *);

#endif
