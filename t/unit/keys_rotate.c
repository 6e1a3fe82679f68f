/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of one key by example; keys_property.c has the properties. */
#include "keys/rotate.h"

#include "unit.h"

#define HOUR 3600
#define DAY 86400

/* A key in so many words: what happened and when, by the store's time. */
struct row {
	const char *name;
	struct rotation_key keys[3];
	int64_t now_s;
	const char *want; /* "KEY event", "-KEY event", "type slot", "" */
	int64_t due_s;    /* 0: not compared */
};

#define RSA(sel, l) \
	.selector = sel, .type = KEY_RSA2048, .usable = true, .look = l
#define AT(e, s) .at[EVENT_##e] = {(s), (s)}
#define GENERATED AT(GENERATED, 10)
#define WAITING GENERATED, AT(PUBLISHED, 1000)
#define ACTIVE WAITING, AT(ACTIVE, 2000)
#define END (2000 + 180 * DAY)

static const struct row rows[] = {
    {"an empty domain gets a key", {{.usable = false}}, 100, "rsa2048 -", 0},
    {"unseen: nothing", {{RSA("a", LOOK_ABSENT), GENERATED}}, 99999999, "",
	INT64_MAX},
    {"DNS trouble: nothing", {{RSA("a", LOOK_TROUBLE), GENERATED}}, 999, "",
	INT64_MAX},
    {"seen everywhere", {{RSA("a", LOOK_EQUAL), GENERATED}}, 999,
	"a published", 0},
    {"a server lags", {{RSA("a", LOOK_MIXED), GENERATED}}, 999, "", 0},
    {"a server is silent", {{RSA("a", LOOK_EQUAL_SOME), GENERATED}}, 999,
	"a silent", 0},
    {"silent, not long",
	{{RSA("a", LOOK_EQUAL_SOME), GENERATED, AT(SILENT, 20)}},
	20 + 48 * HOUR - 1, "", 20 + 48 * HOUR},
    {"silent long enough",
	{{RSA("a", LOOK_EQUAL_SOME), GENERATED, AT(SILENT, 20)}},
	20 + 48 * HOUR, "a published", 0},
    {"no more silent, but behind",
	{{RSA("a", LOOK_MIXED), GENERATED, AT(SILENT, 20)}}, 99999999,
	"-a silent", 0},
    {"the first key of all need not wait", {{RSA("a", LOOK_EQUAL), WAITING}},
	1001, "a active", 0},
    {"but that of a slot, whose name may have a past",
	{{RSA("a", LOOK_EQUAL), .slot = true, WAITING}}, 1001, "",
	1000 + 48 * HOUR},
    {"unless it showed nothing",
	{{RSA("a", LOOK_EQUAL), .slot = true, WAITING, AT(VACANT, 9)}}, 1001,
	"a active", 0},
    {"nor sign while DNS is in trouble", {{RSA("a", LOOK_TROUBLE), WAITING}},
	1001, "", 0},
    {"gone while it waited", {{RSA("a", LOOK_ABSENT), WAITING}}, 1001,
	"-a published", 0},
    {"another key while it waited", {{RSA("a", LOOK_OTHER), WAITING}}, 1001,
	"-a published", 0},
    {"private half never written",
	{{.selector = "a", .type = KEY_RSA2048, .lost = true, GENERATED}}, 11,
	"a removed", 0},
    {"active and young", {{RSA("a", LOOK_EQUAL), ACTIVE}}, 3000, "",
	END - 11 * DAY},
    {"a successor in time", {{RSA("a", LOOK_EQUAL), ACTIVE}}, END - 11 * DAY,
	"rsa2048 -", 0},
    {"one successor is enough",
	{{RSA("a", LOOK_EQUAL), ACTIVE}, {RSA("b", LOOK_ABSENT), GENERATED}},
	END + DAY, "", INT64_MAX},
    {"the successor waits",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("b", LOOK_EQUAL), AT(GENERATED, END), AT(PUBLISHED, END)}},
	END + 48 * HOUR - 1, "", END + 48 * HOUR},
    {"and comes",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("b", LOOK_EQUAL), AT(GENERATED, END), AT(PUBLISHED, END)}},
	END + 48 * HOUR, "b active", 0},
    {"not while it can't be seen",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("b", LOOK_TROUBLE), AT(GENERATED, END), AT(PUBLISHED, END)}},
	END + 99 * DAY, "", INT64_MAX},
    {"not before the old one's time",
	{{RSA("a", LOOK_EQUAL), ACTIVE}, {RSA("b", LOOK_EQUAL), WAITING}},
	END - 1, "", END},
    {"a long TTL makes it wait longer",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("b", LOOK_EQUAL), AT(GENERATED, END), AT(PUBLISHED, END),
		.ttl_s = 72 * HOUR}},
	END + 48 * HOUR, "", END + 72 * HOUR},
    {"rotation ordered", {{RSA("a", LOOK_EQUAL), ACTIVE, AT(ROTATE, 2500)}},
	2501, "rsa2048 -", 0},
    {"the active key vanished", {{RSA("a", LOOK_ABSENT), ACTIVE}}, 3000,
	"a vanished", 0},
    {"a lagging server is no vanishing", {{RSA("a", LOOK_MIXED), ACTIVE}},
	3000, "", 0},
    {"SERVFAIL is none", {{RSA("a", LOOK_TROUBLE), ACTIVE}}, 3000, "", 0},
    {"it is back", {{RSA("a", LOOK_EQUAL), ACTIVE, AT(VANISHED, 2900)}}, 3000,
	"-a vanished", 0},
    {"a waiting key steps in for a vanished one",
	{{RSA("a", LOOK_ABSENT), ACTIVE, AT(VANISHED, 2900)},
	    {RSA("b", LOOK_EQUAL), WAITING}},
	1000 + 48 * HOUR, "b active", 0},
    {"the older of two retires",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)}},
	9001, "a retired", 0},
    {"not while the newer one has vanished",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("b", LOOK_ABSENT), WAITING, AT(ACTIVE, 9000),
		AT(VANISHED, 9001)}},
	9002, "", 0},
    {"compromised: revoked at once",
	{{RSA("a", LOOK_EQUAL), ACTIVE, AT(COMPROMISED, 8000)},
	    {RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)}},
	9001, "a revoked", 0},
    {"compromised: the next one does not wait",
	{{RSA("a", LOOK_EQUAL), ACTIVE, AT(COMPROMISED, 8000)},
	    {RSA("b", LOOK_EQUAL), AT(GENERATED, 8000), AT(PUBLISHED, 8500)}},
	8501, "b active", 0},
    {"retiring",
	{{RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)},
	    {RSA("a", LOOK_EQUAL), ACTIVE, AT(RETIRED, 9001)}},
	9001 + 7 * DAY - 1, "", 9001 + 7 * DAY},
    {"retired long enough",
	{{RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)},
	    {RSA("a", LOOK_EQUAL), ACTIVE, AT(RETIRED, 9001)}},
	9001 + 7 * DAY, "a revoked", 0},
    {"revoked long enough",
	{{RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)},
	    {RSA("a", LOOK_REVOKED), ACTIVE, AT(RETIRED, 9001),
		AT(REVOKED, 9002)}},
	9002 + 7 * DAY, "a removed", 0},
    {"a key that can't be read does not take over",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {.selector = "b",
		.look = LOOK_EQUAL,
		AT(GENERATED, END),
		AT(PUBLISHED, END)}},
	END + 99 * DAY, "", INT64_MAX},
    {"a long TTL keeps the record longer",
	{{RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)},
	    {RSA("a", LOOK_EQUAL), ACTIVE, AT(RETIRED, 9001),
		.ttl_s = 9 * DAY}},
	9001 + 8 * DAY, "", 9001 + 9 * DAY},
    {"and the empty one",
	{{RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)},
	    {RSA("a", LOOK_REVOKED), ACTIVE, AT(RETIRED, 9001),
		AT(REVOKED, 9002), .ttl_s = 9 * DAY}},
	9002 + 8 * DAY, "", 9002 + 9 * DAY},
    {"a rotation ordered comes before the old one's time",
	{{RSA("a", LOOK_EQUAL), ACTIVE, AT(ROTATE, 2500)},
	    {RSA("b", LOOK_EQUAL), AT(GENERATED, 2501), AT(PUBLISHED, 3000)}},
	3000 + 48 * HOUR, "b active", 0},
    {"compromised: a successor",
	{{RSA("a", LOOK_EQUAL), ACTIVE, AT(COMPROMISED, 2500)}}, 2501,
	"rsa2048 -", 0},
    {"of two that wait, the one seen first",
	{{RSA("a", LOOK_EQUAL), AT(GENERATED, 10), AT(PUBLISHED, 1000)},
	    {RSA("b", LOOK_EQUAL), AT(GENERATED, 5), AT(PUBLISHED, 2000)},
	    {RSA("c", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000),
		AT(RETIRED, 9001)}},
	1000 + 48 * HOUR, "a active", 0},
    {"in whatever order",
	{{RSA("b", LOOK_EQUAL), AT(GENERATED, 5), AT(PUBLISHED, 2000)},
	    {RSA("a", LOOK_EQUAL), AT(GENERATED, 10), AT(PUBLISHED, 1000)},
	    {RSA("c", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000),
		AT(RETIRED, 9001)}},
	1000 + 48 * HOUR, "a active", 0},
    {"the older of two retires, in whatever order",
	{{RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)},
	    {RSA("a", LOOK_EQUAL), ACTIVE}},
	9001, "a retired", 0},
    {"a stolen key goes, though the newest has vanished",
	{{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("c", LOOK_EQUAL), WAITING, AT(ACTIVE, 2500),
		AT(COMPROMISED, 8000)},
	    {RSA("b", LOOK_ABSENT), WAITING, AT(ACTIVE, 9000),
		AT(VANISHED, 9001)}},
	9002, "c revoked", 0},
    {"revoked, not long",
	{{RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)},
	    {RSA("a", LOOK_REVOKED), ACTIVE, AT(RETIRED, 9001),
		AT(REVOKED, 9002)}},
	9002 + 7 * DAY - 1, "", 9002 + 7 * DAY},
};

static struct rotation_policy
policy(void)
{
	return (struct rotation_policy){.lifetime_s = 180 * DAY,
	    .wait_s = 48 * HOUR,
	    .retire_s = 7 * DAY,
	    .remove_s = 7 * DAY,
	    .unreachable_s = 48 * HOUR,
	    .wanted = {true, false}};
}

static void
show(const struct rotation_domain *d, const struct rotation_act *a,
    char text[200])
{
	if (a->kind == ROTATION_GENERATE)
		snprintf(text, 200, "%s %s",
		    names_word(key_type_words, (int)a->type),
		    a->selector ? a->selector : "-");
	else
		snprintf(text, 200, "%s%s %s",
		    a->kind == ROTATION_CLEAR ? "-" : "",
		    d->keys[a->key].selector,
		    names_word(key_event_words, (int)a->event));
}

static void
check_next(const struct rotation_domain *d, const struct rotation_policy *p,
    int64_t now_s, const char *want, int64_t want_due_s)
{
	struct rotation_act act;
	char got[200] = "";
	int64_t due_s;

	if (rotation_next(d, p, now_s, &act, &due_s))
		show(d, &act, got);
	assert_string_equal(got, want);
	if (want_due_s)
		assert_true(due_s == want_due_s);
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct rotation_policy p = policy();
	struct rotation_domain d = {.untouched = true};

	while (d.n < 3 && r->keys[d.n].selector[0])
		d.n++;
	/* So that a sanitizer sees who reads one too many. */
	d.keys = malloc(d.n * sizeof(*d.keys) + 1);
	assert_non_null(d.keys);
	memcpy(d.keys, r->keys, d.n * sizeof(*d.keys));
	check_next(&d, &p, r->now_s, r->want, r->due_s);
	free(d.keys);
}

static void
test_a_domain_with_other_keys_waits(void **state)
{
	struct rotation_key k = {RSA("a", LOOK_EQUAL), WAITING};
	struct rotation_domain d = {.keys = &k, .n = 1, .untouched = true};
	struct rotation_policy p = policy();

	(void)state;
	d.others_sign = true;
	check_next(&d, &p, 1001, "", 1000 + 48 * HOUR);
	d.others_sign = d.untouched = false;
	check_next(&d, &p, 1001, "", 1000 + 48 * HOUR);
}

static void
test_sign_both(void **state)
{
	struct rotation_key keys[] = {{RSA("a", LOOK_EQUAL), ACTIVE},
	    {RSA("b", LOOK_EQUAL), WAITING, AT(ACTIVE, 9000)}};
	struct rotation_domain d = {.keys = keys, .n = 2};
	struct rotation_policy p = policy();

	(void)state;
	p.overlap = OVERLAP_SIGN_BOTH;
	check_next(&d, &p, 9000, "a superseded", 0);
	keys[0].at[EVENT_SUPERSEDED].own_s = 9000;
	assert_true(rotation_signs(&d, 0, VANISHED_SIGN));
	assert_true(rotation_signs(&d, 1, VANISHED_SIGN));
	check_next(&d, &p, 9001, "", 9000 + 48 * HOUR);
	check_next(&d, &p, 9000 + 48 * HOUR, "a retired", 0);
}

static void
test_vanished(void **state)
{
	struct rotation_key keys[] = {
	    {RSA("a", LOOK_ABSENT), ACTIVE, AT(VANISHED, 3000)},
	    {RSA("b", LOOK_EQUAL), ACTIVE}};
	struct rotation_domain d = {.keys = keys, .n = 1};

	(void)state;
	assert_true(rotation_signs(&d, 0, VANISHED_SIGN));
	assert_false(rotation_signs(&d, 0, VANISHED_STOP));
	d.others_sign = true;
	assert_false(rotation_signs(&d, 0, VANISHED_SIGN));
	d.others_sign = false;
	d.n = 2;
	assert_false(rotation_signs(&d, 0, VANISHED_SIGN));
	assert_true(rotation_signs(&d, 1, VANISHED_STOP));
	keys[1].usable = false;
	assert_true(rotation_signs(&d, 0, VANISHED_SIGN));
}

static void
test_slots(void **state)
{
	static const char *names[] = {"s1", "s2"};
	struct rotation_key keys[] = {
	    {RSA("s1", LOOK_EQUAL), .slot = true, ACTIVE, AT(ROTATE, 2500)},
	    {RSA("s2", LOOK_EQUAL), .slot = true, ACTIVE, AT(RETIRED, 2001)}};
	struct rotation_domain d = {.keys = keys, .n = 0};
	struct rotation_policy p = policy();

	(void)state;
	p.slots[LINE_RSA] = (struct string_list){names, 2};
	check_next(&d, &p, 100, "rsa2048 s1", 0);
	d.n = 1;
	check_next(&d, &p, 2600, "rsa2048 s2", 0);
	/* The idle slot drains first. */
	d.n = 2;
	check_next(&d, &p, 2600, "", 2001 + 7 * DAY);
	keys[0].at[EVENT_COMPROMISED].own_s = 2600;
	check_next(&d, &p, 2600, "s2 removed", 0);
	keys[0].at[EVENT_COMPROMISED].own_s = 0;
	d.n = 1;
	d.taken = &names[1];
	d.ntaken = 1;
	check_next(&d, &p, 2600, "", 0);
}

/* In an emergency, which slot is emptied? */
static void
test_evict(void **state)
{
	static const char *names[] = {"s1", "s2", "s3"};
	struct rotation_key keys[] = {
	    {RSA("s1", LOOK_EQUAL), .slot = true, ACTIVE,
		AT(COMPROMISED, 9000)},
	    {.selector = "e1",
		.type = KEY_ED25519,
		.slot = true,
		.usable = true,
		AT(PUBLISHED, 100),
		AT(ACTIVE, 200),
		AT(RETIRED, 9000)},
	    {RSA("dated", LOOK_EQUAL), AT(PUBLISHED, 100), AT(ACTIVE, 200),
		AT(RETIRED, 9000)},
	    {RSA("s2", LOOK_EQUAL), .slot = true, AT(PUBLISHED, 500),
		AT(ACTIVE, 1900), AT(RETIRED, 9000)},
	    {RSA("s3", LOOK_REVOKED), .slot = true, AT(PUBLISHED, 600),
		AT(ACTIVE, 1800), AT(RETIRED, 8000), AT(REVOKED, 9000)},
	};
	struct rotation_domain d = {.keys = keys, .n = 5};
	struct rotation_policy p = policy();
	struct rotation_key k;

	(void)state;
	p.slots[LINE_RSA] = (struct string_list){names, 3};
	/* The one that signed longest ago, not the one seen first. */
	check_next(&d, &p, 9001, "s3 removed", 0);
	k = keys[3];
	keys[3] = keys[4];
	keys[4] = k;
	check_next(&d, &p, 9001, "s3 removed", 0);
	/* Nothing to empty: what else has this name, signs, or is no slot. */
	p.slots[LINE_RSA].n = 1;
	d.n = 3;
	check_next(&d, &p, 9001, "", 0);
}

/* A key that lives but for days gets its successor half-way. */
static void
test_short_lives(void **state)
{
	struct rotation_key k = {RSA("a", LOOK_EQUAL), ACTIVE};
	struct rotation_domain d = {.keys = &k, .n = 1};
	struct rotation_policy p = policy();

	(void)state;
	p.lifetime_s = 8 * DAY;
	check_next(&d, &p, 2000 + 4 * DAY - 1, "", 2000 + 4 * DAY);
	check_next(&d, &p, 2000 + 4 * DAY, "rsa2048 -", 0);
}

/* The silence of a server counts from when the key was to be seen anew. */
static void
test_silence_begins_anew(void **state)
{
	static const struct key_time now = {5000, 6000};
	const struct rotation_key before = {RSA("a", LOOK_ABSENT), WAITING,
	    AT(SILENT, 900), AT(VANISHED, 950)};
	struct rotation_act act = {
	    .kind = ROTATION_CLEAR, .event = EVENT_PUBLISHED};
	struct rotation_key k = before;

	(void)state;
	rotation_apply(&k, &act, &now);
	assert_false(key_has(&k, EVENT_PUBLISHED));
	assert_false(key_has(&k, EVENT_SILENT));
	assert_true(k.at[EVENT_GENERATED].own_s == 10);
	k = before;
	act.event = EVENT_VANISHED;
	rotation_apply(&k, &act, &now);
	assert_false(key_has(&k, EVENT_VANISHED));
	assert_true(k.at[EVENT_SILENT].own_s == 900);
	k = before;
	act = (struct rotation_act){
	    .kind = ROTATION_SET, .event = EVENT_PUBLISHED};
	rotation_apply(&k, &act, &now);
	assert_true(k.at[EVENT_PUBLISHED].own_s == 5000 &&
	    k.at[EVENT_PUBLISHED].wall_s == 6000);
	assert_true(k.at[EVENT_SILENT].own_s == 900);
}

static void
test_types_and_lines(void **state)
{
	struct rotation_key k = {RSA("a", LOOK_EQUAL), ACTIVE};
	struct rotation_domain d = {.keys = &k, .n = 1};
	struct rotation_policy p = policy();

	(void)state;
	p.wanted[LINE_ED25519] = true;
	p.types[LINE_ED25519] = KEY_ED25519;
	check_next(&d, &p, 3000, "ed25519 -", 0);
	p.wanted[LINE_ED25519] = false;
	p.types[LINE_RSA] = KEY_RSA4096;
	check_next(&d, &p, END, "rsa4096 -", 0);
	/* A line that is no longer wanted signs on, and rotates on order. */
	p.wanted[LINE_RSA] = false;
	check_next(&d, &p, END, "", INT64_MAX);
	k.at[EVENT_ROTATE].own_s = 3000;
	check_next(&d, &p, END, "rsa2048 -", 0);
}

static void
test_outlook(void **state)
{
	struct rotation_key keys[] = {
	    {RSA("a", LOOK_EQUAL), ACTIVE}, {RSA("b", LOOK_EQUAL), WAITING}};
	struct rotation_domain d = {.keys = keys, .n = 2};
	struct rotation_policy p = policy();
	int64_t when;

	(void)state;
	assert_string_equal(
	    rotation_outlook(&d, &p, 0, &when), "make way for a new key");
	assert_true(when == END);
	assert_string_equal(rotation_outlook(&d, &p, 1, &when), "sign");
	assert_true(when == END);
	keys[0].at[EVENT_ROTATE].own_s = 9;
	(void)rotation_outlook(&d, &p, 1, &when);
	assert_true(when == 1000 + 48 * HOUR);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_a_domain_with_other_keys_waits);
	UNIT_TEST(test_sign_both);
	UNIT_TEST(test_vanished);
	UNIT_TEST(test_slots);
	UNIT_TEST(test_evict);
	UNIT_TEST(test_short_lives);
	UNIT_TEST(test_silence_begins_anew);
	UNIT_TEST(test_types_and_lines);
	UNIT_TEST(test_outlook);
	return unit_end();
}
