/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every cut and every flipped octet of a file of records: what is whole before
 * is read, what is whole after is read, and nothing else is.
 */
#include "journal/frame.h"

#include "base/buf.h"
#include "unit.h"

#define RECORDS 4
#define FILE_OCTETS 2000

static const char *const records[RECORDS] = {
    "time=1 qid=A direction=inbound action=accept",
    /* What a peer may have sent, to be taken for a record of its own. */
    "time=2 mfrom=\"\\x1eA1 3 352441c2 abc\" action=reject",
    "x",
    "time=4 qid=D direction=outbound action=accept",
};

struct file {
	char octets[FILE_OCTETS];
	size_t len, start[RECORDS + 1];
};

static void
make_file(struct file *f)
{
	f->len = 0;
	for (size_t i = 0; i < RECORDS; i++) {
		char head[FRAME_HEAD_MAX];
		struct slice r = slice_z(records[i]);
		size_t n = frame_head(r, head);

		f->start[i] = f->len;
		memcpy(f->octets + f->len, head, n);
		memcpy(f->octets + f->len + n, r.ptr, r.len);
		f->len += n + r.len;
		f->octets[f->len++] = '\n';
	}
	f->start[RECORDS] = f->len;
}

struct found {
	bool record[RECORDS];
	size_t n, strangers;
	struct frames frames;
};

static struct found
read_all(struct slice in)
{
	struct found got = {.n = 0};
	enum frame_found what;
	struct slice pairs;

	while ((what = frame_next(&got.frames, &in, true, &pairs)) !=
	    FRAME_MORE) {
		bool known = false;

		for (size_t i = 0; i < RECORDS && what == FRAME_WHOLE; i++)
			if (slice_eqz(pairs, records[i]))
				known = got.record[i] = true;
		got.n += what == FRAME_WHOLE;
		got.strangers += what == FRAME_WHOLE && !known;
	}
	assert_int_equal(in.len, 0);
	return got;
}

static void
test_whole(void **state)
{
	struct found got;
	struct file f;

	(void)state;
	make_file(&f);
	got = read_all(slice_of(f.octets, f.len));
	assert_int_equal(got.n, RECORDS);
	assert_int_equal(got.strangers, 0);
	assert_int_equal(got.frames.octets, 0);
}

static void
test_cut_at_every_octet(void **state)
{
	struct file f;

	(void)state;
	make_file(&f);
	for (size_t cut = 0; cut <= f.len; cut++) {
		struct found got = read_all(slice_of(f.octets, cut));

		assert_int_equal(got.strangers, 0);
		for (size_t i = 0; i < RECORDS; i++)
			/* Its line end is no part of what it says. */
			assert_int_equal(
			    got.record[i], cut + 1 >= f.start[i + 1]);
		assert_int_equal(got.frames.stretches <= 1, true);
	}
}

/* A torn end, and what the next process writes after it. */
static void
test_written_after_a_cut(void **state)
{
	struct file f;

	(void)state;
	make_file(&f);
	for (size_t cut = 0; cut <= f.len; cut++) {
		struct buf b = BUF_INIT(3 * FILE_OCTETS);
		struct found got;

		buf_add(&b, slice_of(f.octets, cut));
		if (cut && f.octets[cut - 1] != '\n')
			buf_addc(&b, '\n');
		buf_add(
		    &b, slice_of(f.octets + f.start[3], f.len - f.start[3]));
		got = read_all(buf_slice(&b));
		assert_true(got.record[3]);
		assert_int_equal(got.strangers, 0);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(
			    got.record[i], cut + 1 >= f.start[i + 1]);
		buf_free(&b);
	}
}

static void
test_every_octet_flipped(void **state)
{
	static const char flips[] = {1, 2, 4, 8, 16, 32, 64, '\x80', '\xff'};
	struct file f;

	(void)state;
	make_file(&f);
	for (size_t at = 0; at < f.len; at++) {
		for (size_t k = 0; k < sizeof(flips) + 2; k++) {
			char was = f.octets[at];
			struct found got;

			f.octets[at] = k < sizeof(flips) ? was ^ flips[k]
			    : k == sizeof(flips)         ? '\n'
							 : '\0';
			got = read_all(slice_of(f.octets, f.len));
			assert_int_equal(got.strangers, 0);
			for (size_t i = 0; i < RECORDS; i++)
				assert_true(got.record[i] ||
				    (at >= f.start[i] &&
					at + 1 < f.start[i + 1] &&
					f.octets[at] != was));
			f.octets[at] = was;
		}
	}
}

/* Damage longer than any record: nothing in it is taken for one. */
static void
test_long_damage(void **state)
{
	struct buf b = BUF_INIT(4 * FRAME_MAX);
	struct found got;
	struct file f;

	(void)state;
	make_file(&f);
	while (b.len < 2 * FRAME_MAX)
		buf_addz(&b, "!\036A1 3 352441c2 abc");
	buf_addc(&b, '\n');
	buf_add(&b, slice_of(f.octets, f.len));
	got = read_all(buf_slice(&b));
	assert_int_equal(got.strangers, 0);
	assert_int_equal(got.n, RECORDS);
	assert_int_equal(got.frames.stretches, 1);
	buf_free(&b);
}

/* The forged record above is one, where it stands by itself. */
static void
test_the_forgery_is_good(void **state)
{
	struct slice in = SLICE_LIT("\036A1 3 352441c2 abc\n"), pairs;
	struct frames frames = {0};

	(void)state;
	assert_int_equal(frame_next(&frames, &in, true, &pairs), FRAME_WHOLE);
	assert_slice(pairs, SLICE_LIT("abc"));
}

/* A length and check sum made for it do not make one record of all of them. */
static void
test_none_leads_past_a_line_end(void **state)
{
	struct buf b = BUF_INIT(FILE_OCTETS + FRAME_MAX);
	char head[FRAME_HEAD_MAX];
	struct found got;
	struct file f;

	(void)state;
	make_file(&f);
	f.len--;
	buf_add(
	    &b, slice_of(head, frame_head(slice_of(f.octets, f.len), head)));
	buf_addc(&b, '\n');
	buf_add(&b, slice_of(f.octets, f.len));
	got = read_all(buf_slice(&b));
	assert_int_equal(got.strangers, 0);
	assert_int_equal(got.n, RECORDS);
	b.len = 0;
	buf_add(
	    &b, slice_of(head, frame_head(slice_of(f.octets, f.len), head)));
	buf_add(&b, slice_of(f.octets, f.len));
	got = read_all(buf_slice(&b));
	assert_int_equal(got.strangers, 0);
	assert_int_equal(got.n, RECORDS - 1);
	buf_free(&b);
}

int
main(void)
{
	UNIT_TEST(test_whole);
	UNIT_TEST(test_cut_at_every_octet);
	UNIT_TEST(test_written_after_a_cut);
	UNIT_TEST(test_every_octet_flipped);
	UNIT_TEST(test_long_damage);
	UNIT_TEST(test_the_forgery_is_good);
	UNIT_TEST(test_none_leads_past_a_line_end);
	return unit_end();
}
