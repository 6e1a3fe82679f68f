/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks that run beside the arrival of the message: iprev from connect
 * on, SPF from MAIL FROM on (libspf2 is synchronous). Each has its own inquiry
 * and arena; the resolver's cache is shared. When all answers are in that
 * cache, the check is done at once; else its first questions are sent, and a
 * thread of the pool goes on with it unless the message is complete before
 * that. So quick mail wakes no thread.
 */
#ifndef ASSAY_ENGINE_CHECKS_H
#define ASSAY_ENGINE_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "engine/engine.h"
#include "iprev/iprev.h"
#include "mail/address.h"
#include "spf/spf.h"

/* NULL: no memory; the result is then a temperror. */
struct job *check_iprev_start(
    const struct engine *, const struct ip *, int64_t deadline_s);
/* Waits until deadline_ms at most; unfinished is a temperror. */
struct iprev_result check_iprev_finish(
    struct job *, const struct ip *, int64_t deadline_ms);

struct spf_question {
	struct ip ip;
	const char *helo, *receiver;
	const struct path *mailfrom;
	int64_t deadline_s;
	bool want_explanation;
};

/* Evaluates HELO, then MAIL FROM. NULL: no memory. */
struct job *check_spf_start(
    const struct engine *, const struct spf_question *);
/*
 * The results live as long as the caller's reference to the job. Unfinished
 * at the deadline: temperror. With a null sender helo did not run (mfrom is
 * the check of postmaster@HELO, RFC 7208 section 2.4). Returns 0, or -1 when
 * the check failed for a reason of ours.
 */
MUST_CHECK int check_spf_finish(struct job *, int64_t deadline_ms,
    struct spf_result *helo, struct spf_result *mfrom, struct err *);

#endif
