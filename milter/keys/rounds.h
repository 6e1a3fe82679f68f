/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All managed domains in turn: which is due, and which did another process
 * change. What assayd's keeper calls twice a second. One thread.
 */
#ifndef ASSAY_KEYS_ROUNDS_H
#define ASSAY_KEYS_ROUNDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "keys/run.h"

struct rounds;

/* NULL and err: no memory. */
MUST_CHECK struct rounds *rounds_new(struct err *err);
void rounds_free(struct rounds *);

/*
 * Runs each domain below dir that is due. Ends early when *stop is set, and
 * after budget_ms; what was left is due next time. Does nothing while another
 * process has the lock. Errors are logged, once each.
 */
void rounds_go(struct rounds *, const struct keys_env *, const char *dir,
    const struct clock *, int64_t budget_ms, const atomic_bool *stop);

#endif
