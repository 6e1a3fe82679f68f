/* SPDX-License-Identifier: BSD-2-Clause */
/* What the journal keeps of a message beyond its line in the log. */
#ifndef ASSAY_ENGINE_RECORD_H
#define ASSAY_ENGINE_RECORD_H

#include "engine/message.h"
#include "log/log.h"

/*
 * Appends it: the policy as published and what aggregate reports (RFC 9990)
 * say of each identifier. Signatures come last, as many as there is room for.
 */
void record_details(struct event *, const struct message *);

#endif
