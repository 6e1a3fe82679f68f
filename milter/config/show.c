/* SPDX-License-Identifier: BSD-2-Clause */
/* Values as text. See show.h. */
#include "config/show.h"

#include <inttypes.h>
#include <string.h>

#define RULES offsetof(struct config, engine.rules.all)

/* Needs no quotes? */
static bool
is_plain(const char *s)
{
	size_t n = 0;

	for (; s[n]; n++)
		if (!is_alnum(s[n]) && !strchr("_.:/@+-", s[n]))
			return false;
	return n > 0;
}

void
show_text(const char *s, struct buf *out)
{
	if (is_plain(s)) {
		buf_addz(out, s);
		return;
	}
	buf_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
	buf_addc(out, '"');
}

/* The largest unit that it is a whole number of. */
static void
show_seconds(int64_t s, struct buf *out)
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
	size_t i = 0;

	while (s == 0 ? units[i].seconds > 1 : s % units[i].seconds != 0)
		i++;
	buf_addf(out, "%" PRId64 "%s", s / units[i].seconds, units[i].unit);
}

static void
comma(size_t i, struct buf *out)
{
	buf_addz(out, i ? ", " : " ");
}

static void
show_flags(const struct option *opt, unsigned bits, struct buf *out)
{
	size_t n = 0;

	for (const struct name *w = opt->names; w->word; w++) {
		/* A word for several bits says no more than theirs do. */
		unsigned bit = (unsigned)w->value;

		if (bit == 0 || (bit & (bit - 1)) || (bits & bit) == 0)
			continue;
		comma(n++, out);
		buf_addz(out, w->word);
	}
}

static void
show_strings(const struct string_list *list, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		comma(i, out);
		show_text(list->items[i], out);
	}
}

static void
show_cidrs(const struct cidr_list *list, struct buf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < list->n; i++) {
		comma(i, out);
		buf_addf(out, "%s/%u", ip_format(&list->items[i].net, text),
		    list->items[i].bits);
	}
}

static void
show_domains(const struct domain_list *list, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		comma(i, out);
		show_text(list->items[i].text, out);
	}
}

static void
show_exceptions(const struct exception_list *list, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		comma(i, out);
		show_text(list->items[i].text, out);
	}
}

static void
show_one(const struct option *opt, const void *field, struct buf *out)
{
	switch (opt->type) {
	case OPTION_STRING: show_text(*(const char *const *)field, out); break;
	case OPTION_BOOL:
		buf_addz(out, *(const bool *)field ? "yes" : "no");
		break;
	case OPTION_SIZE: buf_addf(out, "%zu", *(const size_t *)field); break;
	case OPTION_UNSIGNED:
		buf_addf(out, "%u", *(const unsigned *)field);
		break;
	case OPTION_MODE:
		buf_addf(out, "%04o", *(const unsigned *)field);
		break;
	case OPTION_SECONDS: show_seconds(*(const int64_t *)field, out); break;
	case OPTION_WORD:
		buf_addz(out, names_word(opt->names, *(const int *)field));
		break;
	case OPTION_FLAGS:
		show_flags(opt, *(const unsigned *)field, out);
		break;
	case OPTION_STRINGS: show_strings(field, out); break;
	case OPTION_CIDRS: show_cidrs(field, out); break;
	case OPTION_DOMAINS: show_domains(field, out); break;
	case OPTION_EXCEPTIONS: show_exceptions(field, out); break;
	}
}

static bool
is_list(enum option_type type)
{
	return type == OPTION_FLAGS || type == OPTION_STRINGS ||
	    type == OPTION_CIDRS || type == OPTION_DOMAINS ||
	    type == OPTION_EXCEPTIONS;
}

void
show_value(const struct option *opt, const struct config *config,
    const struct domain_rules *rules, struct buf *out)
{
	const void *field = rules ? (const char *)rules + (opt->offset - RULES)
				  : (const char *)config + opt->offset;

	if (is_list(opt->type))
		buf_addc(out, '{');
	show_one(opt, field, out);
	if (is_list(opt->type))
		buf_addz(out, " }");
}
