/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 sections 5.4 (which fields to sign), 5.3 and 8.15 (what not to
 * sign), RFC 8058 section 4 (List-Unsubscribe-Post).
 */
#include "dkim/select.h"

#include <string.h>

#include "mail/limits.h"

#define LINE_OCTETS 998 /* RFC 5322 section 2.1.1 */
#define NAME(lit) \
	{ \
		(lit), sizeof(lit) - 1 \
	}

const struct slice dkim_default_sign_fields[] = {
    NAME("From"),
    NAME("Reply-To"),
    NAME("Sender"),
    NAME("Subject"),
    NAME("Date"),
    NAME("Message-ID"),
    NAME("To"),
    NAME("Cc"),
    NAME("MIME-Version"),
    NAME("Content-Type"),
    NAME("Content-Transfer-Encoding"),
    NAME("In-Reply-To"),
    NAME("References"),
    NAME("Resent-Date"),
    NAME("Resent-From"),
    NAME("Resent-To"),
    NAME("Resent-Cc"),
    NAME("List-Id"),
    NAME("List-Help"),
    NAME("List-Unsubscribe"),
    NAME("List-Unsubscribe-Post"),
    NAME("List-Subscribe"),
    NAME("List-Post"),
    NAME("List-Owner"),
    NAME("List-Archive"),
};
const size_t dkim_default_sign_fields_n = ARRAY_LEN(dkim_default_sign_fields);

const struct slice dkim_default_oversign[] = {
    NAME("From"),
    NAME("Reply-To"),
    NAME("Sender"),
    NAME("Subject"),
    NAME("Date"),
    NAME("Message-ID"),
    NAME("To"),
    NAME("Cc"),
    NAME("MIME-Version"),
    NAME("Content-Type"),
};
const size_t dkim_default_oversign_n = ARRAY_LEN(dkim_default_oversign);

static bool
has_name(const struct slice *names, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_ieq(names[i], name))
			return true;
	return false;
}

/* How often a name is listed. */
static size_t
listings(const struct dkim_sign_options *o, const struct header *h,
    struct slice name)
{
	size_t n = header_count(h, name);

	if (has_name(o->omit, o->nomit, name) && !slice_ieqz(name, "From"))
		return 0;
	if (!has_name(o->oversign, o->noversign, name))
		return n;
	if (n == 0 && has_name(o->never_absent, o->nnever_absent, name))
		return 0;
	return n + 1;
}

/* Appends the names of one list that no earlier entry has. */
static enum dkim_reason
append(struct dkim_names *out, const struct slice *list, size_t nlist,
    const struct dkim_sign_options *o, const struct header *h)
{
	for (size_t i = 0; i < nlist; i++) {
		size_t n = listings(o, h, list[i]);

		if (has_name(out->names, out->n, list[i]))
			continue;
		if (n > LIMIT_DKIM_H_ENTRIES - out->n)
			return DKIM_REASON_LIMIT_H;
		while (n--)
			out->names[out->n++] = list[i];
	}
	return DKIM_REASON_NONE;
}

int
dkim_select_names(const struct dkim_sign_options *o, const struct header *h,
    struct arena *arena, struct dkim_names *out, enum dkim_reason *reason,
    struct err *err)
{
	out->n = 0;
	out->names =
	    arena_array(arena, LIMIT_DKIM_H_ENTRIES, sizeof(*out->names));
	if (!out->names)
		return err_no_mem(err);
	*reason = append(out, o->sign, o->nsign, o, h);
	if (*reason == DKIM_REASON_NONE)
		*reason = append(out, o->oversign, o->noversign, o, h);
	/* Section 5.4: "The From header field MUST be signed". */
	if (*reason == DKIM_REASON_NONE)
		*reason = append(out, dkim_default_sign_fields, 1, o, h);
	return 0;
}

/* RFC 5322 section 3.6: at most one each. */
static const struct slice singletons[] = {
    NAME("Date"),
    NAME("Sender"),
    NAME("Reply-To"),
    NAME("To"),
    NAME("Cc"),
    NAME("Bcc"),
    NAME("Message-ID"),
    NAME("In-Reply-To"),
    NAME("References"),
    NAME("Subject"),
};

/* NUL, CR or LF alone, long lines */
static enum dkim_reason
check_field(struct slice raw, size_t max_line)
{
	struct dkim_body_check check = {.max_line = max_line};

	dkim_check_body(&check, raw);
	return dkim_check_body_end(&check);
}

enum dkim_reason
dkim_check_header(const struct header *h, const struct dkim_sign_options *o)
{
	if (h->over)
		return DKIM_REASON_LIMIT_HEADER;
	if (header_count(h, SLICE_LIT("From")) != 1)
		return DKIM_REASON_NOT_ONE_FROM;
	if (o->sign_malformed)
		return DKIM_REASON_NONE;
	for (size_t i = 0; i < ARRAY_LEN(singletons); i++)
		if (header_count(h, singletons[i]) > 1)
			return DKIM_REASON_REPEATED_FIELD;
	for (size_t i = 0; i < h->n; i++) {
		enum dkim_reason r =
		    check_field(h->fields[i].raw, o->max_line);

		if (r != DKIM_REASON_NONE)
			return r;
	}
	return DKIM_REASON_NONE;
}

bool
dkim_header_is_utf8(const struct header *h)
{
	bool ascii = true;

	for (size_t i = 0; i < h->n; i++) {
		if (!slice_is_utf8(h->fields[i].raw))
			return false;
		ascii = ascii && slice_is_ascii(h->fields[i].raw);
	}
	return !ascii;
}

static void
fault(struct dkim_body_check *c, enum dkim_reason r)
{
	if (c->reason == DKIM_REASON_NONE)
		c->reason = r;
}

static size_t
max_line(const struct dkim_body_check *c)
{
	return c->max_line ? c->max_line : LINE_OCTETS;
}

/* Octets up to a line end, or of a line under way: nothing wrong with them. */
static bool
is_sound(const struct dkim_body_check *c, struct slice s)
{
	const char *cr = memchr(s.ptr, '\r', s.len);

	return !c->cr && c->column + s.len <= max_line(c) &&
	    (!cr || cr == s.ptr + s.len - 1) && !memchr(s.ptr, '\0', s.len);
}

static void
check_octets(struct dkim_body_check *c, struct slice s)
{
	size_t max = max_line(c);

	for (size_t i = 0; i < s.len; i++) {
		char x = s.ptr[i];

		if (c->cr != (x == '\n'))
			fault(c, DKIM_REASON_BARE_CR_LF);
		c->cr = x == '\r';
		if (x == '\0')
			fault(c, DKIM_REASON_NUL);
		if (x == '\n')
			c->column = 0;
		else if (x != '\r' && ++c->column > max)
			fault(c, DKIM_REASON_LONG_LINE);
	}
}

/* Octet by octet only where it matters which of two faults comes first. */
void
dkim_check_body(struct dkim_body_check *c, struct slice s)
{
	while (s.len) {
		const char *lf = memchr(s.ptr, '\n', s.len);
		size_t n = lf ? (size_t)(lf - s.ptr) : s.len;
		struct slice line = slice_upto(s, n);

		if (n && is_sound(c, line)) {
			c->cr = line.ptr[n - 1] == '\r';
			c->column += n - c->cr;
		} else {
			check_octets(c, line);
		}
		if (lf)
			check_octets(c, SLICE_LIT("\n"));
		s = slice_from(s, n + (lf != NULL));
	}
}

enum dkim_reason
dkim_check_body_end(struct dkim_body_check *c)
{
	if (c->cr)
		fault(c, DKIM_REASON_BARE_CR_LF);
	return c->reason;
}
