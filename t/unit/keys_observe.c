/* SPDX-License-Identifier: BSD-2-Clause */
/* What is seen of a key when each server says something else. */
#include "keys/observe.h"

#include "base/clock.h"
#include "dkim/key.h"
#include "dns/zone.h"
#include "keys/make.h"
#include "unit.h"

#define ZONE \
	"example.com NS ns1.example.net\nexample.com NS ns2.example.net\n" \
	"ns1.example.net A 192.0.2.1\nns2.example.net A 192.0.2.2\n"
/* With the two of ZONE, one more than LIMIT_KEY_SERVERS. */
#define MANY \
	"ns1.example.net A 192.0.2.10\n" \
	"ns1.example.net A 192.0.2.11\n" \
	"ns1.example.net A 192.0.2.12\n" \
	"ns1.example.net A 192.0.2.13\n" \
	"ns1.example.net A 192.0.2.14\n" \
	"ns1.example.net A 192.0.2.15\n" \
	"ns1.example.net A 192.0.2.16\n" \
	"ns1.example.net A 192.0.2.17\n" \
	"ns1.example.net A 192.0.2.18\n" \
	"ns1.example.net A 192.0.2.19\n" \
	"ns1.example.net A 192.0.2.20\n" \
	"ns1.example.net A 192.0.2.21\n" \
	"ns1.example.net A 192.0.2.22\n" \
	"ns1.example.net A 192.0.2.23\n" \
	"ns1.example.net A 192.0.2.24\n"
#define NAME "s1._domainkey.example.com"
#define OURS "@"
#define OTHER \
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* What a server has: a text; OURS; NULL: nothing; or one of these. */
#define SILENT "silent"
#define LAME "lame"
#define ALIAS "alias"
#define TWO "two"
#define NO_ROUTE "no route"

struct row {
	const char *name;
	const char *zone;       /* the resolver's */
	const char *servers[3]; /* at 192.0.2.1, .2 and 2001:db8::1 */
	enum check_via via;
	enum key_look want;
	const char *zone_name;
};

static const struct row rows[] = {
    {"everywhere", ZONE, {OURS, OURS}, CHECK_AUTHORITATIVE, LOOK_EQUAL,
	"example.com"},
    {"nowhere", ZONE, {NULL, NULL}, CHECK_AUTHORITATIVE, LOOK_ABSENT,
	"example.com"},
    {"one lags", ZONE, {OURS, NULL}, CHECK_AUTHORITATIVE, LOOK_MIXED, NULL},
    {"one has another key", ZONE, {OURS, OTHER}, CHECK_AUTHORITATIVE,
	LOOK_MIXED, NULL},
    {"another key", ZONE, {OTHER, OTHER}, CHECK_AUTHORITATIVE, LOOK_OTHER,
	NULL},
    {"another key and none", ZONE, {NULL, OTHER}, CHECK_AUTHORITATIVE,
	LOOK_OTHER, NULL},
    {"no key at all", ZONE, {"hello", "hello"}, CHECK_AUTHORITATIVE,
	LOOK_OTHER, NULL},
    {"revoked", ZONE, {"v=DKIM1; p=", "v=DKIM1; p="}, CHECK_AUTHORITATIVE,
	LOOK_REVOKED, NULL},
    {"two records", ZONE, {TWO, TWO}, CHECK_AUTHORITATIVE, LOOK_OTHER, NULL},
    {"one is silent, the resolver has it", ZONE NAME " TXT " OURS "\n",
	{OURS, SILENT}, CHECK_AUTHORITATIVE, LOOK_EQUAL_SOME, NULL},
    {"one is silent, the resolver has not", ZONE, {OURS, SILENT},
	CHECK_AUTHORITATIVE, LOOK_TROUBLE, NULL},
    {"one does not speak for the zone", ZONE NAME " TXT " OURS "\n",
	{OURS, LAME}, CHECK_AUTHORITATIVE, LOOK_EQUAL_SOME, NULL},
    {"one is silent, one has nothing", ZONE, {NULL, SILENT},
	CHECK_AUTHORITATIVE, LOOK_ABSENT, NULL},
    {"all silent", ZONE NAME " TXT " OURS "\n", {SILENT, SILENT},
	CHECK_AUTHORITATIVE, LOOK_TROUBLE, NULL},
    {"an alias there that the resolver does not see", ZONE, {ALIAS, OURS},
	CHECK_AUTHORITATIVE, LOOK_MIXED, NULL},
    {"a server without an address",
	"example.com NS ns1.example.net\nexample.com NS ns9.example.net\n"
	"ns1.example.net A 192.0.2.1\n",
	{OURS}, CHECK_AUTHORITATIVE, LOOK_TROUBLE, NULL},
    {"more servers than are asked, the resolver has it",
	ZONE MANY NAME " TXT " OURS "\n", {OURS, OURS}, CHECK_AUTHORITATIVE,
	LOOK_EQUAL_SOME, NULL},
    {"more servers than are asked", ZONE MANY, {OURS, OURS},
	CHECK_AUTHORITATIVE, LOOK_TROUBLE, NULL},
    {"no IPv6 here", ZONE "ns1.example.net AAAA 2001:db8::1\n",
	{OURS, OURS, NO_ROUTE}, CHECK_AUTHORITATIVE, LOOK_EQUAL, NULL},
    {"a server with IPv6 alone, and no IPv6 here",
	ZONE "example.com NS ns3.example.net\n"
	     "ns3.example.net AAAA 2001:db8::1\n",
	{OURS, OURS, NO_ROUTE}, CHECK_AUTHORITATIVE, LOOK_TROUBLE, NULL},
    {"both families", ZONE "ns1.example.net AAAA 2001:db8::1\n",
	{OURS, OURS, NULL}, CHECK_AUTHORITATIVE, LOOK_MIXED, NULL},
    {"an alias into another zone",
	NAME " CNAME s1.keys.example.org\n"
	     "example.com NS nsx.example.com\n"
	     "keys.example.org NS ns1.example.net\n"
	     "keys.example.org NS ns2.example.net\n"
	     "ns1.example.net A 192.0.2.1\nns2.example.net A 192.0.2.2\n",
	{OURS, OURS}, CHECK_AUTHORITATIVE, LOOK_EQUAL, "keys.example.org"},
    {"a loop", NAME " CNAME a.example.com\na.example.com CNAME " NAME "\n",
	{OURS, OURS}, CHECK_AUTHORITATIVE, LOOK_TROUBLE, NULL},
    {"DNS in trouble", NAME " SERVFAIL\n" ZONE, {OURS, OURS},
	CHECK_AUTHORITATIVE, LOOK_TROUBLE, NULL},
    {"by the resolver", ZONE NAME " TXT " OURS "\n", {SILENT, SILENT},
	CHECK_RESOLVER, LOOK_EQUAL, "example.com"},
    {"by the resolver: not there", ZONE, {OURS, OURS}, CHECK_RESOLVER,
	LOOK_ABSENT, NULL},
    {"by the resolver: trouble", NAME " SERVFAIL\n", {OURS, OURS},
	CHECK_RESOLVER, LOOK_TROUBLE, NULL},
};

static char ours[400];

struct fake {
	struct authority base;
	const struct row *row;
};

static struct slice
as_rdata(struct arena *arena, const char *text)
{
	char *p = arena_alloc(arena, strlen(text) + 1);

	assert_true(strlen(text) < 256);
	p[0] = (char)strlen(text);
	memcpy(p + 1, text, strlen(text));
	return slice_of(p, strlen(text) + 1);
}

static void
fake_answer(struct authority_question *q, const char *has, struct arena *a)
{
	q->status = DNS_TIMEOUT;
	q->no_route = has && !strcmp(has, NO_ROUTE);
	if (q->no_route || (has && !strcmp(has, SILENT)))
		return;
	q->authoritative = !has || strcmp(has, LAME);
	q->cname = has && !strcmp(has, ALIAS);
	q->status = has ? DNS_OK : DNS_NXDOMAIN;
	q->ttl_s = 7200;
	if (!has || q->cname)
		return;
	q->nrr = strcmp(has, TWO) ? 1 : 2;
	q->rdata = arena_array(a, 2, sizeof(*q->rdata));
	q->rdata[0] = q->rdata[1] =
	    as_rdata(a, strcmp(has, OURS) && q->nrr == 1 ? has : ours);
}

static void
fake_ask(struct authority *base, struct authority_question *q, size_t n,
    struct arena *arena, int64_t deadline_ms)
{
	const struct fake *f = (const struct fake *)base;

	(void)deadline_ms;
	for (size_t i = 0; i < n; i++) {
		size_t which = q[i].server.family == IP_V6 ? 2
		    : q[i].server.octets[3] == 2           ? 1
							   : 0;

		if (q[i].server.family == IP_NONE)
			q[i].status = DNS_TIMEOUT;
		else
			fake_answer(&q[i], f->row->servers[which], arena);
	}
}

static struct resolver *
resolver_of(const char *zone)
{
	struct buf text = BUF_INIT(4000);
	struct resolver *r;

	for (; *zone; zone++)
		if (*zone == '@')
			buf_addf(&text, "\"%s\"", ours);
		else
			buf_addc(&text, *zone);
	r = zone_new(buf_slice(&text), NULL);
	assert_non_null(r);
	buf_free(&text);
	return r;
}

static void
check(void **state)
{
	struct fake f = {.base = {.ask = fake_ask}, .row = *state};
	EVP_PKEY *pkey = key_generate(KEY_ED25519);
	struct buf record = BUF_INIT(sizeof(ours) - 1);
	struct observation o;
	struct observe_item item;
	struct resolver *r;
	struct domain d;

	assert_int_equal(dkim_key_record(pkey, &record), 0);
	memcpy(ours, buf_str(&record), record.len + 1);
	r = resolver_of(f.row->zone);
	assert_true(domain_parse(SLICE_LIT("example.com"), &d));
	item =
	    (struct observe_item){.selector = "s1", .pkey = pkey, .out = &o};
	observe_keys(r, &f.base, f.row->via, &d, &item, 1, INT64_MAX);
	assert_string_equal(names_word(key_look_words, (int)o.look),
	    names_word(key_look_words, (int)f.row->want));
	if (f.row->zone_name)
		assert_string_equal(o.zone.text, f.row->zone_name);
	if (o.look == LOOK_EQUAL && f.row->via == CHECK_AUTHORITATIVE)
		assert_int_equal(o.ttl_s, 7200);
	resolver_free(r);
	buf_free(&record);
	EVP_PKEY_free(pkey);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
