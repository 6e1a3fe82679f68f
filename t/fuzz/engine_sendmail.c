/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as an address list. One that Sendmail is said to keep has no
 * comma but before a blank, as many at signs as mailboxes, nothing that quotes
 * or comments; and it is kept, too, with its blanks squeezed and when it
 * stands twice, apart by ", ".
 */
#include "fuzz.h"

#include "base/buf.h"
#include "engine/sendmail.h"

static void
squeeze(struct slice value, struct buf *out)
{
	for (size_t i = 0; i < value.len; i++)
		if (!is_fws(value.ptr[i]))
			buf_addc(out, value.ptr[i]);
		else if (i + 1 == value.len || !is_fws(value.ptr[i + 1]))
			buf_addc(out, ' ');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = slice_trim(slice_of(data, size));
	struct buf b = BUF_INIT(4 * size + 16);
	size_t ats = 0, commas = 0;

	if (!sendmail_keeps(slice_of(data, size)))
		return 0;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		assert(c && !strchr("();:\\[]'", c));
		ats += c == '@';
		commas += c == ',';
		assert(c != ',' ||
		    (i + 1 < value.len && is_fws(value.ptr[i + 1])));
	}
	assert(ats == commas + 1);
	squeeze(value, &b);
	assert(sendmail_keeps(buf_slice(&b)));
	buf_addc(&b, ',');
	buf_addc(&b, ' ');
	squeeze(value, &b);
	assert(sendmail_keeps(buf_slice(&b)));
	buf_free(&b);
	return 0;
}
