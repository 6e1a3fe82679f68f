/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * observe = yes: how our results differ from those that the programs before
 * us have stamped, for the log alone.
 */
#ifndef ASSAY_ENGINE_OBSERVE_H
#define ASSAY_ENGINE_OBSERVE_H

#include "base/attr.h"
#include "base/err.h"

struct message;

/*
 * Compares the verdict with every Authentication-Results field that bears an
 * id of ours. Fills message->differences: "METHOD(NAME):THEIRS/OURS", with a
 * comma between, and "-" where one of the two says nothing; "none"; or
 * "unstamped" when there is no such field. Returns 0, or -1: no memory.
 */
MUST_CHECK int observe_compare(struct message *, struct err *);

#endif
