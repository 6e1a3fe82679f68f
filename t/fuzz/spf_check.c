/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole check, libspf2 included, over a hostile zone. The first line is the
 * client, HELO, sender and "helo" or "mailfrom", with TABs between (and any
 * octet else); the rest is the zone as dns/zone.h has it.
 */
#include "fuzz.h"

#include "dns/zone.h"
#include "mail/limits.h"
#include "spf/canon.h"
#include "spf/spf.h"

static bool
printable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_print(s.ptr[i]))
			return false;
	return true;
}

static void
check_result(const struct spf_request *rq, const struct spf_result *r)
{
	unsigned limit = r->reason == SPF_MANY_TERMS ||
	    r->reason == SPF_MANY_MX || r->reason == SPF_MANY_VOIDS ||
	    r->reason == SPF_MANY_QUERIES;

	assert(r->word >= AR_NONE && r->word <= AR_PERMERROR);
	assert(r->word != AR_POLICY && r->identity == rq->identity);
	assert(spf_reason_text(r->reason)[0] && r->reason != SPF_OK);
	assert(r->terms <= LIMIT_SPF_TERMS + limit);
	assert(r->voids <= LIMIT_SPF_VOIDS + limit);
	assert(!limit || r->word == AR_PERMERROR);
	assert(r->reason != SPF_DEFAULT || r->word == AR_NEUTRAL);
	assert(r->word != AR_PASS || r->reason == SPF_MATCHED);
	assert(r->word != AR_FAIL || r->reason == SPF_MATCHED);
	assert(r->reason != SPF_MATCHED || r->term.len);
	assert(!r->term.len == !r->path.len);
	assert(printable(r->path) && r->path.len <= LIMIT_SPF_PATH);
	assert(printable(r->explanation) &&
	    r->explanation.len <= LIMIT_SPF_EXPLANATION);
	assert(!r->explanation.len || r->word == AR_FAIL);
	assert(r->record.len <= LIMIT_SPF_RECORD);
	assert(r->word == AR_NONE || r->domain.len);
}

/* The first record decides by itself, or something was asked of the DNS. */
static void
check_record(const struct spf_request *rq, const struct spf_result *r,
    struct arena *arena)
{
	struct spf_record rec;
	struct spf_plan plan;
	int rc = spf_record_parse(r->record, arena, &rec);

	assert(rc == 0);
	if (rec.fault == SPF_OK) {
		plan = spf_plan_make(&rec, &rq->ip);
		if (r->reason == SPF_DEFAULT && plan.n)
			assert(!plan.steps[plan.n - 1].always);
		if (plan.n && plan.steps[0].always)
			assert(r->word == plan.steps[0].term->word);
	} else {
		assert(!r->record.len || r->word == AR_PERMERROR);
	}
}

static void
run(struct resolver *zone, const struct spf_request *rq)
{
	struct inquiry *q = inquiry_new(zone, LIMIT_SPF_QUERIES + 20);
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct spf_result r, again;
	struct err err = ERR_INIT;
	int rc;

	if (!q || !arena)
		abort();
	rc = spf_check(rq, q, arena, &r, &err);
	assert(rc == 0);
	check_result(rq, &r);
	check_record(rq, &r, arena);
	rc = spf_check(rq, q, arena, &again, &err);
	assert(rc == 0 && r.word == again.word && r.reason == again.reason);
	assert(slice_eq(r.path, again.path) && r.queries == again.queries);
	arena_free(arena);
	inquiry_free(q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct spf_request rq = {
	    .receiver = SLICE_LIT("mx.example.org"),
	    .want_explanation = true,
	};
	struct slice line, address;
	struct resolver *zone;
	bool more;

	spf_init();
	line = slice_cut(&rest, '\n', &more);
	address = slice_cut(&line, '\t', &more);
	rq.helo = slice_cut(&line, '\t', &more);
	rq.sender = slice_cut(&line, '\t', &more);
	rq.identity = slice_eqz(line, "helo") ? SPF_HELO : SPF_MAILFROM;
	if (ip_parse(address, &rq.ip))
		rq.ip = (struct ip){.family = IP_NONE};
	zone = zone_new(rest, NULL);
	if (!zone)
		return 0;
	run(zone, &rq);
	resolver_free(zone);
	return 0;
}
