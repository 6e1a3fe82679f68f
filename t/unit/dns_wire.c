/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/wire.h"

#include "unit.h"

/* Header: id 1234, flags, one question, so many answers. */
#define HEAD(flags, answers) "\x12\x34" flags "\0\1\0" answers "\0\0\0\0"
#define NAME "\1s\12_domainkey\7example\3com\0"
#define QUESTION NAME "\0\20\0\1"
#define TXT(owner, ttl, text) owner "\0\20\0\1" ttl text
#define POINTER "\300\14"
#define ONE "\0\3\2hi"
#define AA "\x84\0"

struct row {
	const char *name;
	const char *octets;
	size_t len;
	const char *want; /* "-": not ours */
};

#define OCTETS(s) (s), sizeof(s) - 1

static const struct row rows[] = {
    {"an answer",
	OCTETS(HEAD(AA, "\1") QUESTION TXT(POINTER, "\0\0\0\5", ONE)),
	"ok aa 1 5"},
    {"without the pointer",
	OCTETS(HEAD(AA, "\1") QUESTION TXT(NAME, "\0\0\0\5", ONE)),
	"ok aa 1 5"},
    {"case of names",
	OCTETS(HEAD(AA, "\1") "\1S\12_DomainKey\7EXAMPLE"
			      "\3com\0"
			      "\0\20\0\1" TXT(POINTER, "\0\0\0\5", ONE)),
	"ok aa 1 5"},
    {"not authoritative",
	OCTETS(HEAD("\x80\0", "\1") QUESTION TXT(POINTER, "\0\0\0\5", ONE)),
	"ok 1 5"},
    {"cut", OCTETS(HEAD("\x86\0", "\0") QUESTION), "nodata aa tc 0 0"},
    {"no data", OCTETS(HEAD(AA, "\0") QUESTION), "nodata aa 0 0"},
    {"no such name", OCTETS(HEAD("\x84\3", "\0") QUESTION), "nxdomain aa 0 0"},
    {"refused", OCTETS(HEAD("\x80\5", "\0") QUESTION), "servfail 0 0"},
    {"refused, no question", OCTETS("\x12\x34\x80\5\0\0\0\0\0\0\0\0"),
	"servfail 0 0"},
    {"an alias",
	OCTETS(HEAD(AA, "\1") QUESTION POINTER "\0\5\0\1\0\0\0\5\0\2\300\16"),
	"nodata aa alias 0 0"},
    {"another's record",
	OCTETS(HEAD(AA, "\1") QUESTION TXT("\300\16", "\0\0\0\5", ONE)),
	"nodata aa 0 0"},
    {"a negative TTL",
	OCTETS(HEAD(AA, "\1") QUESTION TXT(POINTER, "\x80\0\0\5", ONE)),
	"ok aa 1 0"},
    {"another id", OCTETS("\x12\x35" AA "\0\1\0\0\0\0\0\0" QUESTION), "-"},
    {"a question", OCTETS(HEAD("\0\0", "\0") QUESTION), "-"},
    {"an update", OCTETS(HEAD("\xac\0", "\0") QUESTION), "-"},
    {"another question", OCTETS(HEAD(AA, "\0") "\1t\0\0\20\0\1"), "-"},
    {"a longer question", OCTETS(HEAD(AA, "\0") "\1a" QUESTION), "-"},
    {"a shorter question",
	OCTETS(HEAD(AA, "\0") "\1s\12_domainkey\0\0\20\0\1"), "-"},
    {"another type", OCTETS(HEAD(AA, "\0") NAME "\0\1\0\1"), "-"},
    {"empty", OCTETS(""), "-"},
    {"half a header", OCTETS("\x12\x34\x84"), "-"},
    {"record cut short",
	OCTETS(HEAD(AA, "\1") QUESTION POINTER "\0\20\0\1\0\0\0\5\0\11\2hi"),
	"servfail aa 0 0"},
    {"more announced than there is",
	OCTETS(HEAD(AA, "\2") QUESTION TXT(POINTER, "\0\0\0\5", ONE)),
	"servfail aa 0 5"},
    {"a pointer to itself",
	OCTETS(HEAD(AA, "\1") QUESTION TXT("\300\52", "\0\0\0\5", ONE)),
	"servfail aa 0 0"},
    {"a pointer out of the message",
	OCTETS(HEAD(AA, "\1") QUESTION TXT("\377\377", "\0\0\0\5", ONE)),
	"servfail aa 0 0"},
    {"half a pointer", OCTETS(HEAD(AA, "\1") QUESTION "\300"),
	"servfail aa 0 0"},
    {"a label of a kind there is not",
	OCTETS(HEAD(AA, "\1") QUESTION TXT("\100", "\0\0\0\5", ONE)),
	"servfail aa 0 0"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct wire_answer a;
	char got[100] = "-";

	if (wire_parse(slice_of(r->octets, r->len), 0x1234,
		SLICE_LIT("s._domainkey.example.com"), DNS_TXT, &a))
		snprintf(got, sizeof(got), "%s%s%s%s %zu %u",
		    names_word(dns_status_words, (int)a.status),
		    a.authoritative ? " aa" : "", a.truncated ? " tc" : "",
		    a.cname ? " alias" : "", a.nrr, (unsigned)a.ttl_s);
	assert_string_equal(got, r->want);
}

static void
test_query(void **state)
{
	static const char want[] = "\x12\x34\0\0\0\1\0\0\0\0\0\1" QUESTION
				   "\0\0\51\4\320\0\0\0\0\0\0";
	unsigned char out[WIRE_QUERY_MAX];
	char longest[254], longer[300];
	size_t n;

	(void)state;
	n = wire_query(
	    0x1234, SLICE_LIT("s._domainkey.example.com"), DNS_TXT, out);
	assert_int_equal(n, sizeof(want) - 1);
	assert_memory_equal(out, want, n);
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = i % 64 == 63 ? '.' : 'a';
	assert_int_equal(wire_query(1, slice_of(longest, 253), DNS_TXT, out),
	    12 + 255 + 15);
	memset(longer, 'a', sizeof(longer));
	assert_int_equal(wire_query(1, slice_of(longer, 64), DNS_TXT, out), 0);
	assert_int_equal(wire_query(1, SLICE_LIT("a..b"), DNS_TXT, out), 0);
	assert_int_equal(wire_query(1, SLICE_EMPTY, DNS_TXT, out), 0);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_query);
	return unit_end();
}
