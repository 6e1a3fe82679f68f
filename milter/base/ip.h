/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IP addresses and CIDR blocks. An IPv4-mapped IPv6 address is the IPv4
 * address it stands for, everywhere (RFC 7208 section 5).
 */
#ifndef ASSAY_BASE_IP_H
#define ASSAY_BASE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

#define IP_TEXT_MAX 46 /* the longest IPv6 text and its NUL */

enum ip_family {
	IP_NONE, /* no address: a local submission */
	IP_V4,
	IP_V6,
};

struct ip {
	enum ip_family family;
	uint8_t octets[16]; /* network order; the first 4 for IPv4 */
};

struct cidr {
	struct ip net;
	unsigned bits;
};

/* From 4 or 16 octets in network order. */
struct ip ip_v4(const uint8_t octets[4]);
struct ip ip_v6(const uint8_t octets[16]);

/* Text as inet_pton takes it. Returns 0, or -1. */
MUST_CHECK int ip_parse(struct slice, struct ip *);
/*
 * Text of that family alone. "::ffff:192.0.2.1" stays the IPv6 address it is
 * written as: for a network that is to hold no IPv4 client.
 */
MUST_CHECK int ip_parse_as(struct slice, enum ip_family, struct ip *);
/* "-" for IP_NONE. Returns text. */
const char *ip_format(const struct ip *, char text[IP_TEXT_MAX]);
bool ip_eq(const struct ip *, const struct ip *);
/* 127.0.0.0/8 or ::1 */
bool ip_is_loopback(const struct ip *);

/* "192.0.2.0/24", "2001:db8::/32" or an address alone. 0, or -1. */
MUST_CHECK int cidr_parse(struct slice, struct cidr *);
/* Families differ: no match. IP_NONE matches nothing. */
bool cidr_has(const struct cidr *, const struct ip *);
bool cidr_list_has(const struct cidr *, size_t n, const struct ip *);

/* 74 octets: 64 nibbles and dots, "ip6.arpa", NUL */
#define IP_REVERSE_MAX 80
/* The name of the PTR record, no dot at its end. */
const char *ip_reverse(const struct ip *, char name[IP_REVERSE_MAX]);

#endif
