/* SPDX-License-Identifier: BSD-2-Clause */
/* domain "example.com" { ... }: rules of one domain. See sections.h. */
#include "config/sections.h"

#include "dkim/sign.h"

struct applying {
	struct config *config;
	const struct faults *faults;
};

void
config_unknown(const struct faults *f, const struct statement *st)
{
	const char *like = option_suggest(st->name);
	struct err what = ERR_INIT;

	if (like)
		(void)err_set(
		    &what, "unknown option; did you mean \"%s\"?", like);
	else
		(void)err_set(&what, "unknown option");
	fault_add(f, st->line, st->name, what.text);
}

static void
complain(
    const struct applying *a, const struct statement *st, const char *what)
{
	fault_add(a->faults, st->line, st->name, what);
}

/* What fits no message of the domain is a mistake. */
static void
check_rules(const struct applying *a, const struct statement *st,
    const struct domain_section *section)
{
	struct slice identity = slice_z(section->rules.sign.identity);
	bool follows = slice_find(identity, '%') < identity.len;

	if (slice_eqz(st->name, "identity") && !follows &&
	    !dkim_identity_fits(identity, &section->domain))
		complain(a, st, "must be at or below the section's domain");
}

static void
apply_one(const struct applying *a, const struct statement *st,
    struct domain_section *section)
{
	const struct option *opt = option_find(st->name);

	if (!opt)
		config_unknown(a->faults, st);
	else if (!option_by_domain(opt))
		complain(a, st, "can't differ by domain");
	else if (option_set(opt, a->config, &section->rules, st, a->faults) ==
	    0)
		check_rules(a, st, section);
}

static void
apply_body(const struct applying *a, const struct statements *body,
    struct domain_section *section)
{
	for (size_t i = 0; i < body->n; i++) {
		const struct statement *st = &body->items[i];
		size_t k = 0;

		while (!slice_eq(body->items[k].name, st->name))
			k++;
		if (k < i)
			complain(a, st, "given twice");
		else
			apply_one(a, st, section);
	}
}

static void
apply_section(const struct applying *a, const struct statement *st)
{
	struct rules *rules = &a->config->engine.rules;
	struct domain_section *section = &rules->sections[rules->nsections];
	const char *ignored;
	uint32_t *at;

	*section = (struct domain_section){.rules = rules->all};
	if (!slice_eqz(st->name, "domain")) {
		complain(
		    a, st, "no such section; there is domain \"NAME\" {}");
		return;
	}
	if (!domain_parse(st->values[0], &section->domain) ||
	    domain_nlabels(&section->domain) < 2) {
		complain(a, st, "the title must be a domain name");
		return;
	}
	apply_body(a, st->body, section);
	/* What is wrong for all is told once. */
	if (!keys_options_fault(&rules->all.keys, &ignored))
		rotation_check(
		    a->faults, st->body, st->line, &section->rules.keys);
	at = map_at(&rules->by_domain, domain_slice(&section->domain));
	if (!at)
		buf_addz(a->faults->errors, "out of memory\n");
	else if (*at != MAP_NONE)
		complain(a, st, "there is a section of this domain already");
	else
		*at = (uint32_t)rules->nsections++;
}

void
rotation_check(const struct faults *f, const struct statements *sts,
    size_t line, const struct keys_options *o)
{
	const char *why, *name = keys_options_fault(o, &why);

	for (size_t i = 0; name && i < sts->n; i++)
		if (slice_eqz(sts->items[i].name, name))
			line = sts->items[i].line;
	if (name)
		fault_add(f, line, slice_z(name), why);
}

void
sections_apply(struct config *c, const struct statements *sts,
    const struct faults *faults)
{
	const struct applying a = {c, faults};
	size_t n = 0;

	for (size_t i = 0; i < sts->n; i++)
		n += sts->items[i].body != NULL;
	c->engine.rules.sections =
	    arena_array(c->arena, n + 1, sizeof(struct domain_section));
	if (!c->engine.rules.sections) {
		buf_addz(faults->errors, "out of memory\n");
		return;
	}
	for (size_t i = 0; i < sts->n; i++)
		if (sts->items[i].body)
			apply_section(&a, &sts->items[i]);
}
