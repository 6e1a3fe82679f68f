/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules by domain. See rules.h. */
#include "engine/rules.h"

const struct name sign_canon_words[] = {
    {SIGN_RELAXED_RELAXED, "relaxed/relaxed"},
    {SIGN_RELAXED_SIMPLE, "relaxed/simple"},
    {SIGN_SIMPLE_RELAXED, "simple/relaxed"},
    {SIGN_SIMPLE_SIMPLE, "simple/simple"},
    {0, NULL},
};

const struct domain_rules *
rules_of(const struct rules *r, const struct domain *d)
{
	uint32_t at = map_get(&r->by_domain, domain_slice(d));

	return at == MAP_NONE ? &r->all : &r->sections[at].rules;
}
