/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's own time. See elapse.h. */
#include "keys/elapse.h"

#include <inttypes.h>

#define BEGIN_MS 1000

void
elapse_begin(struct elapse *e, int64_t wall_s, int64_t mono_ms)
{
	*e = (struct elapse){
	    .own_ms = BEGIN_MS, .wall_s = wall_s, .mono_ms = mono_ms};
}

void
elapse_advance(struct elapse *e, int64_t wall_s, int64_t mono_ms)
{
	/*
	 * A monotonic clock that shows less was started anew since, and all
	 * it shows has passed since then. One that shows more may have been
	 * started anew as well: then even more has passed than this.
	 */
	int64_t mono = mono_ms >= e->mono_ms ? mono_ms - e->mono_ms : mono_ms;
	int64_t wall_ms = INT64_MAX;

	/* One second more: it counts in whole ones. */
	if (wall_s < e->wall_s)
		wall_ms = 0;
	else if (wall_s - e->wall_s < INT64_MAX / 1000 - 1)
		wall_ms = (wall_s - e->wall_s + 1) * 1000;
	/* A store carried to a machine long up: the calendar knows better. */
	e->own_ms += mono < wall_ms ? mono : wall_ms;
	e->wall_s = wall_s;
	e->mono_ms = mono_ms;
}

int64_t
elapse_own_s(const struct elapse *e)
{
	return e->own_ms / 1000;
}

void
elapse_format(const struct elapse *e, struct buf *b)
{
	buf_addf(b, "assay time 1\n%" PRId64 " %" PRId64 " %" PRId64 "\nend\n",
	    e->own_ms, e->wall_s, e->mono_ms);
}

static bool
number(struct slice s, int64_t *out)
{
	uint64_t n;

	if (slice_u64(s, INT64_MAX / 2, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

bool
elapse_parse(struct slice text, struct elapse *e)
{
	bool more;
	struct slice first = slice_cut(&text, '\n', &more);
	struct slice line = slice_cut(&text, '\n', &more);

	return slice_eqz(first, "assay time 1") && slice_eqz(text, "end\n") &&
	    number(slice_cut(&line, ' ', &more), &e->own_ms) &&
	    number(slice_cut(&line, ' ', &more), &e->wall_s) &&
	    number(line, &e->mono_ms) && e->own_ms >= BEGIN_MS;
}
