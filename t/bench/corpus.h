/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages of a benchmark, in memory. An index names them, one a line,
 * its words separated by tabs:
 *
 *	FILE  CLIENT-ADDRESS  HELO  MAIL-FROM  RCPT-TO  USER
 *
 * FILE is relative to the index; USER is the authenticated user, or "-".
 */
#ifndef T_BENCH_CORPUS_H
#define T_BENCH_CORPUS_H

#include <stddef.h>

struct field {
	char *name, *value; /* value as it came, line ends LF */
};

struct mail {
	char *client, *helo, *from, *to, *user; /* user NULL: none */
	struct field *fields;
	size_t nfields;
	char *body;
	size_t body_len;
};

struct corpus {
	struct mail *mails;
	size_t n;
};

/* Reads all; ends the program with a message when it cannot. */
struct corpus corpus_read(const char *index);
void corpus_free(struct corpus *c);

#endif
