/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading what log_json_string and journalctl -o json write: one object (RFC
 * 8259) on one line, its members strings and numbers. Arrays and objects in it
 * are passed over.
 */
#ifndef ASSAY_LOG_JSON_H
#define ASSAY_LOG_JSON_H

#include "base/attr.h"
#include "base/slice.h"
#include "log/pairs.h"

/* Takes "{" off the front. 0, or -1: it is no object. */
MUST_CHECK int json_begin(struct slice *rest);
/*
 * The next member, as pair_next gives it: a string without its escapes (\u00XX
 * is the octet XX), anything else but arrays and objects as it is written;
 * those are empty. 1; 0: "}" was taken, and nothing but blanks follows; -1.
 */
MUST_CHECK int json_next(struct slice *rest, char **room, struct pair *out);

#endif
