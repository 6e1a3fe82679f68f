/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets seen from outside libmilter. See packets.h. */
#include "daemon/packets.h"

#define MACROS 'D'

/* As libmilter counts: signed, and without the command. */
static uint32_t
payload_of(const uint8_t head[4])
{
	uint32_t len = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 |
	    (uint32_t)head[2] << 8 | head[3];

	return len == 0 || len > INT32_MAX ? 0 : len - 1;
}

static void
begin(struct packets *p)
{
	p->nhead = 0;
	p->left = payload_of(p->head);
	p->stage = true;
	p->odd = false;
}

/* Returns how many octets of the payload there are. */
static size_t
take_payload(struct packets *p, const uint8_t *octets, size_t len)
{
	size_t n = len < p->left ? len : p->left;

	p->left -= (uint32_t)n;
	if (p->head[4] != MACROS)
		return n;
	for (size_t i = 0; i < n; i++) {
		if (!p->stage && octets[i] == '\0')
			p->odd = !p->odd;
		p->stage = false;
	}
	return n;
}

bool
packets_pass(struct packets *p, const void *data, size_t len)
{
	const uint8_t *octets = data;
	size_t i = 0;

	while (i < len) {
		if (p->left > 0) {
			i += take_payload(p, octets + i, len - i);
			if (p->left == 0 && p->odd)
				return false;
			continue;
		}
		p->head[p->nhead++] = octets[i++];
		if (p->nhead == sizeof(p->head))
			begin(p);
	}
	return true;
}
