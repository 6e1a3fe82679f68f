/* SPDX-License-Identifier: BSD-2-Clause */
/* State files: what parses, written again, parses to the same. */
#include "keys/record.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key_record a, b;
	struct buf text = BUF_INIT(RECORD_FILE_MAX), again = text;

	if (size >= RECORD_FILE_MAX ||
	    record_parse(slice_of(data, size), &a, NULL))
		return 0;
	record_format(&a, &text);
	if (buf_status(&text) == 0) {
		assert(record_parse(buf_slice(&text), &b, NULL) == 0);
		record_format(&b, &again);
		assert(slice_eq(buf_slice(&text), buf_slice(&again)));
		assert(key_life(&a.key) == key_life(&b.key));
	}
	assert(!strchr(a.key.selector, '/'));
	buf_free(&text);
	buf_free(&again);
	return 0;
}
