/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain as rotation sees it: the store and the DNS. See run.h. */
#include <stdlib.h>
#include <string.h>

#include "keys/run.h"

const struct keys_options *
keys_env_options(const struct keys_env *env, const struct domain *d)
{
	return env->options_of ? env->options_of(env->options_arg, d)
			       : env->options;
}

static int
allocate(struct keys_view *v, struct err *err)
{
	size_t n = v->vd.n + KEY_LINES; /* room for new ones */

	v->room = n;
	v->seen = calloc(n, sizeof(*v->seen));
	v->keys = calloc(n, sizeof(*v->keys));
	v->taken = calloc(v->vd.nothers + 1, sizeof(*v->taken));
	if (v->seen && v->keys && v->taken)
		return 0;
	return err_no_mem(err);
}

/* Sights may come in any order of servers; an order is no news. */
static bool
same_sights(const struct key_record *r, const struct observation *o)
{
	size_t found = 0;

	for (size_t i = 0; i < o->nservers; i++)
		for (size_t k = 0; k < r->nservers; k++)
			if (r->servers[k].sight == o->servers[i].sight &&
			    ip_eq(&r->servers[k].ip, &o->servers[i].ip) &&
			    domain_eq(
				&r->servers[k].name, &o->servers[i].name)) {
				found++;
				break;
			}
	return found == o->nservers && o->nservers == r->nservers;
}

/* Who can't look must at least have said what should be there. */
static enum key_look
look_as_handed(const struct key_record *r)
{
	static const enum key_look as_wanted[] = {[WANT_NONE] = LOOK_ABSENT,
	    [WANT_KEY] = LOOK_EQUAL,
	    [WANT_EMPTY] = LOOK_REVOKED};
	enum key_want want = key_record_wants(r);

	return r->handed_at.own_s && r->handed == want ? as_wanted[want]
						       : LOOK_TROUBLE;
}

static void
take_look(struct keys_view *v, size_t i)
{
	struct key_record *r = &v->vd.records[i];
	const struct observation *o = &v->seen[i];

	r->key.look = v->keys[i].look = o->look;
	if (o->ttl_s > r->key.ttl_s) {
		r->key.ttl_s = o->ttl_s;
		r->news = true;
	}
	if (o->nservers && !same_sights(r, o)) {
		r->news = true;
		memcpy(r->servers, o->servers, sizeof(r->servers));
		r->nservers = o->nservers;
	}
}

void
keys_view_look(const struct keys_env *env, struct keys_view *v, size_t first,
    int64_t deadline_ms)
{
	struct observe_item items[VAULT_KEYS_MAX];
	size_t n = 0;

	for (size_t i = first; i < v->vd.n && n < VAULT_KEYS_MAX; i++)
		items[n++] = (struct observe_item){
		    .selector = v->vd.records[i].key.selector,
		    .pkey = v->vd.pkeys[i],
		    .out = &v->seen[i]};
	if (env->require_published)
		observe_keys(env->resolver, env->authority,
		    keys_env_options(env, &v->vd.domain)->check_via,
		    &v->vd.domain, items, n, deadline_ms);
	for (size_t i = first; i < v->vd.n; i++) {
		if (!env->require_published)
			v->seen[i].look = look_as_handed(&v->vd.records[i]);
		take_look(v, i);
	}
}

int
keys_view_open(const struct keys_env *env, struct vault *vault,
    const struct domain *d, bool look, int64_t deadline_ms,
    struct keys_view *v, struct err *err)
{
	*v = (struct keys_view){
	    .policy = keys_policy(keys_env_options(env, d))};
	if (vault_read(vault, d, &v->vd, err))
		return -1;
	if (allocate(v, err)) {
		keys_view_clear(v);
		return -1;
	}
	if (look)
		keys_view_look(env, v, 0, deadline_ms);
	for (size_t i = 0; i < v->vd.n; i++)
		v->keys[i] = v->vd.records[i].key;
	for (size_t i = 0; i < v->vd.nothers; i++)
		v->taken[i] = v->vd.others[i];
	v->rotation = (struct rotation_domain){.keys = v->keys,
	    .n = v->vd.n,
	    .others_sign = v->vd.others_sign,
	    .untouched = !v->vd.tombstones,
	    .taken = v->taken,
	    .ntaken = v->vd.nothers};
	return 0;
}

void
keys_view_clear(struct keys_view *v)
{
	free(v->seen);
	free(v->keys);
	free(v->taken);
	vault_domain_clear(&v->vd);
	v->seen = NULL;
	v->keys = NULL;
	v->taken = NULL;
}
