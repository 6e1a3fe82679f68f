/* SPDX-License-Identifier: BSD-2-Clause */
/* The closed sets of the room, and their words in configuration and log. */
#ifndef ASSAY_POLICY_WORDS_H
#define ASSAY_POLICY_WORDS_H

#include "base/names.h"

enum action {
	ACTION_ACCEPT,
	ACTION_QUARANTINE,
	ACTION_REJECT,
	ACTION_TEMPFAIL,
};

extern const struct name action_words[];
/* Those an operator may choose for a malformed From field. */
extern const struct name policy_from_words[];

/* The strongest thing that may happen to inbound mail. */
enum policy_enforce {
	ENFORCE_NONE,
	ENFORCE_SHADOW, /* decided as by ENFORCE_REJECT, and only logged */
	ENFORCE_QUARANTINE,
	ENFORCE_REJECT,
	ENFORCE_REJECT_ALWAYS, /* p=reject is ground enough */
};

enum policy_temperror {
	TEMPERROR_ACCEPT,
	TEMPERROR_TEMPFAIL,
};

/* Which failures of SPF alone are a ground for a reject. */
enum policy_spf {
	SPF_REJECT_NO,
	SPF_REJECT_HELO_FAIL,
	SPF_REJECT_MAILFROM_FAIL, /* and that of HELO */
};

enum policy_iprev {
	IPREV_REJECT_NO,
	IPREV_REJECT_NO_PTR,
	IPREV_REJECT_FAIL, /* and no name that leads back */
};

/* The enhanced status code of a DMARC rejection (RFC 7372 section 3.4). */
enum policy_code {
	POLICY_CODE_1,  /* 5.7.1 */
	POLICY_CODE_26, /* 5.7.26 */
};

extern const struct name policy_enforce_words[];
extern const struct name policy_temperror_words[];
extern const struct name policy_spf_words[];
extern const struct name policy_iprev_words[];
extern const struct name policy_code_words[];

/* RFC 9990's reasons for not doing what the author's domain asks for. */
enum policy_override {
	OVERRIDE_NONE,
	OVERRIDE_LOCAL_POLICY,
	OVERRIDE_MAILING_LIST,
	OVERRIDE_TRUSTED_FORWARDER,
};

/* "local_policy" ...; OVERRIDE_NONE has no word. */
extern const struct name policy_override_words[];

#endif
