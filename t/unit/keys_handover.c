/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to publish: what is taken, and what is not. */
#include "keys/handover.h"

#include "unit.h"

/* A request that is good but for the parts a row replaces. */
struct row {
	const char *name;
	const char *domain, *selector, *owner, *zone, *text;
	int want;
	int64_t ttl_s;
	bool ok;
};

#define CONFIG 0x8123456789abcdefu
#define RECORD "v=DKIM1; k=rsa; p=MIIB"
#define OWNER "s1._domainkey.example.com"

static const struct row rows[] = {
    {.name = "good", .ok = true},
    {.name = "no zone", .zone = "", .ok = true},
    {.name = "behind an alias",
	.owner = "s1.keys.example.net",
	.zone = "example.net",
	.ok = true},
    {.name = "remove", .want = WANT_NONE, .text = "", .ok = true},
    {.name = "revoke",
	.want = WANT_EMPTY,
	.text = "v=DKIM1; k=rsa; p=",
	.ok = true},
    {.name = "a domain in capitals", .domain = "Example.com"},
    {.name = "no domain", .domain = ""},
    {.name = "a line end in the domain", .domain = "example.com\nsend"},
    {.name = "a selector that is no name", .selector = "s1 TXT"},
    {.name = "a selector that is a path", .selector = "../s1"},
    {.name = "a blank in the owner", .owner = "a.example.com. 1"},
    {.name = "a zone that is not the owner's", .zone = "example.net"},
    {.name = "no DKIM record", .text = "v=spf1 +all"},
    {.name = "a line end", .text = RECORD "\nupdate add x. 1 A 192.0.2.1"},
    {.name = "a quote", .text = RECORD "\" \"x"},
    {.name = "a backslash", .text = RECORD "\\"},
    {.name = "not ASCII", .text = RECORD "\xc3\xa9"},
    {.name = "remove, with a record", .want = WANT_NONE},
    {.name = "an unknown want", .want = 3},
    {.name = "no TTL", .ttl_s = -1},
    {.name = "a TTL of years", .ttl_s = 100000000},
};

static struct domain
name(const char *z, const char *other)
{
	const char *text = z ? z : other;
	struct domain d = {.len = strlen(text)};

	/* As it stands: what is no name is to be sent as well. */
	memcpy(d.text, text, d.len + 1);
	return d;
}

static void
request(const struct row *r, struct buf *out)
{
	struct publication p = {.domain = name(r->domain, "example.com"),
	    .selector = r->selector ? r->selector : "s1",
	    .owner = name(r->owner, OWNER),
	    .zone = name(r->zone, "example.com"),
	    .want = (enum key_want)r->want,
	    .ttl_s = r->ttl_s ? r->ttl_s : 3600,
	    .text = BUF_INIT(PUBLICATION_TEXT_MAX)};

	if (!r->want && !r->text)
		p.want = WANT_KEY;
	if (!strcmp(r->name, "remove, with a record"))
		p.want = WANT_NONE;
	buf_addz(&p.text, r->text ? r->text : RECORD);
	handover_format(&p, 77, CONFIG, out);
	publication_clear(&p);
}

static void
check_request(void **state)
{
	const struct row *r = *state;
	struct row with_want = *r;
	struct buf out = BUF_INIT(HANDOVER_MAX), again = out;
	struct handover h;

	if (with_want.text && !with_want.want && strcmp(r->name, "remove"))
		with_want.want = WANT_KEY;
	request(&with_want, &out);
	assert_int_equal(handover_parse(buf_slice(&out), &h), r->ok ? 0 : -1);
	if (r->ok) {
		assert_int_equal(h.number, 77);
		assert_true(h.config == CONFIG);
		assert_string_equal(h.publication.name.text, OWNER);
		handover_format(&h.publication, h.number, h.config, &again);
		assert_true(slice_eq(buf_slice(&out), buf_slice(&again)));
		publication_clear(&h.publication);
	}
	buf_free(&out);
	buf_free(&again);
}

static void
test_cut_and_longer(void **state)
{
	static const struct row good = {.name = "good", .want = WANT_KEY};
	struct buf out = BUF_INIT(HANDOVER_MAX);
	struct handover h;

	(void)state;
	request(&good, &out);
	for (size_t n = 0; n < out.len; n++)
		assert_int_equal(
		    handover_parse(slice_upto(buf_slice(&out), n), &h), -1);
	buf_addc(&out, 'x');
	assert_int_equal(handover_parse(buf_slice(&out), &h), -1);
	buf_free(&out);
}

static void
test_answer(void **state)
{
	struct buf out = BUF_INIT(HANDOVER_MAX);
	static char much[HANDOVER_SAID_MAX + 1];
	enum publish_result result;
	struct slice said;
	uint32_t number;

	(void)state;
	handover_answer_format(
	    PUBLISH_REFUSED, 0xfffffffe, SLICE_LIT("no"), &out);
	assert_int_equal(
	    handover_answer_parse(buf_slice(&out), &number, &result, &said),
	    0);
	assert_int_equal(number, 0xfffffffe);
	assert_int_equal(result, PUBLISH_REFUSED);
	assert_true(slice_eqz(said, "no"));
	for (size_t n = 0; n < 6; n++)
		assert_int_equal(
		    handover_answer_parse(slice_upto(buf_slice(&out), n),
			&number, &result, &said),
		    -1);
	out.ptr[5] = 3;
	assert_int_equal(
	    handover_answer_parse(buf_slice(&out), &number, &result, &said),
	    -1);
	buf_clear(&out);
	memset(much, 'x', sizeof(much));
	handover_answer_format(
	    PUBLISH_DONE, 1, slice_of(much, sizeof(much)), &out);
	assert_int_equal(out.len, 6 + HANDOVER_SAID_MAX);
	assert_int_equal(
	    handover_answer_parse(buf_slice(&out), &number, &result, &said),
	    0);
	buf_addc(&out, 'x');
	assert_int_equal(
	    handover_answer_parse(buf_slice(&out), &number, &result, &said),
	    -1);
	buf_free(&out);
}

static void
test_config(void **state)
{
	struct buf out = BUF_INIT(HANDOVER_MAX);
	uint64_t config;

	(void)state;
	handover_config_format(CONFIG, &out);
	for (size_t n = 0; n < out.len; n++)
		assert_int_equal(handover_config_parse(
				     slice_upto(buf_slice(&out), n), &config),
		    -1);
	assert_int_equal(handover_config_parse(buf_slice(&out), &config), 0);
	assert_true(config == CONFIG);
	buf_addc(&out, 'x');
	assert_int_equal(handover_config_parse(buf_slice(&out), &config), -1);
	buf_free(&out);
}

int
main(void)
{
	UNIT_TABLE(rows, check_request);
	UNIT_TEST(test_cut_and_longer);
	UNIT_TEST(test_answer);
	UNIT_TEST(test_config);
	return unit_end();
}
