/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The result words of Authentication-Results (RFC 8601 section 2.7), shared
 * by every method. AR_NOT_RUN has no word and is never written: "none" means
 * that a method ran and found nothing to judge.
 */
#ifndef ASSAY_AUTHRES_WORDS_H
#define ASSAY_AUTHRES_WORDS_H

#include "base/names.h"

enum ar_word {
	AR_NOT_RUN,
	AR_NONE,
	AR_PASS,
	AR_FAIL,
	AR_SOFTFAIL,
	AR_NEUTRAL,
	AR_POLICY,
	AR_TEMPERROR,
	AR_PERMERROR,
};

extern const struct name ar_words[];

/* The word as written; "" for AR_NOT_RUN. */
const char *ar_word(enum ar_word);

#endif
