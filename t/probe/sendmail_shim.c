/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preloaded into an unpacked Sendmail (Assay::Sendmail): syslog goes to the
 * file $SHIM_SYSLOG, the host is called $SHIM_HOSTNAME, and that name is
 * 127.0.0.1 without DNS. Without it Sendmail logs to a socket that is not
 * there, and waits a minute at start when the host's name has no dot.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <unistd.h>

static const char *ident = "-", *logfile, *hostname;

/* Sendmail wipes its environment early in main(). */
__attribute__((constructor)) static void
keep_environment(void)
{
	const char *log = getenv("SHIM_SYSLOG"), *host;

	host = getenv("SHIM_HOSTNAME");
	logfile = log ? strdup(log) : NULL;
	hostname = host ? strdup(host) : NULL;
}

void
openlog(const char *id, int option, int facility)
{
	(void)option;
	(void)facility;
	ident = id ? id : "-";
}

void
closelog(void)
{
}

void
vsyslog(int priority, const char *fmt, va_list ap)
{
	char line[8192];
	int fd, n;

	if (!logfile)
		return;
	n = snprintf(line, sizeof(line) - 1, "%s[%d]: <%d> ", ident,
	    (int)getpid(), LOG_PRI(priority));
	n += vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, fmt, ap);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	if (line[n - 1] != '\n')
		line[n++] = '\n';
	fd = open(logfile, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	if (write(fd, line, (size_t)n) < 0)
		_exit(70);
	(void)close(fd);
}

void
syslog(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsyslog(priority, fmt, ap);
	va_end(ap);
}

/* What a build with _FORTIFY_SOURCE calls. */
void __vsyslog_chk(int priority, int flag, const char *fmt, va_list ap);
void __syslog_chk(int priority, int flag, const char *fmt, ...);

void
__vsyslog_chk(int priority, int flag, const char *fmt, va_list ap)
{
	(void)flag;
	vsyslog(priority, fmt, ap);
}

void
__syslog_chk(int priority, int flag, const char *fmt, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, fmt);
	vsyslog(priority, fmt, ap);
	va_end(ap);
}

int
gethostname(char *name, size_t len)
{
	int (*real)(char *, size_t);

	if (hostname) {
		(void)snprintf(name, len, "%s", hostname);
		return 0;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "gethostname");
	return real(name, len);
}

static struct hostent *
ourselves(const char *name, int family)
{
	static struct in_addr loopback;
	static char *aliases[1], *addresses[2];
	static struct hostent host;

	if (!hostname || strcasecmp(name, hostname) || family != AF_INET)
		return NULL;
	loopback.s_addr = htonl(INADDR_LOOPBACK);
	addresses[0] = (char *)&loopback;
	host.h_name = (char *)hostname;
	host.h_aliases = aliases;
	host.h_addrtype = AF_INET;
	host.h_length = sizeof(loopback);
	host.h_addr_list = addresses;
	return &host;
}

struct hostent *
gethostbyname(const char *name)
{
	struct hostent *(*real)(const char *), *host;

	host = ourselves(name, AF_INET);
	if (host)
		return host;
	*(void **)&real = dlsym(RTLD_NEXT, "gethostbyname");
	return real(name);
}

struct hostent *
gethostbyname2(const char *name, int family)
{
	struct hostent *(*real)(const char *, int), *host;

	host = ourselves(name, family);
	if (host)
		return host;
	if (hostname && !strcasecmp(name, hostname)) {
		h_errno = HOST_NOT_FOUND;
		return NULL;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "gethostbyname2");
	return real(name, family);
}
