/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One message through the verifier, as the engine feeds it: fields in order,
 * body in pieces of any size. For the tests of the dkim room.
 */
#ifndef ASSAY_UNIT_DKIM_H
#define ASSAY_UNIT_DKIM_H

#include "dkim/verify.h"
#include "dns/zone.h"
#include "mail/limits.h"
#include "unit.h"

#define DKIM_NAME SLICE_LIT("DKIM-Signature")

/* The keys of RFC 8463 appendix A and RFC 6376 appendix A. */
#define ED25519_P "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define ED25519_SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
#define RFC8463_RSA_P \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk0" \
	"8a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBs" \
	"CR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIK" \
	"T+l/K4w3QIDAQAB"
#define RFC6376_RSA_P \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGe" \
	"LnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2Uz" \
	"J1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQP" \
	"NUYckcQ2QIDAQAB"
#define BRISBANE "brisbane._domainkey.football.example.com"
#define ED25519_ZONE BRISBANE " TXT \"v=DKIM1; k=ed25519; p=" ED25519_P "\"\n"

struct dkim_run {
	struct arena *arena;
	struct resolver *resolver;
	struct inquiry *q;
	struct header header;
	struct slice body;
	struct dkim_verifier *v;
	const struct dkim_result *results;
	size_t n;
	bool more; /* what the last body call said */
};

/* All up to and with eoh. author may be NULL. */
static inline void
dkim_run_header(struct dkim_run *r, const char *zone, struct slice message,
    const struct dkim_verify_options *options, const char *author)
{
	struct domain d = {.len = 0};

	if (author)
		assert_true(domain_parse(slice_z(author), &d));
	*r = (struct dkim_run){.arena = arena_new(LIMIT_MESSAGE_ARENA)};
	r->resolver = zone_new(slice_z(zone), NULL);
	assert_non_null(r->resolver);
	r->q = inquiry_new(r->resolver, LIMIT_MESSAGE_QUERIES);
	assert_int_equal(header_init(&r->header, r->arena), 0);
	assert_int_equal(header_parse(&r->header, message, &r->body), 0);
	assert_int_equal(dkim_verifier_new(options, r->arena, &r->v, NULL), 0);
	for (size_t i = 0; i < r->header.n; i++)
		if (slice_ieq(r->header.fields[i].name, DKIM_NAME))
			assert_int_equal(
			    dkim_verifier_field(r->v,
				r->header.fields[i].value, i, r->q, NULL),
			    0);
	assert_int_equal(dkim_verifier_eoh(r->v, &r->header, &d, NULL), 0);
}

/* The whole of it; chunk 0: the body in one piece. */
static inline void
dkim_run(struct dkim_run *r, const char *zone, struct slice message,
    size_t chunk, const struct dkim_verify_options *options, int64_t now_s,
    const char *author)
{
	struct slice rest;

	dkim_run_header(r, zone, message, options, author);
	for (rest = r->body; rest.len;) {
		struct slice part = slice_upto(rest, chunk ? chunk : rest.len);
		int more = dkim_verifier_body(r->v, part.ptr, part.len, NULL);

		assert_in_range(more, 0, 1);
		r->more = more == 1;
		rest = slice_from(rest, part.len);
	}
	assert_int_equal(
	    dkim_verifier_eom(r->v, r->q, now_s, &r->results, &r->n, NULL), 0);
}

static inline void
dkim_run_end(struct dkim_run *r)
{
	inquiry_free(r->q);
	resolver_free(r->resolver);
	arena_free(r->arena);
}

/* "pass", "fail (body hash did not verify)" */
static inline const char *
dkim_result_text(const struct dkim_result *r, char text[128])
{
	(void)snprintf(text, 128, "%s%s%s%s", ar_word(r->word),
	    r->reason ? " (" : "", dkim_reason_text(r->reason),
	    r->reason ? ")" : "");
	return text;
}

/* t/data/dkim/NAME with a NUL at its end, to be freed */
static inline char *
dkim_data(const char *name, size_t *len)
{
	const char *top = getenv("top_srcdir");
	char path[1024], *text = calloc(1, 65536 + 1);
	FILE *f;

	(void)snprintf(
	    path, sizeof(path), "%s/t/data/dkim/%s", top ? top : ".", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_non_null(text);
	*len = fread(text, 1, 65536, f);
	(void)fclose(f);
	return text;
}

#endif
