/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mail/limits.h"
#include "unit.h"

struct pair {
	int ours, theirs;
	struct stream stream;
};

static void
begin(struct pair *p)
{
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*p = (struct pair){.ours = fds[0], .theirs = fds[1]};
}

static void
end(struct pair *p)
{
	stream_end(&p->stream);
	(void)close(p->ours);
	(void)close(p->theirs);
}

static void
test_read(void **state)
{
	struct pair p;
	char got[16];

	(void)state;
	begin(&p);
	assert_false(stream_ready(&p.stream));
	assert_int_equal(stream_read(&p.stream, p.ours, got, 5), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(write(p.theirs, "0123456789", 10), 10);
	assert_int_equal(stream_read(&p.stream, p.ours, got, 5), 5);
	assert_memory_equal(got, "01234", 5);
	assert_true(stream_ready(&p.stream));
	assert_int_equal(write(p.theirs, "ab", 2), 2);
	assert_int_equal(stream_read(&p.stream, p.ours, got, 2), 2);
	assert_true(stream_ready(&p.stream));
	/* What was read ahead first, and not what came after it with it. */
	assert_int_equal(stream_read(&p.stream, p.ours, got, 9), 3);
	assert_memory_equal(got, "789", 3);
	assert_false(stream_ready(&p.stream));
	assert_int_equal(stream_read(&p.stream, p.ours, got, 2), 2);
	assert_memory_equal(got, "ab", 2);
	assert_false(stream_ready(&p.stream));
	end(&p);
}

static void
test_ready(void **state)
{
	struct pair p;
	char got[4];

	(void)state;
	begin(&p);
	stream_set_ready(&p.stream);
	assert_true(stream_ready(&p.stream));
	assert_int_equal(stream_read(&p.stream, p.ours, got, 4), -1);
	assert_false(stream_ready(&p.stream));
	end(&p);
}

static void
test_read_end(void **state)
{
	struct pair p;
	char got[4];

	(void)state;
	begin(&p);
	assert_int_equal(write(p.theirs, "abcdef", 6), 6);
	assert_int_equal(shutdown(p.theirs, SHUT_WR), 0);
	assert_int_equal(stream_read(&p.stream, p.ours, got, 4), 4);
	assert_int_equal(stream_read(&p.stream, p.ours, got, 4), 2);
	assert_int_equal(stream_read(&p.stream, p.ours, got, 4), 0);
	end(&p);
}

/* All that was sent comes out, however it is asked for. */
static void
test_read_all(void **state)
{
	static char sent[100000], got[sizeof(sent)];
	struct pair p;
	size_t in = 0, out = 0, step = 1;

	(void)state;
	begin(&p);
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 7 + i / 251);
	while (out < sizeof(sent)) {
		ssize_t n = write(p.theirs, sent + in, sizeof(sent) - in);

		in += n > 0 ? (size_t)n : 0;
		step = step * 5 % 20011 + 1;
		n = stream_read(&p.stream, p.ours, got + out,
		    step < sizeof(got) - out ? step : sizeof(got) - out);
		assert_true(n > 0);
		out += (size_t)n;
	}
	assert_memory_equal(sent, got, sizeof(sent));
	end(&p);
}

static ssize_t
packet(struct pair *p, const char *head, const char *payload)
{
	char octets[5], data[200];
	struct iovec v[2] = {{octets, 5}, {data, strlen(payload)}};

	memcpy(octets, head, 5);
	memcpy(data, payload, strlen(payload) + 1);
	return stream_writev(&p->stream, p->ours, v, *payload ? 2 : 1);
}

static ssize_t
arrives(struct pair *p, char *got, size_t size)
{
	ssize_t n = read(p->theirs, got, size - 1);

	got[n > 0 ? n : 0] = '\0';
	return n;
}

/* A packet, and whether it waits for the next. */
static const struct row {
	const char *name, *head, *payload;
	bool held;
} rows[] = {
    {"insert", "\0\0\0\4i", "abc", true},
    {"add", "\0\0\0\4h", "abc", true},
    {"change", "\0\0\0\4m", "abc", true},
    {"accept", "\0\0\0\1a", "", false},
    {"continue", "\0\0\0\1c", "", false},
    {"progress", "\0\0\0\1p", "", false},
    {"reply", "\0\0\0\4y", "550", false},
    {"an edit's beginning", "\0\0\0\5i", "abc", false},
    {"an edit and more", "\0\0\0\3i", "abc", false},
};

static void
check_write(void **state)
{
	const struct row *r = *state;
	size_t len = 5 + strlen(r->payload);
	struct pair p;
	char got[64];

	begin(&p);
	assert_int_equal(packet(&p, r->head, r->payload), len);
	if (r->held) {
		assert_int_equal(arrives(&p, got, sizeof(got)), -1);
		assert_int_equal(packet(&p, "\0\0\0\2i", "x"), 6);
		assert_int_equal(arrives(&p, got, sizeof(got)), -1);
		assert_int_equal(packet(&p, "\0\0\0\1a", ""), 5);
		assert_int_equal(arrives(&p, got, sizeof(got)), len + 6 + 5);
		assert_memory_equal(got + len, "\0\0\0\2ix\0\0\0\1a", 11);
	} else {
		assert_int_equal(arrives(&p, got, sizeof(got)), len);
	}
	assert_memory_equal(got, r->head, 5);
	assert_memory_equal(got + 5, r->payload, len - 5);
	end(&p);
}

/* A peer that takes nothing: edits are not lost, and nothing is doubled. */
static void
test_write_full(void **state)
{
	char got[9000], rest[8192];
	size_t total = 0, filled = 0;
	struct pair p;
	ssize_t n;

	(void)state;
	begin(&p);
	memset(rest, 'r', sizeof(rest));
	while ((n = write(p.ours, rest, sizeof(rest))) > 0)
		filled += (size_t)n;
	assert_int_equal(packet(&p, "\0\0\0\4i", "abc"), 8);
	assert_int_equal(packet(&p, "\0\0\0\1a", ""), -1);
	assert_int_equal(errno, EAGAIN);
	while (total < filled) {
		n = arrives(&p, got, sizeof(got));
		assert_true(n > 0);
		total += (size_t)n;
	}
	assert_int_equal(packet(&p, "\0\0\0\1a", ""), 5);
	assert_int_equal(arrives(&p, got, sizeof(got)), 13);
	assert_memory_equal(got, "\0\0\0\4iabc\0\0\0\1a", 13);
	end(&p);
}

/* A peer that takes a little at a time gets all of it, in order, once. */
static void
test_write_part(void **state)
{
	static char want[40000], got[sizeof(want) + 5];
	int little = 1, refused = 0;
	size_t n = 0, at = 0;
	struct pair p;
	ssize_t k = -1;

	(void)state;
	begin(&p);
	assert_int_equal(
	    setsockopt(p.ours, SOL_SOCKET, SO_SNDBUF, &little, sizeof(little)),
	    0);
	while (at + 105 <= sizeof(want)) {
		char text[101];

		memset(text, 'a' + (int)(at / 105 % 26), 100);
		text[100] = '\0';
		assert_int_equal(packet(&p, "\0\0\0\145i", text), 105);
		memcpy(want + at, "\0\0\0\145i", 5);
		memcpy(want + at + 5, text, 100);
		at += 105;
	}
	while (k < 0 && refused < 1000) {
		k = packet(&p, "\0\0\0\1a", "");
		refused += k < 0;
		for (;;) {
			ssize_t some =
			    read(p.theirs, got + n, sizeof(got) - n);

			if (some <= 0)
				break;
			n += (size_t)some;
		}
	}
	assert_int_equal(k, 5);
	assert_true(refused > 0);
	assert_int_equal(n, at + 5);
	assert_memory_equal(got, want, at);
	assert_memory_equal(got + at, "\0\0\0\1a", 5);
	end(&p);
}

/* More edits than are held go out with those that were. */
static void
test_write_many(void **state)
{
	static char got[LIMIT_MILTER_HELD + 1000];
	size_t sent = 0, n = 0;
	struct pair p;

	(void)state;
	begin(&p);
	while (p.stream.held.len || !sent) {
		assert_int_equal(packet(&p, "\0\0\0\5i", "abcd"), 9);
		sent += 9;
		assert_true(sent < sizeof(got));
	}
	assert_true(sent > LIMIT_MILTER_HELD);
	while (n < sent) {
		ssize_t k = arrives(&p, got + n, sizeof(got) - n);

		assert_true(k > 0);
		n += (size_t)k;
	}
	for (size_t i = 0; i < n; i += 9)
		assert_memory_equal(got + i, "\0\0\0\5iabcd", 9);
	end(&p);
}

int
main(void)
{
	UNIT_TEST(test_read);
	UNIT_TEST(test_ready);
	UNIT_TEST(test_read_end);
	UNIT_TEST(test_read_all);
	UNIT_TABLE(rows, check_write);
	UNIT_TEST(test_write_full);
	UNIT_TEST(test_write_part);
	UNIT_TEST(test_write_many);
	return unit_end();
}
