/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of single option values. See check.h. */
#include "config/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ip.h"
#include "base/slice.h"
#include "config/listen.h"
#include "keys/make.h"
#include "keys/options.h"
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
check_key_target(const char *v)
{
	struct buf b = BUF_INIT(2 * LIMIT_DOMAIN);
	struct domain d;
	bool ok;

	for (const char *p = v; *p; p++)
		if (p[0] == '%' && (p[1] == 's' || p[1] == 'd'))
			buf_addc(&b, *++p);
		else
			buf_addc(&b, *p);
	ok = !v[0] ||
	    (strstr(v, "%s") && strstr(v, "%d") &&
		domain_parse(buf_slice(&b), &d));
	buf_free(&b);
	return ok ? NULL : "must be a name with %s (selector) and %d (domain)";
}

const char *
check_key_template(const char *v)
{
	return keys_template_check(v);
}

const char *
check_slot(const char *v)
{
	return keys_selector_valid(v) ? NULL : "must be letters and digits";
}

const char *
check_metrics(const char *v)
{
	struct listen l;
	const char *wrong = v[0] ? listen_parse(v, &l) : NULL;

	if (wrong || !v[0] || l.family != LISTEN_UNIX)
		return wrong;
	return "must be inet:PORT@HOST or inet6:PORT@HOST";
}

const char *
check_nameserver_or_empty(const char *v)
{
	return v[0] ? check_nameserver(v) : NULL;
}

const char *
check_identity(const char *v)
{
	struct slice s = slice_z(v);
	struct slice host = slice_from(s, slice_rfind(s, '@') + 1);
	struct domain d;

	if (s.len == 0 || slice_eqz(host, "%") ||
	    (host.len && host.len < s.len && domain_parse(host, &d)))
		return NULL;
	return "must be an address, @DOMAIN or @%";
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
check_selector(const char *v)
{
	struct domain d;

	return domain_parse(slice_z(v), &d) ? NULL : "must be a selector";
}

const char *
check_signed_name(const char *v)
{
	struct slice s = slice_z(v);
	static const char *const never[] = {"DKIM-Signature", "Return-Path",
	    "Received", "Authentication-Results"};

	/*
	 * RFC 6376 section 5.4: what is changed or added on the way. RFC 8601
	 * section 5: at borders, and here, such fields are removed.
	 */
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (slice_ieqz(s, never[i]))
			return "must not be signed: it changes on the way";
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == ':' ||
		    s.ptr[i] == ';')
			return "must be the name of a header field";
	return s.len && s.len <= 76 ? NULL : "must have 1 to 76 characters";
}

const char *
check_socket(const char *v)
{
	struct listen l;

	return listen_parse(v, &l);
}

/* See config/tables.c for what the words mean. */
const char *
check_table(const char *v)
{
	struct slice s = slice_z(v);
	struct slice kinds[] = {SLICE_LIT("file:"), SLICE_LIT("refile:")};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (slice_starts(s, kinds[i]))
			s = slice_from(s, kinds[i].len);
	if (*v == '\0' || (s.len && s.ptr[0] == '/'))
		return NULL;
	return "must be /PATH, file:/PATH or refile:/PATH; tables of other "
	       "kinds are not read";
}
