/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/pool.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#define FIRST 200
#define N 20

/* Connections FIRST to FIRST + N - 1 and a pipe, as libmilter has them. */
struct scene {
	struct pool *pool;
	int pipe[2], peers[N];
	struct pollfd fds[N + 1];
};

static void
connect_one(struct scene *s, int i)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(dup2(fds[0], FIRST + i), FIRST + i);
	(void)close(fds[0]);
	s->peers[i] = fds[1];
	s->fds[i + 1] = (struct pollfd){
	    .fd = FIRST + i, .events = POLLIN | POLLPRI, .revents = POLLOUT};
	pool_forget(s->pool, FIRST + i);
}

static void
begin(struct scene *s)
{
	s->pool = pool_new(FIRST, N);
	assert_non_null(s->pool);
	assert_int_equal(pipe(s->pipe), 0);
	s->fds[0] = (struct pollfd){.fd = s->pipe[0], .events = POLLIN};
	for (int i = 0; i < N; i++)
		connect_one(s, i);
}

static void
end(struct scene *s)
{
	pool_free(s->pool);
	(void)close(s->pipe[0]);
	(void)close(s->pipe[1]);
	for (int i = 0; i < N; i++) {
		(void)close(FIRST + i);
		(void)close(s->peers[i]);
	}
}

/* How many are told; -2: not for the pool. */
static int
ask(struct scene *s, nfds_t n)
{
	int found;

	return pool_poll(s->pool, s->fds, n, 0, &found) ? found : -2;
}

static void
say(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

static void
hear(int fd)
{
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
}

static void
test_tells(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	assert_int_equal(ask(&s, N + 1), 0);
	assert_int_equal(s.fds[3].revents, 0);
	say(s.peers[2]);
	say(s.peers[7]);
	for (int round = 0; round < 3; round++) { /* until it is read */
		assert_int_equal(ask(&s, N + 1), 2);
		assert_int_equal(s.fds[3].revents, POLLIN);
		assert_int_equal(s.fds[8].revents, POLLIN);
		assert_int_equal(s.fds[4].revents, 0);
	}
	hear(FIRST + 2);
	assert_int_equal(ask(&s, N + 1), 1);
	assert_int_equal(s.fds[8].revents, POLLIN);
	hear(FIRST + 7);
	assert_int_equal(ask(&s, N + 1), 0);
	say(s.pipe[1]);
	assert_int_equal(ask(&s, N + 1), 1);
	assert_int_equal(s.fds[0].revents, POLLIN);
	hear(s.pipe[0]);
	(void)shutdown(s.peers[4], SHUT_RDWR);
	assert_int_equal(ask(&s, N + 1), 1);
	assert_int_equal(s.fds[5].revents, POLLIN | POLLHUP);
	end(&s);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One that is not asked about tells nothing, and nothing is forgotten. */
static void
test_part(void **state)
{
	struct pollfd seventh;
	int64_t begun_ms;
	struct scene s;
	int found;

	(void)state;
	begin(&s);
	assert_int_equal(ask(&s, N + 1), 0);
	say(s.peers[6]);
	seventh = s.fds[7];
	s.fds[7] = s.fds[N];
	assert_int_equal(ask(&s, N), 0);
	/* Nor does it keep who waits for others busy. */
	begun_ms = now_ms();
	assert_true(pool_poll(s.pool, s.fds, N, 20, &found));
	assert_int_equal(found, 0);
	assert_true(now_ms() - begun_ms >= 19);
	say(s.peers[N - 1]);
	assert_int_equal(ask(&s, N), 1);
	assert_int_equal(s.fds[7].revents, POLLIN);
	s.fds[N] = seventh;
	assert_int_equal(ask(&s, N + 1), 2);
	assert_int_equal(s.fds[N].revents, POLLIN);
	end(&s);
}

/* Its number belongs to another connection by now. */
static void
test_reused(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	assert_int_equal(ask(&s, N + 1), 0);
	say(s.peers[5]);
	(void)close(FIRST + 5);
	(void)close(s.peers[5]);
	connect_one(&s, 5);
	assert_int_equal(ask(&s, N + 1), 0);
	say(s.peers[5]);
	assert_int_equal(ask(&s, N + 1), 1);
	assert_int_equal(s.fds[6].revents, POLLIN);
	end(&s);
}

static void
test_not_for_it(void **state)
{
	struct scene s;
	int found;

	(void)state;
	begin(&s);
	assert_int_equal(ask(&s, 1), -2);
	s.fds[4].events = POLLOUT;
	assert_int_equal(ask(&s, N + 1), -2);
	s.fds[4].events = POLLIN;
	s.fds[5].fd = s.pipe[1];
	assert_int_equal(ask(&s, N + 1), -2);
	s.fds[5].fd = FIRST + 4;
	s.fds[6].fd = -1;
	assert_int_equal(ask(&s, N + 1), -2);
	s.fds[6].fd = FIRST + 5;
	assert_int_equal(ask(&s, N + 1), 0);
	assert_false(pool_poll(s.pool, s.fds, 0, 0, &found));
	end(&s);
}

int
main(void)
{
	UNIT_TEST(test_tells);
	UNIT_TEST(test_part);
	UNIT_TEST(test_reused);
	UNIT_TEST(test_not_for_it);
	return unit_end();
}
