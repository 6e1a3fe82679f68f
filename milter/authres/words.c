/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8601 section 2.7 result words. */
#include "authres/words.h"

const struct name ar_words[] = {
    {AR_NONE, "none"},
    {AR_PASS, "pass"},
    {AR_FAIL, "fail"},
    {AR_SOFTFAIL, "softfail"},
    {AR_NEUTRAL, "neutral"},
    {AR_POLICY, "policy"},
    {AR_TEMPERROR, "temperror"},
    {AR_PERMERROR, "permerror"},
    {0, NULL},
};

const char *
ar_word(enum ar_word w)
{
	const char *word = names_word(ar_words, (int)w);

	return word ? word : "";
}
