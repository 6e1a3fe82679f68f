/* SPDX-License-Identifier: BSD-2-Clause */
/* iprev and SPF as jobs. See checks.h. */
#include "engine/checks.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "dns/inquiry.h"
#include "engine/workers.h"
#include "mail/domain.h"
#include "mail/limits.h"

#define SPF_ARENA (8u << 20)
#define EXPLANATION_QUERIES 12
#define IPREV_QUERIES (1 + LIMIT_IPREV_NAMES)
/* A deadline in the past: only what is known already is an answer. */
#define AT_ONCE 0

/*
 * Most messages are there sooner, and look after their checks themselves; the
 * first questions are on their way in any case.
 */
#define HEAD_START_MS 5

/* A full pool delays nobody else, but its owner should know. */
static void
submit(const struct engine *engine, struct job *job)
{
	struct event e;

	if (workers_submit(engine->workers, job, HEAD_START_MS) ||
	    !workers_may_tell(engine->workers, clock_mono_ms(engine->clock)))
		return;
	event_begin(
	    &e, engine->log, LOG_LEVEL_WARNING, "spf_pool_full", SLICE_EMPTY);
	event_num(&e, "refused", (int64_t)workers_refused(engine->workers));
	event_z(&e, "effect", "checked at the end of the message");
	event_z(&e, "mend", "spf_workers, spf_queue");
	event_end(&e);
}

/*
 * A check has its time from when it begins, however long it stood in the
 * queue or the client took to send; whoever waits for it may have less.
 */
static int64_t
deadline_of(const struct job *job, const struct clock *clock, int64_t limit_s)
{
	int64_t own = clock_mono_ms(clock) + limit_s * 1000;

	return own < job->until_ms ? own : job->until_ms;
}

/* --- iprev ------------------------------------------------------------------- */

struct iprev_job {
	struct job job;
	struct resolver *resolver;
	const struct clock *clock;
	int64_t deadline_s;
	struct ip ip;
	struct iprev_result result;
};

static struct iprev_result
iprev_unfinished(const struct ip *ip)
{
	return (struct iprev_result){
	    .word = AR_TEMPERROR, .reason = IPREV_DNS_ERROR, .ip = *ip};
}

/* False: an answer that was needed did not come in time. */
static bool
iprev_by(struct iprev_job *j, int64_t deadline_ms)
{
	struct inquiry *q = inquiry_new(j->resolver, IPREV_QUERIES);
	bool answered = false;

	j->result = iprev_unfinished(&j->ip);
	if (q) {
		inquiry_set_deadline(q, deadline_ms);
		j->result = iprev_check(&j->ip, q);
		answered = !inquiry_unanswered(q);
	}
	inquiry_free(q);
	return answered;
}

static void
iprev_run(struct job *job)
{
	struct iprev_job *j = (struct iprev_job *)job;

	(void)iprev_by(j, deadline_of(job, j->clock, j->deadline_s));
}

static void
iprev_free(struct job *job)
{
	free(job);
}

struct job *
check_iprev_start(
    const struct engine *engine, const struct ip *ip, int64_t deadline_s)
{
	struct iprev_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	job_init(&j->job, iprev_run, iprev_free);
	j->resolver = engine->resolver;
	j->clock = engine->clock;
	j->deadline_s = deadline_s;
	j->ip = *ip;
	if (iprev_by(j, AT_ONCE))
		job_settle(&j->job);
	else
		submit(engine, &j->job);
	return &j->job;
}

struct iprev_result
check_iprev_finish(struct job *job, const struct ip *ip, int64_t deadline_ms)
{
	if (!job || !job_finish(job, deadline_ms))
		return iprev_unfinished(ip);
	return ((struct iprev_job *)job)->result;
}

/* --- SPF ---------------------------------------------------------------------- */

struct spf_job {
	struct job job;
	struct resolver *resolver;
	struct inquiry *inquiry; /* with the first questions, or NULL */
	struct arena *arena;     /* of everything below */
	const struct clock *clock;
	int64_t deadline_s, now_s;
	bool unanswered;
	struct spf_request request; /* of the MAIL FROM identity */
	bool null_sender, bad_sender;
	struct spf_result helo, mfrom;
	struct err err;
	int rc;
};

static int
spf_one(struct spf_job *j, enum spf_identity identity, struct spf_result *out)
{
	struct spf_request request = j->request;
	int rc;

	request.identity = identity;
	request.now_s = j->now_s;
	rc = spf_check(&request, j->inquiry, j->arena, out, &j->err);
	if (rc == 0 && inquiry_failed(j->inquiry))
		rc = err_no_mem(&j->err);
	return rc;
}

/* Both identities ask one inquiry, so that they have room for each. */
static struct inquiry *
spf_inquiry(const struct spf_job *j)
{
	return inquiry_new(j->resolver,
	    2 * (LIMIT_SPF_QUERIES + LIMIT_SPF_AHEAD + EXPLANATION_QUERIES));
}

static void
spf_by(struct spf_job *j, int64_t deadline_ms)
{
	if (!j->inquiry)
		j->inquiry = spf_inquiry(j);
	j->rc = j->inquiry ? 0 : err_no_mem(&j->err);
	if (j->rc)
		return;
	inquiry_set_deadline(j->inquiry, deadline_ms);
	if (!j->null_sender)
		j->rc = spf_one(j, SPF_HELO, &j->helo);
	/* RFC 7208 section 4.3: a malformed sender is none, not a null one. */
	if (j->bad_sender)
		j->mfrom = (struct spf_result){.word = AR_NONE,
		    .reason = SPF_BAD_DOMAIN,
		    .identity = SPF_MAILFROM,
		    .sender = j->request.sender};
	else if (j->rc == 0)
		j->rc = spf_one(j, SPF_MAILFROM, &j->mfrom);
	j->unanswered = inquiry_unanswered(j->inquiry);
	/* What timed out stays so in this one; the next try has another. */
	inquiry_free(j->inquiry);
	j->inquiry = NULL;
}

static void
spf_run(struct job *job)
{
	struct spf_job *j = (struct spf_job *)job;

	spf_by(j, deadline_of(job, j->clock, j->deadline_s));
}

static void
spf_prefetch(struct spf_job *j, struct slice name)
{
	struct domain d;

	/* RFC 7208 section 4.3: no other name is ever asked. */
	if (domain_parse(name, &d) && domain_nlabels(&d) > 1)
		inquiry_prefetch(j->inquiry, domain_slice(&d), DNS_TXT);
}

/*
 * Are the first answers it needs known already? Then most likely all are. If
 * not, the questions are under way when a thread takes the job.
 */
static bool
spf_is_warm(struct spf_job *j)
{
	struct slice sender = j->request.sender;
	size_t at = slice_rfind(sender, '@');

	j->inquiry = spf_inquiry(j);
	if (!j->inquiry)
		return false;
	spf_prefetch(j, j->request.helo);
	if (!j->bad_sender && at < sender.len)
		spf_prefetch(j, slice_from(sender, at + 1));
	return inquiry_is_answered(j->inquiry);
}

static void
spf_free(struct job *job)
{
	struct spf_job *j = (struct spf_job *)job;

	inquiry_free(j->inquiry);
	arena_free(j->arena);
	free(j);
}

/* The job outlives the message, so it needs its own copy of what it reads. */
static int
copy_request(struct spf_job *j, const struct spf_question *ask)
{
	struct spf_request *r = &j->request;

	r->ip = ask->ip;
	r->want_explanation = ask->want_explanation;
	j->null_sender = ask->mailfrom->null;
	j->bad_sender = !ask->mailfrom->valid;
	if (arena_copy(j->arena, slice_z(ask->helo), &r->helo) ||
	    arena_copy(j->arena, slice_z(ask->receiver), &r->receiver))
		return -1;
	return arena_copy(j->arena,
	    j->bad_sender ? ask->mailfrom->given : ask->mailfrom->address,
	    &r->sender);
}

struct job *
check_spf_start(const struct engine *engine, const struct spf_question *ask)
{
	struct spf_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->arena = arena_new(SPF_ARENA);
	if (!j->arena || copy_request(j, ask)) {
		arena_free(j->arena);
		free(j);
		return NULL;
	}
	job_init(&j->job, spf_run, spf_free);
	j->resolver = engine->resolver;
	j->now_s = clock_now_s(engine->clock);
	j->clock = engine->clock;
	j->deadline_s = ask->deadline_s;
	if (spf_is_warm(j))
		spf_by(j, AT_ONCE);
	else
		j->unanswered = true;
	if (j->unanswered)
		submit(engine, &j->job);
	else
		job_settle(&j->job);
	return &j->job;
}

int
check_spf_finish(struct job *job, int64_t deadline_ms, struct spf_result *helo,
    struct spf_result *mfrom, struct err *err)
{
	struct spf_job *j = (struct spf_job *)job;

	if (!j)
		return err_no_mem(err);
	if (!job_finish(job, deadline_ms)) {
		*helo = (struct spf_result){.identity = SPF_HELO};
		*mfrom = (struct spf_result){.word = AR_TEMPERROR,
		    .reason = SPF_DNS_TIMEOUT,
		    .identity = SPF_MAILFROM,
		    .sender = j->request.sender};
		return 0;
	}
	if (j->rc)
		return err_set(err, "SPF: %s", j->err.text);
	*helo = j->helo;
	*mfrom = j->mfrom;
	return 0;
}
