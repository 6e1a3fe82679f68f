/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of keys. See keylist.h. */
#include "daemon/keylist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_OF_DOMAIN 64
#define FEW_DOMAINS 20
#define RENEW_FEW_MS 10000
#define RENEW_MANY_MS 60000
#define LOCKED_MS 1000 /* another process has the keys: try again */

void
keylist_init(struct keylist *l)
{
	*l = (struct keylist){.next_ms = 0};
	(void)pthread_mutex_init(&l->lock, NULL);
}

void
keylist_free(struct keylist *l)
{
	free(l->told.items);
	(void)pthread_mutex_destroy(&l->lock);
}

void
keylist_copy(struct keylist *l, struct fact_keys *out)
{
	struct fact_key *copy = calloc(LIMIT_TOLD_KEYS, sizeof(*copy));

	(void)pthread_mutex_lock(&l->lock);
	*out = l->told;
	if (copy && out->n)
		memcpy(copy, out->items, out->n * sizeof(*copy));
	(void)pthread_mutex_unlock(&l->lock);
	if (!copy)
		out->n = 0;
	out->items = copy;
}

/* --- making it ----------------------------------------------------------------- */

static void
note_key(struct fact_keys *k, const struct key_info *info)
{
	struct fact_key *f = &k->items[k->n++];

	*f = (struct fact_key){
	    .type = names_word(dkim_alg_words, (int)info->alg),
	    .state = names_word(key_state_words, (int)info->state),
	    .next = "",
	    .when_s = -1};
	(void)snprintf(f->domain, sizeof(f->domain), "%s", info->domain.text);
	(void)snprintf(f->selector, sizeof(f->selector), "%s", info->selector);
}

/* What rotation says of the keys from first on. */
static void
note_steps(struct fact_keys *k, size_t first, const struct keys_view *v,
    const struct key_time *now)
{
	for (size_t i = 0; i < v->vd.n; i++)
		for (size_t f = first; f < k->n; f++) {
			struct fact_key *fact = &k->items[f];
			int64_t when_s;

			if (strcmp(fact->selector, v->keys[i].selector) != 0)
				continue;
			fact->state = names_word(
			    key_life_words, (int)key_life(&v->keys[i]));
			fact->next = rotation_outlook(
			    &v->rotation, &v->policy, i, &when_s);
			if (when_s >= 0)
				fact->when_s =
				    now->wall_s + when_s - now->own_s;
		}
}

static void
note_domain(struct fact_keys *k, const struct keys_env *env,
    struct vault *vault, struct keystore *store, const struct domain *d)
{
	struct key_info *infos = calloc(KEYS_OF_DOMAIN, sizeof(*infos));
	size_t n = infos ? keystore_keys(store, d, infos, KEYS_OF_DOMAIN) : 0;
	size_t first = k->n;
	struct key_time now = vault_now(vault);
	struct keys_view v;

	for (size_t i = 0; i < n && k->n < LIMIT_TOLD_KEYS; i++)
		note_key(k, &infos[i]);
	if (infos)
		keys_release(infos, n);
	free(infos);
	if (k->n > first &&
	    keys_view_open(env, vault, d, false, 0, &v, NULL) == 0) {
		note_steps(k, first, &v, &now);
		keys_view_clear(&v);
	}
}

/* False: another process has the keys just now, or there is no memory. */
static bool
make(struct fact_keys *k, const struct keys_env *env, const struct config *c,
    const struct clock *clock)
{
	struct vault vault;
	size_t told;

	*k = (struct fact_keys){.domains = keystore_ndomains(c->keys)};
	k->items = calloc(LIMIT_TOLD_KEYS, sizeof(*k->items));
	if (!k->items)
		return false;
	if (vault_peek(&vault, c->daemon.key_dir, clock, 0, NULL)) {
		free(k->items);
		return false;
	}
	told =
	    k->domains < LIMIT_TOLD_DOMAINS ? k->domains : LIMIT_TOLD_DOMAINS;
	for (size_t i = 0; i < told; i++)
		note_domain(
		    k, env, &vault, c->keys, keystore_domain(c->keys, i));
	vault_close(&vault);
	k->untold = k->domains - told;
	k->seen_s = clock_now_s(clock);
	return true;
}

void
keylist_renew(struct keylist *l, const struct keys_env *env,
    const struct config *c, const struct clock *clock)
{
	int64_t now_ms = clock_mono_ms(clock);
	struct fact_keys fresh;
	struct fact_key *old;

	if (c == l->of && now_ms < l->next_ms)
		return;
	l->next_ms = now_ms + LOCKED_MS;
	if (!make(&fresh, env, c, clock))
		return;
	(void)pthread_mutex_lock(&l->lock);
	old = l->told.items;
	l->told = fresh;
	(void)pthread_mutex_unlock(&l->lock);
	free(old);
	l->of = c;
	l->next_ms = now_ms +
	    (fresh.domains <= FEW_DOMAINS ? RENEW_FEW_MS : RENEW_MANY_MS);
}
