/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The signals that end a program at somebody's wish (SIGHUP, SIGINT, SIGQUIT,
 * SIGTERM), held back in one thread while it has something to end first. What
 * is ignored, or has a handler, is left as it is.
 */
#ifndef ASSAY_KEYS_HOLD_H
#define ASSAY_KEYS_HOLD_H

#include <signal.h>
#include <stdbool.h>

/*
 * From here on they wait. A thread made meanwhile never takes them; in a
 * process with others that do, nothing is held.
 */
void hold_begin(sigset_t *before);
/* Is one of those we hold waiting? */
bool hold_called(void);
/* They act again; when one waited, this does not return. */
void hold_end(const sigset_t *before);

#endif
