/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An envelope sender on the first line, a header below it. Whatever they hold,
 * the list id lies inside the header and is trimmed, and one more List- field
 * is always a sign.
 */
#include "fuzz.h"

#include "mail/limits.h"
#include "policy/forward.h"

static void
check_list_id(const struct header *h)
{
	struct slice id = list_id_of(h);
	bool inside = id.len == 0;

	for (size_t i = 0; i < h->n && !inside; i++) {
		struct slice v = h->fields[i].value;

		inside = v.len > 0 && id.ptr >= v.ptr &&
		    id.ptr + id.len <= v.ptr + v.len;
	}
	assert(inside);
	assert(id.len == slice_trim(id).len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct slice rest = slice_of(data, size), body;
	bool more;
	struct slice sender = slice_cut(&rest, '\n', &more);
	struct header h;
	struct path path;

	path_parse(sender, &path);
	if (!arena || header_init(&h, arena) || header_parse(&h, rest, &body))
		abort();
	check_list_id(&h);
	if (header_add(&h, SLICE_LIT("list-x"), SLICE_EMPTY))
		abort();
	assert(forward_sign_of(&h, &path) != FORWARD_NONE);
	arena_free(arena);
	return 0;
}
