/* SPDX-License-Identifier: BSD-2-Clause */
#include "journal/logline.h"

#include "unit.h"

#define NOW 1795255200 /* 2026-11-21T10:00:00Z */
#define VERDICT "verdict direction=inbound from=a.example action=accept"
#define JSON_VERDICT \
	"{\"event\":\"verdict\",\"qid\":\"4XyZ\",\"direction\":\"inbound\"," \
	"\"from\":\"a.example\",\"action\":\"accept\"}"

struct row {
	const char *name, *line;
	int want;
	int64_t time_s;
	const char *qid;
};

static const struct row rows[] = {
    {"rsyslog, traditional", "Nov 21 09:00:01 mx assayd[12]: 4XyZ: " VERDICT,
	1, NOW - 3599, "4XyZ"},
    {"rsyslog, a day of one digit",
	"Nov  1 10:00:00 mx assayd[12]: 4XyZ: " VERDICT, 1, NOW - 20 * 86400,
	"4XyZ"},
    {"a day of last year", "Dec 31 10:00:00 mx assayd[12]: 4XyZ: " VERDICT, 1,
	NOW - 325 * 86400, "4XyZ"},
    {"rsyslog, RFC 3339",
	"2026-11-21T11:00:00.123456+01:00 mx assayd[12]: 4XyZ: " VERDICT, 1,
	NOW, "4XyZ"},
    {"RFC 3339, Z, no pid", "2026-11-21T10:00:00Z mx assayd: Q1: " VERDICT, 1,
	NOW, "Q1"},
    {"before a leap day", "2024-02-29T00:00:00Z mx assayd: Q1: " VERDICT, 1,
	1709164800, "Q1"},
    {"RFC 5424", "<22>1 2026-11-21T10:00:00.1Z mx assayd 12 - - Q1: " VERDICT,
	1, NOW, "Q1"},
    {"RFC 5424, structured data",
	"<22>1 2026-11-21T10:00:00Z mx assayd 12 - [a b=\"]\\\"\"][c] "
	"\xef\xbb\xbfQ1: " VERDICT,
	1, NOW, "Q1"},
    {"RFC 3164 with a priority",
	"<22>Nov 21 10:00:00 mx assayd[12]: Q1: " VERDICT, 1, NOW, "Q1"},
    {"a queue id of Sendmail's",
	"Nov 21 10:00:00 mx assayd[12]: 5ALA0000123456: " VERDICT, 1, NOW,
	"5ALA0000123456"},
    {"standard error", "assayd: Q1: " VERDICT, 1, 0, "Q1"},
    {"standard error in the journal",
	"Nov 21 10:00:00 mx assayd[12]: assayd: Q1: " VERDICT, 1, NOW, "Q1"},
    {"journalctl -o cat", "Q1: " VERDICT, 1, 0, "Q1"},
    {"no queue id", "assayd: " VERDICT, 1, 0, ""},
    {"JSON", "Nov 21 10:00:00 mx assayd[12]: " JSON_VERDICT, 1, NOW, "4XyZ"},
    {"journald",
	"{\"_PID\":\"1\",\"__REALTIME_TIMESTAMP\":\"1795255200123456\","
	"\"SYSLOG_IDENTIFIER\":\"assayd\",\"MESSAGE\":\"Q1: verdict "
	"direction=inbound from=a.example why=\\\"a b\\\" action=accept\"}",
	1, NOW, "Q1"},
    {"journald, MESSAGE of octets",
	"{\"SYSLOG_IDENTIFIER\":\"assayd\",\"MESSAGE\":[81,58,27]}", 0, 0, ""},
    {"journald, another program",
	"{\"SYSLOG_IDENTIFIER\":\"sshd\",\"MESSAGE\":\"Q1: " VERDICT "\"}", 0,
	0, ""},
    {"another program", "Nov 21 10:00:00 mx postfix/smtpd[1]: Q1: " VERDICT, 0,
	0, ""},
    {"a program of a like name", "Nov 21 10:00:00 mx assaydx[1]: Q1: " VERDICT,
	0, 0, ""},
    {"our name in what another logs",
	"Nov 21 10:00:00 mx postfix/smtpd[1]: x assayd[1]: Q1: " VERDICT, 0, 0,
	""},
    {"our name as a host", "Nov 21 10:00:00 assayd[1]: Q1: " VERDICT, 0, 0,
	""},
    {"another event", "Nov 21 10:00:00 mx assayd[1]: reloaded config=x", 0, 0,
	""},
    {"another event of a message",
	"Nov 21 10:00:00 mx assayd[1]: Q1: internal_error why=x", 0, 0, ""},
    {"cut", "Nov 21 10:00:00 mx assayd[1]: Q1: verdict direction=inbound", -1,
	0, ""},
    {"cut in a value", "Nov 21 10:00:00 mx assayd[1]: Q1: " VERDICT " why=\"x",
	-1, 0, ""},
    {"an octet that steers",
	"Nov 21 10:00:00 mx assayd[1]: Q1: " VERDICT " why=\"\033\"", -1, 0,
	""},
    {"two queue ids", "assayd: Q1: " VERDICT " qid=Q2", -1, 0, ""},
    {"no month", "Nox 21 10:00:00 mx assayd[1]: Q1: " VERDICT, 0, 0, ""},
    {"no hour", "Nov 21 25:00:00 mx assayd[1]: Q1: " VERDICT, 0, 0, ""},
    {"nothing", "", 0, 0, ""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct logline_clock c = {.now_s = NOW};
	struct slice line = slice_z(r->line);
	char room[LOGLINE_ROOM(1000)];
	struct entry e;

	(void)setenv("TZ", "UTC", 1);
	/* Twice: the second time from what was found out. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(logline_read(&c, line, room, &e), r->want);
		if (r->want != 1)
			continue;
		assert_int_equal(e.time_s, r->time_s);
		assert_slice(e.value[ENTRY_QID], slice_z(r->qid));
		assert_slice(e.value[ENTRY_FROM], SLICE_LIT("a.example"));
	}
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
