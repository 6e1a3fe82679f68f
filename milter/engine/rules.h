/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an operator decides for all domains, and for single ones: the sections
 * of the configuration. A section's rules begin as a copy of those for all.
 */
#ifndef ASSAY_ENGINE_RULES_H
#define ASSAY_ENGINE_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/map.h"
#include "base/names.h"
#include "keys/options.h"
#include "mail/domain.h"

/* Header and body canonicalisation of our signatures. */
enum sign_canon {
	SIGN_RELAXED_RELAXED,
	SIGN_RELAXED_SIMPLE,
	SIGN_SIMPLE_RELAXED,
	SIGN_SIMPLE_SIMPLE,
};

extern const struct name sign_canon_words[];

/* How the signatures of a domain (d=) are made. */
struct sign_rules {
	enum sign_canon canon;
	int64_t expiry_s; /* 0: no x= */
	/* Names of fields; "default" stands for those of dkim/sign.h. */
	struct string_list fields, oversign;
	/* i=, with % for the author's domain; "": none is written. */
	const char *identity;
	struct string_list selectors; /* of the keys that sign; none: all */
};

struct domain_rules {
	struct sign_rules sign;
	struct keys_options keys; /* how its keys rotate */
};

struct domain_section {
	struct domain domain;
	struct domain_rules rules;
};

struct rules {
	struct domain_rules all;
	struct domain_section *sections;
	size_t nsections;
	struct map by_domain; /* of sections */
};

/* The rules of a domain: its section's, else those for all. Never NULL. */
const struct domain_rules *rules_of(
    const struct rules *, const struct domain *);

#endif
