/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One event as a line: key=value text or JSON (RFC 8259). Peer-supplied
 * octets can neither end a line nor a value nor reach a terminal raw.
 */
#include <stdarg.h>
#include <string.h>

#include "log/log.h"
#include "log/pairs.h"
#include "log/sink.h"

/* How much of it is written as it is, in any format? */
static size_t
clean_length(struct slice v)
{
	size_t n = 0;

	while (n < v.len && is_print(v.ptr[n]) && v.ptr[n] != '"' &&
	    v.ptr[n] != '\\')
		n++;
	return n;
}

void
log_escape(struct buf *b, struct slice v)
{
	while (v.len) {
		size_t n = clean_length(v);
		char c;

		buf_add(b, slice_upto(v, n));
		if (n == v.len)
			return;
		c = v.ptr[n];
		v = slice_from(v, n + 1);
		if (c == '"' || c == '\\') {
			buf_addc(b, '\\');
			buf_addc(b, c);
		} else {
			buf_addf(b, "\\x%02x", (unsigned char)c);
		}
	}
}

/* Length of the UTF-8 sequence at s (RFC 3629), 0 when it is none. */
static size_t
utf8_length(struct slice s)
{
	unsigned char c = (unsigned char)s.ptr[0];
	size_t n = c < 0x80 ? 1
	    : c < 0xc2      ? 0
	    : c < 0xe0      ? 2
	    : c < 0xf0      ? 3
			    : 4;
	unsigned char second = s.len > 1 ? (unsigned char)s.ptr[1] : 0;

	if (n == 0 || c > 0xf4 || n > s.len)
		return 0;
	if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
	    (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f))
		return 0;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s.ptr[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/*
 * U+0080 to U+009F steer terminals, U+2028 and U+2029 end lines to some
 * readers, U+202A to U+202E and U+2066 to U+2069 turn text around. n octets.
 */
static bool
is_unruly(const char *p, size_t n)
{
	unsigned char c[3] = {0};

	if (n < 2 || n > 3)
		return false;
	memcpy(c, p, n);
	if (n == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return c[0] == 0xe2 &&
	    ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
		(c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* The next octet or UTF-8 sequence as JSON has it, off the front of v. */
static void
add_json_char(struct buf *b, struct slice *v)
{
	size_t n = utf8_length(*v);
	unsigned char c = (unsigned char)v->ptr[0];

	if (is_unruly(v->ptr, n))
		n = 0; /* octet by octet */
	if (c == '"' || c == '\\')
		buf_addf(b, "\\%c", c);
	else if (n == 0 || c < 0x20 || c == 0x7f)
		buf_addf(b, "\\u%04x", c);
	else
		buf_add(b, slice_upto(*v, n));
	*v = slice_from(*v, n ? n : 1);
}

void
log_json_string(struct buf *b, struct slice v)
{
	buf_addc(b, '"');
	while (v.len)
		add_json_char(b, &v);
	buf_addc(b, '"');
}

void
event_begin(struct event *e, struct log *lg, enum log_level level,
    const char *name, struct slice qid)
{
	e->log = lg;
	e->level = level;
	e->wanted = lg && log_wants(lg, level);
	e->json = lg && log_format(lg) == LOG_FORMAT_JSON;
	e->text = BUF_INIT(LOG_LINE_MAX);
	if (!e->wanted)
		return;
	if (e->json) {
		buf_addf(&e->text, "{\"event\":\"%s\"", name);
		if (qid.len)
			event_str(e, "qid", qid);
		return;
	}
	if (qid.len) {
		log_escape(&e->text, qid);
		buf_addz(&e->text, ": ");
	}
	buf_addz(&e->text, name);
}

static void
add_json_key(struct event *e, const char *key)
{
	buf_addz(&e->text, ",\"");
	buf_addz(&e->text, key);
	buf_addz(&e->text, "\":");
}

void
event_str(struct event *e, const char *key, struct slice value)
{
	if (!e->wanted)
		return;
	if (!e->json) {
		pair_add(&e->text, key, value);
		return;
	}
	add_json_key(e, key);
	log_json_string(&e->text, value);
}

void
event_peer(struct event *e, const char *key, struct slice value)
{
	struct buf b = BUF_INIT(2 * LOG_PEER_MAX), whole = b;
	struct slice rest = value, part = SLICE_EMPTY;

	if (!e->wanted)
		return;
	if (value.len <= LOG_PEER_MAX && clean_length(value) == value.len) {
		event_str(e, key, value);
		return;
	}
	while (rest.len && b.len < LOG_PEER_MAX) {
		if (e->json) {
			add_json_char(&b, &rest);
		} else {
			log_escape(&b, slice_upto(rest, 1));
			rest = slice_from(rest, 1);
		}
	}
	part = slice_upto(value, value.len - rest.len);
	if (rest.len) {
		buf_add(&whole, part);
		buf_addz(&whole, "...");
		part = buf_slice(&whole);
	}
	event_str(e, key, part);
	buf_free(&b);
	buf_free(&whole);
}

void
event_z(struct event *e, const char *key, const char *value)
{
	event_str(e, key, slice_z(value));
}

void
event_num(struct event *e, const char *key, int64_t value)
{
	if (!e->wanted)
		return;
	if (e->json)
		add_json_key(e, key);
	else
		pair_add_key(&e->text, key);
	buf_add_num(&e->text, value);
}

bool
event_pairs(struct event *e, struct slice pairs)
{
	size_t room = e->text.max - e->text.len;

	if (!e->wanted)
		return true;
	if (e->json || pairs.len == 0 || pairs.len >= room || e->text.over)
		return false;
	if (e->text.len)
		buf_addc(&e->text, ' ');
	buf_add(&e->text, pairs);
	return true;
}

void
event_collect(struct event *e, size_t max)
{
	*e = (struct event){
	    .level = LOG_LEVEL_INFO, .wanted = true, .text = BUF_INIT(max)};
}

void
event_end(struct event *e)
{
	if (!e->wanted)
		return;
	if (e->json)
		buf_addc(&e->text, '}');
	/* Over the ceiling, the line ends before the value that was too much. */
	if (e->text.over && e->json) {
		e->text.over = false;
		buf_clear(&e->text);
		buf_addz(&e->text, "{\"event\":\"log_line_too_long\"}");
	}
	log_line(e->log, e->level, buf_str(&e->text));
	buf_free(&e->text);
}

void
log_event(struct log *lg, enum log_level level, const char *name, ...)
{
	struct event e;
	const char *key;
	va_list ap;

	event_begin(&e, lg, level, name, SLICE_EMPTY);
	va_start(ap, name);
	while ((key = va_arg(ap, const char *)))
		event_z(&e, key, va_arg(ap, const char *));
	va_end(ap);
	event_end(&e);
}
