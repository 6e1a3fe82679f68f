/* SPDX-License-Identifier: BSD-2-Clause */
/* Options into rules, templates into selectors. See options.h. */
#include "keys/options.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "keys/make.h"

const struct name publish_via_words[] = {
    {PUBLISH_PRINT, "print"},
    {PUBLISH_FILE, "file"},
    {PUBLISH_NSUPDATE, "nsupdate"},
    {PUBLISH_COMMAND, "command"},
    {0, NULL},
};

const struct name key_type_bits[] = {
    {1 << KEY_RSA2048, "rsa2048"},
    {1 << KEY_RSA3072, "rsa3072"},
    {1 << KEY_RSA4096, "rsa4096"},
    {1 << KEY_ED25519, "ed25519"},
    {0, NULL},
};

static bool
has(const struct string_list *l, const char *s, size_t upto)
{
	for (size_t i = 0; i < upto; i++)
		if (!strcmp(l->items[i], s))
			return true;
	return false;
}

static const char *
slots_fault(const struct string_list *l, const struct string_list *others)
{
	if (l->n == 1)
		return "must be two or more: the key of a single one could "
		       "never be changed";
	for (size_t i = 0; i < l->n; i++) {
		if (has(l, l->items[i], i))
			return "names a slot twice";
		if (others && has(others, l->items[i], others->n))
			return "names a slot of rsa_slots";
	}
	return NULL;
}

const char *
keys_options_fault(const struct keys_options *o, const char **why)
{
	unsigned rsa = o->types & ~(1u << KEY_ED25519);

	*why = NULL;
	if (!o->types)
		*why = "must name a type";
	else if (rsa & (rsa - 1))
		*why = "must name one size of RSA: such keys follow each "
		       "other";
	if (*why)
		return "key_types";
	*why = slots_fault(&o->rsa_slots, NULL);
	if (*why)
		return "rsa_slots";
	*why = slots_fault(&o->ed25519_slots, &o->rsa_slots);
	if (*why)
		return "ed25519_slots";
	if (o->publish_via == PUBLISH_COMMAND && !o->publish_command[0]) {
		*why = "must be set for publish_via = command";
		return "publish_command";
	}
	return NULL;
}

struct rotation_policy
keys_policy(const struct keys_options *o)
{
	struct rotation_policy p = {.lifetime_s = o->lifetime_s,
	    .wait_s = o->wait_s,
	    .retire_s = o->retire_s,
	    .remove_s = o->remove_s,
	    .unreachable_s = o->unreachable_s,
	    .overlap = o->overlap,
	    .on_vanished = o->on_vanished};

	p.slots[LINE_RSA] = o->rsa_slots;
	p.slots[LINE_ED25519] = o->ed25519_slots;
	for (int t = 0; t <= KEY_ED25519; t++) {
		enum key_line l = key_type_line((enum key_type)t);

		if (!(o->types & 1u << t))
			continue;
		p.wanted[l] = true;
		p.types[l] = (enum key_type)t;
	}
	return p;
}

const char *
keys_template(const struct keys_options *o, enum key_line line)
{
	return line == LINE_RSA ? o->rsa_selector : o->ed25519_selector;
}

/* --- selectors ---------------------------------------------------------------------- */

static bool
expand(const char *template, const struct tm *tm, char out[LIMIT_LABEL + 1])
{
	size_t n = 0;

	for (; *template; template ++) {
		char part[16] = {*template, '\0'};

		if (*template == '%') {
			switch (*++template) {
			case 'Y':
				(void)snprintf(part, sizeof(part), "%04d",
				    tm->tm_year + 1900);
				break;
			case 'm':
				(void)snprintf(part, sizeof(part), "%02d",
				    tm->tm_mon + 1);
				break;
			case 'd':
				(void)snprintf(
				    part, sizeof(part), "%02d", tm->tm_mday);
				break;
			default: return false;
			}
		}
		if (n + strlen(part) > LIMIT_LABEL - 6)
			return false;
		memcpy(out + n, part, strlen(part) + 1);
		n += strlen(part);
	}
	return n > 0;
}

bool
keys_selector_make(const char *template, int64_t wall_s,
    bool (*taken)(void *, const char *), void *arg, char out[LIMIT_LABEL + 1])
{
	time_t t = (time_t)wall_s;
	struct tm tm;
	size_t n;

	if (!gmtime_r(&t, &tm) || !expand(template, &tm, out))
		return false;
	n = strlen(out);
	for (int i = 1; i < 10000; i++) {
		if (i > 1 && i <= 26)
			(void)snprintf(out + n, 6, "%c", 'a' + i - 1);
		else if (i > 26)
			(void)snprintf(out + n, 6, "z%d", i);
		if (!taken(arg, out))
			return true;
	}
	return false;
}

const char *
keys_template_check(const char *template)
{
	static const struct tm day = {.tm_year = 100, .tm_mday = 1};
	char out[LIMIT_LABEL + 1];

	if (!expand(template, &day, out))
		return "must be at most 57 octets, of [a-z0-9], %Y, %m, %d";
	for (const char *p = out; *p; p++)
		if (!is_digit(*p) && !(*p >= 'a' && *p <= 'z'))
			return "must be of [a-z0-9], %Y, %m and %d";
	return NULL;
}
