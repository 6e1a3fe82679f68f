/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to publish: what is taken is written again to the same octets, and
 * nsupdate gets as many lines as we meant it to.
 */
#include "keys/handover.h"

#include "fuzz.h"

static size_t
lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->ptr[i] == '\n';
	return n;
}

static void
answer(struct slice in)
{
	struct buf again = BUF_INIT(HANDOVER_MAX);
	enum publish_result result;
	struct slice said;
	uint32_t number;

	if (handover_answer_parse(in, &number, &result, &said))
		return;
	handover_answer_format(result, number, said, &again);
	assert(slice_eq(in, buf_slice(&again)));
	buf_free(&again);
}

static void
config(struct slice in)
{
	struct buf again = BUF_INIT(HANDOVER_MAX);
	uint64_t fingerprint;

	if (handover_config_parse(in, &fingerprint))
		return;
	handover_config_format(fingerprint, &again);
	assert(slice_eq(in, buf_slice(&again)));
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(HANDOVER_MAX), script = BUF_INIT(16384),
		   json = BUF_INIT(16384);
	struct slice in = slice_of(data, size);
	struct handover h;

	answer(in);
	config(in);
	if (handover_parse(in, &h))
		return 0;
	handover_format(&h.publication, h.number, h.config, &again);
	assert(slice_eq(in, buf_slice(&again)));
	publication_nsupdate(&h.publication, "192.0.2.1", &script);
	assert(lines(&script) ==
	    3u + (h.publication.zone.len > 0) +
		(h.publication.want != WANT_NONE));
	publication_json(&h.publication, &json);
	assert(buf_status(&script) == 0 && buf_status(&json) == 0);
	assert(lines(&json) == 1);
	publication_clear(&h.publication);
	buf_free(&again);
	buf_free(&script);
	buf_free(&json);
	return 0;
}
