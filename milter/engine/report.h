/* SPDX-License-Identifier: BSD-2-Clause */
/* The log line of a message, and the historical lines some readers want. */
#ifndef ASSAY_ENGINE_REPORT_H
#define ASSAY_ENGINE_REPORT_H

#include "engine/message.h"

/*
 * One "verdict" event at info, after message_eom; qid may be empty. With
 * log_compat, the lines of OpenDKIM and OpenDMARC under their names too.
 */
void report_message(const struct message *, const char *qid);

/* A message that ended by our own failure; answer is what the MTA was told. */
void report_error(const struct message *, const char *qid, const struct err *,
    const char *answer);

#endif
