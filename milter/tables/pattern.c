/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * opendkim(8): "Patterns are simple wildcard patterns, matching all text
 * except that the asterisk is considered a wildcard." (The program hands the
 * rest to regcomp; nobody can have meant that.)
 */
#include "tables/pattern.h"

#include <stddef.h>
#include <stdint.h>

#define NO_STAR SIZE_MAX

bool
pattern_fits(struct slice pattern, struct slice text)
{
	size_t p = 0, t = 0, star = NO_STAR, mark = 0;

	/* Only the last * seen ever needs to take more: all before it fits. */
	while (t < text.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			mark = t;
		} else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
			p++;
			t++;
		} else if (star != NO_STAR) {
			p = star + 1;
			t = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}
