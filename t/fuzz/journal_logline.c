/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of a log. Whatever they are, values lie in the line or in the room
 * that goes with it; and an entry that is read from text is read from every
 * other form that has the same text.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "journal/logline.h"
#include "log/log.h"

static bool
within(struct slice v, const char *from, size_t len)
{
	return v.len == 0 || (v.ptr >= from && v.ptr + v.len <= from + len);
}

static bool
same(const struct entry *a, const struct entry *b)
{
	for (size_t i = 0; i < ENTRY_KEYS; i++)
		if (a->has[i] != b->has[i] ||
		    !slice_eq(a->value[i], b->value[i]))
			return false;
	return a->nsigs == b->nsigs;
}

static int
read_line(struct slice line, char **room, struct entry *e)
{
	struct logline_clock c = {.now_s = 1795255200};
	size_t len = LOGLINE_ROOM(line.len);
	int rc;

	*room = malloc(len);
	assert(*room);
	rc = logline_read(&c, line, *room, e);
	for (size_t i = 0; rc == 1 && i < ENTRY_KEYS; i++)
		assert(within(e->value[i], line.ptr, line.len) ||
		    within(e->value[i], *room, len));
	return rc;
}

/* What was said, in the ways of syslog. */
static void
other_forms(struct slice line)
{
	static const char *const fronts[] = {
	    "assayd: ", "Nov 21 10:00:00 mx assayd[1]: ",
	    "2026-11-21T10:00:00Z mx assayd: ",
	    "<22>1 2026-11-21T10:00:00Z mx assayd 1 - - ",
	    "{\"SYSLOG_IDENTIFIER\":\"assayd\",\"MESSAGE\":"};
	char *room, *other_room;
	struct entry e, other;

	/* Those are forms already. */
	if (line.len == 0 || line.ptr[0] == '{' || line.ptr[0] == '<' ||
	    slice_starts(line, SLICE_LIT("assayd")))
		return;
	if (read_line(line, &room, &e) == 1 && e.time_s == 0)
		for (size_t i = 0; i < ARRAY_LEN(fronts); i++) {
			struct buf b = BUF_INIT(1 << 20);

			buf_addz(&b, fronts[i]);
			if (fronts[i][0] == '{') {
				log_json_string(&b, line);
				buf_addc(&b, '}');
			} else {
				buf_add(&b, line);
			}
			assert(read_line(buf_slice(&b), &other_room, &other) ==
			    1);
			assert(same(&e, &other));
			free(other_room);
			buf_free(&b);
		}
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	bool more = true;

	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);
		struct entry e;
		char *room;

		(void)read_line(line, &room, &e);
		free(room);
		other_forms(line);
	}
	return 0;
}
