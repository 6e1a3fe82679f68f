/* SPDX-License-Identifier: BSD-2-Clause */
/* assay status: what the running assayd tells of itself. */
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "control/status.h"
#include "tools/service.h"
#include "tools/tools.h"

#define CELL_MAX 4096

static bool
ends(struct slice key, const char *suffix)
{
	return slice_iends(key, slice_z(suffix));
}

/* --- values for people ---------------------------------------------------------- */

static void
date(struct buf *b, uint64_t s)
{
	time_t t = (time_t)s;
	struct tm tm;
	char text[40];

	if (gmtime_r(&t, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		buf_addz(b, text);
}

static void
duration(struct buf *b, uint64_t s)
{
	if (s >= 86400)
		buf_addf(b, "%llud ", (unsigned long long)(s / 86400));
	if (s >= 3600)
		buf_addf(b, "%lluh ", (unsigned long long)(s / 3600 % 24));
	if (s >= 60)
		buf_addf(b, "%llum ", (unsigned long long)(s / 60 % 60));
	buf_addf(b, "%llus", (unsigned long long)(s % 60));
}

/* The unit is told by the key's end; it moves to the value. */
static void
cell(struct buf *b, struct slice *key, struct slice value)
{
	uint64_t n;

	if (slice_u64(value, UINT32_MAX, &n)) {
		out_escape(b, value);
	} else if (ends(*key, "_at")) {
		key->len -= 3;
		date(b, n);
	} else if (ends(*key, "_us")) {
		key->len -= 3;
		if (n == UINT32_MAX)
			buf_addz(b, "over 10 s");
		else
			buf_addf(b, "%llu.%llu ms",
			    (unsigned long long)(n / 1000),
			    (unsigned long long)(n % 1000 / 100));
	} else if (ends(*key, "_s")) {
		key->len -= 2;
		duration(b, n);
	} else {
		buf_addf(b, SLICE_FMT, SLICE_ARG(value));
	}
}

/* --- sections ------------------------------------------------------------------------ */

static const char *
z(struct slice s, char *to, size_t size)
{
	(void)snprintf(to, size, SLICE_FMT, SLICE_ARG(s));
	return to;
}

static void
members(struct out *o, struct status_line line)
{
	struct slice key, value;
	char name[64];

	while (status_next_pair(&line, &key, &value)) {
		struct buf text = BUF_INIT(CELL_MAX);

		cell(&text, &key, value);
		out_str(o, z(key, name, sizeof(name)), buf_slice(&text));
		buf_free(&text);
	}
}

static void
json_members(struct out *o, struct status_line line)
{
	struct slice key, value;
	char name[64];
	uint64_t n;

	while (status_next_pair(&line, &key, &value)) {
		(void)z(key, name, sizeof(name));
		if (slice_u64(value, INT64_MAX, &n) == 0)
			out_num(o, name, (int64_t)n);
		else
			out_str(o, name, value);
	}
}

/* A row in one line: words as they are, numbers with what they count. */
static void
row(struct out *o, struct status_line line)
{
	struct buf text = BUF_INIT(CELL_MAX);
	struct slice key, value;
	uint64_t n;

	while (status_next_pair(&line, &key, &value)) {
		bool word = slice_u64(value, INT64_MAX, &n) != 0;
		struct buf shown = BUF_INIT(CELL_MAX);

		cell(&shown, &key, value);
		buf_addz(&text, text.len ? "  " : "");
		if (!word && !slice_eqz(key, "count"))
			buf_addf(&text, SLICE_FMT " ", SLICE_ARG(key));
		buf_add(&text, buf_slice(&shown));
		buf_free(&shown);
	}
	out_line(o, OUT_PLAIN, "%s", buf_str(&text));
	buf_free(&text);
}

static void
show(struct out *o, enum control_outcome outcome, struct slice body)
{
	struct slice open = SLICE_EMPTY;
	struct status_line line;
	char name[64];

	(void)outcome;
	while (status_next_line(&body, &line)) {
		bool same = slice_eq(line.section, open);
		bool many = status_repeats(line.section);

		if (open.len && !same)
			out_close(o);
		if (!same && many)
			out_array(o, z(line.section, name, sizeof(name)));
		else if (!same)
			out_object(o, z(line.section, name, sizeof(name)));
		open = line.section;
		if (!o->json) {
			if (many)
				row(o, line);
			else
				members(o, line);
			continue;
		}
		if (many)
			out_object(o, NULL);
		json_members(o, line);
		if (many)
			out_close(o);
	}
	if (open.len)
		out_close(o);
}

/* Alive, but not as it should be? */
static int
judge(struct slice body)
{
	struct status_line line;
	struct slice key, value;

	while (status_next_line(&body, &line))
		while (slice_eqz(line.section, "process") &&
		    status_next_pair(&line, &key, &value))
			if (slice_eqz(key, "state"))
				return slice_eqz(value, "serving") ? EXIT_GOOD
								   : EXIT_BAD;
	return EXIT_TROUBLE;
}

int
tool_status(int argc, char **argv)
{
	const struct command c = {"status", "", 0, 0,
	    "Asks the running assayd how it is. The exit status is 0 while it\n"
	    "serves, 1 while it ends or hangs, 3 when nobody answers.\n",
	    NULL, 0};
	const struct service_tool t = {&c, CONTROL_STATUS, 10, show, judge};

	return service_ask(&t, argc, argv);
}
