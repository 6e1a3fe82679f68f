/* SPDX-License-Identifier: BSD-2-Clause */
/* Tag lists as assay check reads them: a value found is a part of the text. */
#include "tools/check.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"v", "id", "rua", "l", "a"};
	struct slice text = slice_of(data, size), value, again;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf b = BUF_INIT(1u << 21);

		if (!check_tag(text, names[i], &value)) {
			assert(value.len == 0);
			continue;
		}
		assert(value.len <= text.len);
		assert(slice_find(value, ';') == value.len);
		/* Written alone it is found again. */
		buf_addf(&b, "%s = ", names[i]);
		buf_add(&b, value);
		assert(check_tag(buf_slice(&b), names[i], &again));
		assert(slice_eq(value, again));
		buf_free(&b);
	}
	return 0;
}
