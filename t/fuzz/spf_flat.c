/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of a record and its flattened form: where the original keeps all
 * limits, both give the same word at the ends of every network.
 */
#include "spf/flat.h"

#include "dns/overlay.h"
#include "dns/zone.h"
#include "fuzz.h"
#include "mail/limits.h"
#include "spf/spf.h"

#define ADDRESSES_MAX 24

static enum ar_word
word(struct resolver *z, const struct ip *ip)
{
	struct spf_request rq = {.ip = *ip,
	    .helo = SLICE_LIT("helo.example"),
	    .sender = SLICE_LIT("x@a.example"),
	    .identity = SPF_MAILFROM};
	struct inquiry *q = inquiry_new(z, LIMIT_SPF_QUERIES);
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct spf_result r;
	struct err err = ERR_INIT;

	assert(spf_check(&rq, q, arena, &r, &err) == 0);
	arena_free(arena);
	inquiry_free(q);
	return r.word;
}

static void
compare(struct resolver *before, struct resolver *after,
    const struct spf_flat *f, struct arena *arena)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct spf_record r;

		assert(spf_record_parse(f->records[i].text, arena, &r) == 0);
		assert(r.fault == SPF_OK);
		for (size_t k = 0; k < r.n && n < ADDRESSES_MAX; k++, n++) {
			struct ip ip = r.terms[k].net.net;

			if (r.terms[k].kind != SPF_IP4 &&
			    r.terms[k].kind != SPF_IP6)
				continue;
			if (ip.family == IP_V6)
				ip = ip_v6(ip.octets);
			assert(word(before, &ip) == word(after, &ip));
		}
	}
}

/* The zone with the new records in place of a.example's. */
static struct resolver *
replaced(struct slice zone, const struct spf_flat *f)
{
	struct buf b = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	struct resolver *table;

	for (size_t i = 0; i < f->n; i++)
		buf_addf(&b, SLICE_FMT " TXT \"" SLICE_FMT "\"\n",
		    SLICE_ARG(f->records[i].name),
		    SLICE_ARG(f->records[i].text));
	table = zone_new(buf_slice(&b), &err);
	buf_free(&b);
	return table ? overlay_new(table, zone_new(zone, &err), &err) : NULL;
}

static bool
keeps_limits(const struct spf_tree *t, const struct spf_flat *f)
{
	return !t->over && t->root->lookups <= LIMIT_SPF_TERMS &&
	    t->root->voids + f->nkept <= LIMIT_SPF_VOIDS;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct spf_flat_options options = {.prefix = "_spf"};
	struct slice zone = slice_of(data, size);
	struct err err = ERR_INIT;
	struct resolver *z = size < 8192 ? zone_new(zone, &err) : NULL, *y;
	struct inquiry *q = z ? inquiry_new(z, 500) : NULL;
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct spf_tree tree;
	struct spf_flat flat;

	spf_init();
	if (q &&
	    spf_tree_read(SLICE_LIT("a.example"), NULL, q, arena, &tree) ==
		0 &&
	    spf_flat_make(&tree, &options, arena, &flat) == 0 &&
	    flat.fault == SPF_FLAT_OK) {
		assert(flat.lookups <= LIMIT_SPF_TERMS);
		y = keeps_limits(&tree, &flat) ? replaced(zone, &flat) : NULL;
		if (y)
			compare(z, y, &flat, arena);
		resolver_free(y);
	}
	inquiry_free(q);
	resolver_free(z);
	arena_free(arena);
	return 0;
}
