/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells the policy what it has to know of a message, and asks it. */
#ifndef ASSAY_ENGINE_POLICING_H
#define ASSAY_ENGINE_POLICING_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

struct engine_options;
struct message;

/* Will a reply of SPF's need the words of the domain's owner? */
bool policing_wants_explanation(const struct engine_options *);
/*
 * Fills disposition and forward, once the verdict is there. Returns 0, or -1:
 * no memory.
 */
MUST_CHECK int policing_decide(struct message *, struct err *);

#endif
