/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The name of the program must stand where syslog puts it: what other programs
 * log of a peer's octets is never taken for ours.
 */
#include "journal/logline.h"

#include <string.h>
#include <time.h>

#include "log/json.h"

#define PROGRAM "assayd"
#define HOUR_LEN 9
#define DAY_S 86400
#define QID_MAX 64

/* --- pieces -------------------------------------------------------------------------- */

static bool
take(struct slice *s, const char *z)
{
	struct slice prefix = slice_z(z);

	if (!slice_starts(*s, prefix))
		return false;
	*s = slice_from(*s, prefix.len);
	return true;
}

/* So many digits. */
static bool
take_number(struct slice *s, size_t digits, int *out)
{
	uint64_t n;

	if (s->len < digits || slice_u64(slice_upto(*s, digits), 9999, &n))
		return false;
	*out = (int)n;
	*s = slice_from(*s, digits);
	return true;
}

/* A word and the blank after it. */
static struct slice
take_word(struct slice *s)
{
	bool more;

	return slice_cut(s, ' ', &more);
}

/* --- the time ------------------------------------------------------------------------- */

/* In the Gregorian calendar, whose years are easiest from March on. */
int64_t
logline_utc(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t of_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t era = y / 400, in_era = y - era * 400;

	return (era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 +
		   of_year - 719468) *
	    DAY_S;
}

static bool
take_clock(struct slice *s, int64_t *seconds)
{
	int h, m, sec;

	if (!take_number(s, 2, &h) || !take(s, ":") ||
	    !take_number(s, 2, &m) || !take(s, ":") ||
	    !take_number(s, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	*seconds = h * 3600 + m * 60 + sec;
	return true;
}

static bool
take_zone(struct slice *s, int64_t *offset_s)
{
	int sign, h, m;

	*offset_s = 0;
	if (take(s, "Z"))
		return true;
	sign = take(s, "-") ? -1 : take(s, "+") ? 1 : 0;
	if (sign == 0 || !take_number(s, 2, &h) || !take(s, ":") ||
	    !take_number(s, 2, &m))
		return false;
	*offset_s = sign * (h * 3600 + m * 60);
	return true;
}

/* RFC 3339 and the blank after it. */
static bool
take_iso(struct slice *in, int64_t *time_s)
{
	struct slice s = *in;
	int year, month, day;
	int64_t clock, offset;

	if (!take_number(&s, 4, &year) || !take(&s, "-") ||
	    !take_number(&s, 2, &month) || !take(&s, "-") ||
	    !take_number(&s, 2, &day) || !take(&s, "T") ||
	    !take_clock(&s, &clock) || month < 1 || month > 12 || day < 1 ||
	    day > 31)
		return false;
	if (take(&s, "."))
		while (s.len && is_digit(s.ptr[0]))
			s = slice_from(s, 1);
	if (!take_zone(&s, &offset) || !take(&s, " "))
		return false;
	*time_s = logline_utc(year, month, day) + clock - offset;
	*in = s;
	return true;
}

static int
month_of(struct slice s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (slice_eq(s, slice_of(months + 3 * i, 3)))
			return i;
	return -1;
}

/* When this hour began, in local time, last. */
static bool
hour_begins(const struct logline_clock *c, struct slice s, int64_t *out)
{
	time_t now = (time_t)c->now_s;
	struct tm tm, t = {.tm_isdst = -1};
	uint64_t day, hour;

	t.tm_mon = month_of(slice_upto(s, 3));
	if (t.tm_mon < 0 || s.ptr[3] != ' ' || s.ptr[6] != ' ' ||
	    slice_u64(slice_trim(slice_upto(slice_from(s, 4), 2)), 31, &day) ||
	    slice_u64(slice_from(s, 7), 23, &hour) || !localtime_r(&now, &tm))
		return false;
	t.tm_year = tm.tm_year;
	t.tm_mday = (int)day;
	t.tm_hour = (int)hour;
	*out = (int64_t)mktime(&t);
	if (*out <= c->now_s + DAY_S)
		return true;
	t = (struct tm){.tm_year = tm.tm_year - 1,
	    .tm_mon = month_of(slice_upto(s, 3)),
	    .tm_mday = (int)day,
	    .tm_hour = (int)hour,
	    .tm_isdst = -1};
	*out = (int64_t)mktime(&t);
	return true;
}

/* "Nov 21 17:01:51 " */
static bool
take_traditional(struct logline_clock *c, struct slice *in, int64_t *time_s)
{
	struct slice hour = slice_upto(*in, HOUR_LEN);
	struct slice s = slice_from(*in, HOUR_LEN - 2);
	int64_t clock;

	if (in->len < HOUR_LEN + 7 || !take_clock(&s, &clock) ||
	    !take(&s, " "))
		return false;
	if (memcmp(c->hour, hour.ptr, HOUR_LEN)) {
		if (!hour_begins(c, hour, &c->hour_s))
			return false;
		memcpy(c->hour, hour.ptr, HOUR_LEN);
	}
	*time_s = c->hour_s + clock % 3600;
	*in = s;
	return true;
}

/* --- what the program said ---------------------------------------------------------------- */

static bool
is_qid(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]))
			return false;
	return s.len && s.len <= QID_MAX;
}

static int
read_said(struct slice said, char *room, struct entry *e)
{
	struct slice rest, qid;
	bool more;

	if (slice_starts(said, SLICE_LIT("{\"event\":\"verdict\"")))
		return entry_parse_json(said, room, e) ? -1 : 1;
	rest = said;
	qid = slice_cut(&rest, ':', &more);
	if (more && is_qid(qid) && take(&rest, " "))
		said = rest;
	else
		qid = SLICE_EMPTY;
	if (!slice_starts(said, SLICE_LIT("verdict direction=")))
		return 0;
	(void)take(&said, "verdict ");
	if (entry_parse(said, room, e) || e->has[ENTRY_QID])
		return -1;
	e->value[ENTRY_QID] = qid;
	e->has[ENTRY_QID] = qid.len > 0;
	return 1;
}

/* Standard error under systemd names us twice. */
static int
read_message(struct slice said, int64_t time_s, char *room, struct entry *e)
{
	int rc;

	(void)take(&said, PROGRAM ": ");
	rc = read_said(said, room, e);
	if (rc == 1)
		e->time_s = time_s;
	return rc;
}

/* --- the ways of syslog ---------------------------------------------------------------------- */

/* "host assayd[1]: " */
static bool
take_tag(struct slice *s)
{
	(void)take_word(s);
	if (!take(s, PROGRAM))
		return false;
	if (take(s, "["))
		while (s->len && is_digit(s->ptr[0]))
			*s = slice_from(*s, 1);
	(void)take(s, "]");
	return take(s, ": ");
}

/* One element of structured data (RFC 5424 section 6.3), or none. */
static bool
take_structure(struct slice *s)
{
	bool quoted = false;

	if (!take(s, "["))
		return false;
	while (s->len) {
		char c = s->ptr[0];

		*s = slice_from(*s, quoted && c == '\\' ? 2 : 1);
		quoted ^= c == '"';
		if (c == ']' && !quoted)
			return true;
	}
	return false;
}

/* After "<22>1 ". */
static int
read_5424(struct slice s, char *room, struct entry *e)
{
	int64_t time_s = 0;

	if (!take(&s, "- ") && !take_iso(&s, &time_s))
		return 0;
	(void)take_word(&s);
	if (!slice_eqz(take_word(&s), PROGRAM))
		return 0;
	(void)take_word(&s);
	(void)take_word(&s);
	if (!take(&s, "-")) {
		if (!take_structure(&s))
			return -1;
		while (take_structure(&s))
			;
	}
	(void)take(&s, " ");
	(void)take(&s, "\xef\xbb\xbf");
	return read_message(s, time_s, room, e);
}

/* One object of journalctl -o json. */
static int
read_journald(struct slice s, char *room, struct entry *e)
{
	struct slice said = SLICE_EMPTY;
	bool ours = false;
	uint64_t us = 0;
	struct pair p;
	int rc;

	if (json_begin(&s))
		return 0;
	while ((rc = json_next(&s, &room, &p)) == 1) {
		if (slice_eqz(p.key, "MESSAGE"))
			said = p.value;
		else if (slice_eqz(p.key, "SYSLOG_IDENTIFIER"))
			ours = slice_eqz(p.value, PROGRAM);
		else if (slice_eqz(p.key, "__REALTIME_TIMESTAMP") &&
		    slice_u64(p.value, INT64_MAX, &us))
			return -1;
	}
	if (!ours)
		return 0;
	return rc ? -1 : read_message(said, (int64_t)(us / 1000000), room, e);
}

int
logline_read(
    struct logline_clock *c, struct slice line, char *room, struct entry *e)
{
	struct slice s = line;
	int64_t time_s = 0;

	if (s.len && s.ptr[s.len - 1] == '\r')
		s.len--;
	if (slice_starts(s, SLICE_LIT("{\"event\":")))
		return read_message(s, 0, room, e);
	if (s.len && s.ptr[0] == '{')
		return read_journald(s, room, e);
	if (take(&s, "<")) {
		while (s.len && is_digit(s.ptr[0]))
			s = slice_from(s, 1);
		if (!take(&s, ">"))
			return 0;
		if (take(&s, "1 "))
			return read_5424(s, room, e);
	}
	if (take_iso(&s, &time_s) || take_traditional(c, &s, &time_s))
		return take_tag(&s) ? read_message(s, time_s, room, e) : 0;
	return read_message(s, 0, room, e);
}
