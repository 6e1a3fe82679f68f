/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drives milters with the messages of a corpus as Postfix does, and measures.
 *
 *	drive -s SOCKET [-s SOCKET]... [-c CONNECTIONS] [-n MESSAGES]
 *	      [-w WARM-UP] [-r MESSAGES-PER-CONNECTION] [-g GAP-MS]
 *	      [-i IDLE] [-p PID]... INDEX
 *
 * Several sockets are a chain: each message passes them in turn, with the
 * fields that those before have added. A gap is time between the envelope and
 * the content. IDLE connections are opened and left alone. Warm-up messages
 * are sent first and not counted. Content is handed over after the last dot,
 * so latency runs from the first header field to the last answer. CPU time is
 * that of the processes PID (a process clock: nanoseconds, all threads).
 *
 * Prints one line of key=value: messages, failed, seconds, cpu_ms (a message),
 * p50_ms, p95_ms, p99_ms, and how often each answer came.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "corpus.h"
#include "tools/wire.h"

enum {
	CHAIN_MAX = 4,
	PIDS_MAX = 16,
	CHUNK = 65535, /* of a body: Postfix sends no more at once */
};

struct drive {
	const char *sockets[CHAIN_MAX];
	unsigned nsockets, connections, messages, warm_up, per_connection,
	    idle, gap_ms;
	pid_t pids[PIDS_MAX];
	unsigned npids;
	struct corpus corpus;
	unsigned limit;   /* messages of the present run */
	atomic_uint next; /* message to be sent */
	atomic_uint failed;
	atomic_uint answers[128];
	double *latency; /* milliseconds, by message */
};

struct client {
	struct drive *drive;
	struct wire wires[CHAIN_MAX];
	struct field *fields; /* of the message: its own and those added */
	size_t nfields, max_fields;
	size_t own; /* index of the message's first own field */
	unsigned sent;
};

static double
now_ms(clockid_t clock)
{
	struct timespec t = {0, 0};

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* --- one milter ------------------------------------------------------------ */

/* Sends a packet and reads its answer, if it gets one. */
static int
expect(struct wire *w, uint32_t no_reply)
{
	size_t len;

	if (w->steps & no_reply)
		return 0;
	return wire_reply(w, &len) == 'c' ? 0 : -1;
}

static int
open_session(struct wire *w, const char *target, const struct mail *m)
{
	char address[80];
	size_t len = strlen(m->client);

	if (wire_dial(w, target) || wire_negotiate(w))
		return -1;
	if (len > 60)
		return -1;
	(void)snprintf(address, sizeof(address), "%s%c4%c%c%s", "[client]", 0,
	    0x30, 0x39, m->client);
	if (wire_macros(w, 'C', "j", "mx.test.example", "{daemon_name}",
		"smtpd", "v", "Postfix 3.7.11", NULL) ||
	    wire_packet(w, 'C', address, strlen("[client]") + 4 + len + 1) ||
	    expect(w, WIRE_NR_CONN) || wire_strings(w, 'H', m->helo, NULL))
		return -1;
	return expect(w, WIRE_NR_HELO);
}

static int
envelope(struct wire *w, const struct mail *m)
{
	if (m->user &&
	    wire_macros(w, 'M', "{auth_type}", "PLAIN", "{auth_authen}",
		m->user, NULL))
		return -1;
	if (wire_strings(w, 'M', m->from, NULL) || expect(w, WIRE_NR_MAIL))
		return -1;
	if (!(w->steps & WIRE_NO_RCPT) &&
	    (wire_strings(w, 'R', m->to, NULL) || expect(w, WIRE_NR_RCPT)))
		return -1;
	/* DATA is told before there is any content. */
	if (!(w->steps & WIRE_NO_DATA) &&
	    (wire_packet(w, 'T', NULL, 0) || expect(w, WIRE_NR_DATA)))
		return -1;
	return wire_flush(w);
}

static int
send_fields(struct wire *w, const struct client *c)
{
	for (size_t i = 0; i < c->nfields; i++) {
		const char *value = c->fields[i].value;

		if (!(w->steps & WIRE_LEADSPC) && value[0] == ' ')
			value++;
		if (wire_strings(w, 'L', c->fields[i].name, value, NULL) ||
		    expect(w, WIRE_NR_HDR))
			return -1;
	}
	return wire_packet(w, 'N', NULL, 0) || expect(w, WIRE_NR_EOH) ? -1 : 0;
}

static int
send_body(struct wire *w, const struct mail *m)
{
	size_t len;

	for (size_t at = 0; at < m->body_len; at += CHUNK) {
		size_t n = m->body_len - at < CHUNK ? m->body_len - at : CHUNK;
		int r;

		if (wire_packet(w, 'B', m->body + at, n))
			return -1;
		if (w->steps & WIRE_NR_BODY)
			continue;
		r = wire_reply(w, &len);
		if (r == 's')
			return 0;
		if (r != 'c')
			return -1;
	}
	return 0;
}

/* --- what milters add --------------------------------------------------------- */

/* Puts a field before place at; owned by the client until the message ends. */
static int
insert_field(struct client *c, size_t at, const char *name, const char *value)
{
	if (c->nfields == c->max_fields)
		return -1;
	if (at > c->nfields)
		at = c->nfields;
	memmove(&c->fields[at + 1], &c->fields[at],
	    (c->nfields - at) * sizeof(*c->fields));
	c->fields[at] = (struct field){strdup(name), strdup(value)};
	c->nfields++;
	c->own++; /* how many are ours to free */
	return 0;
}

/* Edits up to the answer, which is returned; -1: none came. */
static int
answer(struct client *c, struct wire *w)
{
	size_t len;
	int r;

	for (;;) {
		const char *at = w->in + 1;

		r = wire_reply(w, &len);
		if (r < 0 || strchr("acdrty4", r))
			return r;
		if (r == 'i' && len > 4) {
			uint32_t index;

			memcpy(&index, at, 4);
			at += 4;
			if (insert_field(c,
				ntohl(index) ? ntohl(index) - 1 : 0, at,
				at + strlen(at) + 1))
				return -1;
		} else if (r == 'h' &&
		    insert_field(c, c->nfields, at, at + strlen(at) + 1)) {
			return -1;
		}
	}
}

static bool
is_own(const struct mail *m, const struct field *f)
{
	for (size_t i = 0; i < m->nfields; i++)
		if (m->fields[i].name == f->name)
			return true;
	return false;
}

static void
forget_fields(struct client *c, const struct mail *m)
{
	for (size_t i = 0; c->own > 0 && i < c->nfields; i++) {
		if (is_own(m, &c->fields[i]))
			continue;
		free(c->fields[i].name);
		free(c->fields[i].value);
	}
	c->own = 0;
}

/* --- a message ------------------------------------------------------------------ */

static int
content(struct client *c, const struct mail *m)
{
	struct drive *d = c->drive;
	int r = 'c';

	memcpy(c->fields, m->fields, m->nfields * sizeof(*c->fields));
	c->nfields = m->nfields;
	c->own = 0;
	for (unsigned i = 0; i < d->nsockets && (r == 'c' || r == 'a'); i++) {
		struct wire *w = &c->wires[i];

		if (send_fields(w, c) || send_body(w, m) ||
		    wire_macros(w, 'E', "i", "4QueueId", NULL) ||
		    wire_packet(w, 'E', NULL, 0))
			r = -1;
		else
			r = answer(c, w);
	}
	forget_fields(c, m);
	return r;
}

static int
message(struct client *c, unsigned n)
{
	struct drive *d = c->drive;
	const struct mail *m = &d->corpus.mails[n % d->corpus.n];
	struct timespec gap = {
	    d->gap_ms / 1000, (long)(d->gap_ms % 1000) * 1000000};
	double start;
	int r;

	for (unsigned i = 0; i < d->nsockets; i++) {
		struct wire *w = &c->wires[i];

		if (w->fd < 0 && open_session(w, d->sockets[i], m))
			return -1;
		if (envelope(w, m))
			return -1;
	}
	if (d->gap_ms)
		(void)nanosleep(&gap, NULL);
	start = now_ms(CLOCK_MONOTONIC);
	r = content(c, m);
	d->latency[n] = now_ms(CLOCK_MONOTONIC) - start;
	if (r > 0)
		atomic_fetch_add(&d->answers[r & 127], 1);
	return r;
}

static void
close_all(struct client *c)
{
	for (unsigned i = 0; i < c->drive->nsockets; i++)
		wire_quit(&c->wires[i]);
	c->sent = 0;
}

static void *
run(void *arg)
{
	struct client *c = arg;
	struct drive *d = c->drive;

	for (;;) {
		unsigned n = atomic_fetch_add(&d->next, 1);

		if (n >= d->limit)
			break;
		if (message(c, n) < 0) {
			atomic_fetch_add(&d->failed, 1);
			close_all(c);
		}
		if (++c->sent >= d->per_connection)
			close_all(c);
	}
	close_all(c);
	return NULL;
}

/* --- measuring -------------------------------------------------------------------- */

static double
cpu_ms(const struct drive *d)
{
	double sum = 0;
	clockid_t clock;

	for (unsigned i = 0; i < d->npids; i++)
		if (clock_getcpuclockid(d->pids[i], &clock) == 0)
			sum += now_ms(clock);
	return sum;
}

static void
run_all(struct drive *d, unsigned messages)
{
	struct client *clients = calloc(d->connections, sizeof(*clients));
	pthread_t *threads = calloc(d->connections, sizeof(*threads));
	size_t most = 0;

	if (!clients || !threads)
		exit(2);
	for (size_t i = 0; i < d->corpus.n; i++)
		if (d->corpus.mails[i].nfields > most)
			most = d->corpus.mails[i].nfields;
	d->limit = messages;
	atomic_store(&d->next, 0);
	for (unsigned i = 0; i < d->connections; i++) {
		clients[i].drive = d;
		clients[i].max_fields = most + 64;
		clients[i].fields = calloc(most + 64, sizeof(struct field));
		for (unsigned k = 0; k < CHAIN_MAX; k++)
			clients[i].wires[k].fd = -1;
		if (!clients[i].fields ||
		    pthread_create(&threads[i], NULL, run, &clients[i]))
			exit(2);
	}
	for (unsigned i = 0; i < d->connections; i++) {
		(void)pthread_join(threads[i], NULL);
		free(clients[i].fields);
	}
	free(clients);
	free(threads);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
print(struct drive *d, double seconds, double cpu)
{
	unsigned n = d->messages;

	qsort(d->latency, n, sizeof(*d->latency), by_value);
	printf("messages=%u failed=%u seconds=%.3f cpu_ms=%.4f p50_ms=%.3f "
	       "p95_ms=%.3f p99_ms=%.3f",
	    n, atomic_load(&d->failed), seconds, cpu / n, d->latency[n / 2],
	    d->latency[n * 95 / 100], d->latency[n * 99 / 100]);
	for (int r = 'a'; r <= 'y'; r++)
		if (atomic_load(&d->answers[r]))
			printf(" %c=%u", r, atomic_load(&d->answers[r]));
	printf("\n");
}

/* Connections that only stand there; never closed before the end. */
static void
open_idle(const struct drive *d)
{
	for (unsigned i = 0; i < d->idle; i++) {
		struct wire *w = calloc(1, sizeof(*w));

		if (!w ||
		    open_session(w, d->sockets[0], &d->corpus.mails[0]) ||
		    wire_flush(w)) {
			(void)fprintf(
			    stderr, "idle connection %u failed\n", i);
			exit(2);
		}
	}
}

static unsigned
number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

static bool
options(struct drive *d, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "s:c:n:w:r:g:i:p:")) != -1) {
		switch (opt) {
		case 's':
			if (d->nsockets == CHAIN_MAX)
				return false;
			d->sockets[d->nsockets++] = optarg;
			break;
		case 'p':
			if (d->npids == PIDS_MAX)
				return false;
			d->pids[d->npids++] = (pid_t)number(optarg);
			break;
		case 'c': d->connections = number(optarg); break;
		case 'n': d->messages = number(optarg); break;
		case 'w': d->warm_up = number(optarg); break;
		case 'r': d->per_connection = number(optarg); break;
		case 'g': d->gap_ms = number(optarg); break;
		case 'i': d->idle = number(optarg); break;
		default: return false;
		}
	}
	return d->nsockets && d->messages && d->connections &&
	    d->connections <= 5000 && optind + 1 == argc;
}

int
main(int argc, char **argv)
{
	static struct drive d = {
	    .connections = 8, .messages = 300, .per_connection = ~0u};
	unsigned most;
	double start, cpu;

	if (!options(&d, argc, argv)) {
		(void)fprintf(stderr, "drive: see the head of drive.c\n");
		return 2;
	}
	d.corpus = corpus_read(argv[optind]);
	most = d.messages > d.warm_up ? d.messages : d.warm_up;
	d.latency = calloc(most, sizeof(*d.latency));
	if (!d.latency)
		return 2;
	open_idle(&d);
	if (d.warm_up)
		run_all(&d, d.warm_up);
	for (int r = 0; r < 128; r++)
		atomic_store(&d.answers[r], 0);
	atomic_store(&d.failed, 0);
	cpu = cpu_ms(&d);
	start = now_ms(CLOCK_MONOTONIC);
	run_all(&d, d.messages);
	start = now_ms(CLOCK_MONOTONIC) - start;
	print(&d, start / 1e3, cpu_ms(&d) - cpu);
	free(d.latency);
	corpus_free(&d.corpus);
	return atomic_load(&d.failed) ? 1 : 0;
}
