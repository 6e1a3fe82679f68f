/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 6.1 explanations and their RFC 8601 section 2.7.1 words:
 * permerror is what no retry mends, fail a verification that ran and failed,
 * policy what we could verify but do not accept, neutral what we did not
 * process because it is over a ceiling.
 */
#include "dkim/reason.h"

static const struct {
	enum ar_word word;
	const char *text;
} table[] = {
    [DKIM_REASON_NONE] = {AR_PASS, ""},
    [DKIM_REASON_SYNTAX] = {AR_PERMERROR, "signature syntax error"},
    [DKIM_REASON_DUPLICATE_TAG] = {AR_PERMERROR, "duplicate tag"},
    [DKIM_REASON_MISSING_TAG] = {AR_PERMERROR,
	"signature missing required tag"},
    [DKIM_REASON_VERSION] = {AR_PERMERROR, "incompatible version"},
    [DKIM_REASON_ALGORITHM] = {AR_PERMERROR, "unsupported algorithm"},
    /* RFC 8301 section 3.1: such signatures "have permanently failed". */
    [DKIM_REASON_SHA1] = {AR_PERMERROR, "rsa-sha1 must not be used"},
    [DKIM_REASON_BAD_B] = {AR_PERMERROR, "malformed b= tag"},
    [DKIM_REASON_BAD_BH] = {AR_PERMERROR, "malformed bh= tag"},
    [DKIM_REASON_CANON] = {AR_PERMERROR, "unsupported canonicalization"},
    [DKIM_REASON_BAD_D] = {AR_PERMERROR, "malformed d= tag"},
    [DKIM_REASON_BAD_H] = {AR_PERMERROR, "malformed h= tag"},
    [DKIM_REASON_FROM_UNSIGNED] = {AR_PERMERROR, "From field not signed"},
    [DKIM_REASON_BAD_I] = {AR_PERMERROR, "malformed i= tag"},
    [DKIM_REASON_DOMAIN_MISMATCH] = {AR_PERMERROR, "domain mismatch"},
    [DKIM_REASON_BAD_L] = {AR_PERMERROR, "malformed l= tag"},
    [DKIM_REASON_QUERY_METHOD] = {AR_PERMERROR, "unsupported query method"},
    [DKIM_REASON_BAD_S] = {AR_PERMERROR, "malformed s= tag"},
    [DKIM_REASON_BAD_T] = {AR_PERMERROR, "malformed t= tag"},
    [DKIM_REASON_BAD_X] = {AR_PERMERROR, "malformed x= tag"},
    [DKIM_REASON_X_BEFORE_T] = {AR_PERMERROR, "x= not after t="},
    [DKIM_REASON_EXPIRED] = {AR_FAIL, "signature expired"},
    [DKIM_REASON_FUTURE] = {AR_POLICY, "signature from the future"},
    [DKIM_REASON_LIMIT_SIGS] = {AR_NEUTRAL, "too many signatures"},
    [DKIM_REASON_LIMIT_FIELD] = {AR_NEUTRAL, "signature field too long"},
    [DKIM_REASON_LIMIT_TAGS] = {AR_NEUTRAL, "too many tags"},
    [DKIM_REASON_LIMIT_H] = {AR_NEUTRAL, "too many names in h= tag"},
    [DKIM_REASON_LIMIT_HEADER] = {AR_NEUTRAL, "message header too large"},
    [DKIM_REASON_KEY_SERVFAIL] = {AR_TEMPERROR, "key unavailable"},
    [DKIM_REASON_KEY_TIMEOUT] = {AR_TEMPERROR, "key query timed out"},
    [DKIM_REASON_NO_KEY] = {AR_PERMERROR, "no key for signature"},
    [DKIM_REASON_KEY_SYNTAX] = {AR_PERMERROR, "key syntax error"},
    [DKIM_REASON_KEY_VERSION] = {AR_PERMERROR, "incompatible key version"},
    [DKIM_REASON_KEY_SERVICE] = {AR_PERMERROR, "key not meant for email"},
    [DKIM_REASON_KEY_TYPE] = {AR_PERMERROR, "inappropriate key algorithm"},
    [DKIM_REASON_KEY_HASH] = {AR_PERMERROR, "inappropriate hash algorithm"},
    [DKIM_REASON_KEY_DATA] = {AR_PERMERROR, "malformed public key"},
    [DKIM_REASON_KEY_LARGE] = {AR_POLICY, "key too large"},
    /* RFC 8301 section 3.2: below 1024 bits, "permanently failed". */
    [DKIM_REASON_KEY_SMALL] = {AR_PERMERROR, "key too small"},
    [DKIM_REASON_KEY_DOMAIN] = {AR_PERMERROR, "i= below d= but key has t=s"},
    [DKIM_REASON_KEY_REVOKED] = {AR_PERMERROR, "key revoked"},
    [DKIM_REASON_KEY_WEAK] = {AR_POLICY, "key smaller than we accept"},
    [DKIM_REASON_BODY_SHORT] = {AR_FAIL, "body shorter than l= tag"},
    [DKIM_REASON_BODY_HASH] = {AR_FAIL, "body hash did not verify"},
    [DKIM_REASON_SIGNATURE] = {AR_FAIL, "signature did not verify"},
    [DKIM_REASON_BODY_UNSIGNED] = {AR_POLICY, "body partly unsigned"},
    [DKIM_REASON_NOT_ONE_FROM] = {AR_NOT_RUN, "not exactly one From field"},
    [DKIM_REASON_REPEATED_FIELD] = {AR_NOT_RUN, "repeated header field"},
    [DKIM_REASON_BARE_CR_LF] = {AR_NOT_RUN, "CR or LF alone"},
    [DKIM_REASON_NUL] = {AR_NOT_RUN, "NUL in message"},
    [DKIM_REASON_LONG_LINE] = {AR_NOT_RUN, "line too long"},
};

const char *
dkim_reason_text(enum dkim_reason r)
{
	return table[r].text;
}

enum ar_word
dkim_reason_word(enum dkim_reason r)
{
	return table[r].word;
}
