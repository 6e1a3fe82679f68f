/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever is called sound holds no script, whatever is said of a fault can
 * be printed.
 */
#include "tools/svg.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct svg_report r;

	svg_check(text, &r);
	if (r.fault == SVG_OK) {
		assert(!slice_icontains(text, SLICE_LIT("<!DOCTYPE")) ||
		    slice_icontains(text, SLICE_LIT("<!--")) ||
		    slice_icontains(text, SLICE_LIT("<![CDATA[")));
		assert(r.at[0] == '\0');
	}
	for (size_t i = 0; r.at[i]; i++)
		assert(is_print(r.at[i]));
	assert((svg_fault_text(r.fault)[0] == '\0') == (r.fault == SVG_OK));
	return 0;
}
