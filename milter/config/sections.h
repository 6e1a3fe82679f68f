/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain sections of the configuration. For config.c only. */
#ifndef ASSAY_CONFIG_SECTIONS_H
#define ASSAY_CONFIG_SECTIONS_H

#include "config/config.h"
#include "config/options.h"
#include "config/split.h"

/*
 * Makes rules of the sections among the statements. What may stand in a
 * section are the options whose rows point into engine.rules.all.
 */
void sections_apply(
    struct config *, const struct statements *, const struct faults *);

/*
 * Options of rotation that do not go together. line: where to look when none
 * of the statements is the one at fault.
 */
void rotation_check(const struct faults *, const struct statements *,
    size_t line, const struct keys_options *);

/* A fault about a name that is no option. */
void config_unknown(const struct faults *, const struct statement *);

#endif
