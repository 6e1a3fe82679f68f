/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The methods of Authentication-Results, one row each: how a message is
 * judged by it, and how its result is written. To add one: its room, a field
 * in struct verdict, a row in methods.c.
 */
#ifndef ASSAY_ENGINE_METHODS_H
#define ASSAY_ENGINE_METHODS_H

#include "authres/build.h"
#include "base/attr.h"
#include "base/err.h"

struct message;

/* Fills the verdict, in the order of the table. Returns 0, or -1. */
MUST_CHECK int methods_judge(struct message *, struct err *);
/* Writes every method that ran. */
void methods_stamp(const struct message *, struct authres *);

#endif
