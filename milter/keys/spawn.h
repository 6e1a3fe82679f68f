/* SPDX-License-Identifier: BSD-2-Clause */
/* A program run without a shell, with a text to read, and a time limit. */
#ifndef ASSAY_KEYS_SPAWN_H
#define ASSAY_KEYS_SPAWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Runs argv[0] (a path; ended by NULL) with input on its standard input;
 * what it prints, on either output, is appended to said as far as it has room.
 * The child has none of our descriptors. With all its process group it ends
 * when its time is over, the other end of the socket asker is closed (-1:
 * there is none), or a signal would end us (hold.h), which it then does.
 * Returns its exit status; 128 and the number when a signal
 * ended it; -1 and err when it could not be run.
 */
MUST_CHECK int spawn_run(const char *const argv[], struct slice input,
    int64_t limit_ms, int asker, struct buf *said, struct err *err);

#endif
