/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DNS that means harm, and several threads at once. Run with the address,
 * undefined and thread sanitizers it says more than here.
 */
#include "spf_unit.h"

#include <pthread.h>

#include "base/buf.h"

/* --- large and odd answers, one at a time ------------------------------------- */

enum shape {
	TXT_64K,     /* beside the record: 64 KiB that are none */
	TXT_64K_SPF, /* 64 KiB that claim to be the record */
	TXT_64K_EXP, /* as an explanation */
	TXT_600,     /* the record and 600 others behind it */
	TXT_601,     /* 600 others before it */
	A_600,       /* the 600th is the client */
	A_601,       /* the 601st is: beyond what is looked at */
	MX_600,
	PTR_600,     /* the 11th would do */
	PTR_ESCAPES, /* NUL, dots, blanks, 8 bit in names */
	PTR_LONG,    /* 253 octets */
	MX_ESCAPES,
	TXT_EMPTY, /* records without a string, with empty ones */
	TXT_NUL,
};

struct row {
	const char *name;
	enum shape shape;
	enum ar_word word;
	enum spf_reason reason;
};

static const struct row rows[] = {
    {"T12 64 KiB beside the record", TXT_64K, AR_PASS, SPF_MATCHED},
    {"T12 64 KiB of record", TXT_64K_SPF, AR_PERMERROR, SPF_RECORD_LONG},
    {"T12 64 KiB of explanation", TXT_64K_EXP, AR_FAIL, SPF_MATCHED},
    {"600 TXT records", TXT_600, AR_PASS, SPF_MATCHED},
    {"600 TXT records before it", TXT_601, AR_NONE, SPF_NO_RECORD},
    {"600 A records", A_600, AR_PASS, SPF_MATCHED},
    {"601 A records", A_601, AR_FAIL, SPF_MATCHED},
    {"T15 600 MX records", MX_600, AR_PERMERROR, SPF_MANY_MX},
    {"T15 600 PTR records", PTR_600, AR_FAIL, SPF_MATCHED},
    {"T11 escapes in PTR records", PTR_ESCAPES, AR_PASS, SPF_MATCHED},
    {"T11 a long PTR record", PTR_LONG, AR_PASS, SPF_MATCHED},
    {"escapes in MX records", MX_ESCAPES, AR_FAIL, SPF_MATCHED},
    {"T12 empty TXT records", TXT_EMPTY, AR_PASS, SPF_MATCHED},
    {"T12 a NUL in the record", TXT_NUL, AR_PERMERROR, SPF_BAD_OCTET},
};

#define REVERSE "1.2.0.192.in-addr.arpa"

static void
repeat(struct buf *b, const char *fmt, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (const char *p = fmt; *p; p++) {
			if (*p == '#')
				buf_addf(b, "%zu", i);
			else
				buf_addc(b, *p);
		}
	}
}

static void
add_txt(enum shape shape, struct buf *b)
{
	if (shape == TXT_601)
		repeat(b, "d.example TXT \"v=spf#x -all\"\n", 600);
	if (shape == TXT_NUL)
		buf_addz(
		    b, "d.example TXT \"v=spf1 a:b\\000.example +all\"\n");
	else if (shape == TXT_64K_SPF)
		buf_addz(b, "d.example TXT \"v=spf1 ");
	else
		buf_addz(b, "d.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n");
	if (shape == TXT_600)
		repeat(b, "d.example TXT \"v=spf#x -all\"\n", 600);
	if (shape == TXT_64K)
		buf_addz(b, "d.example TXT \"v=spf10 ");
	if (shape == TXT_64K || shape == TXT_64K_SPF) {
		repeat(b, "ip4:10.0.0.1 ", 5000);
		buf_addz(b, "\"\n");
	}
	if (shape == TXT_EMPTY)
		buf_addz(b,
		    "d.example TXT\nd.example TXT \"\"\n"
		    "d.example TXT \"\" \"\" \"\"\n");
}

static void
add_zone(enum shape shape, struct buf *b)
{
	switch (shape) {
	case TXT_64K:
	case TXT_64K_SPF:
	case TXT_600:
	case TXT_601:
	case TXT_EMPTY:
	case TXT_NUL: add_txt(shape, b); break;
	case TXT_64K_EXP:
		buf_addz(b,
		    "d.example TXT \"v=spf1 -all exp=e.example\"\n"
		    "e.example TXT \"");
		repeat(b, "%{d}", 16000);
		buf_addz(b, "\"\n");
		break;
	case A_600:
	case A_601:
		buf_addz(b, "d.example TXT \"v=spf1 a -all\"\n");
		repeat(b, "d.example A 198.51.100.7\n",
		    shape == A_600 ? 599 : 600);
		buf_addz(b, "d.example A 192.0.2.1\n");
		break;
	case MX_600:
		buf_addz(b, "d.example TXT \"v=spf1 mx +all\"\n");
		repeat(b, "d.example MX # h#.example\n", 600);
		break;
	case PTR_600:
		buf_addz(b, "d.example TXT \"v=spf1 ptr:h.example -all\"\n");
		repeat(b, REVERSE " PTR x#.example\n", 10);
		repeat(b, REVERSE " PTR h.example\n", 590);
		buf_addz(b, "h.example A 192.0.2.1\n");
		break;
	case PTR_ESCAPES:
		buf_addz(b,
		    "d.example TXT \"v=spf1 -exists:%{p}.n.example "
		    "ptr:h.example -all\"\n");
		buf_addz(b, REVERSE " PTR a\\000b.h.example\n");
		buf_addz(b, REVERSE " PTR a\\.b.h.example\n");
		buf_addz(b, REVERSE " PTR a\\013\\010\\255\\032.h.example\n");
		buf_addz(b, REVERSE " PTR .\n");
		buf_addz(b, "a\\013\\010\\255\\032.h.example A 192.0.2.1\n");
		break;
	case PTR_LONG:
		buf_addz(b,
		    "d.example TXT \"v=spf1 -exists:%{p}.%{p}.b.example "
		    "ptr:x.example -all\"\n" REVERSE " PTR ");
		repeat(b, "abcdef.", 34);
		buf_addz(b, "ab.x.example\n");
		repeat(b, "abcdef.", 34);
		buf_addz(b, "ab.x.example A 192.0.2.1\n");
		break;
	case MX_ESCAPES:
		buf_addz(b, "d.example TXT \"v=spf1 mx -all\"\n");
		buf_addz(b, "d.example MX 1 a\\000b.example\n");
		buf_addz(b, "d.example MX 1 a\\.b.example\n");
		buf_addz(b, "d.example MX 1 \\010\\255.example\n");
		buf_addz(b, "\\010\\255.example A 198.51.100.7\n");
		break;
	}
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "h.example", "u@d.example");
	struct buf zone = BUF_INIT(1 << 20);
	struct checked c;

	add_zone(r->shape, &zone);
	assert_int_equal(buf_status(&zone), 0);
	c = spf_unit_check(buf_str(&zone), &rq);
	assert_string_equal(ar_word(c.result.word), ar_word(r->word));
	assert_string_equal(
	    spf_reason_text(c.result.reason), spf_reason_text(r->reason));
	assert_slice(c.result.explanation, SLICE_EMPTY);
	assert_true(c.result.record.len <= LIMIT_SPF_RECORD);
	spf_unit_free(&c);
	buf_free(&zone);
}

/* --- a resolver that answers anything ------------------------------------------ */

struct noise {
	struct resolver base;
	unsigned seed;
};

struct noise_lookup {
	struct lookup base;
	struct answer answer;
	bool timeout;
	struct slice rdata[40];
	char octets[4096];
	size_t used;
};

static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
put(struct noise_lookup *l, const void *p, size_t len)
{
	if (len <= sizeof(l->octets) - l->used) {
		memcpy(l->octets + l->used, p, len);
		l->used += len;
	}
}

static void
put_name(struct noise_lookup *l, unsigned *seed)
{
	static const char *const labels[] = {
	    "\1a", "\2bc", "\4x\000.y", "\3\r\n ", "\7example", "\77short"};
	static const size_t lens[] = {2, 3, 5, 4, 8, 7};

	for (unsigned n = next(seed) % 5; n > 0; n--) {
		unsigned i = next(seed) % 6;

		put(l, labels[i], lens[i]);
	}
	if (next(seed) % 8)
		put(l, "\7example", 9);
}

static void
put_text(struct noise_lookup *l, unsigned *seed)
{
	static const char *const words[] = {"v=spf1 ", "a ", "mx ", "ptr ",
	    "-all ", "?all ", "include:%{d1}.a.example ", "a:b.example/24 ",
	    "exists:%{p}.%{ir}.example ", "redirect=bc.example ",
	    "exp=x.example ", "mx:%{l}.a.example//0 ", "%{S} ", "\r\n",
	    "ip4:192.0.2.1 ", "ip6:2001:db8::/32 ", "include:a.example ",
	    "moo ", "~all ", "\xff"};
	char text[255];
	size_t n = 0;

	for (unsigned i = 0, max = 1 + next(seed) % 8; i < max; i++) {
		/* Mostly sound, so that it leads on. */
		unsigned w = i ? next(seed) % (next(seed) % 8 ? 12 : 20) : 0;
		size_t len = strlen(words[w]);

		if (n + len > sizeof(text))
			continue;
		memcpy(text + n, words[w], len);
		n += len;
	}
	put(l, &(char){(char)(n + (next(seed) % 50 == 0))}, 1);
	put(l, text, n);
}

static void
put_rdata(struct noise_lookup *l, enum dns_type type, unsigned *seed)
{
	unsigned octets[4] = {next(seed), next(seed), next(seed), next(seed)};
	static const uint8_t client[4] = {192, 0, 2, 1};

	if (type == DNS_TXT)
		put_text(l, seed);
	else if (type == DNS_A && next(seed) % 4 == 0)
		put(l, client, 4);
	else if (type == DNS_A || type == DNS_AAAA)
		put(l, octets,
		    next(seed) % 5 ? (type == DNS_A ? 4 : 16)
				   : next(seed) % 17);
	if (type == DNS_MX)
		put(l, octets, 2);
	if (type == DNS_MX || type == DNS_PTR)
		put_name(l, seed);
}

static const struct resolver_ops noise_ops;

static struct lookup *
noise_start(struct resolver *r, struct slice name, enum dns_type type)
{
	unsigned seed = ((const struct noise *)r)->seed * 31 + type;
	struct noise_lookup *l = calloc(1, sizeof(*l));
	unsigned n, kind;

	if (!l)
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		seed = seed * 33 + (unsigned char)name.ptr[i];
	kind = next(&seed) % 16;
	l->base.ops = &noise_ops;
	l->timeout = kind == 0;
	l->answer.rdata = l->rdata;
	l->answer.status = kind == 1 ? DNS_SERVFAIL
	    : kind == 2              ? DNS_NXDOMAIN
	    : kind == 3              ? DNS_NODATA
				     : DNS_OK;
	n = type == DNS_TXT && next(&seed) % 10 ? 1 : 1 + next(&seed) % 12;
	for (unsigned i = 0; l->answer.status == DNS_OK && i < n; i++) {
		size_t from = l->used;

		put_rdata(l, type, &seed);
		l->rdata[l->answer.nrr++] =
		    slice_of(l->octets + from, l->used - from);
	}
	return &l->base;
}

static const struct answer *
noise_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct noise_lookup *l = (struct noise_lookup *)lookup;

	(void)deadline_ms;
	return l->timeout ? NULL : &l->answer;
}

static void
noise_drop(struct lookup *l)
{
	free(l);
}

static void
noise_free(struct resolver *r)
{
	(void)r;
}

static const struct resolver_ops noise_ops = {
    noise_start, noise_wait, noise_drop, noise_free};

/* --- threads -------------------------------------------------------------------- */

#define THREADS 4
#define CHECKS 300

struct worker {
	pthread_t thread;
	unsigned count[AR_PERMERROR + 1];
	unsigned hash;
	bool failed;
};

static void
one_check(struct worker *w, unsigned seed)
{
	static const char *const clients[] = {
	    "192.0.2.1", "2001:db8::1", "127.0.0.1", "::1"};
	struct noise noise = {.base = {&noise_ops}, .seed = seed};
	struct inquiry *q = inquiry_new(&noise.base, LIMIT_SPF_QUERIES);
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct spf_request rq = {
	    .helo = SLICE_LIT("a\r\n\0b"),
	    .sender = SLICE_LIT("l.o-c\"al@a.example"),
	    .identity = SPF_MAILFROM,
	    .want_explanation = true,
	};
	struct err err = ERR_INIT;
	struct spf_result r;

	if (!q || !arena || ip_parse(slice_z(clients[seed % 4]), &rq.ip) ||
	    spf_check(&rq, q, arena, &r, &err)) {
		w->failed = true;
		goto out;
	}
	w->count[r.word]++;
	w->hash = w->hash * 31 + (unsigned)r.word * 64 + (unsigned)r.reason +
	    r.queries * 7 + (unsigned)r.path.len;
	if (r.word < AR_NONE || r.terms > LIMIT_SPF_TERMS + 1 ||
	    r.voids > LIMIT_SPF_VOIDS + 1 ||
	    r.queries > LIMIT_SPF_QUERIES + 12 ||
	    r.path.len > LIMIT_SPF_PATH || !r.term.len != !r.path.len)
		w->failed = true;
out:
	arena_free(arena);
	inquiry_free(q);
}

static void *
work(void *arg)
{
	struct worker *w = arg;

	for (unsigned i = 0; i < CHECKS; i++)
		one_check(w, i);
	return NULL;
}

/* Each thread does the same: the results must be the same. */
static void
test_threads(void **state)
{
	struct worker alone = {.hash = 0}, w[THREADS];

	(void)state;
	(void)work(&alone);
	assert_false(alone.failed);
	for (int i = AR_NONE; i <= AR_PERMERROR; i++)
		if (i != AR_POLICY)
			assert_true(alone.count[i] > 0);
	memset(w, 0, sizeof(w));
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(w[i].thread, NULL), 0);
		assert_false(w[i].failed);
		assert_int_equal(w[i].hash, alone.hash);
	}
}

int
main(void)
{
	spf_init();
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_threads);
	return unit_end();
}
