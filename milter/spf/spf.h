/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPF: may this client send for this domain (RFC 7208, RFC 8616 section 4)?
 * The one public entry of the room; record.h is there for tools.
 */
#ifndef ASSAY_SPF_SPF_H
#define ASSAY_SPF_SPF_H

#include <stdbool.h>
#include <stdint.h>

#include "authres/words.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/slice.h"
#include "dns/inquiry.h"
#include "mail/domain.h"
#include "spf/reason.h"

enum spf_identity {
	SPF_HELO,     /* RFC 7208 section 2.3 */
	SPF_MAILFROM, /* section 2.4 */
};

struct spf_request {
	struct ip ip;        /* of the client; a loopback one like any other */
	struct slice helo;   /* as the client said it */
	struct slice sender; /* MAIL FROM "local@domain"; empty: null sender */
	enum spf_identity identity;
	struct slice receiver; /* our host name, for %{r}; empty: "unknown" */
	int64_t now_s;         /* since 1970, for %{t} */
	bool want_explanation; /* ask for the text of exp= when it fails */
};

struct spf_result {
	/* AR_NONE to AR_PERMERROR; never AR_NOT_RUN or AR_POLICY. */
	enum ar_word word;
	enum spf_reason reason;
	enum spf_identity identity;
	/* Comparable form; empty when the identity has no usable domain. */
	struct domain domain;
	/* As evaluated: "postmaster@helo" for HELO and the null sender. */
	struct slice sender;
	/*
	 * The term that matched or was at fault, as written in the record it
	 * stands in, and the way to it, printable and at most LIMIT_SPF_PATH
	 * octets: "include:_spf.example.net -> ip4:192.0.2.0/24". Both empty
	 * for a default result, and when no term has to do with it.
	 */
	struct slice term, path;
	struct slice
	    record; /* the text of the first record, if one was read */
	/* One line of printable ASCII; empty unless asked for and sound. */
	struct slice explanation;
	/* RFC 7208 section 4.6.4: what the evaluation used. */
	unsigned terms, voids, queries;
	/* What a domain's owner should mend; of records that were read. */
	bool all_pass;    /* "+all": anybody passes */
	bool all_neutral; /* "?all": the record says nothing */
	bool broad;       /* a network far wider than anybody's own */
	bool ptr;         /* the ptr mechanism or %{p}: section 5.5 */
};

/*
 * Evaluates one identity: check_host() of RFC 7208 section 4. Blocks at most
 * until the inquiry's deadline, which gives temperror. The slices of *out
 * live in the arena. Any number of threads may check at once, each with its
 * own inquiry and arena; the inquiry needs LIMIT_SPF_QUERIES for itself, and
 * a dozen more when an explanation is wanted.
 *
 * Every outcome that octets of the peer or of the DNS lead to is a result;
 * -1 with err is for our own trouble (memory), and *out is then of no use.
 */
MUST_CHECK int spf_check(const struct spf_request *, struct inquiry *,
    struct arena *, struct spf_result *out, struct err *err);

/* Once, before any thread checks: libspf2's message handlers are global. */
void spf_init(void);

#endif
