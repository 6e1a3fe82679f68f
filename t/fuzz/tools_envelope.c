/* SPDX-License-Identifier: BSD-2-Clause */
/* Received fields: what is read, written as MTAs do, reads the same. */
#include "tools/envelope.h"

#include "base/buf.h"
#include "fuzz.h"

static bool
is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && s.ptr[i] != '.' && s.ptr[i] != '-')
			return false;
	return s.len > 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size), helo, name, helo2, name2;
	struct buf b = BUF_INIT(1u << 21);
	char address[IP_TEXT_MAX];
	struct ip ip, ip2;

	if (!envelope_received(text, &ip, &helo, &name))
		return 0;
	assert(ip.family != IP_NONE);
	assert(helo.len <= size && name.len <= size);
	if (!is_plain(helo) || !is_plain(name))
		return 0;
	buf_addf(&b, "from " SLICE_FMT " (" SLICE_FMT " [%s%s]) by x",
	    SLICE_ARG(helo), SLICE_ARG(name),
	    ip.family == IP_V6 ? "IPv6:" : "", ip_format(&ip, address));
	assert(envelope_received(buf_slice(&b), &ip2, &helo2, &name2));
	assert(ip_eq(&ip, &ip2) && slice_eq(helo, helo2) &&
	    slice_eq(name, name2));
	buf_free(&b);
	return 0;
}
