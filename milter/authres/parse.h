/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a whole Authentication-Results field as a consumer does: for tools,
 * and to prove what we write. assayd judges nothing by what it reads here.
 *
 * Takes what RFC 8601 section 2.2 allows and what is in use besides:
 * properties without a ptype ("action=none"), values that should have been
 * quoted, a semicolon at the end. Words the registry does not know are kept;
 * section 2.7.6 wants results with them ignored, which is up to the caller.
 */
#ifndef ASSAY_AUTHRES_PARSE_H
#define ASSAY_AUTHRES_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "authres/words.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"

struct ar_prop {
	struct ar_prop *next;
	struct slice ptype; /* empty when there was none */
	struct slice property;
	struct slice value; /* without quotes, escapes and comments */
	/*
	 * Of a value "[local]@domain": its parts as written, a local part
	 * with its quotes. The domain of any other value is empty.
	 */
	struct slice local, domain;
};

struct ar_result {
	struct ar_result *next;
	struct slice method;
	uint32_t version;   /* of the method; 1 when not given */
	struct slice word;  /* the result as written */
	enum ar_word value; /* AR_NOT_RUN when section 2.7 has no such word */
	struct slice reason;
	struct ar_prop *props;
};

struct ar_field {
	bool valid; /* it could be read; else all the rest is empty */
	struct slice id;
	uint32_t version;
	struct ar_result *results; /* NULL for "none" */
};

/*
 * value is all that follows the colon, folded or not; what is stored points
 * into it or into the arena. Returns 0, or -1: no memory.
 */
MUST_CHECK int ar_field_parse(
    struct slice value, struct arena *, struct ar_field *);

#endif
