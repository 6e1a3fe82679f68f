/* SPDX-License-Identifier: BSD-2-Clause */
/* The option table as documents: conf/assay.conf and conf/assay.conf.5. */
#ifndef ASSAY_CONFIG_DUMP_H
#define ASSAY_CONFIG_DUMP_H

#include "base/buf.h"

/* The sample: every option with its help, commented out at its default. */
void dump_sample(struct buf *);
/* The options of the manual page, as mdoc(7) sections. */
void dump_mdoc(struct buf *);

#endif
