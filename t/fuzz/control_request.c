/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket's octets. However a request is cut: what is whole was
 * partial at each octet before, and what is wrong stays wrong. It says the
 * same when written again. A reply's body never reaches beyond it.
 */
#include "control/request.h"
#include "control/status.h"

#include "fuzz.h"

static void
request(struct slice in)
{
	enum request_state before = REQUEST_PARTIAL;
	enum control_verb verb, again;

	for (size_t n = 1; n <= in.len && n < 200; n++) {
		enum request_state now =
		    request_parse(slice_upto(in, n), &verb);

		assert(before == REQUEST_PARTIAL || now == REQUEST_WRONG);
		if (now == REQUEST_WHOLE) {
			struct buf b = BUF_INIT(200);

			assert(in.ptr[n - 1] == '\n');
			request_format(&b, verb);
			assert(request_parse(buf_slice(&b), &again) ==
			    REQUEST_WHOLE);
			assert(verb == again);
			buf_free(&b);
		}
		before = now;
	}
}

static void
answer(struct slice in)
{
	enum control_outcome outcome;
	struct slice body, key, value;
	struct status_line line;

	if (!reply_parse(in, &outcome, &body)) {
		assert(body.len == 0);
		return;
	}
	assert(names_word(control_outcome_words, (int)outcome));
	assert(body.ptr >= in.ptr && body.len < in.len);
	while (status_next_line(&body, &line)) {
		assert(slice_find(line.rest, '\n') == line.rest.len);
		while (status_next_pair(&line, &key, &value))
			assert(slice_find(key, '\t') == key.len &&
			    slice_find(value, '\t') == value.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	request(slice_of(data, size));
	answer(slice_of(data, size));
	return 0;
}
