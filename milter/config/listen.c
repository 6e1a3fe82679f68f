/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket addresses. libmilter reads "inet:PORT" as every interface and wraps
 * ports past 65535 silently: here a host left out is loopback, and a port is
 * checked.
 */
#include "config/listen.h"

#include <stdio.h>
#include <string.h>

#include "base/ip.h"
#include "base/slice.h"

static const char *
set_path(struct slice path, struct listen *l)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return "the path of a Unix socket must be absolute";
	if (path.len >= sizeof(l->path))
		return "the path of a Unix socket is too long (107 at most)";
	l->family = LISTEN_UNIX;
	memcpy(l->path, path.ptr, path.len);
	l->path[path.len] = '\0';
	(void)snprintf(l->spec, sizeof(l->spec), "unix:%s", l->path);
	return NULL;
}

static const char *
set_host(struct slice host, bool v6, struct listen *l)
{
	struct ip ip;

	if (host.len >= 2 && host.ptr[0] == '[' &&
	    host.ptr[host.len - 1] == ']')
		host = slice_upto(slice_from(host, 1), host.len - 2);
	if (host.len == 0 || slice_ieqz(host, "localhost"))
		host = slice_z(v6 ? "::1" : "127.0.0.1");
	if (host.len >= sizeof(l->host) || ip_parse(host, &ip) ||
	    (ip.family == IP_V6) != v6)
		return v6 ? "the host must be an IPv6 address"
			  : "the host must be an IPv4 address";
	memcpy(l->host, host.ptr, host.len);
	l->host[host.len] = '\0';
	return NULL;
}

static const char *
set_port(struct slice port, struct listen *l)
{
	uint64_t n;

	if (slice_u64(port, 65535, &n) || n == 0)
		return "the port must be a number from 1 to 65535";
	l->port = (unsigned)n;
	return NULL;
}

static const char *
set_inet(struct slice rest, bool v6, struct listen *l)
{
	size_t at = slice_find(rest, '@'), colon = slice_rfind(rest, ':');
	struct slice host = SLICE_EMPTY, port = rest;
	const char *wrong;

	if (at < rest.len) { /* PORT@HOST */
		port = slice_upto(rest, at);
		host = slice_from(rest, at + 1);
	} else if (colon < rest.len) { /* HOST:PORT, Postfix's form */
		host = slice_upto(rest, colon);
		port = slice_from(rest, colon + 1);
	}
	/* Postfix writes IPv6 as inet:[::1]:8895. */
	v6 = v6 || slice_starts(host, SLICE_LIT("["));
	l->family = v6 ? LISTEN_INET6 : LISTEN_INET;
	wrong = set_port(port, l);
	if (!wrong)
		wrong = set_host(host, v6, l);
	if (!wrong)
		(void)snprintf(l->spec, sizeof(l->spec), "%s:%u@%s",
		    v6 ? "inet6" : "inet", l->port, l->host);
	return wrong;
}

const char *
listen_parse(const char *text, struct listen *l)
{
	struct slice s = slice_z(text), rest = s;
	bool more;
	struct slice scheme = slice_cut(&rest, ':', &more);

	memset(l, 0, sizeof(*l));
	if (s.len && s.ptr[0] == '/')
		return set_path(s, l);
	if (more &&
	    (slice_ieqz(scheme, "unix") || slice_ieqz(scheme, "local")))
		return set_path(rest, l);
	if (more && slice_ieqz(scheme, "inet"))
		return set_inet(rest, false, l);
	if (more && slice_ieqz(scheme, "inet6"))
		return set_inet(rest, true, l);
	return "must be inet:PORT@HOST, inet6:PORT@HOST or unix:PATH";
}
