/* SPDX-License-Identifier: BSD-2-Clause */
/* See overlay.h. A lookup is that of whichever of the two answers. */
#include "dns/overlay.h"

#include <stdlib.h>

struct overlay {
	struct resolver base;
	struct resolver *table, *other;
};

static struct lookup *
overlay_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct overlay *o = (struct overlay *)r;
	struct lookup *l = o->table->ops->start(o->table, name, type);
	const struct answer *a;

	if (!l)
		return NULL;
	a = l->ops->wait(l, 0);
	if (a && a->status == DNS_OK)
		return l;
	l->ops->drop(l);
	return o->other->ops->start(o->other, name, type);
}

static void
overlay_free(struct resolver *r)
{
	struct overlay *o = (struct overlay *)r;

	resolver_free(o->table);
	resolver_free(o->other);
	free(o);
}

/* No lookup of its own is ever made: nobody waits for one, or drops it. */
static const struct resolver_ops overlay_ops = {
    overlay_start, NULL, NULL, overlay_free};

struct resolver *
overlay_new(struct resolver *table, struct resolver *other, struct err *err)
{
	struct overlay *o = calloc(1, sizeof(*o));

	if (!o) {
		resolver_free(table);
		resolver_free(other);
		(void)err_no_mem(err);
		return NULL;
	}
	o->base.ops = &overlay_ops;
	o->table = table;
	o->other = other;
	return &o->base;
}
