/* SPDX-License-Identifier: BSD-2-Clause */
/* Wire format record data. See rdata.h. */
#include "dns/rdata.h"

#include <string.h>

#include "mail/limits.h"

int
rdata_txt(struct slice rdata, struct arena *arena, struct slice *out)
{
	char *text = arena_alloc(arena, rdata.len + 1);
	size_t n = 0;

	if (!text)
		return -1;
	while (rdata.len) {
		size_t len = (unsigned char)rdata.ptr[0];

		rdata = slice_from(rdata, 1);
		if (len > rdata.len)
			break;
		if (len)
			memcpy(text + n, rdata.ptr, len);
		n += len;
		rdata = slice_from(rdata, len);
	}
	*out = slice_of(text, n);
	return 0;
}

bool
rdata_txt_single(struct slice rdata, struct slice *out)
{
	if (rdata.len == 0 || (unsigned char)rdata.ptr[0] != rdata.len - 1)
		return false;
	*out = slice_from(rdata, 1);
	return true;
}

bool
rdata_name(struct slice rdata, char out[RDATA_NAME_MAX])
{
	size_t n = 0;

	out[0] = '\0';
	while (rdata.len) {
		size_t len = (unsigned char)rdata.ptr[0];
		struct slice label = slice_upto(slice_from(rdata, 1), len);

		if (len == 0)
			return rdata.len == 1;
		if (len > LIMIT_LABEL || label.len != len ||
		    n + (n > 0) + len > LIMIT_DOMAIN ||
		    memchr(label.ptr, '.', len) ||
		    memchr(label.ptr, '\0', len))
			return false;
		if (n)
			out[n++] = '.';
		memcpy(out + n, label.ptr, len);
		n += len;
		out[n] = '\0';
		rdata = slice_from(rdata, 1 + len);
	}
	return false;
}

bool
rdata_mx(struct slice rdata, uint16_t *preference, char out[RDATA_NAME_MAX])
{
	if (rdata.len < 3)
		return false;
	*preference = (uint16_t)((unsigned char)rdata.ptr[0] << 8 |
	    (unsigned char)rdata.ptr[1]);
	return rdata_name(slice_from(rdata, 2), out);
}

/* Past one name without pointers; all of it when the name does not end. */
static struct slice
skip_name(struct slice s)
{
	while (s.len && s.ptr[0])
		s = slice_from(s, 1 + (size_t)(unsigned char)s.ptr[0]);
	return slice_from(s, 1);
}

bool
rdata_soa_minimum(struct slice rdata, uint32_t *out)
{
	const unsigned char *p;

	rdata = skip_name(skip_name(rdata));
	if (rdata.len != 20)
		return false;
	p = (const unsigned char *)rdata.ptr + 16;
	*out = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	return true;
}

bool
rdata_ip(struct slice rdata, struct ip *out)
{
	uint8_t octets[16];

	if (rdata.len != 4 && rdata.len != 16)
		return false;
	memcpy(octets, rdata.ptr, rdata.len);
	*out = rdata.len == 4 ? ip_v4(octets) : ip_v6(octets);
	return true;
}
