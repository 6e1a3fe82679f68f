/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A load of milter connections, as an MTA makes them: each thread is one
 * connection after another until its messages are sent. Part of them is bad:
 * aborted, cut off, malformed, or made to be expensive. Every message that
 * reaches its end must be answered.
 *
 *	mload -s HOST:PORT|/PATH [-c CONNECTIONS] [-m MESSAGES] [-b PERCENT]
 *	    [-d DOMAINS] [-o PERCENT] [-r SEED]
 *
 * Message-IDs are <SEED.CONNECTION.MESSAGE@load.example>, counted from 0.
 * Senders are of DOMAINS names below example.com (5); -o: so many connections
 * come from 10.0.0.1 with mail of shop.example's, to be signed.
 * Prints one line: messages=N answered=N accepted=N ended=N failed=N, where
 * ended are those cut on purpose before their end. Exit status 0 when none
 * failed.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

struct load {
	const char *target;
	unsigned connections, messages, bad_percent, domains, own_percent;
	atomic_uint answered, accepted, ended, failed;
};

struct client {
	struct load *load;
	unsigned seed, run, number, sent;
	bool own; /* this connection brings mail to sign */
	struct wire wire;
};

static unsigned
dice(struct client *c, unsigned n)
{
	c->seed = c->seed * 1103515245u + 12345u;
	return (c->seed >> 16) % n;
}

/* --- a connection --------------------------------------------------------------- */

static int
begin(struct client *c)
{
	struct wire *w = &c->wire;
	char addr[64];
	int n;

	c->own = dice(c, 100) < c->load->own_percent;

	if (wire_dial(w, c->load->target) || wire_negotiate(w))
		return -1;
	/* "4", the port's two octets, the address */
	n = snprintf(addr, sizeof(addr), "client.example%c4%c%c%s.%u%c", 0,
	    0x30, 0x39, c->own ? "10.0.0" : "192.0.2", 1 + c->seed % 20, 0);
	/* NR flags: nothing is answered before the body. */
	if (wire_macros(
		w, 'C', "j", "mx.test.example", "v", "Postfix 3.7.11", NULL) ||
	    wire_packet(w, 'C', addr, (size_t)n))
		return -1;
	return wire_strings(w, 'H', "client.example", NULL);
}

/* --- messages -------------------------------------------------------------------- */

enum kind {
	GOOD,
	ABORT_HEADER,
	ABORT_BODY,
	HANG_UP_HEADER,
	HANG_UP_BODY,
	GARBAGE_PACKET,
	MANY_SIGNATURES,
	MANY_FIELDS,
	ODD_FIELDS,
	LONG_FIELD,
	NKINDS,
};

static void
sender(struct client *c, const char *before, char *out, size_t size)
{
	if (c->own)
		(void)snprintf(out, size, "%s<a@shop.example>", before);
	else
		(void)snprintf(out, size, "%s<a@d%u.example.com>", before,
		    dice(c, c->load->domains));
}

static int
field(struct client *c, const char *name, const char *value)
{
	return wire_strings(&c->wire, 'L', name, value, NULL);
}

static int
signatures(struct client *c, unsigned n)
{
	char value[600];

	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(value, sizeof(value),
		    " v=1; a=rsa-sha256; c=relaxed/relaxed; d=d%u.example.com;"
		    " s=s; h=From:To:Subject;"
		    " bh=j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=; b=AAAA",
		    i);
		if (field(c, "DKIM-Signature", value))
			return -1;
	}
	return 0;
}

static int
bad_header(struct client *c, enum kind kind)
{
	static const char *const odd[] = {" \xff\xfe(;", "", "\n \n\t",
	    " =?x?= \"mx.test.example\"; dkim=pass", " a=b; ;;=; a=c",
	    " \"unclosed", " (((((", " @,@,@:;<>"};
	static const char *const names[] = {
	    "From", "DKIM-Signature", "Authentication-Results", "Subject"};
	static char big[60000];

	if (kind == MANY_SIGNATURES)
		return signatures(c, 500);
	if (kind == MANY_FIELDS)
		for (unsigned i = 0; i < 1000; i++)
			if (field(c, "X-F", " v"))
				return -1;
	if (kind == ODD_FIELDS)
		for (unsigned i = 0; i < 64; i++)
			if (field(c, names[dice(c, 4)], odd[dice(c, 8)]))
				return -1;
	if (kind == LONG_FIELD) {
		char *own = malloc(sizeof(big));
		int rc;

		if (!own)
			return -1;
		memset(own, 'x', sizeof(big) - 1);
		own[sizeof(big) - 1] = '\0';
		rc = field(c, names[dice(c, 4)], own);
		free(own);
		return rc;
	}
	return 0;
}

static int
header(struct client *c, enum kind kind)
{
	char mail[64], id[80];

	(void)snprintf(id, sizeof(id), " <%u.%u.%u@load.example>", c->run,
	    c->number, c->sent);
	sender(c, "", mail, sizeof(mail));
	if (wire_strings(&c->wire, 'M', mail, NULL))
		return -1;
	sender(c, " A ", mail, sizeof(mail));
	if (field(c, "From", mail) || field(c, "To", " b@y.example") ||
	    field(c, "Authentication-Results",
		" mx.test.example; dkim=pass header.d=bank.example") ||
	    field(c, "Message-ID", id) ||
	    field(c, "Subject", " hello\n\tthere"))
		return -1;
	return bad_header(c, kind);
}

/* Body chunks; 0 when the milter wants no more or all is sent. */
static int
body(struct client *c, enum kind kind)
{
	static const char text[] = "Hello,\r\n\r\nthis is a body.\r\n";
	size_t len;

	for (unsigned i = 0; i < 1 + dice(c, 3); i++) {
		int r;

		if (wire_packet(&c->wire, 'B', text, sizeof(text) - 1))
			return -1;
		if (kind == HANG_UP_BODY)
			return 0;
		if (c->wire.steps & WIRE_NR_BODY)
			continue;
		r = wire_reply(&c->wire, &len);
		if (r == 's')
			return 0;
		if (r != 'c')
			return -1;
	}
	return 0;
}

/* Reads edits until the answer. */
static int
answer(struct client *c)
{
	size_t len;
	int r;

	if (wire_macros(&c->wire, 'E', "i", "QUEUEID", NULL) ||
	    wire_packet(&c->wire, 'E', NULL, 0))
		return -1;
	do
		r = wire_reply(&c->wire, &len);
	while (r > 0 && !strchr("acdrty4", r));
	return r;
}

/* 0: go on with this connection, 1: it is used up, -1: failed. */
static int
message(struct client *c, enum kind kind)
{
	struct load *l = c->load;
	int r;

	if (header(c, kind))
		return -1;
	if (kind == ABORT_HEADER || kind == HANG_UP_HEADER ||
	    kind == GARBAGE_PACKET)
		atomic_fetch_add(&l->ended, 1);
	if (kind == ABORT_HEADER)
		return wire_packet(&c->wire, 'A', NULL, 0);
	if (kind == HANG_UP_HEADER)
		return 1;
	if (kind == GARBAGE_PACKET) {
		/* An unknown command: libmilter hangs up on us. */
		(void)wire_packet(&c->wire, '\x7f', "garbage", 7);
		return 1;
	}
	if (wire_packet(&c->wire, 'N', NULL, 0) || body(c, kind))
		return -1;
	if (kind == ABORT_BODY || kind == HANG_UP_BODY) {
		atomic_fetch_add(&l->ended, 1);
		return kind == HANG_UP_BODY
		    ? 1
		    : wire_packet(&c->wire, 'A', NULL, 0);
	}
	r = answer(c);
	if (r <= 0)
		return -1;
	atomic_fetch_add(&l->answered, 1);
	if (r == 'a' || r == 'c')
		atomic_fetch_add(&l->accepted, 1);
	return 0;
}

static void *
run(void *arg)
{
	struct client *c = arg;
	struct load *l = c->load;

	for (unsigned i = 0; i < l->messages; i++) {
		enum kind kind = GOOD;
		int r = 0;

		c->sent = i;
		if (dice(c, 100) < l->bad_percent)
			kind = (enum kind)(1 + dice(c, NKINDS - 1));
		if (c->wire.fd < 0)
			r = begin(c);
		if (r == 0)
			r = message(c, kind);
		if (r < 0)
			atomic_fetch_add(&l->failed, 1);
		if (r != 0 && c->wire.fd >= 0)
			wire_hang_up(&c->wire);
	}
	wire_quit(&c->wire);
	return NULL;
}

static int
arguments(int argc, char **argv, struct load *l, unsigned *seed)
{
	int opt;

	while ((opt = getopt(argc, argv, "s:c:m:b:d:o:r:")) != -1) {
		unsigned n = (unsigned)strtoul(optarg ? optarg : "", NULL, 10);

		switch (opt) {
		case 's': l->target = optarg; break;
		case 'c': l->connections = n; break;
		case 'm': l->messages = n; break;
		case 'b': l->bad_percent = n; break;
		case 'd': l->domains = n; break;
		case 'o': l->own_percent = n; break;
		case 'r': *seed = n; break;
		default: return -1;
		}
	}
	return l->target && l->connections > 0 && l->connections <= 5000 &&
		l->domains > 0
	    ? 0
	    : -1;
}

int
main(int argc, char **argv)
{
	struct load l = {.connections = 10, .messages = 10, .domains = 5};
	struct client *clients;
	pthread_t *threads;
	unsigned seed = 0;

	if (arguments(argc, argv, &l, &seed))
		return 2;
	clients = calloc(l.connections, sizeof(*clients));
	threads = calloc(l.connections, sizeof(*threads));
	if (!clients || !threads)
		return 2;
	for (unsigned i = 0; i < l.connections; i++) {
		clients[i].load = &l;
		clients[i].run = seed;
		clients[i].number = i;
		clients[i].seed = seed * 104729 + i * 7919 + 1;
		clients[i].wire.fd = -1;
		if (pthread_create(&threads[i], NULL, run, &clients[i]))
			return 2;
	}
	for (unsigned i = 0; i < l.connections; i++)
		(void)pthread_join(threads[i], NULL);
	printf("messages=%u answered=%u accepted=%u ended=%u failed=%u\n",
	    l.connections * l.messages, atomic_load(&l.answered),
	    atomic_load(&l.accepted), atomic_load(&l.ended),
	    atomic_load(&l.failed));
	free(clients);
	free(threads);
	return atomic_load(&l.failed) ? 1 : 0;
}
