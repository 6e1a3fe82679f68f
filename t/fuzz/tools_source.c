/* SPDX-License-Identifier: BSD-2-Clause */
/* An mbox: each message has CRLF alone, none holds more than came in. */
#include "tools/source.h"

#include "fuzz.h"

struct seen {
	size_t n, octets;
};

static int
one(void *arg, const struct source_message *m, struct err *err)
{
	struct seen *s = arg;

	(void)err;
	s->n++;
	s->octets += m->given.len;
	assert(m->text.len >= m->given.len);
	for (size_t i = 0; i < m->text.len; i++)
		if (m->text.ptr[i] == '\n')
			assert(i && m->text.ptr[i - 1] == '\r');
	assert(m->number == 0 || m->number == s->n);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct seen s = {0, 0};
	struct err err = ERR_INIT;

	assert(source_text("x", text, one, &s, &err) == 0);
	assert(s.octets <= size);
	/* It is an mbox, or one message. */
	assert(s.n == 1 || slice_starts(text, SLICE_LIT("From ")));
	return 0;
}
