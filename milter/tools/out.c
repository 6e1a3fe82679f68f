/* SPDX-License-Identifier: BSD-2-Clause */
/* See out.h. */
#include "tools/out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/log.h"

#define OUT_MAX (256u << 20)
#define KEY_COLUMNS 14

static const char *const tones[] = {
    [OUT_PLAIN] = "",
    [OUT_GOOD] = "\033[32m",
    [OUT_WARN] = "\033[33m",
    [OUT_BAD] = "\033[31m",
    [OUT_BOLD] = "\033[1m",
};

/* --- the document ----------------------------------------------------------- */

void
out_begin(struct out *o, bool json, bool colour)
{
	*o = (struct out){
	    .text = BUF_INIT(OUT_MAX), .json = json, .colour = colour};
	if (json)
		buf_addc(&o->text, '{');
}

int
out_flush(struct out *o)
{
	struct slice s = buf_slice(&o->text);
	int rc = buf_status(&o->text);

	progress_clear(o->progress);
	if (s.len && fwrite(s.ptr, 1, s.len, stdout) != s.len)
		rc = -1;
	if (fflush(stdout))
		rc = -1;
	buf_clear(&o->text);
	return rc;
}

int
out_finish(struct out *o)
{
	int rc;

	if (o->json)
		buf_addz(&o->text, "}\n");
	rc = out_flush(o);
	buf_free(&o->text);
	return rc;
}

/* --- pieces -------------------------------------------------------------------- */

void
out_escape(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			buf_addz(b, "\\\\");
		else if (is_print(s.ptr[i]))
			buf_addc(b, s.ptr[i]);
		else
			buf_addf(b, "\\x%02x", (unsigned char)s.ptr[i]);
	}
}

void
out_complain(const char *command, struct slice lines)
{
	bool more = true;

	while (more) {
		struct slice line = slice_cut(&lines, '\n', &more);
		struct buf b = BUF_INIT(4 * line.len + 1);

		out_escape(&b, line);
		if (line.len)
			(void)fprintf(
			    stderr, "assay %s: %s\n", command, buf_str(&b));
		buf_free(&b);
	}
}

static void
indent(struct out *o)
{
	for (size_t i = 0; i < o->indent[o->depth]; i++)
		buf_addz(&o->text, "  ");
}

static void
paint(struct out *o, enum out_tone tone, const char *text)
{
	bool on = o->colour && tone != OUT_PLAIN;

	buf_addf(&o->text, "%s%s%s", on ? tones[tone] : "", text,
	    on ? "\033[0m" : "");
}

/* All that stands before a value. */
static void
lead(struct out *o, const char *key)
{
	if (o->json) {
		if (o->started[o->depth])
			buf_addc(&o->text, ',');
		if (key)
			buf_addf(&o->text, "\"%s\":", key);
	} else {
		indent(o);
		if (key)
			buf_addf(&o->text, "%-*s ", KEY_COLUMNS, key);
		else
			buf_addz(&o->text, "- ");
	}
	o->started[o->depth] = true;
}

static void
end(struct out *o)
{
	if (!o->json)
		buf_addc(&o->text, '\n');
}

/* --- members ---------------------------------------------------------------------- */

void
out_str(struct out *o, const char *key, struct slice s)
{
	if (s.len == 0)
		return;
	lead(o, key);
	if (o->json)
		log_json_string(&o->text, s);
	else
		out_escape(&o->text, s);
	end(o);
}

void
out_z(struct out *o, const char *key, const char *s)
{
	out_str(o, key, slice_z(s));
}

void
out_num(struct out *o, const char *key, int64_t n)
{
	lead(o, key);
	buf_addf(&o->text, "%" PRId64, n);
	end(o);
}

void
out_bool(struct out *o, const char *key, bool yes)
{
	lead(o, key);
	if (o->json)
		buf_addz(&o->text, yes ? "true" : "false");
	else
		buf_addz(&o->text, yes ? "yes" : "no");
	end(o);
}

/* One line of several; what a TAB does there a blank does as well. */
static void
add_line(struct out *o, struct slice line)
{
	bool more = true;

	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	indent(o);
	buf_addz(&o->text, "  | ");
	while (more) {
		out_escape(&o->text, slice_cut(&line, '\t', &more));
		if (more)
			buf_addz(&o->text, "    ");
	}
	end(o);
}

void
out_lines(struct out *o, const char *key, struct slice s)
{
	bool more = s.len > 0;

	if (o->json || s.len == 0) {
		out_str(o, key, s);
		return;
	}
	indent(o);
	buf_addf(&o->text, "%s\n", key);
	o->started[o->depth] = true;
	while (more) {
		struct slice line = slice_cut(&s, '\n', &more);

		if (line.len || more)
			add_line(o, line);
	}
}

void
out_tone(struct out *o, const char *key, const char *word, enum out_tone tone)
{
	if (o->json) {
		out_z(o, key, word);
		return;
	}
	lead(o, key);
	paint(o, tone, word);
	end(o);
}

enum out_tone
out_result_tone(enum ar_word w)
{
	switch (w) {
	case AR_PASS: return OUT_GOOD;
	case AR_FAIL:
	case AR_PERMERROR: return OUT_BAD;
	case AR_SOFTFAIL:
	case AR_NEUTRAL:
	case AR_POLICY:
	case AR_TEMPERROR: return OUT_WARN;
	case AR_NOT_RUN:
	case AR_NONE: break;
	}
	return OUT_PLAIN;
}

void
out_result(struct out *o, const char *key, enum ar_word w)
{
	if (w != AR_NOT_RUN)
		out_tone(o, key, ar_word(w), out_result_tone(w));
}

static void
deeper(struct out *o, const char *key, bool array, bool flat)
{
	size_t in = o->indent[o->depth];

	/* The members of an item stand where the item stands. */
	flat |= o->array[o->depth];
	if (o->json) {
		lead(o, key);
		buf_addc(&o->text, array ? '[' : '{');
	} else if (!flat) {
		indent(o);
		paint(o, OUT_BOLD, key);
		buf_addc(&o->text, '\n');
	} else if (o->started[o->depth] && o->array[o->depth]) {
		buf_addc(&o->text, '\n');
	}
	o->started[o->depth] = true;
	if (o->depth < OUT_DEPTH_MAX)
		o->depth++;
	o->started[o->depth] = false;
	o->array[o->depth] = array;
	o->indent[o->depth] = flat ? in : in + 1;
}

void
out_object(struct out *o, const char *key)
{
	deeper(o, key, false, false);
}

void
out_array(struct out *o, const char *key)
{
	deeper(o, key, true, false);
}

void
out_flat_array(struct out *o, const char *key)
{
	deeper(o, key, true, true);
}

void
out_close(struct out *o)
{
	if (o->json)
		buf_addc(&o->text, o->array[o->depth] ? ']' : '}');
	if (o->depth)
		o->depth--;
}

void
out_line(struct out *o, enum out_tone tone, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	if (o->json)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	indent(o);
	paint(o, tone, text);
	end(o);
}
