/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzzer of the milter protocol against a running assayd: connections whose
 * packets are those of an MTA, then changed, cut, doubled, left out, put in
 * another order, given a false length or hung up on. Seeded: session N of
 * seed S is session 0 of seed S + N.
 *
 *	mfuzz -s HOST:PORT|/PATH [-n SESSIONS] [-t SECONDS] [-c CONNECTIONS]
 *	    [-r SEED]
 *
 * What must hold:
 *  - between the sessions a message that forges legit.example, in a session
 *    without any fault, is refused with 550, as always;
 *  - a session in which nothing was falsified below the level of packets, and
 *    which is still open at an end of message, is answered;
 *  - a field that is inserted has a plain name, a value without NUL, CR or a
 *    line that is no continuation, and never says dmarc=pass: no domain that
 *    is named here lets a client in that is named here.
 *
 * Prints sessions, packets, answers, refused (the sane ones) and failed;
 * exit status 0 when none failed.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define PAYLOAD_MAX 70000
#define SANE_EVERY 64 /* sessions of one connection's thread */
#define LEN(a) (sizeof(a) / sizeof(*(a)))

struct fuzz {
	const char *target;
	unsigned long sessions;
	unsigned connections, seed;
	time_t until; /* monotonic; 0: no limit */
	atomic_ulong next, packets, answers, refused, failed;
};

struct client {
	struct fuzz *fuzz;
	uint64_t state; /* of the dice */
	unsigned seed;  /* of this session */
	bool framed;    /* all lengths were true so far */
	bool in_order;  /* no packet was changed, moved or left out */
	struct wire wire;
	size_t len;
	char payload[PAYLOAD_MAX];
};

/* --- dice ------------------------------------------------------------------ */

/* splitmix64 */
static uint64_t
next(struct client *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static unsigned
dice(struct client *c, size_t n)
{
	return (unsigned)(next(c) % n);
}

/* --- what packets are made of ------------------------------------------------ */

static const char *const names[] = {"From", "From", "from", "To", "Subject",
    "DKIM-Signature", "Authentication-Results", "Received-SPF", "ARC-Seal",
    "List-Id", "Sender", "Date", "Message-ID", "Received", "X-F", "Fr om", "",
    "Content-Type", "X-Assay-Quarantine", "Resent-From", "DKIM-Signature "};
static const char *const values[] = {" a@legit.example", " <a@legit.example>",
    " \"x <a@shop.example>\" <b@legit.example>", " a@legit.example, b@x.com",
    " a@shop.example", " =?utf-8?b?YUBsZWdpdC5leGFtcGxl?=", " x:;", "", " ",
    "\n a@legit.example", " \"unclosed", " (((((((",
    " <@a,@b:c@legit.example>",
    " mx.test.example; dmarc=pass header.from=legit.example",
    " \"mx.test.example.\" 1; spf=pass", " i=1; a=rsa-sha256; cv=none; b=x",
    " v=1; a=rsa-sha256; c=relaxed/simple; d=legit.example; s=testr; "
    "h=From:To:Subject; bh=j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=; "
    "b=AAAA",
    " v=1; a=ed25519-sha256; d=shop.example; s=teste; l=0; t=99999999999; "
    "x=1; h=From:From:::x; bh=; b=QUJD\n QUJD",
    " v=1; a=rsa-sha256; d=a.b..c; s=*; q=dns/txt; z=a:b|c; h=; bh==; b==",
    " %s%n%x %% \\x00",
    " \xc3\xbc@b\xc3\xbc"
    "cher.example",
    " \xff\xfe\x80"};
static const char *const senders[] = {"<a@legit.example>", "<>", "",
    "a@legit.example", "<a@shop.example>", "<@x,@y:a@legit.example>",
    "<\"a b\"@legit.example>", "<a@legit.example> SIZE=9", "<", ">", "<a@b@c>",
    "<a@\xff.example>", "<SRS0=x=y=z=a@legit.example>"};
static const char *const macros[] = {"j", "v", "i", "{daemon_name}", "_",
    "{auth_type}", "{auth_authen}", "{client_addr}", "{mail_addr}", "{", ""};
static const char *const settings[] = {"mx.test.example", "Postfix 3.7.11",
    "8.17.1.9", "4B0C5D0A1B", "", "ORIGINATING", "%s%s%n", "a;b\r\nX: y",
    "\xff", "user@shop.example"};
static const char *const addresses[] = {"203.0.113.99", "10.0.0.1",
    "2001:db8::99", "IPv6:2001:db8::99", "", "300.1.1.1", "unix", "::", "0"};

static void
add(struct client *c, const void *data, size_t len)
{
	if (len > sizeof(c->payload) - c->len)
		len = sizeof(c->payload) - c->len;
	if (len)
		memcpy(c->payload + c->len, data, len);
	c->len += len;
}

/* With its NUL. */
static void
add_string(struct client *c, const char *s)
{
	add(c, s, strlen(s) + 1);
}

#define ADD_ONE_OF(c, list) add_string(c, (list)[dice(c, LEN(list))])

static void
add_fill(struct client *c, size_t len)
{
	static const char octets[] = "ab \t\n\r;=:<>@\"\\(),.\x80\0";

	for (size_t i = 0; i < len; i++)
		add(c, &octets[dice(c, sizeof(octets))], 1);
}

static void
make_connect(struct client *c)
{
	static const char families[] = "4444466LU\0x";
	char head[3] = {families[dice(c, sizeof(families) - 1)], 0x30, 0x39};

	add_string(c, dice(c, 4) ? "client.example" : "[203.0.113.99]");
	add(c, head, head[0] == 'U' ? 1 : 3);
	if (head[0] != 'U')
		ADD_ONE_OF(c, addresses);
}

static void
make_offer(struct client *c)
{
	static const unsigned versions[] = {6, 6, 6, 6, 6, 2, 3, 4, 7, 0};
	unsigned steps = dice(c, 4) ? WIRE_STEPS : (unsigned)next(c);
	unsigned actions = dice(c, 4) ? WIRE_ACTIONS : (unsigned)next(c);
	unsigned offer[3] = {versions[dice(c, LEN(versions))], actions, steps};

	for (size_t i = 0; i < LEN(offer); i++) {
		char be[4] = {(char)(offer[i] >> 24), (char)(offer[i] >> 16),
		    (char)(offer[i] >> 8), (char)offer[i]};

		add(c, be, sizeof(be));
	}
}

static void
make_macros(struct client *c)
{
	static const char stages[] = "CHMRTLNBEO";

	add(c, &stages[dice(c, sizeof(stages) - 1)], 1);
	for (unsigned n = dice(c, 6); n > 0; n--) {
		ADD_ONE_OF(c, macros);
		ADD_ONE_OF(c, settings);
	}
}

static void
make_field(struct client *c)
{
	ADD_ONE_OF(c, names);
	ADD_ONE_OF(c, values);
	if (dice(c, 16))
		return;
	c->len--;
	add_fill(c, dice(c, 8) ? dice(c, 200) : dice(c, 60000));
	add(c, "", 1);
}

static void
make_body(struct client *c)
{
	static const size_t sizes[] = {0, 1, 2, 40, 998, 4096, 65535};
	size_t n = sizes[dice(c, LEN(sizes))];

	if (dice(c, 3))
		add_fill(c, n > 998 ? 998 : n);
	else
		for (size_t i = 0; i < n; i++)
			add(c, "hello\r\n" + i % 7, 1);
}

/* The payload of a command as an MTA could send it. */
static void
make(struct client *c, char cmd)
{
	c->len = 0;
	switch (cmd) {
	case 'O': make_offer(c); break;
	case 'C': make_connect(c); break;
	case 'D': make_macros(c); break;
	case 'H':
	case 'U': ADD_ONE_OF(c, settings); break;
	case 'M':
	case 'R':
		ADD_ONE_OF(c, senders);
		if (!dice(c, 4))
			ADD_ONE_OF(c, settings);
		break;
	case 'L': make_field(c); break;
	case 'B': make_body(c); break;
	default: break;
	}
}

/* --- what is done to them ------------------------------------------------------- */

static void
mutate_payload(struct client *c)
{
	size_t at = c->len ? dice(c, c->len) : 0;

	switch (dice(c, 6)) {
	case 0: c->len = at; break; /* cut, most often without its NUL */
	case 1: add_fill(c, dice(c, 300)); break;
	case 2: add_fill(c, dice(c, PAYLOAD_MAX)); break;
	case 3: c->len = 0; break;
	default:
		for (unsigned n = dice(c, 8) + 1; n > 0 && c->len; n--)
			c->payload[dice(c, c->len)] = (char)next(c);
	}
}

/* A header whose length is not that of the packet. */
static int
send_falsely(struct client *c, char cmd)
{
	static const uint32_t lengths[] = {0, 1, 65535, 65536, 65537, 1u << 20,
	    0x7fffffff, 0x80000000u, 0xffffffffu};
	uint32_t n = dice(c, 3) ? lengths[dice(c, LEN(lengths))]
				: (uint32_t)dice(c, c->len + 10);
	char head[5] = {
	    (char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n, cmd};

	c->framed = c->in_order = false;
	return wire_raw(&c->wire, head, dice(c, 5) ? 5 : dice(c, 5)) ||
		wire_raw(&c->wire, c->payload, c->len)
	    ? -1
	    : 0;
}

static int
send_one(struct client *c, char cmd)
{
	static const char commands[] = "OCHMRTLNBEAQKDUxyz\0\x7f\xff";

	atomic_fetch_add(&c->fuzz->packets, 1);
	make(c, cmd);
	if (dice(c, 24) == 0) {
		c->in_order = false;
		mutate_payload(c);
	}
	if (dice(c, 64) == 0) {
		c->in_order = false;
		cmd = commands[dice(c, sizeof(commands) - 1)];
	}
	if (dice(c, 128) == 0)
		return send_falsely(c, cmd);
	return wire_packet(&c->wire, cmd, c->payload, c->len);
}

/* --- answers ------------------------------------------------------------------------ */

static void
failed(struct client *c, const char *why)
{
	atomic_fetch_add(&c->fuzz->failed, 1);
	(void)fprintf(stderr, "seed %u: %s\n", c->seed, why);
}

/* An inserted field: index, name, value. */
static void
check_field(struct client *c, const char *p, size_t len)
{
	const char *name = p + 4, *end = p + len, *value, *lf;

	if (len < 6 || p[len - 1] != '\0' ||
	    !(value = memchr(name, '\0', len - 5))) {
		failed(c, "a field without an end");
		return;
	}
	value++;
	if (value + strlen(value) + 1 != end || strchr(value, '\r'))
		failed(c, "NUL or CR in a field");
	for (lf = strchr(value, '\n'); lf; lf = strchr(lf + 1, '\n'))
		if (lf[1] != ' ' && lf[1] != '\t')
			failed(c, "a field that goes on as another");
	if (strspn(name,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"-") != strlen(name))
		failed(c, "an odd field name");
	if (strstr(value, "dmarc=pass"))
		failed(c, value);
}

/*
 * Reads what there is, waiting so long for more, up to the first packet of one
 * of these codes. Returns the last one's code, 0 when there was none, -1 when
 * the milter has hung up.
 */
static int
read_answers(struct client *c, int ms, const char *last)
{
	struct pollfd fd = {.fd = c->wire.fd, .events = POLLIN};
	int r = 0;

	if (wire_flush(&c->wire))
		return -1;
	while (poll(&fd, 1, ms) > 0) {
		size_t len;

		r = wire_reply(&c->wire, &len);
		if (r < 0)
			return -1;
		atomic_fetch_add(&c->fuzz->answers, 1);
		if (r == 'i')
			check_field(c, c->wire.in + 1, len);
		if (strchr(last, r))
			return r;
	}
	return r;
}

/* --- sessions ------------------------------------------------------------------------- */

/* 0: go on. */
static int
step(struct client *c, char cmd)
{
	unsigned d = dice(c, 200);

	if (d < 2) { /* left out */
		c->in_order = false;
		return 0;
	}
	if (d == 2) { /* half of it, and gone */
		make(c, cmd);
		(void)wire_raw(&c->wire, c->payload, c->len / 2);
		return -1;
	}
	if (d == 3)
		return -1;
	if (d == 4) {
		c->in_order = false;
		if (send_one(c, cmd))
			return -1;
	}
	if (send_one(c, cmd))
		return -1;
	return dice(c, 8) ? 0 : read_answers(c, 0, "") < 0 ? -1 : 0;
}

static int
steps(struct client *c, const char *commands)
{
	for (; *commands; commands++)
		if (step(c, *commands))
			return -1;
	return 0;
}

static int
fields(struct client *c)
{
	unsigned n = dice(c, 50) ? dice(c, 12) : dice(c, 600);

	while (n-- > 0)
		if (step(c, 'L'))
			return -1;
	return 0;
}

static int
message(struct client *c)
{
	bool sound;

	if (steps(c, "DM") || steps(c, dice(c, 2) ? "DRR" : "RT") ||
	    fields(c) || steps(c, "N"))
		return -1;
	for (unsigned n = dice(c, 4); n > 0; n--)
		if (step(c, 'B') || read_answers(c, 0, "") < 0)
			return -1;
	if (dice(c, 10) == 0)
		return step(c, 'A');
	/* Answers to all before are there when a body's would be. */
	sound = c->in_order;
	if (read_answers(c, sound, "cs") < 0)
		return -1;
	if (wire_packet(&c->wire, 'E', NULL, 0))
		return -1;
	if (read_answers(c, sound ? 30000 : 5, "acdrty4") == 0 && sound)
		failed(c, "an end of message that nobody answered");
	return 0;
}

static void
session(struct client *c)
{
	c->framed = c->in_order = true;
	if (wire_dial(&c->wire, c->fuzz->target)) {
		failed(c, "no connection");
		return;
	}
	if (steps(c, "O") == 0 && read_answers(c, 20, "O") >= 0 &&
	    steps(c, "DCDH") == 0)
		for (unsigned n = dice(c, 3) + 1; n > 0; n--)
			if (message(c) || !c->framed)
				break;
	if (dice(c, 2))
		wire_quit(&c->wire);
	else
		wire_hang_up(&c->wire);
}

/* What no session before may have changed. */
static void
sane(struct client *c)
{
	struct wire *w = &c->wire;
	static const char addr[] = "client.example\0"
				   "4\x30\x39"
				   "203.0.113.99";
	size_t len;
	int r = -1;

	if (wire_dial(w, c->fuzz->target)) {
		failed(c, "no connection");
		return;
	}
	if (wire_negotiate(w) || wire_packet(w, 'C', addr, sizeof(addr)) ||
	    wire_strings(w, 'H', "client.example", NULL) ||
	    wire_strings(w, 'M', "<a@legit.example>", NULL) ||
	    wire_strings(w, 'L', "From", " <a@legit.example>", NULL) ||
	    wire_packet(w, 'N', NULL, 0) || wire_packet(w, 'E', NULL, 0))
		failed(c, "a sane session is hung up on");
	else
		while ((r = wire_reply(w, &len)) > 0 && !strchr("acdrty4", r))
			;
	w->in[sizeof(w->in) - 1] = '\0';
	if (r == 'y' && strncmp(w->in + 1, "550 5.7.1 ", 10) == 0)
		atomic_fetch_add(&c->fuzz->refused, 1);
	else
		failed(c, r > 0 ? w->in : "a sane session has no answer");
	wire_quit(w);
}

static bool
time_is_up(const struct fuzz *f)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return f->until && now.tv_sec >= f->until;
}

static void *
run(void *arg)
{
	struct client *c = arg;
	struct fuzz *f = c->fuzz;

	for (unsigned n = 0; !time_is_up(f); n++) {
		unsigned long i = atomic_fetch_add(&f->next, 1);

		if (i >= f->sessions)
			break;
		c->seed = f->seed + (unsigned)i;
		c->state = c->seed;
		session(c);
		if (n % SANE_EVERY == 0)
			sane(c);
	}
	sane(c);
	return NULL;
}

static int
arguments(int argc, char **argv, struct fuzz *f)
{
	struct timespec now;
	int opt;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	while ((opt = getopt(argc, argv, "s:n:t:c:r:")) != -1) {
		unsigned long n = strtoul(optarg ? optarg : "", NULL, 10);

		switch (opt) {
		case 's': f->target = optarg; break;
		case 'n': f->sessions = n; break;
		case 't': f->until = now.tv_sec + (time_t)n; break;
		case 'c': f->connections = (unsigned)n; break;
		case 'r': f->seed = (unsigned)n; break;
		default: return -1;
		}
	}
	return f->target && f->connections > 0 && f->connections <= 500 ? 0
									: -1;
}

int
main(int argc, char **argv)
{
	struct fuzz f = {.sessions = 1000, .connections = 4};
	struct client *clients;
	pthread_t *threads;

	if (arguments(argc, argv, &f))
		return 2;
	clients = calloc(f.connections, sizeof(*clients));
	threads = calloc(f.connections, sizeof(*threads));
	if (!clients || !threads)
		return 2;
	for (unsigned i = 0; i < f.connections; i++) {
		clients[i].fuzz = &f;
		if (pthread_create(&threads[i], NULL, run, &clients[i]))
			return 2;
	}
	for (unsigned i = 0; i < f.connections; i++)
		(void)pthread_join(threads[i], NULL);
	printf("sessions=%lu packets=%lu answers=%lu refused=%lu failed=%lu\n",
	    atomic_load(&f.next), atomic_load(&f.packets),
	    atomic_load(&f.answers), atomic_load(&f.refused),
	    atomic_load(&f.failed));
	free(clients);
	free(threads);
	return atomic_load(&f.failed) ? 1 : 0;
}
