/* SPDX-License-Identifier: BSD-2-Clause */
/* Enum <-> word tables. See names.h. */
#include "base/names.h"

const char *
names_word(const struct name *table, int value)
{
	for (; table->word; table++)
		if (table->value == value)
			return table->word;
	return NULL;
}

int
names_value(const struct name *table, struct slice word, int *out)
{
	for (; table->word; table++) {
		if (slice_ieqz(word, table->word)) {
			*out = table->value;
			return 0;
		}
	}
	return -1;
}
