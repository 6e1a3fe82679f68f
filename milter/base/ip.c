/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and blocks. See ip.h. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t loopback6[16] = {[15] = 1};

struct ip
ip_v4(const uint8_t octets[4])
{
	struct ip ip = {.family = IP_V4};

	memcpy(ip.octets, octets, 4);
	return ip;
}

struct ip
ip_v6(const uint8_t octets[16])
{
	struct ip ip = {.family = IP_V6};

	if (!memcmp(octets, mapped_prefix, sizeof(mapped_prefix)))
		return ip_v4(octets + sizeof(mapped_prefix));
	memcpy(ip.octets, octets, 16);
	return ip;
}

int
ip_parse_as(struct slice s, enum ip_family family, struct ip *out)
{
	struct ip ip = {.family = family};
	char text[IP_TEXT_MAX];
	int af = family == IP_V4 ? AF_INET : AF_INET6;

	if (family == IP_NONE || s.len == 0 || s.len >= sizeof(text) ||
	    memchr(s.ptr, '\0', s.len))
		return -1;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	if (inet_pton(af, text, ip.octets) != 1)
		return -1;
	*out = ip;
	return 0;
}

int
ip_parse(struct slice s, struct ip *out)
{
	struct ip ip;

	if (ip_parse_as(s, IP_V4, out) == 0)
		return 0;
	if (ip_parse_as(s, IP_V6, &ip))
		return -1;
	*out = ip_v6(ip.octets);
	return 0;
}

const char *
ip_format(const struct ip *ip, char text[IP_TEXT_MAX])
{
	int af = ip->family == IP_V4 ? AF_INET : AF_INET6;

	if (ip->family == IP_NONE ||
	    !inet_ntop(af, ip->octets, text, IP_TEXT_MAX))
		(void)snprintf(text, IP_TEXT_MAX, "-");
	return text;
}

bool
ip_eq(const struct ip *a, const struct ip *b)
{
	return a->family == b->family &&
	    !memcmp(a->octets, b->octets, sizeof(a->octets));
}

bool
ip_is_loopback(const struct ip *ip)
{
	return (ip->family == IP_V4 && ip->octets[0] == 127) ||
	    (ip->family == IP_V6 && !memcmp(ip->octets, loopback6, 16));
}

int
cidr_parse(struct slice s, struct cidr *out)
{
	bool has_bits;
	struct slice addr = slice_cut(&s, '/', &has_bits);
	bool v4_text = slice_find(addr, ':') == addr.len;
	uint64_t bits, shift = 0;
	struct cidr c;

	if (ip_parse(addr, &c.net))
		return -1;
	/* "::ffff:192.0.2.0/120" counts its bits in 128. */
	if (c.net.family == IP_V4 && !v4_text)
		shift = 96;
	bits = (c.net.family == IP_V4 ? 32u : 128u) + shift;
	if (has_bits && slice_u64(s, bits, &bits))
		return -1;
	if (bits < shift)
		return -1;
	c.bits = (unsigned)(bits - shift);
	*out = c;
	return 0;
}

bool
cidr_has(const struct cidr *c, const struct ip *ip)
{
	unsigned whole = c->bits / 8, rest = c->bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	if (ip->family == IP_NONE || ip->family != c->net.family)
		return false;
	if (memcmp(ip->octets, c->net.octets, whole))
		return false;
	return rest == 0 ||
	    ((ip->octets[whole] ^ c->net.octets[whole]) & mask) == 0;
}

bool
cidr_list_has(const struct cidr *list, size_t n, const struct ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (cidr_has(&list[i], ip))
			return true;
	return false;
}

const char *
ip_reverse(const struct ip *ip, char name[IP_REVERSE_MAX])
{
	const uint8_t *o = ip->octets;
	size_t n = 0;

	name[0] = '\0';
	if (ip->family == IP_V4)
		(void)snprintf(name, IP_REVERSE_MAX,
		    "%u.%u.%u.%u.in-addr.arpa", o[3], o[2], o[1], o[0]);
	if (ip->family != IP_V6)
		return name;
	for (int i = 15; i >= 0; i--)
		n += (size_t)snprintf(name + n, IP_REVERSE_MAX - n, "%x.%x.",
		    o[i] & 15u, o[i] >> 4);
	(void)snprintf(name + n, IP_REVERSE_MAX - n, "ip6.arpa");
	return name;
}
