/* SPDX-License-Identifier: BSD-2-Clause */
/* One check over a zone, for the tests of spf_check. */
#ifndef ASSAY_SPF_UNIT_H
#define ASSAY_SPF_UNIT_H

#include "dns/zone.h"
#include "mail/limits.h"
#include "spf/spf.h"
#include "unit.h"

struct checked {
	struct resolver *zone;
	struct inquiry *inquiry;
	struct arena *arena;
	struct spf_result result;
};

static inline struct spf_request
spf_unit_request(const char *ip, const char *helo, const char *sender)
{
	struct spf_request rq = {
	    .helo = slice_z(helo),
	    .sender = slice_z(sender),
	    .identity = SPF_MAILFROM,
	    .receiver = SLICE_LIT("mx.receiver.example"),
	    .now_s = 1234567890,
	    .want_explanation = true,
	};

	assert_int_equal(ip_parse(slice_z(ip), &rq.ip), 0);
	return rq;
}

static inline struct checked
spf_unit_check(const char *zone, const struct spf_request *rq)
{
	struct err err = ERR_INIT;
	struct checked c = {.zone = zone_new(slice_z(zone), &err)};

	assert_string_equal(err.text, "");
	c.inquiry = inquiry_new(c.zone, LIMIT_SPF_QUERIES + 20);
	c.arena = arena_new(LIMIT_MESSAGE_ARENA);
	assert_int_equal(
	    spf_check(rq, c.inquiry, c.arena, &c.result, &err), 0);
	assert_string_equal(err.text, "");
	return c;
}

static inline void
spf_unit_free(struct checked *c)
{
	arena_free(c->arena);
	inquiry_free(c->inquiry);
	resolver_free(c->zone);
}

#endif
