/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4. See hash.h. */
#include "base/hash.h"

#include <stddef.h>

struct state {
	uint64_t a, b, c, d;
};

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void
rounds(struct state *s, unsigned n)
{
	while (n--) {
		s->a += s->b;
		s->c += s->d;
		s->b = rotate(s->b, 13) ^ s->a;
		s->d = rotate(s->d, 16) ^ s->c;
		s->a = rotate(s->a, 32) + s->d;
		s->c += s->b;
		s->d = rotate(s->d, 21) ^ s->a;
		s->b = rotate(s->b, 17) ^ s->c;
		s->c = rotate(s->c, 32);
	}
}

/* Up to eight octets, the first the lowest. */
static uint64_t
little_endian(const char *p, size_t n)
{
	uint64_t word = 0;

	while (n--)
		word = word << 8 | (unsigned char)p[n];
	return word;
}

static void
absorb(struct state *s, uint64_t word)
{
	s->d ^= word;
	rounds(s, 2);
	s->a ^= word;
}

uint64_t
hash_octets(const struct hash_key *key, struct slice text)
{
	struct state s = {key->k[0] ^ 0x736f6d6570736575u,
	    key->k[1] ^ 0x646f72616e646f6du, key->k[0] ^ 0x6c7967656e657261u,
	    key->k[1] ^ 0x7465646279746573u};
	size_t whole = text.len / 8 * 8;

	for (size_t i = 0; i < whole; i += 8)
		absorb(&s, little_endian(text.ptr + i, 8));
	absorb(&s,
	    (uint64_t)text.len << 56 |
		little_endian(text.ptr + whole, text.len - whole));
	s.c ^= 0xff;
	rounds(&s, 4);
	return s.a ^ s.b ^ s.c ^ s.d;
}
