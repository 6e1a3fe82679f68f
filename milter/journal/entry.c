/* SPDX-License-Identifier: BSD-2-Clause */
/* See entry.h. Strict about form, indifferent to keys it does not know. */
#include "journal/entry.h"

#include "log/json.h"
#include "log/pairs.h"

const struct name entry_key_words[] = {
    {ENTRY_TIME, "time"},
    {ENTRY_QID, "qid"},
    {ENTRY_DIRECTION, "direction"},
    {ENTRY_FROM, "from"},
    {ENTRY_FROM_WHY, "from_why"},
    {ENTRY_MFROM, "mfrom"},
    {ENTRY_CLIENT, "client"},
    {ENTRY_NAME, "name"},
    {ENTRY_HELO, "helo"},
    {ENTRY_IPREV, "iprev"},
    {ENTRY_SPF, "spf"},
    {ENTRY_SPF_D, "spf_d"},
    {ENTRY_SPF_TERM, "spf_term"},
    {ENTRY_SPF_WHY, "spf_why"},
    {ENTRY_SPF_HELO, "spf_helo"},
    {ENTRY_SPF_LOOKUPS, "spf_lookups"},
    {ENTRY_SPF_VOIDS, "spf_voids"},
    {ENTRY_SPF_RECORD, "spf_record"},
    {ENTRY_DKIM, "dkim"},
    {ENTRY_DKIM_D, "dkim_d"},
    {ENTRY_DKIM_S, "dkim_s"},
    {ENTRY_DKIM_A, "dkim_a"},
    {ENTRY_DKIM_WHY, "dkim_why"},
    {ENTRY_DKIM_UNSIGNED, "dkim_unsigned"},
    {ENTRY_DKIM_ALL, "dkim_all"},
    {ENTRY_DMARC, "dmarc"},
    {ENTRY_POLICY, "policy"},
    {ENTRY_POLICY_D, "policy_d"},
    {ENTRY_ALIGNED, "aligned"},
    {ENTRY_DMARC_WHY, "dmarc_why"},
    {ENTRY_DMARC_AT, "dmarc_at"},
    {ENTRY_DMARC_RECORD, "dmarc_record"},
    {ENTRY_PSL, "psl"},
    {ENTRY_SIGNED, "signed"},
    {ENTRY_WOULD_SIGN, "would_sign"},
    {ENTRY_WHY, "why"},
    {ENTRY_USER, "user"},
    {ENTRY_ACTION, "action"},
    {ENTRY_RULE, "rule"},
    {ENTRY_WOULD, "would"},
    {ENTRY_OVERRIDE, "override"},
    {ENTRY_EXCEPTION, "exception"},
    {ENTRY_FORWARD, "forward"},
    {ENTRY_DIFFERS, "differs"},
    {ENTRY_STRIPPED, "stripped"},
    {ENTRY_WOULD_STRIP, "would_strip"},
    {ENTRY_AR_DROPPED, "ar_dropped"},
    {ENTRY_MS, "ms"},
    {ENTRY_WAIT_MS, "wait_ms"},
    {ENTRY_MID, "mid"},
    {ENTRY_REPLY, "reply"},
    {ENTRY_ORG, "org"},
    {ENTRY_P, "p"},
    {ENTRY_SP, "sp"},
    {ENTRY_NP, "np"},
    {ENTRY_ADKIM, "adkim"},
    {ENTRY_ASPF, "aspf"},
    {ENTRY_TESTING, "testing"},
    {ENTRY_DISCOVERY, "discovery"},
    {ENTRY_RECORD, "record"},
    {ENTRY_SPF_SCOPE, "spf_scope"},
    {ENTRY_SPF_HELO_D, "spf_helo_d"},
    {ENTRY_SIGNATURES_MORE, "sigs_more"},
    {0, NULL},
};

/* From the last one found onwards, then from the front; -1: not ours. */
static int
find_key(struct slice key, size_t *at)
{
	for (size_t n = 0; n < ENTRY_KEYS; n++) {
		size_t i = (*at + n) % ENTRY_KEYS;

		if (slice_eqz(key, entry_key_words[i].word)) {
			*at = i + 1;
			return (int)i;
		}
	}
	return -1;
}

static int
take(struct entry *e, const struct pair *p, size_t *at)
{
	int key = find_key(p->key, at);

	if (key < 0 && slice_eqz(p->key, "sig") &&
	    e->nsigs < LIMIT_ENTRY_SIGNATURES)
		e->sigs[e->nsigs++] = p->value;
	if (key < 0)
		return 0;
	if (e->has[key])
		return -1;
	e->has[key] = true;
	e->value[key] = p->value;
	return 0;
}

static void
clear(struct entry *e)
{
	for (size_t i = 0; i < ENTRY_KEYS; i++) {
		e->value[i] = SLICE_EMPTY;
		e->has[i] = false;
	}
	e->time_s = 0;
	e->nsigs = 0;
}

static int
finish(struct entry *e)
{
	e->time_s = entry_number(e, ENTRY_TIME);
	return e->has[ENTRY_DIRECTION] && e->has[ENTRY_ACTION] ? 0 : -1;
}

int
entry_parse(struct slice pairs, char *room, struct entry *e)
{
	struct pair p;
	size_t at = 0;
	int rc;

	clear(e);
	while ((rc = pair_next(&pairs, &room, &p)) == 1)
		if (take(e, &p, &at))
			return -1;
	return rc ? -1 : finish(e);
}

int
entry_parse_json(struct slice object, char *room, struct entry *e)
{
	struct pair p;
	size_t at = 0;
	int rc;

	clear(e);
	if (json_begin(&object))
		return -1;
	while ((rc = json_next(&object, &room, &p)) == 1)
		if (take(e, &p, &at))
			return -1;
	return rc ? -1 : finish(e);
}

int64_t
entry_number(const struct entry *e, enum entry_key key)
{
	uint64_t n;

	return slice_u64(e->value[key], INT64_MAX, &n) ? 0 : (int64_t)n;
}
