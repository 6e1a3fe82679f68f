/* SPDX-License-Identifier: BSD-2-Clause */
/* Between event.c and log.c; nobody else includes it. */
#ifndef ASSAY_LOG_SINK_H
#define ASSAY_LOG_SINK_H

#include "log/log.h"

/* Octets of one line: what syslog daemons take by default. */
#define LOG_LINE_MAX 8000
/* Octets of one value of a peer's, as written. */
#define LOG_PEER_MAX 400

enum log_format log_format(const struct log *);
/* Hands one finished line (no control octets) to the sink. */
void log_line(struct log *, enum log_level, const char *text);

#endif
