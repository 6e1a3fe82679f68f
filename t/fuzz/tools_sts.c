/* SPDX-License-Identifier: BSD-2-Clause */
/* A sound policy, written again, parses to the same. */
#include "tools/sts.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct buf b = BUF_INIT(1u << 20);
	struct sts_policy p, again;

	sts_policy_parse(text, &p);
	if (p.fault == STS_OK) {
		assert(p.max_age_s <= STS_AGE_MAX);
		assert(p.nmx || p.mode == STS_NONE);
		sts_policy_write(&p, &b);
		sts_policy_parse(buf_slice(&b), &again);
		assert(again.fault == STS_OK && again.mode == p.mode &&
		    again.max_age_s == p.max_age_s && again.nmx == p.nmx);
		for (size_t i = 0; i < p.nmx; i++)
			assert(slice_eq(p.mx[i], again.mx[i]));
		buf_free(&b);
	} else {
		assert(names_word(sts_faults, (int)p.fault));
	}
	return 0;
}
