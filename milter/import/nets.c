/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See nets.h. A network is halved as long as there are rules within it, so
 * what comes out is exact: no more networks than rules times address bits.
 */
#include "import/nets.h"

#include "base/attr.h"

#define STACK_MAX 300 /* one network a bit waits, both families begin */

struct part {
	struct cidr net;
	bool held; /* by the most precise rule around it */
};

static unsigned
width(const struct cidr *c)
{
	return c->net.family == IP_V4 ? 32 : 128;
}

/* Rules strictly inside; *held becomes what a rule for just this net says. */
static bool
rules_within(
    const struct net_rule *rules, size_t n, const struct cidr *net, bool *held)
{
	bool within = false;

	for (size_t i = 0; i < n; i++) {
		if (rules[i].net.net.family != net->net.family ||
		    !cidr_has(net, &rules[i].net.net))
			continue;
		if (rules[i].net.bits == net->bits)
			*held = !rules[i].excluded;
		else if (rules[i].net.bits > net->bits)
			within = true;
	}
	return within;
}

static struct cidr
half(const struct cidr *net, bool upper)
{
	struct cidr h = *net;

	if (upper)
		h.net.octets[h.bits / 8] |= (uint8_t)(0x80u >> (h.bits % 8));
	h.bits++;
	return h;
}

size_t
nets_resolve(
    const struct net_rule *rules, size_t n, struct cidr *out, size_t max)
{
	struct part stack[STACK_MAX] = {
	    {{{IP_V6, {0}}, 0}, false},
	    {{{IP_V4, {0}}, 0}, false},
	};
	size_t depth = 2, found = 0;

	while (depth) {
		struct part p = stack[--depth];
		bool within = rules_within(rules, n, &p.net, &p.held);

		if (within && p.net.bits < width(&p.net)) {
			struct part upper = {half(&p.net, true), p.held};
			struct part lower = {half(&p.net, false), p.held};

			stack[depth++] = upper;
			stack[depth++] = lower;
		} else if (p.held && found == max) {
			return max + 1;
		} else if (p.held) {
			out[found++] = p.net;
		}
	}
	return found;
}
