/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The key's domain is the author's (RFC 6376 section 5), or what the operator
 * says: a parent domain's, or that of a line of the signing table.
 */
#include "engine/choice.h"

#include <stdio.h>
#include <string.h>

#include "tables/keytable.h"
#include "tables/signtable.h"

/* As many as the store keeps of one domain. */
#define KEYS_MOST 64

struct choosing {
	struct signing *sg;
	const struct engine_options *o;
	const struct domain *author;
	struct arena *arena;
	struct err *err;
};

static void
set_why(struct signing *sg, const char *what, const char *name)
{
	(void)snprintf(sg->text, sizeof(sg->text), "%s%s", what, name);
	sg->why = sg->text;
}

void
choice_tell(struct signing *sg, const struct key_info *k)
{
	(void)snprintf(sg->text, sizeof(sg->text), "key %s of %s is %s: %s",
	    k->selector, k->domain.text,
	    names_word(key_state_words, (int)k->state),
	    k->why[0] ? k->why : "not looked up yet");
	sg->why = sg->text;
}

void
choice_drop(struct signing *sg, size_t i)
{
	size_t after = --sg->n - i;

	keys_release(&sg->keys[i], 1);
	memmove(&sg->keys[i], &sg->keys[i + 1], after * sizeof(sg->keys[0]));
	memmove(&sg->how[i], &sg->how[i + 1], after * sizeof(sg->how[0]));
}

/*
 * RSA first, so on top: a verifier that looks at one signature only, or stops
 * at the first it does not know, finds the one that everybody knows.
 */
static void
add(struct signing *sg, const struct key_info *key, struct signing_how how)
{
	size_t at = sg->n++;

	for (; at > 0 && sg->keys[at - 1].alg > key->alg; at--) {
		sg->keys[at] = sg->keys[at - 1];
		sg->how[at] = sg->how[at - 1];
	}
	sg->keys[at] = *key;
	sg->how[at] = how;
}

/* Each % as the author's domain; the empty slice when that is not below d=. */
static int
make_identity(const struct choosing *c, struct slice text,
    const struct domain *d, struct slice *out)
{
	struct buf b = BUF_INIT(LIMIT_TABLE_LINE);
	int rc = 0;

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '%')
			buf_add(&b, domain_slice(c->author));
		else
			buf_addc(&b, text.ptr[i]);
	*out = SLICE_EMPTY;
	if (b.no_mem ||
	    (!b.over && dkim_identity_fits(buf_slice(&b), d) &&
		arena_copy(c->arena, buf_slice(&b), out)))
		rc = err_no_mem(c->err);
	buf_free(&b);
	return rc;
}

/* Lines of a table may name one key twice: the same signature is made once. */
static bool
is_chosen(const struct signing *sg, const struct key_info *k,
    const struct signing_how *how)
{
	for (size_t i = 0; i < sg->n; i++)
		if (domain_eq(&sg->keys[i].domain, &k->domain) &&
		    slice_ieq(
			slice_z(sg->keys[i].selector), slice_z(k->selector)) &&
		    slice_eq(sg->how[i].identity, how->identity))
			return true;
	return false;
}

/* A key that signs, or may when its record has come; else why not. */
static int
consider(const struct choosing *c, struct key_info *k, struct signing_how how)
{
	bool may =
	    k->state == KEY_ACTIVE || (k->state == KEY_WAITING && !k->looked);

	if (!may || c->sg->n == SIGNING_KEYS_MAX) {
		if (!may)
			choice_tell(c->sg, k);
		keys_release(k, 1);
		return 0;
	}
	how.rules = rules_of(&c->o->rules, &k->domain);
	if (how.identity.len == 0 &&
	    make_identity(c, slice_z(how.rules->sign.identity), &k->domain,
		&how.identity)) {
		keys_release(k, 1);
		return -1;
	}
	if (is_chosen(c->sg, k, &how))
		keys_release(k, 1);
	else
		add(c->sg, k, how);
	return 0;
}

/* --- the key directory ------------------------------------------------------------ */

static bool
selected(const struct engine_options *o, const struct key_info *k)
{
	const struct string_list *list =
	    &rules_of(&o->rules, &k->domain)->sign.selectors;

	for (size_t i = 0; i < list->n; i++)
		if (slice_ieqz(slice_z(k->selector), list->items[i]))
			return true;
	return list->n == 0;
}

/* The keys of one domain, on the arena where there are many. 0, or -1. */
static int
read_keys(const struct choosing *c, const struct domain *d,
    struct key_info **keys, size_t *n)
{
	*n = keystore_keys(c->o->keys, d, *keys, SIGNING_KEYS_MAX);
	if (*n < SIGNING_KEYS_MAX)
		return 0;
	/* Those in use may stand behind as many that no longer are. */
	keys_release(*keys, *n);
	*keys = arena_array(c->arena, KEYS_MOST, sizeof(**keys));
	if (!*keys)
		return err_no_mem(c->err);
	*n = keystore_keys(c->o->keys, d, *keys, KEYS_MOST);
	return 0;
}

/* Considers those of a state; of all, each is considered once. 0, or -1. */
static int
consider_state(
    const struct choosing *c, struct key_info *keys, size_t n, bool active)
{
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		struct signing_how how = {.domain = SLICE_EMPTY};

		if ((keys[i].state == KEY_ACTIVE) != active)
			continue;
		if (rc < 0 || !selected(c->o, &keys[i]))
			keys_release(&keys[i], 1);
		else if (consider(c, &keys[i], how))
			rc = -1;
	}
	return rc;
}

/* The keys of one domain. 1 when it has any, 0, or -1. */
static int
choose_of(const struct choosing *c, const struct domain *d)
{
	struct key_info few[SIGNING_KEYS_MAX], *keys = few;
	size_t n;
	int active, others;

	if (read_keys(c, d, &keys, &n))
		return -1;
	/* There is room for so many only: first for those that sign. */
	active = consider_state(c, keys, n, true);
	others = consider_state(c, keys, n, false);
	if (active || others)
		return -1;
	if (n > 0 && c->sg->n == 0 && !c->sg->why[0])
		set_why(c->sg, "no key of selectors for ", d->text);
	return n > 0;
}

static int
choose_from_directory(const struct choosing *c)
{
	size_t labels = domain_nlabels(c->author);
	size_t least = c->o->sign_subdomains ? 2 : labels;

	/* d= has two labels at least, whatever directories there are. */
	for (size_t n = labels; n >= least && n > 1; n--) {
		struct domain d = domain_tail(c->author, n);
		int rc = choose_of(c, &d);

		if (rc)
			return rc < 0 ? -1 : 0;
	}
	set_why(c->sg, "no key for ", c->author->text);
	return 0;
}

/* --- the tables ------------------------------------------------------------------- */

static bool
right_kind(const struct choosing *c, const struct key_spec *spec,
    const struct key_info *k)
{
	if (k->state == KEY_BAD || !spec->has_alg || spec->alg == k->alg)
		return true;
	set_why(
	    c->sg, "not of the algorithm the key table says: ", spec->path);
	return false;
}

static int
choose_match(const struct choosing *c, const struct sign_match *m)
{
	struct signing_how how;
	struct key_spec spec;
	struct key_name name;
	struct key_info k;
	int got = keytable_find(
	    c->o->keytable, m->key, c->author, c->arena, &spec, c->err);

	if (got < 0)
		return -1;
	if (got == 0 || domain_nlabels(&spec.domain) < 2) {
		set_why(
		    c->sg, "the key table has no key for ", c->author->text);
		return 0;
	}
	name = (struct key_name){.domain = &spec.domain,
	    .selector = arena_strdup(c->arena, spec.selector),
	    .path = spec.path};
	if (!name.selector)
		return err_no_mem(c->err);
	if (keystore_named(c->o->keys, &name, &k, c->err))
		return -1;
	how = (struct signing_how){.domain = spec.given};
	if (make_identity(c, m->identity, &spec.domain, &how.identity)) {
		keys_release(&k, 1);
		return -1;
	}
	if (right_kind(c, &spec, &k))
		return consider(c, &k, how);
	keys_release(&k, 1);
	return 0;
}

/* 1 when a line of the signing table fits, 0, or -1. */
static int
choose_from_tables(const struct choosing *c, const struct from *from)
{
	size_t at = slice_rfind(from->address, '@');
	struct sign_matches found;

	if (!c->o->signtable)
		return 0;
	if (signtable_find(c->o->signtable, slice_upto(from->address, at),
		c->author, c->o->multiple_signatures, c->arena, &found,
		c->err))
		return -1;
	for (size_t i = 0; i < found.n; i++)
		if (choose_match(c, &found.items[i]))
			return -1;
	return found.n > 0;
}

int
choice_make(struct signing *sg, const struct engine_options *o,
    const struct from *from, struct arena *arena, struct err *err)
{
	struct choosing c = {sg, o, &from->domain, arena, err};
	int rc = choose_from_tables(&c, from);

	if (rc == 0)
		rc = choose_from_directory(&c);
	return rc < 0 ? -1 : 0;
}
