/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPF for the oracles: spf_cli ZONE < requests. The zone is read as
 * dns/zone.h says. A request is a line of fields divided by TABs, a result
 * the same; "\DDD" is an octet in either.
 *	mailfrom|helo  client-ip  helo  sender  receiver
 *	word  reason  terms  voids  queries  term  path  explanation
 */
#include "spf/spf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/zone.h"
#include "mail/limits.h"

#define FIELDS 5

static struct slice
read_all(FILE *f, struct buf *b)
{
	char chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(b, slice_of(chunk, n));
	if (buf_status(b) || ferror(f))
		exit(2);
	return buf_slice(b);
}

/* Octets in place of "\DDD", into the arena. */
static struct slice
plain(struct slice s, struct arena *arena)
{
	char *p = arena_alloc(arena, s.len + 1);
	size_t n = 0;
	uint64_t octet;

	if (!p)
		exit(2);
	while (s.len) {
		char c = s.ptr[0];

		s = slice_from(s, 1);
		if (c == '\\' && !slice_u64(slice_upto(s, 3), 255, &octet)) {
			c = (char)octet;
			s = slice_from(s, 3);
		}
		p[n++] = c;
	}
	return slice_of(p, n);
}

static void
show(struct slice s)
{
	(void)putchar('\t');
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (is_print(c) && c != '\\')
			(void)putchar(c);
		else
			(void)printf("\\%03u", (unsigned char)c);
	}
}

static void
answer(struct resolver *zone, struct slice line)
{
	struct inquiry *q = inquiry_new(zone, LIMIT_SPF_QUERIES + 20);
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct slice field[FIELDS] = {SLICE_EMPTY};
	struct spf_request rq = {.want_explanation = true, .now_s = 1e9};
	struct err err = ERR_INIT;
	struct spf_result r;
	bool more = true;

	if (!q || !arena)
		exit(2);
	for (size_t i = 0; i < FIELDS && more; i++)
		field[i] = plain(slice_cut(&line, '\t', &more), arena);
	rq.identity = slice_eqz(field[0], "helo") ? SPF_HELO : SPF_MAILFROM;
	if (ip_parse(field[1], &rq.ip))
		rq.ip.family = IP_NONE;
	rq.helo = field[2];
	rq.sender = field[3];
	rq.receiver = field[4];
	if (spf_check(&rq, q, arena, &r, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	(void)printf("%s\t%s\t%u\t%u\t%u", ar_word(r.word),
	    spf_reason_text(r.reason), r.terms, r.voids, r.queries);
	show(r.term);
	show(r.path);
	show(r.explanation);
	(void)putchar('\n');
	arena_free(arena);
	inquiry_free(q);
}

int
main(int argc, char **argv)
{
	struct buf text = BUF_INIT(64u << 20), input = BUF_INIT(64u << 20);
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	struct err err = ERR_INIT;
	struct resolver *zone;
	struct slice lines;
	bool more = true;

	if (!f) {
		(void)fprintf(stderr, "usage: spf_cli ZONE < requests\n");
		return 2;
	}
	zone = zone_new(read_all(f, &text), &err);
	(void)fclose(f);
	if (!zone) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	spf_init();
	lines = read_all(stdin, &input);
	while (more) {
		struct slice line = slice_cut(&lines, '\n', &more);

		if (line.len)
			answer(zone, line);
	}
	resolver_free(zone);
	buf_free(&input);
	buf_free(&text);
	return 0;
}
