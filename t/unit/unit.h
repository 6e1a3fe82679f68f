/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table tests: one row, one TAP line. A program declares
 *	struct row { const char *name; ... in ..., ... want ... };
 *	static const struct row rows[] = { ... };
 *	static void check(void **state) { const struct row *r = *state; ... }
 *	int main(void)
 *	{
 *		UNIT_TABLE(rows, check);
 *		UNIT_TEST(test_something);
 *		return unit_end();
 *	}
 * A row's first member must be its name.
 */
#ifndef ASSAY_UNIT_H
#define ASSAY_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slice.h"

#define UNIT_MAX 2000
#define UNIT_TEST(fn) unit_add(#fn, NULL, NULL, fn)
#define UNIT_TABLE(rows, fn) \
	unit_table(#rows, rows, sizeof((rows)[0]), \
	    sizeof(rows) / sizeof((rows)[0]), fn)

static struct CMUnitTest unit_tests[UNIT_MAX];
static char unit_names[UNIT_MAX][96];
static size_t unit_n;

static inline void
unit_add(const char *table, const char *row, const void *state,
    CMUnitTestFunction fn)
{
	struct CMUnitTest *t = &unit_tests[unit_n];

	if (unit_n == UNIT_MAX)
		abort();
	(void)snprintf(unit_names[unit_n], sizeof(unit_names[0]), "%s%s%.80s",
	    table, row ? ": " : "", row ? row : "");
	for (char *p = unit_names[unit_n]; *p; p++)
		if (*p < 0x20 || *p > 0x7e || *p == '#')
			*p = '?'; /* TAP */
	t->name = unit_names[unit_n++];
	t->test_func = fn;
	/* cmocka hands it on as void *; no test writes to it. */
	memcpy(&t->initial_state, &state, sizeof(state));
}

static inline void
unit_table(const char *table, const void *rows, size_t size, size_t n,
    CMUnitTestFunction fn)
{
	const unsigned char *row = rows;

	for (size_t i = 0; i < n; i++, row += size) {
		const char *name;

		memcpy(&name, row, sizeof(name));
		unit_add(table, name, row, fn);
	}
}

static inline int
unit_end(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests(
	    "tests", unit_tests, unit_n, NULL, NULL);
}

/* got against want, both shown when they differ. */
#define assert_slice(got, want) unit_slice(got, want, __FILE__, __LINE__)

static inline void
unit_slice(struct slice got, struct slice want, const char *file, int line)
{
	if (slice_eq(got, want))
		return;
	print_error("got \"" SLICE_FMT "\" (%zu), want \"" SLICE_FMT
		    "\" (%zu)\n",
	    SLICE_ARG(got), got.len, SLICE_ARG(want), want.len);
	_fail(file, line);
}

#endif
