/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Closed sets and their words: each enum has a table { VALUE, "word" } beside
 * it, ended by { 0, NULL }. Words are compared without regard to ASCII case.
 */
#ifndef ASSAY_BASE_NAMES_H
#define ASSAY_BASE_NAMES_H

#include "base/attr.h"
#include "base/slice.h"

struct name {
	int value;
	const char *word;
};

/* The word of value; NULL when the table has none. */
const char *names_word(const struct name *table, int value);
/* Stores the value of a word and returns 0, or returns -1. */
MUST_CHECK int names_value(const struct name *table, struct slice, int *out);

#endif
