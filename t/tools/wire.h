/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MTA's side of the milter protocol (version 6) for load generators in C:
 * packets over one connection, written as Postfix writes them (gathered in a
 * buffer that is flushed when it is full and before each wait for an answer).
 */
#ifndef T_TOOLS_WIRE_H
#define T_TOOLS_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum {
	WIRE_ACTIONS = 0x1ff, /* what both MTAs offer */
	WIRE_STEPS = 0x1fffff,
	WIRE_NO_RCPT = 0x8, /* SMFIP_NO*, SMFIP_NR_* */
	WIRE_NO_DATA = 0x200,
	WIRE_NR_HDR = 0x80,
	WIRE_NR_CONN = 0x1000,
	WIRE_NR_HELO = 0x2000,
	WIRE_NR_MAIL = 0x4000,
	WIRE_NR_RCPT = 0x8000,
	WIRE_NR_DATA = 0x10000,
	WIRE_NR_EOH = 0x40000,
	WIRE_NR_BODY = 0x80000,
	WIRE_LEADSPC = 0x100000,
	WIRE_ANSWER_TIMEOUT_S = 60,
};

struct wire {
	int fd;                /* -1: not connected */
	uint32_t steps;        /* as negotiated */
	size_t gathered, room; /* of out: 4 KiB, two segments on TCP */
	char out[131072];
	char in[70000]; /* the last packet received, its command first */
};

/*
 * Connects to HOST:PORT (the host is loopback, whatever it says) or /PATH.
 * Returns 0 or -1.
 */
int wire_dial(struct wire *w, const char *target);

/* Sends the offer and keeps what the milter wants. Returns 0 or -1. */
int wire_negotiate(struct wire *w);

/* Gathers one packet. Returns 0, or -1 when the milter has hung up. */
int wire_packet(struct wire *w, char cmd, const void *data, size_t len);

/* Gathers octets as they are: what is no packet. */
int wire_raw(struct wire *w, const void *data, size_t len);

/* Gathers a packet of strings, each with its NUL; the list ends with NULL. */
int wire_strings(struct wire *w, char cmd, ...);

/* The same as macros of command cmd: name, value, ..., NULL. */
int wire_macros(struct wire *w, char cmd, ...);

int wire_flush(struct wire *w);

/*
 * Waits for the next packet. Returns its command, with its data in w->in + 1
 * and their length in *len; -1: none came.
 */
int wire_reply(struct wire *w, size_t *len);

/* Says goodbye and closes. */
void wire_quit(struct wire *w);

/* Closes without a word. */
void wire_hang_up(struct wire *w);

#endif
