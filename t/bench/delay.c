/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A name server that is far away: passes UDP queries on at once and each
 * answer after a time.
 *
 *	delay PORT SERVER-PORT MILLISECONDS	(all on loopback)
 */
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <arpa/inet.h>

enum {
	PENDING = 65536,
	ANSWER_MAX = 4096,
	QUEUE = 4096
};

struct asked {
	struct sockaddr_in who;
	uint16_t id;
};

struct answer {
	struct sockaddr_in to;
	double due;
	size_t len;
	unsigned char octets[ANSWER_MAX];
};

struct relay {
	int near, far;
	double delay;
	uint16_t number;
	struct asked asked[PENDING]; /* by number */
	struct answer queue[QUEUE];  /* in order of time */
	size_t first, n;
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
udp(uint16_t port, bool listening)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int rc;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	rc = listening ? bind(fd, (struct sockaddr *)&in, sizeof(in))
		       : connect(fd, (struct sockaddr *)&in, sizeof(in));
	if (fd >= 0 && rc == 0)
		return fd;
	perror("delay");
	exit(1);
}

static void
pass_query(struct relay *r)
{
	unsigned char query[ANSWER_MAX];
	struct sockaddr_in who;
	socklen_t size = sizeof(who);
	ssize_t n = recvfrom(
	    r->near, query, sizeof(query), 0, (struct sockaddr *)&who, &size);
	struct asked *a;

	if (n < 12)
		return;
	a = &r->asked[++r->number];
	a->who = who;
	memcpy(&a->id, query, 2);
	memcpy(query, &r->number, 2);
	(void)!send(r->far, query, (size_t)n, 0);
}

static void
keep_answer(struct relay *r)
{
	struct answer *q = &r->queue[(r->first + r->n) % QUEUE];
	ssize_t n = recv(r->far, q->octets, sizeof(q->octets), 0);
	uint16_t number;

	if (n < 12 || r->n == QUEUE)
		return;
	memcpy(&number, q->octets, 2);
	memcpy(q->octets, &r->asked[number].id, 2);
	q->to = r->asked[number].who;
	q->len = (size_t)n;
	q->due = now() + r->delay;
	r->n++;
}

/* Sends what is due; milliseconds until the next is, -1: none waits. */
static int
give_answers(struct relay *r)
{
	while (r->n) {
		struct answer *q = &r->queue[r->first];
		double left = q->due - now();

		if (left > 0)
			return left < 1 ? 0 : (int)left;
		(void)!sendto(r->near, q->octets, q->len, 0,
		    (struct sockaddr *)&q->to, sizeof(q->to));
		r->first = (r->first + 1) % QUEUE;
		r->n--;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	static struct relay r;
	struct pollfd fds[2];

	if (argc != 4)
		return 2;
	r.near = udp((uint16_t)strtoul(argv[1], NULL, 10), true);
	r.far = udp((uint16_t)strtoul(argv[2], NULL, 10), false);
	r.delay = strtod(argv[3], NULL);
	for (;;) {
		int wait = give_answers(&r);

		fds[0] = (struct pollfd){.fd = r.near, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = r.far, .events = POLLIN};
		if (poll(fds, 2, wait) <= 0)
			continue;
		if (fds[0].revents)
			pass_query(&r);
		if (fds[1].revents)
			keep_answer(&r);
	}
}
