/* SPDX-License-Identifier: BSD-2-Clause */
/* The signing and key tables that the configuration names. */
#ifndef ASSAY_CONFIG_TABLES_H
#define ASSAY_CONFIG_TABLES_H

#include "base/buf.h"
#include "config/config.h"

/*
 * Reads both tables into c->tables, unless none is named. Faults of their
 * lines are appended to errors, and what is strange to c->remarks. path is
 * the configuration's, for messages.
 */
void tables_load(struct config *, const char *path, struct buf *errors);

/* The file that signing_table or key_table names, without what it is. */
const char *table_path(const char *value);

#endif
