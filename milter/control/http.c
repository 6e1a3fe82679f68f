/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmicrohttpd. See http.h. It is loaded when metrics are wanted: it brings a
 * TLS library and more, which have no business in a process that reads mail.
 */
#define _DEFAULT_SOURCE
#include "control/http.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/buf.h"
#include "control/metrics.h"

#define BACKLOG 64
#define TIMEOUT_S 5
/* Of one connection: request line, header, what is written at once. */
#define CONNECTION_OCTETS 16384

#define LIBRARY "libmicrohttpd.so.12"

/* What we call of it. */
struct library {
	__typeof__(&MHD_start_daemon) start_daemon;
	__typeof__(&MHD_stop_daemon) stop_daemon;
	__typeof__(&MHD_create_response_from_buffer) create_response;
	__typeof__(&MHD_add_response_header) add_header;
	__typeof__(&MHD_queue_response) queue_response;
	__typeof__(&MHD_destroy_response) destroy_response;
};

struct http_server {
	struct http_hooks hooks;
	struct library mhd;
	struct MHD_Daemon *daemon;
};

/* --- the library ------------------------------------------------------------ */

/* An object pointer is a function pointer here: POSIX, dlsym. */
static int
symbol(void *handle, const char *name, void *function, struct err *err)
{
	void *got = dlsym(handle, name);

	if (!got)
		return err_set(err, "metrics: %s has no %s", LIBRARY, name);
	memcpy(function, &got, sizeof(got));
	return 0;
}

/* For good: nothing is unloaded while threads may be in it. */
static int
load(struct library *l, struct err *err)
{
	void *h = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!h)
		return err_set(err, "metrics: %s", dlerror());
	return symbol(h, "MHD_start_daemon", &l->start_daemon, err) ||
		symbol(h, "MHD_stop_daemon", &l->stop_daemon, err) ||
		symbol(h, "MHD_create_response_from_buffer",
		    &l->create_response, err) ||
		symbol(h, "MHD_add_response_header", &l->add_header, err) ||
		symbol(h, "MHD_queue_response", &l->queue_response, err) ||
		symbol(h, "MHD_destroy_response", &l->destroy_response, err)
	    ? -1
	    : 0;
}

/* --- pages ------------------------------------------------------------------ */

static void
page_metrics(const struct facts *f, struct buf *b, unsigned *status)
{
	(void)status;
	metrics_write(f, b);
}

static void
page_ready(const struct facts *f, struct buf *b, unsigned *status)
{
	if (!facts_ready(f))
		*status = MHD_HTTP_SERVICE_UNAVAILABLE;
	health_write(f, b);
}

/* Is it worth keeping? A daemon that ends is alive as long as it does. */
static void
page_live(const struct facts *f, struct buf *b, unsigned *status)
{
	if (f->hung)
		*status = MHD_HTTP_SERVICE_UNAVAILABLE;
	health_write(f, b);
}

static const struct page {
	const char *path, *type;
	void (*write)(const struct facts *, struct buf *, unsigned *status);
} pages[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", page_metrics},
    {"/health", "text/plain; charset=utf-8", page_ready},
    {"/health/ready", "text/plain; charset=utf-8", page_ready},
    {"/health/live", "text/plain; charset=utf-8", page_live},
};

static const struct page *
find(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (!strcmp(pages[i].path, path))
			return &pages[i];
	return NULL;
}

static enum MHD_Result
answer(const struct library *l, struct MHD_Connection *c, unsigned status,
    const char *type, const struct buf *text)
{
	/* Copied: its type is not const, and ours is on the stack. */
	struct slice t = buf_slice(text);
	union {
		const char *in;
		void *out;
	} octets = {.in = buf_str(text)};
	struct MHD_Response *r =
	    l->create_response(t.len, octets.out, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc = MHD_NO;

	if (r && l->add_header(r, "Content-Type", type) == MHD_YES &&
	    l->add_header(r, "Cache-Control", "no-store") == MHD_YES)
		rc = l->queue_response(c, status, r);
	if (r)
		l->destroy_response(r);
	return rc;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload, size_t *size,
    void **state)
{
	const struct http_server *s = arg;
	const struct page *page = find(url);
	struct buf text = BUF_INIT(LIMIT_METRICS_PAGE);
	unsigned status = page ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND;
	struct facts facts;
	enum MHD_Result rc;

	(void)version;
	(void)upload;
	(void)state;
	if (*size) /* a body: read no more of it */
		return MHD_NO;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		status = MHD_HTTP_METHOD_NOT_ALLOWED;
		page = NULL;
	}
	if (page) {
		s->hooks.gather(s->hooks.arg, &facts);
		page->write(&facts, &text, &status);
		s->hooks.done(s->hooks.arg, &facts);
	} else {
		buf_addz(&text, "/metrics, /health\n");
	}
	if (buf_status(&text)) {
		buf_clear(&text);
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
	rc = answer(&s->mhd, c, status,
	    page ? page->type : "text/plain; charset=utf-8", &text);
	buf_free(&text);
	return rc;
}

/* The library would write to standard error. */
static void
say_nothing(void *arg, const char *fmt, va_list ap)
{
	(void)arg;
	(void)fmt;
	(void)ap;
}

/* --- beginning and end ------------------------------------------------------ */

static int
bind_to(int fd, const struct listen *l)
{
	struct sockaddr_in v4 = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};
	struct sockaddr_in6 v6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)l->port)};
	const int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (l->family == LISTEN_INET) {
		(void)inet_pton(AF_INET, l->host, &v4.sin_addr);
		return bind(fd, (const struct sockaddr *)&v4, sizeof(v4));
	}
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	(void)inet_pton(AF_INET6, l->host, &v6.sin6_addr);
	return bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
}

int
http_bind(const struct listen *l, struct err *err)
{
	struct library there;
	int fd;

	/* Before the sandbox, from where no library can be opened. */
	if (load(&there, err))
		return -1;
	fd = socket(
	    l->family == LISTEN_INET6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return err_errno(err, "socket");
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (bind_to(fd, l) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	(void)err_errno(err, "metrics at %s", l->spec);
	(void)close(fd);
	return -1;
}

struct http_server *
http_server_new(int fd, const struct http_hooks *hooks, struct err *err)
{
	struct http_server *s = calloc(1, sizeof(*s));

	if (!s) {
		(void)err_no_mem(err);
		(void)close(fd);
		return NULL;
	}
	s->hooks = *hooks;
	if (load(&s->mhd, err))
		goto out;
	s->daemon = s->mhd.start_daemon(
	    MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL,
	    on_request, s, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)LIMIT_METRICS_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_OCTETS, MHD_OPTION_END);
	if (s->daemon)
		return s;
	(void)err_set(err, "libmicrohttpd does not start");
out:
	(void)close(fd);
	free(s);
	return NULL;
}

void
http_server_free(struct http_server *s)
{
	if (s)
		s->mhd.stop_daemon(s->daemon);
	free(s);
}
