/* SPDX-License-Identifier: BSD-2-Clause */
/* State files as text; see record.h. Reads and writes no file. */
#include "keys/record.h"

#include <inttypes.h>
#include <string.h>

#include "keys/make.h"

#define TITLE "assay key 1"
#define TTL_MAX UINT32_MAX

const struct name key_want_words[] = {
    {WANT_NONE, "nothing"},
    {WANT_KEY, "key"},
    {WANT_EMPTY, "empty"},
    {0, NULL},
};

const struct name key_sight_words[] = {
    {SIGHT_SILENT, "silent"},
    {SIGHT_EQUAL, "equal"},
    {SIGHT_OTHER, "other"},
    {SIGHT_REVOKED, "revoked"},
    {SIGHT_ABSENT, "absent"},
    {0, NULL},
};

enum key_want
key_record_wants(const struct key_record *r)
{
	switch (key_life(&r->key)) {
	case LIFE_GENERATED:
	case LIFE_WAITING:
	case LIFE_ACTIVE:
	case LIFE_RETIRING: return WANT_KEY;
	case LIFE_REVOKED: return WANT_EMPTY;
	case LIFE_REMOVED: break;
	}
	return WANT_NONE;
}

/* --- writing ---------------------------------------------------------------------- */

static void
format_time(struct buf *b, const char *word, const struct key_time *t)
{
	buf_addf(b, "%s %" PRId64 " %" PRId64 "\n", word, t->own_s, t->wall_s);
}

void
record_format(const struct key_record *r, struct buf *b)
{
	const struct rotation_key *k = &r->key;
	char ip[IP_TEXT_MAX];

	buf_addf(b,
	    TITLE "\nselector %s\ntype %s\nslot %s\nsha256 %s\nttl %" PRIu32
		  "\n",
	    k->selector, names_word(key_type_words, (int)k->type),
	    k->slot ? "yes" : "no", k->sha256, k->ttl_s);
	if (r->handed_at.own_s) {
		buf_addf(b, "handed %s",
		    names_word(key_want_words, (int)r->handed));
		format_time(b, "", &r->handed_at);
	}
	if (r->tries) {
		buf_addf(b, "tried %u", r->tries);
		format_time(b, "", &r->tried_at);
	}
	for (int e = 0; e < KEY_EVENTS; e++)
		if (k->at[e].own_s)
			format_time(
			    b, names_word(key_event_words, e), &k->at[e]);
	for (size_t i = 0; i < r->nservers; i++)
		buf_addf(b, "server %s %s %s\n", r->servers[i].name.text,
		    ip_format(&r->servers[i].ip, ip),
		    names_word(key_sight_words, (int)r->servers[i].sight));
	buf_addz(b, "end\n");
}

/* --- reading -------------------------------------------------------------------------- */

static struct slice
word(struct slice *line)
{
	bool more;

	return slice_cut(line, ' ', &more);
}

static bool
parse_time(struct slice line, struct key_time *t)
{
	struct slice own = word(&line);
	uint64_t a, b;

	if (slice_u64(own, INT64_MAX / 4, &a) ||
	    slice_u64(line, INT64_MAX / 4, &b) || a == 0)
		return false;
	*t = (struct key_time){(int64_t)a, (int64_t)b};
	return true;
}

static bool
parse_hex(struct slice s, char out[65])
{
	if (s.len != 64)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_digit(s.ptr[i]) &&
		    !(s.ptr[i] >= 'a' && s.ptr[i] <= 'f'))
			return false;
	memcpy(out, s.ptr, 64);
	out[64] = '\0';
	return true;
}

static bool
parse_selector(struct slice s, char out[LIMIT_LABEL + 1])
{
	if (s.len > LIMIT_LABEL || memchr(s.ptr ? s.ptr : "", '\0', s.len))
		return false;
	if (s.len)
		memcpy(out, s.ptr, s.len);
	out[s.len] = '\0';
	return keys_selector_imported(out);
}

static bool
parse_server(struct slice line, struct key_record *r)
{
	struct key_server *s = &r->servers[r->nservers];
	struct slice name = word(&line), ip = word(&line);
	int sight;

	if (r->nservers == LIMIT_KEY_SERVERS || !domain_parse(name, &s->name))
		return false;
	if (slice_eqz(ip, "-"))
		s->ip = (struct ip){.family = IP_NONE};
	else if (ip_parse(ip, &s->ip))
		return false;
	if (names_value(key_sight_words, line, &sight))
		return false;
	s->sight = (enum key_sight)sight;
	r->nservers++;
	return true;
}

static bool
parse_handed(struct slice line, struct key_record *r)
{
	int want;

	if (names_value(key_want_words, word(&line), &want))
		return false;
	r->handed = (enum key_want)want;
	return parse_time(line, &r->handed_at);
}

static bool
parse_tried(struct slice line, struct key_record *r)
{
	uint64_t n;

	if (slice_u64(word(&line), INT32_MAX, &n) || n == 0)
		return false;
	r->tries = (unsigned)n;
	return parse_time(line, &r->tried_at);
}

static bool
parse_line(struct slice line, struct key_record *r)
{
	struct slice name = word(&line);
	struct rotation_key *k = &r->key;
	uint64_t ttl;
	int n;

	if (slice_eqz(name, "selector"))
		return parse_selector(line, k->selector);
	if (slice_eqz(name, "type")) {
		if (names_value(key_type_words, line, &n))
			return false;
		k->type = (enum key_type)n;
		return true;
	}
	if (slice_eqz(name, "slot")) {
		k->slot = slice_eqz(line, "yes");
		return k->slot || slice_eqz(line, "no");
	}
	if (slice_eqz(name, "sha256"))
		return parse_hex(line, k->sha256);
	if (slice_eqz(name, "ttl")) {
		if (slice_u64(line, TTL_MAX, &ttl))
			return false;
		k->ttl_s = (uint32_t)ttl;
		return true;
	}
	if (slice_eqz(name, "handed"))
		return parse_handed(line, r);
	if (slice_eqz(name, "tried"))
		return parse_tried(line, r);
	if (slice_eqz(name, "server"))
		return parse_server(line, r);
	return names_value(key_event_words, name, &n) == 0 &&
	    parse_time(line, &k->at[n]);
}

int
record_parse(struct slice text, struct key_record *r, struct err *err)
{
	bool more = true;
	struct slice line = slice_cut(&text, '\n', &more);
	size_t n = 1;

	memset(r, 0, sizeof(*r));
	if (!slice_eqz(line, TITLE))
		return err_set(err, "not a state file of this version");
	while (more) {
		line = slice_cut(&text, '\n', &more);
		n++;
		if (slice_eqz(line, "end"))
			break;
		if (!parse_line(line, r))
			return err_set(err, "line %zu is wrong", n);
	}
	if (!more || text.len)
		return err_set(err, "it was cut, or goes on after its end");
	if (!r->key.selector[0] || !r->key.sha256[0] ||
	    !key_has(&r->key, EVENT_GENERATED))
		return err_set(
		    err, "selector, sha256 or generated is missing");
	return 0;
}

/* --- selectors that were used up ------------------------------------------------------- */

void
tombstone_add(struct buf *b, const struct rotation_key *k, int64_t wall_s)
{
	buf_addf(b, "%s %s %" PRId64 "\n", k->selector, k->sha256, wall_s);
}

bool
tombstone_has(struct slice tombstones, const char *selector)
{
	bool more = true;

	while (more) {
		struct slice line = slice_cut(&tombstones, '\n', &more);

		if (slice_ieqz(word(&line), selector))
			return true;
	}
	return false;
}
