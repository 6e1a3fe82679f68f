/* SPDX-License-Identifier: BSD-2-Clause */
/* The log lines of older programs, for those who read them. */
#ifndef ASSAY_ENGINE_COMPAT_H
#define ASSAY_ENGINE_COMPAT_H

#include "engine/message.h"

/* Those that log_compat asks for, under these programs' names. */
void compat_message(const struct message *, const char *qid);

#endif
