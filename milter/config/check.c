/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of single option values. See check.h. */
#include "config/check.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/ip.h"
#include "base/slice.h"
#include "config/listen.h"
#include "mail/domain.h"
#include "policy/policy.h"

const char *
check_absolute(const char *v)
{
	return v[0] == '/' ? NULL : "must be an absolute path";
}

const char *
check_absolute_or_empty(const char *v)
{
	return v[0] ? check_absolute(v) : NULL;
}

const char *
check_url(const char *v)
{
	struct slice s = slice_z(v);

	if (!s.len)
		return NULL;
	if (s.len > POLICY_URL_MAX)
		return "is too long";
	for (size_t i = 0; i < s.len; i++)
		if (!is_print(s.ptr[i]) || s.ptr[i] == ' ')
			return "must be printable ASCII without blanks";
	if (!slice_istarts(s, SLICE_LIT("https://")) &&
	    !slice_istarts(s, SLICE_LIT("http://")))
		return "must begin with https:// or http://";
	return NULL;
}

const char *
check_authserv_id(const char *v)
{
	struct domain d;

	if (!v[0] || domain_parse(slice_z(v), &d))
		return NULL;
	return "must be a name like mx.example.com";
}

const char *
check_field_name(const char *v)
{
	struct slice s = slice_z(v);

	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return "must be letters, digits and hyphens";
	if (!slice_istarts(s, SLICE_LIT("X-")) || s.len > 60)
		return "must begin with X- and have at most 60 characters";
	return NULL;
}

const char *
check_nameserver(const char *v)
{
	struct slice port = slice_z(v);
	bool has_port;
	struct slice addr = slice_cut(&port, '@', &has_port);
	uint64_t n;
	struct ip ip;

	if (ip_parse(addr, &ip))
		return "must be an IP address, with @PORT if need be";
	if (has_port && (slice_u64(port, 65535, &n) || n == 0))
		return "has a bad port";
	return NULL;
}

const char *
check_socket(const char *v)
{
	struct listen l;

	return listen_parse(v, &l);
}
