/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole message through the engine: HELO, MAIL FROM, the client's name, one
 * text that DNS has wherever it is asked, then the message. What is written is
 * read back by written.h: fields, reply and log say what the verdict says.
 */
#include "fuzz.h"

#include "../unit/scene.h"
#include "../unit/written.h"

#define PARTS 4 /* lines before the message */

/* Octets as the table of a zone has them. */
static void
add_text(struct buf *b, const char *owner, const char *begin, struct slice s)
{
	buf_addf(b, "%s TXT \"%s", owner, begin);
	for (size_t i = 0; i < s.len; i++)
		buf_addf(b, "\\%03u", (unsigned char)s.ptr[i]);
	buf_addz(b, "\"\n");
}

static void
write_zone(struct buf *b, struct slice s)
{
	add_text(b, "*.example", "v=spf1 ", s);
	add_text(b, "_dmarc.a.example", "v=DMARC1; p=reject", s);
	add_text(b, "s._domainkey.a.example", "k=ed25519; p=", s);
	buf_addz(b, "1.2.0.192.in-addr.arpa PTR ");
	for (size_t i = 0; i < s.len && i < 60; i++)
		buf_addf(b, "\\%03u", (unsigned char)s.ptr[i]);
	buf_addz(b, "x.example\n*.example A 192.0.2.1\n");
}

static void
play(struct slice parts[PARTS], const char *message)
{
	struct log_options lo = {.sink = LOG_SINK_CAPTURE,
	    .level = LOG_LEVEL_INFO,
	    .compat = LOG_COMPAT_OPENDKIM | LOG_COMPAT_OPENDMARC};
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct buf zone = BUF_INIT(200000);
	struct scene_client c = {.ip = "192.0.2.1",
	    .helo = arena_strdup(a, parts[0]),
	    .mail_from = arena_strdup(a, parts[1]),
	    .name = arena_strdup(a, parts[2]),
	    .mta = parts[0].len % 2 ? "Postfix" : "8.17"};
	struct scene s;
	const char *bad;

	write_zone(&zone, parts[3]);
	scene_open(&s, "enforce = reject\n", buf_str(&zone));
	workers_free(s.engine.workers);
	s.engine.workers = workers_new(0, 10, NULL);
	assert(log_set(s.engine.log, &lo, NULL) == 0);
	scene_send(&s, &c, message);
	bad = written_problem(s.message, log_captured(s.engine.log), a);
	if (bad) {
		fprintf(stderr, "%s\n%s", bad, log_captured(s.engine.log).ptr);
		abort();
	}
	scene_close(&s);
	buf_free(&zone);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), parts[PARTS];
	char *message;
	bool more = true;

	for (size_t i = 0; i < PARTS; i++)
		parts[i] = slice_cut(&rest, '\n', &more);
	message = calloc(1, rest.len + 1);
	if (!message)
		abort();
	/* A header cannot hold a NUL, and the scene's text ends there. */
	if (rest.len)
		memcpy(message, rest.ptr, rest.len);
	play(parts, message);
	free(message);
	return 0;
}
