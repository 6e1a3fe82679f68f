/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * T3, T11, T13: nothing a peer or a domain says forges or breaks a field, a
 * reply or a log line. Every octet and every known trick, in every place from
 * which something is printed; what was written is read back by written.h.
 */
#include "base/buf.h"
#include "scene.h"
#include "written.h"

static const char *const tricks[] = {
    "\r\nX-Forged: y",
    "\nX-Forged: y",
    "\r",
    "\r\n\r\nbody",
    "; dkim=pass header.d=bank.example",
    ";dmarc=pass",
    "(.attack.example",
    ").attack.example",
    "(((((((((((((((((((((((((((((((((((((((((",
    "\"",
    "\\",
    "\\\"",
    "\"; dmarc=pass (p=none) header.from=bank.example; x=\"",
    "'a.attack.example",
    " dmarc=pass action=accept",
    "\" dmarc=pass action=accept x=\"",
    "\nQ2: verdict dmarc=pass",
    "Q1: verdict from=bank.example",
    "=",
    "%s%n%d%%",
    "${jndi:ldap://x}",
    "\x1b[2J",
    "\xc2\x9b"
    "2J",
    "\xe2\x80\xa8Q2: verdict",
    "\xe2\x80\xae",
    "\xff\xfe",
    "\xc0\xaf",
    "=?utf-8?q?x=40bank.example?=",
    "@bank.example",
    "<a@bank.example>",
    ",",
    "\t",
    "\x7f",
};

/* --- the places ---------------------------------------------------------------- */

enum place {
	PLACE_HELO,
	PLACE_MAIL_LOCAL,
	PLACE_MAIL_DOMAIN,
	PLACE_CLIENT_NAME,
	PLACE_FROM_NAME,
	PLACE_FROM_DOMAIN,
	PLACE_D,
	PLACE_S,
	PLACE_I,
	PLACE_A,
	PLACE_B,
	PLACE_C,
	PLACE_PTR,
	PLACE_SPF,
	PLACE_DMARC,
	PLACE_KEY,
	PLACES,
};

struct letter {
	char helo[3000], mail[6000], text[8000];
	struct scene_client client;
};

static void
write_signature(struct buf *b, enum place place, const char *s)
{
#define HERE(p) (place == (p) ? s : "")
	buf_addf(b,
	    "DKIM-Signature: v=1; a=ed25519-sha256%s; c=simple/simple%s;"
	    " d=legit.example%s; s=sel%s; i=user%s@legit.example;"
	    " h=From:Subject; bh=j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=;"
	    " b=%sdmn091/lgd/a1PTfNmU6ATKjSs3h31Z3TFWMz6wb7/8fLVno4IGQVSOvGu"
	    "NjYqWpKv8j153custKIM8ybSX3BQ==\r\n",
	    HERE(PLACE_A), HERE(PLACE_C), HERE(PLACE_D), HERE(PLACE_S),
	    HERE(PLACE_I), HERE(PLACE_B));
}

static void
write_letter(struct letter *l, enum place place, const char *s)
{
	struct buf b = BUF_INIT(sizeof(l->text) - 1);

	write_signature(&b, place, s);
	buf_addf(&b, "From: Joe%s <joe@legit.example%s>\r\n",
	    HERE(PLACE_FROM_NAME), HERE(PLACE_FROM_DOMAIN));
	buf_addf(&b, "Subject: Hi\r\n\r\nHi\r\n");
	snprintf(l->text, sizeof(l->text), "%s", buf_str(&b));
	snprintf(l->helo, sizeof(l->helo), "mail%s.example", HERE(PLACE_HELO));
	snprintf(l->mail, sizeof(l->mail), "<joe%s@attack.example%s>",
	    HERE(PLACE_MAIL_LOCAL), HERE(PLACE_MAIL_DOMAIN));
	l->client = (struct scene_client){.ip = "192.0.2.1",
	    .helo = l->helo,
	    .mail_from = l->mail,
	    .name = place == PLACE_CLIENT_NAME ? s : NULL};
	buf_free(&b);
#undef HERE
}

/* Octets as the table of a zone has them. */
static void
add_escaped(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_addf(b, "\\%03u", (unsigned char)s.ptr[i]);
}

static void
write_zone(struct buf *zone, enum place place, struct slice s)
{
	struct slice none = SLICE_EMPTY;

	buf_addz(zone, "1.2.0.192.in-addr.arpa PTR host");
	add_escaped(zone, place == PLACE_PTR ? s : none);
	buf_addz(zone, ".attack.example\nhost");
	add_escaped(zone, place == PLACE_PTR ? s : none);
	buf_addz(zone, ".attack.example A 192.0.2.1\n");
	buf_addz(zone, "attack.example TXT \"v=spf1 ");
	add_escaped(zone, place == PLACE_SPF ? s : none);
	buf_addz(zone, " include:%{l}.attack.example -all");
	buf_addz(zone, "\"\n_dmarc.legit.example TXT \"v=DMARC1; p=reject");
	add_escaped(zone, place == PLACE_DMARC ? s : none);
	buf_addz(zone, "\"\nsel._domainkey.legit.example TXT \"v=DKIM1; k=");
	add_escaped(zone, place == PLACE_KEY ? s : none);
	buf_addz(zone,
	    "ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n");
}

/* --- one letter ------------------------------------------------------------------ */

/* Logs all there is. No threads: jobs run where they are waited for. */
static void
all_lines(struct scene *s)
{
	struct log_options lo = {.sink = LOG_SINK_CAPTURE,
	    .level = LOG_LEVEL_INFO,
	    .compat = LOG_COMPAT_OPENDKIM | LOG_COMPAT_OPENDMARC};

	assert_int_equal(log_set(s->engine.log, &lo, NULL), 0);
	workers_free(s->engine.workers);
	s->engine.workers = workers_new(0, 10000, NULL);
	assert_non_null(s->engine.workers);
}

static void
send_letter(struct scene *s, enum place place, struct slice trick)
{
	static struct letter l;
	char text[2500];
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	size_t logged = log_captured(s->engine.log).len;
	const char *bad;

	snprintf(text, sizeof(text), SLICE_FMT, SLICE_ARG(trick));
	write_letter(&l, place, text);
	scene_send(s, &l.client, l.text);
	bad = written_problem(
	    s->message, slice_from(log_captured(s->engine.log), logged), a);
	if (bad)
		fail_msg("%s: place %d, \"%s\"\n%s\n%s", bad, place, text,
		    scene_inserted(s, "Authentication-Results", 0),
		    log_captured(s->engine.log).ptr + logged);
	assert_int_not_equal(s->message->verdict.dmarc.word, AR_PASS);
	arena_free(a);
}

/* A trick in a place; DNS is made anew only where it is the place. */
static void
try_place(enum place place, const struct slice *list, size_t n)
{
	struct scene s;
	bool in_dns = place >= PLACE_PTR;

	for (size_t i = 0; i < n; i++) {
		struct buf zone = BUF_INIT(100000);

		if (in_dns || i == 0) {
			write_zone(&zone, place, list[i]);
			scene_open(&s, "enforce = reject\n", buf_str(&zone));
			all_lines(&s);
		}
		send_letter(&s, place, in_dns ? SLICE_EMPTY : list[i]);
		if (in_dns || i + 1 == n)
			scene_close(&s);
		buf_free(&zone);
	}
}

static void
test_tricks(void **state)
{
	struct slice list[ARRAY_LEN(tricks)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tricks); i++)
		list[i] = slice_z(tricks[i]);
	for (int place = 0; place < PLACES; place++)
		try_place((enum place)place, list, ARRAY_LEN(list));
}

/* Every octet. NUL is for DNS alone. */
static void
test_octets(void **state)
{
	char octets[256];
	struct slice list[16];

	(void)state;
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (char)i;
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		list[i] = slice_of(octets + 16 * i, 16);
	for (int place = PLACE_PTR; place < PLACES; place++)
		try_place((enum place)place, list, ARRAY_LEN(list));
	list[0] = slice_from(list[0], 1);
	for (int place = 0; place < PLACE_PTR; place++)
		try_place((enum place)place, list, ARRAY_LEN(list));
}

/* As much as there is room for; and the line in the log has its end. */
static void
test_long(void **state)
{
	static const char fills[] = {'a', '"', '(', '\\', ';', '.', '\x80'};
	static char text[ARRAY_LEN(fills)][2000];
	struct slice list[ARRAY_LEN(fills)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fills); i++) {
		memset(text[i], fills[i], sizeof(text[i]));
		list[i] = slice_of(text[i], sizeof(text[i]));
	}
	/* No name is that long, not even in a test. */
	for (int place = PLACE_SPF; place < PLACES; place++)
		try_place((enum place)place, list, ARRAY_LEN(list));
	for (int place = 0; place < PLACE_PTR; place++)
		try_place((enum place)place, list, ARRAY_LEN(list));
}

/* All places at once, so that the line would be longer than any line. */
static void
test_long_everywhere(void **state)
{
	static const char fills[] = {'a', '"', '\x80'};
	static char fill[1000], text[8000], helo[1100], mail[1200];
	struct scene_client c = {
	    .ip = "192.0.2.1", .helo = helo, .mail_from = mail, .name = fill};
	struct scene s;

	(void)state;
	scene_open(&s, "", "");
	all_lines(&s);
	for (size_t i = 0; i < ARRAY_LEN(fills); i++) {
		struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
		size_t logged = log_captured(s.engine.log).len;

		memset(fill, fills[i], sizeof(fill) - 1);
		snprintf(helo, sizeof(helo), "%s", fill);
		snprintf(mail, sizeof(mail), "<%s@legit.example>", fill);
		snprintf(text, sizeof(text),
		    "DKIM-Signature: v=1; a=%s; d=legit.example; s=%s;"
		    " i=%s@legit.example; h=From; bh=; b=%s\r\n"
		    "From: a@legit.example\r\n\r\n",
		    fill, fill, fill, fill);
		scene_send(&s, &c, text);
		if (written_problem(s.message,
			slice_from(log_captured(s.engine.log), logged), a))
			fail_msg("%s",
			    written_problem(s.message,
				slice_from(log_captured(s.engine.log), logged),
				a));
		arena_free(a);
	}
	scene_close(&s);
}

int
main(void)
{
	UNIT_TEST(test_tricks);
	UNIT_TEST(test_octets);
	UNIT_TEST(test_long);
	UNIT_TEST(test_long_everywhere);
	return unit_end();
}
