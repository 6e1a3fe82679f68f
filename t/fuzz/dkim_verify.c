/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole messages through the verifier: the results are bounded, each speaks
 * of a field that is there, and they do not depend on how the body came.
 */
#include "dkim/verify.h"

#include "dns/zone.h"
#include "fuzz.h"
#include "mail/limits.h"

#define NOW 1700000100

/* The keys of RFC 8463 appendix A. */
static const char zone[] =
    "brisbane._domainkey.football.example.com TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "test._domainkey.football.example.com TXT \"v=DKIM1; k=rsa; p=MIGfMA0GC"
    "SqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5b"
    "dOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lH"
    "vqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\"\n";

struct seen {
	size_t n;
	enum dkim_reason reason[64];
	enum ar_word word[64];
	uint64_t unsigned_octets[64];
};

static void
note(const struct header *h, const struct dkim_result *r, size_t n,
    struct seen *seen)
{
	assert(n <= dkim_verify_defaults.max_sigs + 1);
	seen->n = n;
	for (size_t i = 0; i < n; i++) {
		assert(r[i].field < h->n && r[i].sig);
		assert(i == 0 || r[i].field > r[i - 1].field);
		assert(r[i].word == dkim_reason_word(r[i].reason));
		if (r[i].word == AR_PASS)
			assert(r[i].domain.len && r[i].key_bits >= 256 &&
			    r[i].unsigned_octets == 0);
		seen->reason[i] = r[i].reason;
		seen->word[i] = r[i].word;
		seen->unsigned_octets[i] = r[i].unsigned_octets;
	}
}

static void
run(struct resolver *resolver, struct slice message, size_t chunk,
    struct seen *seen)
{
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct inquiry *q = inquiry_new(resolver, LIMIT_MESSAGE_QUERIES);
	const struct domain author = {"example.com", 11};
	const struct dkim_result *results;
	struct dkim_verifier *v;
	struct header h;
	struct slice body;
	size_t n;

	if (!arena || !q || header_init(&h, arena) ||
	    header_parse(&h, message, &body) ||
	    dkim_verifier_new(&dkim_verify_defaults, arena, &v, NULL))
		abort();
	for (size_t i = 0; i < h.n; i++)
		if (slice_ieqz(h.fields[i].name, "dkim-signature") &&
		    dkim_verifier_field(v, h.fields[i].value, i, q, NULL))
			abort();
	if (dkim_verifier_eoh(v, &h, &author, NULL))
		abort();
	for (; body.len; body = slice_from(body, chunk)) {
		struct slice part = slice_upto(body, chunk);

		if (dkim_verifier_body(v, part.ptr, part.len, NULL) < 0)
			abort();
	}
	if (dkim_verifier_eom(v, q, NOW, &results, &n, NULL))
		abort();
	note(&h, results, n, seen);
	inquiry_free(q);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = slice_of(data, size);
	struct resolver *resolver = zone_new(SLICE_LIT(zone), NULL);
	struct seen whole, parts;

	if (!resolver)
		abort();
	run(resolver, message, size + 1, &whole);
	run(resolver, message, size % 5 + 1, &parts);
	assert(whole.n == parts.n);
	for (size_t i = 0; i < whole.n; i++)
		assert(whole.reason[i] == parts.reason[i] &&
		    whole.word[i] == parts.word[i] &&
		    whole.unsigned_octets[i] == parts.unsigned_octets[i]);
	resolver_free(resolver);
	return 0;
}
