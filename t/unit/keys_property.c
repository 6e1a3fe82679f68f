/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rotation in a world that does its worst: clocks jump both ways, machines
 * boot anew, processes die between any two writes, publishers are late, name
 * servers lag or keep silent, outsiders meddle, and every cache holds what it
 * saw for as long as it may. Whatever the sequence:
 *	- no signature is made with a key that the world was never shown,
 *	- no domain is left without a key it had,
 *	- mail verifies, by any cache, until its key's retire time is over,
 *	  unless an outsider changed the record or an emergency was ordered,
 *	- a key that DNS denies stops as soon as another one can sign, and
 *	  one that DNS shows signs,
 *	- and when all is well again, each line rotates once in a lifetime,
 *	  and no key stays where it should not.
 * KEYS_RUNS=n in the environment makes n runs.
 */
#include "keys/elapse.h"
#include "keys/rotate.h"

#include "unit.h"

#define SERVERS 3
#define NAMES 128
#define KEYS 40
#define TTL 600
#define LAG 400
#define HOUR 3600
#define RUNS 60
#define STEPS 700

enum {
	NOTHING = 0,
	EMPTY = -1,
	FOREIGN = -2,
	NEVER = -3 /* no server shows it */
};                 /* else the id of a key */

struct record { /* of one selector on one server */
	int shows;
	int64_t since; /* true time */
	int64_t due;   /* when it takes over what the zone has */
};

struct name_of_key {
	char text[LIMIT_LABEL + 1];
	int zone; /* what the primary has */
	int64_t publish_at;
	bool meddled;  /* by an outsider, so nothing is promised */
	bool had_past; /* it showed another's key before ours */
	struct record at[SERVERS];
};

struct disk {
	struct elapse time;
	struct rotation_key keys[KEYS];
	int id[KEYS];
	bool pem[KEYS];
	size_t n;
	bool untouched;
};

struct promise {             /* by key id */
	bool shown[SERVERS]; /* since it has to be seen */
	bool in_use;         /* it has signed: what follows, follows */
	bool first;          /* nobody can have asked for its name before */
	bool ordered;        /* an emergency ended it */
	int64_t signed_at;   /* last */
	size_t name;
};

struct world {
	uint64_t dice;
	int64_t now, boot, wall_offset;
	bool up, meddling, emergencies, jumps;
	bool calm; /* nothing goes wrong any more */
	struct disk disk;
	struct elapse time; /* of the running process */
	struct rotation_policy p;
	struct name_of_key names[NAMES];
	size_t nnames;
	int64_t silent_from[SERVERS], silent_until[SERVERS];
	bool behind[SERVERS]; /* silent until just now */
	struct promise promises[NAMES * 4];
	int ids;
	bool had_key;
	unsigned rotations;
};

static uint64_t
roll(struct world *w, uint64_t below)
{
	uint64_t z = (w->dice += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

static bool
chance(struct world *w, unsigned in_1000)
{
	return roll(w, 1000) < in_1000;
}

static size_t
name_index(struct world *w, const char *selector)
{
	size_t i;

	for (i = 0; i < w->nnames; i++)
		if (!strcmp(w->names[i].text, selector))
			return i;
	if (i == NAMES)
		fail_msg("too many names");
	w->names[i] = (struct name_of_key){.zone = NOTHING};
	snprintf(w->names[i].text, sizeof(w->names[i].text), "%s", selector);
	w->nnames++;
	return i;
}

/* --- the DNS ---------------------------------------------------------------------- */

static bool
is_silent(const struct world *w, size_t s)
{
	return w->silent_until[s] > w->now;
}

/*
 * A server that comes back takes over the zone first. What it showed before,
 * nobody has seen since it fell silent.
 */
static void
server_follows(struct world *w, size_t s)
{
	for (size_t i = 0; i < w->nnames; i++) {
		struct record *r = &w->names[i].at[s];

		if ((r->due > w->now && !w->behind[s]) ||
		    r->shows == w->names[i].zone)
			continue;
		r->shows = w->names[i].zone;
		r->since = w->behind[s] ? w->silent_from[s] : w->now;
	}
	w->behind[s] = false;
}

static void
servers_follow(struct world *w)
{
	for (size_t s = 0; s < SERVERS; s++)
		if (!is_silent(w, s))
			server_follows(w, s);
}

static void
zone_set(struct world *w, size_t name, int content)
{
	w->names[name].zone = content;
	for (size_t s = 0; s < SERVERS; s++)
		w->names[name].at[s].due = w->now + (int64_t)roll(w, LAG);
}

static enum key_look
look_at(const struct world *w, size_t name, int id)
{
	size_t equal = 0, other = 0, silent = 0;
	int odd = NOTHING;

	for (size_t s = 0; s < SERVERS; s++) {
		int shows = w->names[name].at[s].shows;

		if (is_silent(w, s))
			silent++;
		else if (shows == id)
			equal++;
		else {
			other++;
			odd = shows;
		}
	}
	if (equal == 0 && other == 0)
		return LOOK_TROUBLE;
	if (equal && other)
		return LOOK_MIXED;
	if (equal)
		return silent ? LOOK_EQUAL_SOME : LOOK_EQUAL;
	return odd == NOTHING ? LOOK_ABSENT
	    : odd == EMPTY    ? LOOK_REVOKED
			      : LOOK_OTHER;
}

/* A verifier may hold what any server showed within the last TTL. */
static bool
verifies(const struct world *w, int id)
{
	const struct promise *p = &w->promises[id];

	for (size_t s = 0; s < SERVERS; s++) {
		const struct record *r = &w->names[p->name].at[s];

		/* Silent for long, it may know nothing; nor does it tell. */
		if (is_silent(w, s))
			continue;
		if (r->shows != id || (!p->first && r->since + TTL > w->now))
			return false;
	}
	return true;
}

/* --- the publisher: slow, sometimes away ------------------------------------------------ */

static int
wanted(const struct rotation_key *k, int id)
{
	switch (key_life(k)) {
	case LIFE_GENERATED:
	case LIFE_WAITING:
	case LIFE_ACTIVE:
	case LIFE_RETIRING: return id;
	case LIFE_REVOKED: return EMPTY;
	case LIFE_REMOVED: return NOTHING;
	}
	return NOTHING;
}

static void
publish(struct world *w)
{
	for (size_t i = 0; i < w->disk.n; i++) {
		size_t name = name_index(w, w->disk.keys[i].selector);
		struct name_of_key *n = &w->names[name];
		int want = wanted(&w->disk.keys[i], w->disk.id[i]);

		if (n->zone == want || (n->publish_at > w->now && !w->calm))
			continue;
		if (!w->calm && (!n->publish_at || chance(w, 300))) {
			n->publish_at = w->now + 1 + (int64_t)roll(w, HOUR);
			continue;
		}
		zone_set(w, name, want);
		n->publish_at = 0;
	}
}

/* --- one process ------------------------------------------------------------------------- */

static int64_t
wall(const struct world *w)
{
	return w->now + w->wall_offset;
}

static int64_t
mono(const struct world *w)
{
	return (w->now - w->boot) * 1000;
}

/* Between any two writes the power may go. */
static bool
crash(struct world *w)
{
	if (w->calm || !chance(w, 30))
		return false;
	w->up = false;
	if (chance(w, 500))
		w->boot = w->now;
	return true;
}

static bool
name_is_new(const struct world *w, const char *selector)
{
	for (size_t i = 0; i < w->nnames; i++)
		if (!strcmp(w->names[i].text, selector))
			return false;
	return true;
}

/* In an emergency the next key signs at once, whatever caches hold. */
static bool
in_emergency(const struct world *w)
{
	for (size_t i = 0; i < w->disk.n; i++)
		if (key_has(&w->disk.keys[i], EVENT_COMPROMISED))
			return true;
	return false;
}

static void
generate(struct world *w, const struct rotation_act *act)
{
	size_t i = w->disk.n, name;
	struct rotation_key *k = &w->disk.keys[i];
	bool vacant;

	assert_true(i < KEYS);
	*k = (struct rotation_key){
	    .type = act->type, .slot = act->selector != NULL};
	if (act->selector)
		snprintf(
		    k->selector, sizeof(k->selector), "%s", act->selector);
	else
		snprintf(k->selector, sizeof(k->selector), "n%zu", w->nnames);
	assert_true(k->slot || name_is_new(w, k->selector));
	w->disk.id[i] = ++w->ids;
	name = name_index(w, k->selector);
	vacant = look_at(w, name, NEVER) == LOOK_ABSENT;
	w->promises[w->ids] = (struct promise){.name = name,
	    .ordered = in_emergency(w),
	    .first =
		w->disk.untouched && !w->had_key && !w->names[name].had_past};
	k->at[EVENT_GENERATED].own_s = elapse_own_s(&w->time);
	/* As run.c notes it. */
	if (vacant && k->slot)
		k->at[EVENT_VACANT] = k->at[EVENT_GENERATED];
	if (!vacant)
		k->ttl_s = TTL;
	w->disk.pem[i] = false;
	w->disk.n++;
	w->disk.time = w->time;
	if (!crash(w))
		w->disk.pem[i] = true;
}

static void
look(struct world *w)
{
	for (size_t i = 0; i < w->disk.n; i++) {
		struct rotation_key *k = &w->disk.keys[i];

		k->usable = w->disk.pem[i];
		k->lost = !w->disk.pem[i];
		k->look = !w->calm && chance(w, 100)
		    ? LOOK_TROUBLE
		    : look_at(w, name_index(w, k->selector), w->disk.id[i]);
		if (k->look == LOOK_EQUAL || k->look == LOOK_EQUAL_SOME)
			k->ttl_s = TTL;
	}
}

/* A removed key whose record is gone leaves the store. */
static void
bury(struct world *w)
{
	for (size_t i = 0; i < w->disk.n; i++) {
		struct rotation_key *k = &w->disk.keys[i];

		if (key_life(k) != LIFE_REMOVED || k->look != LOOK_ABSENT)
			continue;
		if (crash(w))
			return;
		w->disk.n--;
		memmove(k, k + 1, (w->disk.n - i) * sizeof(*k));
		memmove(&w->disk.id[i], &w->disk.id[i + 1],
		    (w->disk.n - i) * sizeof(w->disk.id[0]));
		memmove(&w->disk.pem[i], &w->disk.pem[i + 1],
		    (w->disk.n - i) * sizeof(w->disk.pem[0]));
		w->disk.untouched = false;
		i--;
	}
}

static void
act_on(struct world *w, const struct rotation_act *act)
{
	struct key_time now = {elapse_own_s(&w->time), wall(w)};

	if (crash(w))
		return;
	if (act->kind == ROTATION_GENERATE) {
		generate(w, act);
		return;
	}
	if (act->kind == ROTATION_SET && act->event == EVENT_RETIRED)
		w->rotations++;
	/* It must be seen anew. */
	if (act->kind == ROTATION_CLEAR && act->event == EVENT_PUBLISHED)
		memset(w->promises[w->disk.id[act->key]].shown, 0,
		    sizeof(w->promises[0].shown));
	rotation_apply(&w->disk.keys[act->key], act, &now);
	if (act->event == EVENT_REMOVED)
		w->disk.pem[act->key] = false;
	w->disk.time = w->time;
	(void)crash(w);
}

static struct rotation_domain
domain(struct world *w)
{
	return (struct rotation_domain){.keys = w->disk.keys,
	    .n = w->disk.n,
	    .untouched = w->disk.untouched};
}

static void
run(struct world *w)
{
	struct rotation_act act;
	int64_t due;

	elapse_advance(&w->time, wall(w), mono(w));
	if (chance(w, 300))
		w->disk.time = w->time;
	look(w);
	for (int n = 0; w->up; n++) {
		struct rotation_domain d = domain(w);

		if (!rotation_next(
			&d, &w->p, elapse_own_s(&w->time), &act, &due))
			break;
		assert_true(n < 100);
		act_on(w, &act);
		for (size_t i = 0; i < w->disk.n; i++) {
			w->disk.keys[i].usable = w->disk.pem[i];
			w->disk.keys[i].lost = !w->disk.pem[i];
		}
	}
	if (w->up)
		bury(w);
}

/* --- mail ----------------------------------------------------------------------------------- */

/* Shown by each server, but for those that have long been silent. */
static bool
was_shown(const struct world *w, const struct promise *p)
{
	for (size_t s = 0; s < SERVERS; s++)
		if (!p->shown[s] &&
		    (!is_silent(w, s) ||
			w->silent_from[s] + w->p.unreachable_s > w->now))
			return false;
	return true;
}

static bool
is_equal(enum key_look l)
{
	return l == LOOK_EQUAL || l == LOOK_EQUAL_SOME;
}

/* What was just seen of the active keys decides which of them sign. */
static void
check_looks(struct world *w, const struct rotation_domain *d)
{
	bool healthy = false;

	for (size_t i = 0; i < d->n; i++)
		healthy |= key_life(&d->keys[i]) == LIFE_ACTIVE &&
		    d->keys[i].usable && is_equal(d->keys[i].look);
	for (size_t i = 0; i < d->n; i++) {
		const struct rotation_key *k = &d->keys[i];
		bool signs = rotation_signs(d, i, w->p.on_vanished);
		bool gone = k->look == LOOK_OTHER || k->look == LOOK_REVOKED ||
		    k->look == LOOK_ABSENT;

		if (key_life(k) != LIFE_ACTIVE || !k->usable)
			assert_false(signs);
		else if (is_equal(k->look))
			assert_true(signs);
		else if (gone &&
		    (healthy || w->p.on_vanished == VANISHED_STOP))
			assert_false(signs);
		else if (!gone && !w->meddling)
			assert_true(signs); /* a lag, or silence */
	}
}

static void
sign(struct world *w)
{
	struct rotation_domain d = domain(w);
	size_t signing = 0;

	check_looks(w, &d);
	for (size_t i = 0; i < d.n; i++) {
		struct promise *p = &w->promises[w->disk.id[i]];

		if (!rotation_signs(&d, i, w->p.on_vanished))
			continue;
		signing++;
		if (!p->in_use && !was_shown(w, p))
			fail_msg("%s signs unseen", d.keys[i].selector);
		p->in_use = true;
		p->signed_at = w->now;
		w->had_key = true;
	}
	if (w->had_key && signing == 0 && w->p.on_vanished == VANISHED_SIGN)
		fail_msg("no key signs");
}

static void
watch_world(struct world *w)
{
	for (int id = 1; id <= w->ids; id++) {
		struct promise *p = &w->promises[id];

		for (size_t s = 0; s < SERVERS; s++)
			p->shown[s] |= !is_silent(w, s) &&
			    w->names[p->name].at[s].shows == id;
		if (!p->signed_at || p->ordered || w->names[p->name].meddled ||
		    w->now > p->signed_at + w->p.retire_s)
			continue;
		if (!verifies(w, id))
			fail_msg("mail signed with %s does not verify",
			    w->names[p->name].text);
	}
}

/* --- what happens ---------------------------------------------------------------------------- */

static void
meddle(struct world *w)
{
	size_t name = w->nnames ? roll(w, w->nnames) : 0;

	if (!w->meddling || !w->nnames || !chance(w, 10))
		return;
	w->names[name].meddled = true;
	w->names[name].publish_at = w->now + (int64_t)roll(w, 3 * HOUR);
	zone_set(w, name, chance(w, 500) ? FOREIGN : NOTHING);
}

static void
order(struct world *w)
{
	for (size_t i = 0; i < w->disk.n; i++) {
		struct rotation_key *k = &w->disk.keys[i];
		bool emergency = w->emergencies && chance(w, 200);

		if (key_life(k) != LIFE_ACTIVE || !chance(w, 5))
			continue;
		k->at[emergency ? EVENT_COMPROMISED : EVENT_ROTATE].own_s =
		    elapse_own_s(&w->time);
		if (!emergency)
			continue;
		/* Slots may be emptied for it, and caches disregarded. */
		for (int id = 1; id < NAMES * 4; id++)
			w->promises[id].ordered = true;
	}
}

static void
disturb(struct world *w)
{
	if (w->jumps && chance(w, 50))
		w->wall_offset = (int64_t)roll(w, 4000000) - 1000000;
	for (size_t s = 0; s < SERVERS; s++) {
		if (is_silent(w, s) || !chance(w, 10))
			continue;
		/* Back, but not for long enough that anybody saw it? */
		if (!w->behind[s])
			w->silent_from[s] = w->now;
		w->behind[s] = true;
		w->silent_until[s] = w->now + (int64_t)roll(w, 20 * HOUR);
	}
	meddle(w);
}

static void
pass_time(struct world *w)
{
	static const unsigned steps[] = {1, 60, 600, HOUR};

	w->now += 1 + (int64_t)roll(w, steps[roll(w, 4)]);
	if (w->up || !chance(w, 300))
		return;
	w->up = true;
	w->time = w->disk.time;
}

static void
give_past(struct world *w, const char *selector)
{
	struct name_of_key *n = &w->names[name_index(w, selector)];

	n->had_past = true;
	n->zone = FOREIGN;
	for (size_t s = 0; s < SERVERS; s++)
		n->at[s] = (struct record){
		    .shows = FOREIGN, .since = w->now - 1000000};
}

static void
world_begin(struct world *w, uint64_t seed)
{
	static const char *slots[][3] = {
	    {"r1", "r2", "r3"}, {"e1", "e2", "e3"}};
	size_t nslots;

	memset(w, 0, sizeof(*w));
	w->dice = seed;
	w->now = 1000000;
	w->boot = w->now - (int64_t)roll(w, 100000);
	w->up = true;
	w->meddling = chance(w, 300);
	w->emergencies = chance(w, 200);
	w->jumps = chance(w, 700);
	w->disk.untouched = true;
	nslots = roll(w, 3);
	w->p = (struct rotation_policy){.lifetime_s = 24 * HOUR,
	    .wait_s = HOUR,
	    .retire_s = 6 * HOUR,
	    .remove_s = HOUR,
	    .unreachable_s = 8 * HOUR,
	    .wanted = {true, chance(w, 500)},
	    .types = {KEY_RSA2048, KEY_ED25519},
	    .overlap = chance(w, 500) ? OVERLAP_SIGN_BOTH : OVERLAP_NONE,
	    .on_vanished = chance(w, 800) ? VANISHED_SIGN : VANISHED_STOP};
	for (int l = 0; nslots && l < KEY_LINES; l++)
		w->p.slots[l] = (struct string_list){slots[l], nslots + 1};
	elapse_begin(&w->time, wall(w), mono(w));
	w->disk.time = w->time;
	/* Slots that another sender used up to now. */
	for (int l = 0; nslots && l < KEY_LINES && chance(w, 500); l++)
		give_past(w, slots[l][0]);
}

static void
step(struct world *w)
{
	pass_time(w);
	if (!w->calm)
		disturb(w);
	publish(w);
	servers_follow(w);
	watch_world(w);
	if (!w->up)
		return;
	if (!w->calm)
		order(w);
	run(w);
	if (!w->up)
		return;
	sign(w);
	watch_world(w);
}

/* How long this key has been where it is, by the store's time. */
static int64_t
age(const struct world *w, const struct rotation_key *k, enum key_event e)
{
	return elapse_own_s(&w->time) - k->at[e].own_s;
}

/* Nothing stays where it should not. */
static void
check_progress(const struct world *w)
{
	for (size_t i = 0; i < w->disk.n; i++) {
		const struct rotation_key *k = &w->disk.keys[i];

		assert_false(key_has(k, EVENT_VANISHED));
		switch (key_life(k)) {
		case LIFE_GENERATED:
			assert_true(age(w, k, EVENT_GENERATED) < 3 * HOUR);
			break;
		case LIFE_ACTIVE:
			assert_true(age(w, k, EVENT_ACTIVE) <
			    w->p.lifetime_s + w->p.wait_s + 3 * HOUR);
			break;
		case LIFE_RETIRING:
			assert_true(age(w, k, EVENT_RETIRED) <
			    w->p.retire_s + 3 * HOUR);
			break;
		case LIFE_REVOKED:
			assert_true(age(w, k, EVENT_REVOKED) <
			    w->p.remove_s + 3 * HOUR);
			break;
		case LIFE_WAITING:
		case LIFE_REMOVED: break;
		}
	}
}

/* All is well from now on: then each line rotates once in a lifetime. */
static void
calm_down(struct world *w)
{
	unsigned lines = 1u + w->p.wanted[LINE_ED25519], before, n;
	int64_t until;

	w->calm = true;
	memset(w->silent_until, 0, sizeof(w->silent_until));
	for (until = w->now + 3 * w->p.lifetime_s; w->now < until;)
		step(w);
	before = w->rotations;
	for (until = w->now + 4 * w->p.lifetime_s; w->now < until;) {
		step(w);
		if (w->up)
			check_progress(w);
	}
	n = w->rotations - before;
	if (n < 3 * lines || n > 5 * lines)
		fail_msg(
		    "%u rotations of %u lines in four lifetimes", n, lines);
}

static unsigned
live(uint64_t seed)
{
	static struct world world;
	struct world *w = &world;

	world_begin(w, seed);
	for (int i = 0; i < STEPS; i++)
		step(w);
	calm_down(w);
	return w->rotations;
}

static void
test_whatever_happens(void **state)
{
	const char *runs = getenv("KEYS_RUNS");
	uint64_t n = runs ? strtoull(runs, NULL, 10) : RUNS;
	unsigned rotations = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= n; seed++) {
		print_message("# seed %llu\n", (unsigned long long)seed);
		rotations += live(seed);
	}
	/* A world in which nothing moves proves nothing. */
	assert_true(rotations > n);
}

int
main(void)
{
	UNIT_TEST(test_whatever_happens);
	return unit_end();
}
