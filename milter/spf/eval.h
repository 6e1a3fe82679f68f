/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of one check, private to the room: the records read, what stands
 * behind each token of a canonical record, the limits of RFC 7208 section
 * 4.6.4, and the verdict once something has forced one.
 *
 * libspf2 walks the canonical records and asks about tokens; each question
 * ends here (spf_eval_addresses, _exchanges, _record). As soon as a verdict
 * is forced, every further question is answered with SPF_STOP, so that the
 * library unwinds, and what the library then says does not count.
 */
#ifndef ASSAY_SPF_EVAL_H
#define ASSAY_SPF_EVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "dns/resolver.h"
#include "spf/canon.h"
#include "spf/macro.h"
#include "spf/record.h"
#include "spf/spf.h"

struct spf_token;

/* A record being evaluated. */
struct spf_frame {
	struct spf_record record;
	struct slice domain;         /* <domain>: where the record stands */
	const struct spf_token *via; /* include or redirect; NULL: the first */
	bool included; /* inside an include: its exp= does not count */
	bool granting; /* a pass in it is a pass of the whole */
};

struct spf_token {
	const struct spf_frame *frame;
	struct spf_step step;
	bool begun;          /* it has been asked about, and counted */
	bool mute;           /* then: RFC 8616 section 4, it can't match */
	struct slice target; /* then: the name it is about */
	struct slice *hosts; /* of an mx, once they were asked for */
	size_t nhosts;
};

struct spf_eval {
	struct inquiry *inquiry;
	struct arena *arena;
	struct err *err;
	bool failed; /* our own trouble; err says which */

	struct domain domain; /* of the identity; empty: it has none */
	/* All but domain (the frame has it) and validated (asked when used). */
	struct spf_macro_values values;
	bool local_ascii;

	/* AR_NOT_RUN until something forces the verdict. */
	enum ar_word word;
	enum spf_reason reason;
	/* The term asked about last, or the one at fault. */
	const struct spf_frame *at_frame;
	struct slice at;

	const struct spf_frame *first;    /* the identity's own record */
	const struct spf_frame *explains; /* whose exp= counts by now */
	struct spf_token tokens[SPF_TOKENS_MAX];
	size_t ntokens;
	unsigned terms, voids, queries;
	unsigned ahead; /* questions asked early; see ahead.c */
	bool all_pass, all_neutral, broad, ptr;

	bool names_known;
	struct slice names[LIMIT_SPF_PTR]; /* validated names of the client */
	size_t nnames;
};

enum spf_found {
	SPF_FOUND,
	SPF_NOTHING, /* no such name, no such record */
	SPF_STOP,    /* a verdict is there, or we are in trouble */
};

/* NULL: no memory. It lives in the arena. */
MUST_CHECK struct spf_eval *spf_eval_new(const struct spf_request *,
    struct inquiry *, struct arena *, struct err *);

/* Ends the evaluation; the first verdict stays. Always returns SPF_STOP. */
enum spf_found spf_eval_force(
    struct spf_eval *, enum ar_word, enum spf_reason);
/* The same for trouble of our own: memory. */
enum spf_found spf_eval_fail(struct spf_eval *);

/* --- asking the DNS ------------------------------------------------------- */

/* How a question bears on the verdict. */
enum spf_ask {
	SPF_ASK_TERM, /* trouble is a temperror, nothing found a void lookup */
	SPF_ASK_FIRST, /* the same, but finding nothing costs nothing */
	SPF_ASK_PTR,   /* sections 5.5 and 7.3: only a timeout matters */
	SPF_ASK_EXP,   /* section 6.2: nothing matters any more */
};

/* Counts and asks. NULL: the verdict is forced. */
MUST_CHECK const struct answer *spf_eval_ask(
    struct spf_eval *, struct slice name, enum dns_type, enum spf_ask);

/* --- what the library asks ------------------------------------------------ */

struct spf_addresses {
	struct ip *ip;
	size_t n;
};

/* Addresses behind a token, or behind a host of an mx token. */
enum spf_found spf_eval_addresses(struct spf_eval *, struct spf_token_name,
    enum ip_family, struct spf_addresses *out);
/* How many hosts an mx token has. */
enum spf_found spf_eval_exchanges(
    struct spf_eval *, struct spf_token_name, size_t *nhosts);
/* The canonical record behind an include or redirect; NULL: stop. */
const char *spf_eval_record(struct spf_eval *, struct spf_token_name);

/* --- parts of it ---------------------------------------------------------- */

/* A token for each step; the first one's number. */
unsigned spf_eval_tokens(struct spf_eval *, const struct spf_frame *,
    const struct spf_step *, size_t n);
/* The frame of a record found by way of a token (NULL: the first). */
const struct spf_frame *spf_fetch(
    struct spf_eval *, struct slice domain, const struct spf_token *via);
/*
 * RFC 8616 section 4: "If the local part contains non-ASCII characters, terms
 * that include %{s} or %{l} do not match anything".
 */
bool spf_eval_is_mute(const struct spf_eval *, struct slice spec);
/*
 * The values of macros in valid text, within a frame. %{p} is looked up when
 * the text has it; false when that forced the verdict.
 */
MUST_CHECK bool spf_eval_values(struct spf_eval *, const struct spf_frame *,
    struct slice text, enum spf_ask, struct spf_macro_values *);
/* The name of a domain-spec within a frame. False: stop. */
MUST_CHECK bool spf_eval_target(struct spf_eval *, const struct spf_frame *,
    struct slice spec, enum spf_ask, struct slice *name);
/* The client's validated names (section 5.5), asked for once. False: stop. */
MUST_CHECK bool spf_ptr_validate(struct spf_eval *, enum spf_ask);
/* Does one of them lie within this domain? */
bool spf_ptr_matches(const struct spf_eval *, struct slice domain);
/* What %{p} stands for in this domain (section 7.3). */
struct slice spf_ptr_name(const struct spf_eval *, struct slice domain);
/* The explanation of a fail (section 6.2); empty: none. */
struct slice spf_explain(struct spf_eval *);
/* "include:a.example -> ip4:192.0.2.1", printable. Empty: no memory. */
struct slice spf_eval_path(struct spf_eval *);

/*
 * ahead.c: starts the lookups of a record's later steps, and of an mx term's
 * later hosts, so that they are under way while the earlier are evaluated. At
 * most LIMIT_SPF_AHEAD of a check. Changes no result and no count.
 */
void spf_ahead_record(
    struct spf_eval *, const struct spf_frame *, const struct spf_plan *);
void spf_ahead_hosts(struct spf_eval *, const struct slice *hosts, size_t n);

#endif
