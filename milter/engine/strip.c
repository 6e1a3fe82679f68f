/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8601 section 5: removing forged fields. See strip.h. */
#include "engine/strip.h"

#include <stdlib.h>

#include "authres/match.h"
#include "mail/limits.h"

static int
doom(struct strip_name *s)
{
	if (s->n == LIMIT_STRIP_FIELDS) {
		s->over = true;
		return 0;
	}
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 8;
		uint32_t *p = realloc(s->doomed, cap * sizeof(*p));

		if (!p)
			return -1;
		s->doomed = p;
		s->cap = cap;
	}
	s->doomed[s->n++] = (uint32_t)s->seen;
	return 0;
}

int
strip_note(struct strip *s, const struct strip_rules *rules, struct slice name,
    struct slice value)
{
	if (slice_ieqz(name, STRIP_AUTHRES)) {
		s->authres.seen++;
		if (authres_claims(value, rules->ids, rules->nids) ||
		    (rules->from_outside && authres_version_unknown(value)))
			return doom(&s->authres);
	} else if (rules->quarantine_header[0] &&
	    slice_ieqz(name, rules->quarantine_header)) {
		s->quarantine.seen++;
		return doom(&s->quarantine);
	}
	return 0;
}

static int
deletions(const struct strip_name *s, const char *name, struct edits *edits,
    struct arena *arena)
{
	for (size_t i = s->n; i > 0; i--)
		if (edits_delete(edits, arena, name, s->doomed[i - 1]))
			return -1;
	return 0;
}

int
strip_edits(const struct strip *s, const struct strip_rules *rules,
    struct edits *edits, struct arena *arena)
{
	if (deletions(&s->authres, STRIP_AUTHRES, edits, arena))
		return -1;
	return deletions(
	    &s->quarantine, rules->quarantine_header, edits, arena);
}

bool
strip_over(const struct strip *s)
{
	return s->authres.over || s->quarantine.over;
}

size_t
strip_count(const struct strip *s)
{
	return s->authres.n + s->quarantine.n;
}

void
strip_free(struct strip *s)
{
	free(s->authres.doomed);
	free(s->quarantine.doomed);
	*s = (struct strip){0};
}
