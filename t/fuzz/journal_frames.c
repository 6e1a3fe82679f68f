/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first octet says where the rest is damaged and how it arrives. Any
 * chunks give the records of one piece; all octets are either a record's or
 * counted as damage or line ends; and a record written after any octets and a
 * line end is found, and an entry can be read from it or not, but no more.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "journal/entry.h"
#include "journal/frame.h"

#define KEPT 64

struct result {
	size_t n, octets;
	uint64_t sum;
};

static void
try_entry(struct slice pairs)
{
	char *room = malloc(pairs.len + 1);
	struct entry e;

	assert(room);
	if (entry_parse(pairs, room, &e) == 0)
		assert(e.has[ENTRY_DIRECTION] && e.has[ENTRY_ACTION]);
	if (entry_parse_json(pairs, room, &e) == 0)
		assert(e.has[ENTRY_DIRECTION] && e.has[ENTRY_ACTION]);
	free(room);
}

/* step: how many octets are shown more of at a time. */
static struct result
read_all(struct slice all, size_t step)
{
	struct frames frames = {0};
	struct result r = {0};
	size_t shown = 0, taken = 0;

	for (;;) {
		struct slice in = slice_from(slice_upto(all, shown), taken);
		struct slice pairs, before = in;
		enum frame_found f =
		    frame_next(&frames, &in, shown == all.len, &pairs);

		taken += before.len - in.len;
		if (f == FRAME_WHOLE) {
			r.n++;
			r.octets += pairs.len;
			r.sum = r.sum * 31 + pairs.len;
			try_entry(pairs);
		} else if (f == FRAME_MORE) {
			if (shown == all.len)
				break;
			shown =
			    all.len - shown < step ? all.len : shown + step;
		}
	}
	assert(taken == all.len);
	assert(frames.octets + r.octets <= all.len);
	assert(frames.stretches <= frames.octets);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct slice last = {"direction=inbound action=x", 26};
	struct slice in = slice_of(data, size);
	struct buf b = BUF_INIT(1 << 20);
	struct result whole, parts;
	char head[FRAME_HEAD_MAX];
	bool more = true;

	/* Lines of the input become records, but for those of odd length. */
	while (more) {
		struct slice line = slice_cut(&in, '\n', &more);

		if (line.len && line.len % 2 == 0)
			buf_add(&b, slice_of(head, frame_head(line, head)));
		buf_add(&b, line);
		buf_addc(&b, '\n');
	}
	whole = read_all(buf_slice(&b), b.len);
	parts = read_all(buf_slice(&b), size ? 1 + data[0] : 1);
	assert(whole.n == parts.n && whole.sum == parts.sum);
	buf_add(&b, slice_of(head, frame_head(last, head)));
	buf_add(&b, last);
	assert(buf_status(&b) == 0);
	parts = read_all(buf_slice(&b), b.len);
	assert(parts.n == whole.n + 1);
	buf_free(&b);
	return 0;
}
