/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps of rotation; see rotate.h. One act at a time, so that a crash
 * between any two leaves a state this file has a rule for. It knows no names
 * of files, no names of months, and does not ask the DNS.
 */
#include "keys/rotate.h"

#include <string.h>

#define DAY_S 86400

const struct name key_type_words[] = {
    {KEY_RSA2048, "rsa2048"},
    {KEY_RSA3072, "rsa3072"},
    {KEY_RSA4096, "rsa4096"},
    {KEY_ED25519, "ed25519"},
    {0, NULL},
};

const struct name key_event_words[] = {
    {EVENT_GENERATED, "generated"},
    {EVENT_PUBLISHED, "published"},
    {EVENT_ACTIVE, "active"},
    {EVENT_SUPERSEDED, "superseded"},
    {EVENT_RETIRED, "retired"},
    {EVENT_REVOKED, "revoked"},
    {EVENT_REMOVED, "removed"},
    {EVENT_SILENT, "silent"},
    {EVENT_VANISHED, "vanished"},
    {EVENT_ROTATE, "rotate"},
    {EVENT_COMPROMISED, "compromised"},
    {EVENT_VACANT, "vacant"},
    {0, NULL},
};

const struct name key_life_words[] = {
    {LIFE_GENERATED, "generated"},
    {LIFE_WAITING, "waiting"},
    {LIFE_ACTIVE, "active"},
    {LIFE_RETIRING, "retiring"},
    {LIFE_REVOKED, "revoked"},
    {LIFE_REMOVED, "removed"},
    {0, NULL},
};

const struct name key_look_words[] = {
    {LOOK_NONE, "unknown"},
    {LOOK_EQUAL, "seen"},
    {LOOK_EQUAL_SOME, "seen where a server answers"},
    {LOOK_MIXED, "seen on some servers only"},
    {LOOK_OTHER, "another record"},
    {LOOK_REVOKED, "empty p="},
    {LOOK_ABSENT, "absent"},
    {LOOK_TROUBLE, "DNS did not answer"},
    {0, NULL},
};

const struct name key_overlap_words[] = {
    {OVERLAP_NONE, "none"},
    {OVERLAP_SIGN_BOTH, "sign-both"},
    {0, NULL},
};

const struct name key_vanished_words[] = {
    {VANISHED_SIGN, "sign"},
    {VANISHED_STOP, "stop"},
    {0, NULL},
};

/* What a call of rotation_next has at hand. */
struct moment {
	const struct rotation_domain *d;
	const struct rotation_policy *p;
	int64_t now_s, due_s;
	struct rotation_act *act;
};

enum key_line
key_type_line(enum key_type t)
{
	return t == KEY_ED25519 ? LINE_ED25519 : LINE_RSA;
}

bool
key_has(const struct rotation_key *k, enum key_event e)
{
	return k->at[e].own_s != 0;
}

enum key_life
key_life(const struct rotation_key *k)
{
	if (key_has(k, EVENT_REMOVED))
		return LIFE_REMOVED;
	if (key_has(k, EVENT_REVOKED))
		return LIFE_REVOKED;
	if (key_has(k, EVENT_RETIRED))
		return LIFE_RETIRING;
	if (key_has(k, EVENT_ACTIVE))
		return LIFE_ACTIVE;
	return key_has(k, EVENT_PUBLISHED) ? LIFE_WAITING : LIFE_GENERATED;
}

static bool
is_pending(const struct rotation_key *k)
{
	enum key_life life = key_life(k);

	return life == LIFE_GENERATED || life == LIFE_WAITING;
}

static bool
is_healthy(const struct rotation_key *k)
{
	return k->usable && !key_has(k, EVENT_VANISHED);
}

bool
rotation_signs(
    const struct rotation_domain *d, size_t i, enum key_vanished on_vanished)
{
	const struct rotation_key *k = &d->keys[i];

	if (key_life(k) != LIFE_ACTIVE || !k->usable)
		return false;
	if (is_healthy(k))
		return true;
	for (size_t j = 0; j < d->n; j++)
		if (key_life(&d->keys[j]) == LIFE_ACTIVE &&
		    is_healthy(&d->keys[j]))
			return false;
	return !d->others_sign && on_vanished == VANISHED_SIGN;
}

void
rotation_apply(struct rotation_key *k, const struct rotation_act *act,
    const struct key_time *now)
{
	static const struct key_time never = {0, 0};

	k->at[act->event] = act->kind == ROTATION_SET ? *now : never;
	/* Whoever must be seen anew has not been missed by anybody yet. */
	if (act->kind == ROTATION_CLEAR && act->event == EVENT_PUBLISHED)
		k->at[EVENT_SILENT] = never;
}

/* --- the means ------------------------------------------------------------------ */

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How long before its end a key gets a successor. */
static int64_t
lead(const struct rotation_policy *p)
{
	int64_t wanted = 2 * p->wait_s + 7 * DAY_S;

	return wanted < p->lifetime_s / 2 ? wanted : p->lifetime_s / 2;
}

/* Is it span after the event? If not, that is when to ask again. */
static bool
elapsed(struct moment *m, const struct rotation_key *k, enum key_event since,
    int64_t span)
{
	int64_t then = k->at[since].own_s + span;

	if (then <= m->now_s)
		return true;
	if (then < m->due_s)
		m->due_s = then;
	return false;
}

static bool
change(struct moment *m, size_t key, enum rotation_kind kind,
    enum key_event event)
{
	*m->act =
	    (struct rotation_act){.kind = kind, .key = key, .event = event};
	return true;
}

static bool
set(struct moment *m, size_t key, enum key_event event)
{
	return change(m, key, ROTATION_SET, event);
}

static bool
clear(struct moment *m, size_t key, enum key_event event)
{
	return change(m, key, ROTATION_CLEAR, event);
}

/* --- what DNS shows ---------------------------------------------------------------- */

/* Some server says with authority that our record is not what it has. */
static bool
is_denied(enum key_look look)
{
	return look == LOOK_MIXED || look == LOOK_OTHER ||
	    look == LOOK_REVOKED || look == LOOK_ABSENT;
}

static bool
is_seen(enum key_look look)
{
	return look == LOOK_EQUAL || look == LOOK_EQUAL_SOME;
}

static bool
see_generated(struct moment *m, size_t i)
{
	const struct rotation_key *k = &m->d->keys[i];

	if (k->look == LOOK_EQUAL)
		return set(m, i, EVENT_PUBLISHED);
	if (k->look == LOOK_EQUAL_SOME && !key_has(k, EVENT_SILENT))
		return set(m, i, EVENT_SILENT);
	if (k->look == LOOK_EQUAL_SOME &&
	    elapsed(m, k, EVENT_SILENT, m->p->unreachable_s))
		return set(m, i, EVENT_PUBLISHED);
	if (is_denied(k->look) && key_has(k, EVENT_SILENT))
		return clear(m, i, EVENT_SILENT);
	return false;
}

static bool
see_active(struct moment *m, size_t i)
{
	const struct rotation_key *k = &m->d->keys[i];

	/* One server that lags behind does not make a record vanish. */
	if (is_denied(k->look) && k->look != LOOK_MIXED &&
	    !key_has(k, EVENT_VANISHED))
		return set(m, i, EVENT_VANISHED);
	if (is_seen(k->look) && key_has(k, EVENT_VANISHED))
		return clear(m, i, EVENT_VANISHED);
	return false;
}

static bool
see(struct moment *m, size_t i)
{
	const struct rotation_key *k = &m->d->keys[i];

	/* The crash came before its private half reached the disk. */
	if (is_pending(k) && k->lost)
		return set(m, i, EVENT_REMOVED);
	switch (key_life(k)) {
	case LIFE_GENERATED: return see_generated(m, i);
	case LIFE_WAITING:
		return is_denied(k->look) && clear(m, i, EVENT_PUBLISHED);
	case LIFE_ACTIVE: return see_active(m, i);
	case LIFE_RETIRING:
	case LIFE_REVOKED:
	case LIFE_REMOVED: break;
	}
	return false;
}

/* --- a line ------------------------------------------------------------------------- */

struct line {
	enum key_line which;
	const struct rotation_key *active;    /* the newest one */
	const struct rotation_key *candidate; /* the oldest that waits */
	bool pending;
	bool fresh; /* all its keys are pending: no mail has shown a name */
};

static struct line
line_of(const struct rotation_domain *d, enum key_line which)
{
	struct line l = {.which = which, .fresh = true};

	for (size_t i = 0; i < d->n; i++) {
		const struct rotation_key *k = &d->keys[i];

		if (key_type_line(k->type) != which)
			continue;
		if (is_pending(k))
			l.pending = true;
		else
			l.fresh = false;
		if (key_life(k) == LIFE_WAITING &&
		    (!l.candidate ||
			k->at[EVENT_PUBLISHED].own_s <
			    l.candidate->at[EVENT_PUBLISHED].own_s))
			l.candidate = k;
		if (key_life(k) == LIFE_ACTIVE &&
		    (!l.active ||
			k->at[EVENT_ACTIVE].own_s >=
			    l.active->at[EVENT_ACTIVE].own_s))
			l.active = k;
	}
	return l;
}

/* May the active key go as soon as another can come? */
static bool
wants_change(struct moment *m, const struct rotation_key *active)
{
	return key_has(active, EVENT_ROTATE) ||
	    key_has(active, EVENT_COMPROMISED) || !is_healthy(active) ||
	    elapsed(m, active, EVENT_ACTIVE, m->p->lifetime_s);
}

static bool
is_ready(struct moment *m, const struct line *l)
{
	const struct rotation_key *c = l->candidate;
	int64_t wait_s = longer(m->p->wait_s, c->ttl_s);

	if (!c->usable || !is_seen(c->look))
		return false;
	/*
	 * A domain's first key: no mail has shown its name, so nobody has
	 * asked for it in vain and remembers that there was nothing. A slot's
	 * name may have been another key's, which caches hold for its TTL.
	 */
	if (l->fresh && m->d->untouched && !m->d->others_sign &&
	    (!c->slot || key_has(c, EVENT_VACANT)))
		return true;
	if (l->active && key_has(l->active, EVENT_COMPROMISED))
		return true;
	return elapsed(m, c, EVENT_PUBLISHED, wait_s);
}

static bool
activate(struct moment *m, const struct line *l)
{
	if (!l->candidate || !is_ready(m, l) ||
	    (l->active && !wants_change(m, l->active)))
		return false;
	return set(m, (size_t)(l->candidate - m->d->keys), EVENT_ACTIVE);
}

/* The active keys before the newest one leave, once that is sound. */
static bool
supersede(struct moment *m, const struct line *l)
{
	for (size_t i = 0; i < m->d->n; i++) {
		const struct rotation_key *k = &m->d->keys[i];

		if (key_type_line(k->type) != l->which || k == l->active ||
		    key_life(k) != LIFE_ACTIVE)
			continue;
		if (key_has(k, EVENT_COMPROMISED) && l->active->usable)
			return set(m, i, EVENT_REVOKED);
		if (!is_healthy(l->active))
			continue;
		if (m->p->overlap == OVERLAP_NONE)
			return set(m, i, EVENT_RETIRED);
		if (!key_has(k, EVENT_SUPERSEDED))
			return set(m, i, EVENT_SUPERSEDED);
		if (elapsed(m, k, EVENT_SUPERSEDED, m->p->wait_s))
			return set(m, i, EVENT_RETIRED);
	}
	return false;
}

static bool
is_taken(const struct rotation_domain *d, const char *selector)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->keys[i].selector, selector))
			return true;
	for (size_t i = 0; i < d->ntaken; i++)
		if (!strcmp(d->taken[i], selector))
			return true;
	return false;
}

/*
 * No slot is free and the active key is in other hands: the slot that drains
 * longest is emptied, whatever mail of its is under way.
 */
static bool
evict(struct moment *m, const struct line *l)
{
	size_t oldest = m->d->n;

	for (size_t i = 0; i < m->d->n; i++) {
		const struct rotation_key *k = &m->d->keys[i];
		enum key_life life = key_life(k);

		if (key_type_line(k->type) == l->which && k->slot &&
		    (life == LIFE_RETIRING || life == LIFE_REVOKED) &&
		    (oldest == m->d->n ||
			k->at[EVENT_ACTIVE].own_s <
			    m->d->keys[oldest].at[EVENT_ACTIVE].own_s))
			oldest = i;
	}
	return oldest < m->d->n && set(m, oldest, EVENT_REMOVED);
}

static bool
generate(struct moment *m, const struct line *l)
{
	const struct string_list *slots = &m->p->slots[l->which];
	bool wanted = m->p->wanted[l->which];
	size_t s = 0;

	if (l->pending || (!l->active && !wanted))
		return false;
	if (l->active && !key_has(l->active, EVENT_ROTATE) &&
	    !key_has(l->active, EVENT_COMPROMISED) && !l->active->lost &&
	    (!wanted ||
		!elapsed(m, l->active, EVENT_ACTIVE,
		    m->p->lifetime_s - lead(m->p))))
		return false;
	while (s < slots->n && is_taken(m->d, slots->items[s]))
		s++;
	if (slots->n && s == slots->n)
		return l->active && key_has(l->active, EVENT_COMPROMISED) &&
		    evict(m, l);
	*m->act = (struct rotation_act){.kind = ROTATION_GENERATE,
	    .type = wanted ? m->p->types[l->which] : l->active->type,
	    .selector = slots->n ? slots->items[s] : NULL};
	return true;
}

static bool
drain(struct moment *m, size_t i)
{
	const struct rotation_key *k = &m->d->keys[i];

	switch (key_life(k)) {
	case LIFE_RETIRING:
		return elapsed(m, k, EVENT_RETIRED,
			   longer(m->p->retire_s, k->ttl_s)) &&
		    set(m, i, EVENT_REVOKED);
	case LIFE_REVOKED:
		return elapsed(m, k, EVENT_REVOKED,
			   longer(m->p->remove_s, k->ttl_s)) &&
		    set(m, i, EVENT_REMOVED);
	case LIFE_GENERATED:
	case LIFE_WAITING:
	case LIFE_ACTIVE:
	case LIFE_REMOVED: break;
	}
	return false;
}

bool
rotation_next(const struct rotation_domain *d, const struct rotation_policy *p,
    int64_t now_s, struct rotation_act *act, int64_t *due_s)
{
	struct moment m = {
	    .d = d, .p = p, .now_s = now_s, .due_s = INT64_MAX, .act = act};
	bool found = false;

	for (size_t i = 0; !found && i < d->n; i++)
		found = see(&m, i);
	for (int which = 0; !found && which < KEY_LINES; which++) {
		struct line l = line_of(d, (enum key_line)which);

		found =
		    activate(&m, &l) || supersede(&m, &l) || generate(&m, &l);
	}
	for (size_t i = 0; !found && i < d->n; i++)
		found = drain(&m, i);
	*due_s = m.due_s;
	return found;
}

/* --- for people ------------------------------------------------------------------------ */

static int64_t
after(const struct rotation_key *k, enum key_event e, int64_t span)
{
	return k->at[e].own_s + span;
}

const char *
rotation_outlook(const struct rotation_domain *d,
    const struct rotation_policy *p, size_t i, int64_t *when_s)
{
	const struct rotation_key *k = &d->keys[i];
	struct line l = line_of(d, key_type_line(k->type));

	*when_s = -1;
	switch (key_life(k)) {
	case LIFE_GENERATED:
		if (!key_has(k, EVENT_SILENT))
			return "publish its record";
		*when_s = after(k, EVENT_SILENT, p->unreachable_s);
		return "do without the silent servers";
	case LIFE_WAITING:
		*when_s =
		    after(k, EVENT_PUBLISHED, longer(p->wait_s, k->ttl_s));
		if (l.active && !key_has(l.active, EVENT_ROTATE))
			*when_s = longer(*when_s,
			    after(l.active, EVENT_ACTIVE, p->lifetime_s));
		return "sign";
	case LIFE_ACTIVE:
		if (key_has(k, EVENT_SUPERSEDED)) {
			*when_s = after(k, EVENT_SUPERSEDED, p->wait_s);
			return "stop signing";
		}
		*when_s = after(k, EVENT_ACTIVE, p->lifetime_s);
		return "make way for a new key";
	case LIFE_RETIRING:
		*when_s =
		    after(k, EVENT_RETIRED, longer(p->retire_s, k->ttl_s));
		return "revoke";
	case LIFE_REVOKED:
		*when_s =
		    after(k, EVENT_REVOKED, longer(p->remove_s, k->ttl_s));
		return "remove";
	case LIFE_REMOVED: return "remove its record";
	}
	return "";
}
