/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting messages. See counters.h. */
#include "control/counters.h"

const struct name counted_direction_words[] = {
    {COUNTED_INBOUND, "inbound"},
    {COUNTED_OUTBOUND, "outbound"},
    {0, NULL},
};

const struct name counted_method_words[] = {
    {COUNTED_AUTH, "auth"},
    {COUNTED_IPREV, "iprev"},
    {COUNTED_SPF, "spf"},
    {COUNTED_HELO, "spf_helo"},
    {COUNTED_DKIM, "dkim"},
    {COUNTED_DMARC, "dmarc"},
    {0, NULL},
};

const struct name counted_left_words[] = {
    {COUNTED_ABORTED, "aborted"},
    {COUNTED_SKIPPED, "skipped"},
    {COUNTED_FAILED, "failed"},
    {COUNTED_PUT_OFF, "put_off"},
    {0, NULL},
};

void
counters_add(atomic_uint_fast64_t *n)
{
	atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

uint64_t
counters_get(const atomic_uint_fast64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

static void
count_verdict(atomic_uint_fast64_t results[COUNTED_METHODS][COUNTED_WORDS],
    const struct message *m)
{
	const struct verdict *v = &m->verdict;

	counters_add(&results[COUNTED_AUTH][v->auth.word]);
	counters_add(&results[COUNTED_IPREV][v->iprev.word]);
	counters_add(&results[COUNTED_SPF][v->mfrom.word]);
	counters_add(&results[COUNTED_HELO][v->helo.word]);
	counters_add(&results[COUNTED_DMARC][v->dmarc.word]);
	if (m->verifier && v->ndkim == 0)
		counters_add(&results[COUNTED_DKIM][AR_NONE]);
	for (size_t i = 0; i < v->ndkim; i++)
		counters_add(&results[COUNTED_DKIM][v->dkim[i].word]);
}

void
counters_message(struct counters *c, const struct message *m)
{
	const struct session *s = m->session;
	enum counted_direction way =
	    m->outbound ? COUNTED_OUTBOUND : COUNTED_INBOUND;
	size_t nsignatures = m->signing ? m->signing->n : 0;

	counters_add(&c->messages[way][m->disposition.action]);
	count_verdict(c->results[way], m);
	for (size_t i = 0; i < nsignatures; i++)
		counters_add(&c->signatures[m->signing->keys[i].alg]);
	if (m->outbound && nsignatures == 0)
		counters_add(&c->unsigned_messages);
	if (m->deadline_ms)
		histogram_note(&c->wait,
		    (clock_mono_ms(s->engine->clock) -
			(m->deadline_ms - s->options->deadline_s * 1000)) *
			1000);
}
