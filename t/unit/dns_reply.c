/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/reply.h"

#include "mail/limits.h"
#include "unit.h"

/* Header, so many answers, so much authority; the question at 12. */
#define HEAD(flags, answers, authority) \
	"\0\0" flags "\0\1\0" answers "\0" authority "\0\0"
#define ASKED(type) "\1s\3com\0\0" type "\0\1"
#define RECORD(owner, type, ttl, len, data) \
	owner "\0" type "\0\1\0\0\0" ttl "\0" len data
#define HERE "\300\14" /* s.com */
#define COM "\300\16"
#define OK "\x81\x80"
#define MISSING "\x81\x83"
#define SOA(ttl, minimum) \
	RECORD(COM, "\6", ttl, "\30", \
	    COM COM "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0" minimum)
#define TXT(owner, ttl) RECORD(owner, "\20", ttl, "\3", "\2hi")
/* The name of what follows them, at 23 + 12. */
#define ALIAS(ttl) RECORD(HERE, "\5", ttl, "\4", "\1t\300\16")
#define TARGET "\300\43"

struct row {
	const char *name;
	enum dns_type type;
	const char *octets;
	size_t len;
	const char *want;
};

#define OCTETS(s) (s), sizeof(s) - 1

static const struct row rows[] = {
    {"data", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20") TXT(HERE, "\5")),
	"ok 5 \\002hi"},
    {"two, the lesser TTL", DNS_TXT,
	OCTETS(
	    HEAD(OK, "\2", "\0") ASKED("\20") TXT(HERE, "\5") TXT(HERE, "\4")),
	"ok 4 \\002hi \\002hi"},
    {"case of the owner", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20") TXT("\1S\3Com\0", "\5")),
	"ok 5 \\002hi"},
    {"of another owner", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20") TXT(COM, "\5")), "nodata 0"},
    {"of another type", DNS_TXT,
	OCTETS(HEAD(OK, "\2", "\0") ASKED("\20")
		RECORD(HERE, "\56", "\1", "\2", "xx") TXT(HERE, "\5")),
	"ok 5 \\002hi"},
    {"an alias, the lesser TTL", DNS_TXT,
	OCTETS(HEAD(OK, "\2", "\0") ASKED("\20") ALIAS("\3")
		TXT("\1t\3com\0", "\5")),
	"ok 3 \\002hi"},
    {"an alias by pointer", DNS_TXT,
	OCTETS(
	    HEAD(OK, "\2", "\0") ASKED("\20") ALIAS("\7") TXT(TARGET, "\5")),
	"ok 5 \\002hi"},
    {"an alias, not the name's data", DNS_TXT,
	OCTETS(HEAD(OK, "\2", "\0") ASKED("\20") ALIAS("\7") TXT(HERE, "\5")),
	"nodata 0"},
    {"an alias to what has no data", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\1") ASKED("\20") ALIAS("\3") SOA("\11", "\6")),
	"nodata 3"},
    {"an alias to what does not exist", DNS_TXT,
	OCTETS(HEAD(MISSING, "\1", "\1") ASKED("\20") ALIAS("\30")
		SOA("\11", "\6")),
	"nxdomain 6"},
    {"an alias asked for", DNS_CNAME,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\5") ALIAS("\3")),
	"ok 3 \\001t\\003com\\000"},
    {"RFC 2308 section 5: TTL of the SOA", DNS_TXT,
	OCTETS(HEAD(OK, "\0", "\1") ASKED("\20") SOA("\5", "\6")), "nodata 5"},
    {"RFC 2308 section 5: MINIMUM of the SOA", DNS_TXT,
	OCTETS(HEAD(MISSING, "\0", "\1") ASKED("\20") SOA("\7", "\6")),
	"nxdomain 6"},
    {"RFC 2308 section 5: no SOA", DNS_TXT,
	OCTETS(HEAD(MISSING, "\0", "\0") ASKED("\20")), "nxdomain 0"},
    {"names without pointers: MX", DNS_MX,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\17")
		RECORD(HERE, "\17", "\5", "\4", "\0\12" HERE)),
	"ok 5 \\000\\010\\001s\\003com\\000"},
    {"names without pointers: PTR", DNS_PTR,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\14")
		RECORD(HERE, "\14", "\5", "\4", "\1m" COM)),
	"ok 5 \\001m\\003com\\000"},
    {"names without pointers: SOA", DNS_SOA,
	OCTETS(HEAD(OK, "\1", "\0") "\3com\0\0\6\0\1" RECORD(HERE, "\6", "\5",
	    "\30", HERE HERE "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5")),
	"ok 5 \\003com\\000\\003com\\000\\000\\000\\000\\001\\000\\000\\000"
	"\\002\\000\\000\\000\\003\\000\\000\\000\\004\\000\\000\\000\\005"},
    {"data shorter than its name", DNS_MX,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\17")
		RECORD(HERE, "\17", "\5", "\3", "\0\12" HERE)),
	"servfail 0"},
    {"data longer than its name", DNS_MX,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\17")
		RECORD(HERE, "\17", "\5", "\5", "\0\12" HERE "x")),
	"servfail 0"},
    {"empty data", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20")
		RECORD(HERE, "\20", "\5", "\0", "")),
	"ok 5 "},
    {"RFC 2181 section 8: a negative TTL", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20") HERE
	    "\0\20\0\1\x80\0\0\5\0\3\2hi"),
	"ok 0 \\002hi"},
    {"another class", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20") HERE
	    "\0\20\0\3\0\0\0\5\0\3\2hi"),
	"nodata 0"},
    {"refused", DNS_TXT, OCTETS(HEAD("\x81\x85", "\0", "\0") ASKED("\20")),
	"servfail 0"},
    {"cut", DNS_TXT,
	OCTETS(HEAD("\x83\x80", "\1", "\0") ASKED("\20") TXT(HERE, "\5")),
	"servfail 0"},
    {"a question", DNS_TXT, OCTETS(HEAD("\1\0", "\0", "\0") ASKED("\20")),
	"servfail 0"},
    {"another type asked", DNS_MX,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20") TXT(HERE, "\5")),
	"servfail 0"},
    {"no question", DNS_TXT, OCTETS("\0\0\x81\x80\0\0\0\0\0\0\0\0"),
	"servfail 0"},
    {"empty", DNS_TXT, OCTETS(""), "servfail 0"},
    {"a record cut short", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20")
		RECORD(HERE, "\20", "\5", "\4", "\2hi")),
	"servfail 0"},
    {"more announced than there is", DNS_TXT,
	OCTETS(HEAD(OK, "\2", "\0") ASKED("\20") TXT(HERE, "\5")),
	"servfail 0"},
    {"an alias of a pointer to itself", DNS_TXT,
	OCTETS(HEAD(OK, "\1", "\0") ASKED("\20")
		RECORD(HERE, "\5", "\5", "\2", "\300\43")),
	"servfail 0"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct answer a;
	char got[400];
	size_t n;

	assert_int_equal(
	    reply_read(slice_of(r->octets, r->len), r->type, &a), 0);
	n = (size_t)snprintf(got, sizeof(got), "%s %u",
	    names_word(dns_status_words, (int)a.status), (unsigned)a.ttl_s);
	for (size_t i = 0; i < a.nrr; i++) {
		got[n++] = ' ';
		for (size_t j = 0; j < a.rdata[i].len; j++) {
			char c = a.rdata[i].ptr[j];

			n += (size_t)snprintf(got + n, sizeof(got) - n,
			    is_alpha(c) ? "%c" : "\\%03u", (unsigned char)c);
		}
		got[n] = '\0';
	}
	assert_string_equal(got, r->want);
	free(a.rdata);
}

/* No more than LIMIT_ANSWER_RECORDS, and nothing is written past them. */
static void
test_many(void **state)
{
	static const char head[] = HEAD(OK, "\0", "\0") ASKED("\17");
	static const char one[] =
	    RECORD(HERE, "\17", "\5", "\4", "\0\12" HERE);
	size_t n = LIMIT_ANSWER_RECORDS + 9, size = sizeof(one) - 1;
	char *message = malloc(sizeof(head) - 1 + n * size);
	struct answer a;

	(void)state;
	assert_non_null(message);
	memcpy(message, head, sizeof(head) - 1);
	message[6] = (char)(n >> 8);
	message[7] = (char)(n & 0xff);
	for (size_t i = 0; i < n; i++)
		memcpy(message + sizeof(head) - 1 + i * size, one, size);
	assert_int_equal(
	    reply_read(
		slice_of(message, sizeof(head) - 1 + n * size), DNS_MX, &a),
	    0);
	free(message);
	assert_int_equal(a.status, DNS_OK);
	assert_int_equal(a.nrr, LIMIT_ANSWER_RECORDS);
	assert_int_equal(a.rdata[a.nrr - 1].len, 9);
	free(a.rdata);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_many);
	return unit_end();
}
