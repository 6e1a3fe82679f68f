/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See fetch.h. TLS goes through buffers of ours, so that one poll() has the
 * deadline and no write raises SIGPIPE.
 */
#include "tools/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "mail/limits.h"
#include "tools/http.h"

#define CHUNK 16384

const struct name fetch_faults[] = {
    {FETCH_OK, ""},
    {FETCH_NO_ADDRESS, "the host has no address"},
    {FETCH_CONNECT, "no connection"},
    {FETCH_TIMEOUT, "no answer in time"},
    {FETCH_TLS, "no TLS"},
    {FETCH_CERTIFICATE, "the certificate is not good"},
    {FETCH_HTTP, "no HTTP reply"},
    {FETCH_REDIRECT, "a redirect, which is not followed"},
    {FETCH_STATUS, "the status is not 200"},
    {FETCH_LARGE, "too large"},
    {0, NULL},
};

struct fetching {
	const struct fetch_request *rq;
	struct fetch_reply *reply;
	struct buf *body;
	struct buf text; /* all that came */
	int fd;
	SSL *ssl;
	BIO *in, *out; /* what came from and goes to the wire; the SSL's */
};

static int
fault(struct fetching *f, enum fetch_fault which, const char *detail)
{
	size_t n = 0;

	f->reply->fault = which;
	for (; *detail && n + 1 < sizeof(f->reply->detail); detail++)
		f->reply->detail[n++] = is_print(*detail) ? *detail : '?';
	f->reply->detail[n] = '\0';
	return -1;
}

/* --- the connection ----------------------------------------------------------------- */

static int
wait_for(struct fetching *f, short events)
{
	struct pollfd p = {.fd = f->fd, .events = events};
	int64_t left = f->rq->deadline_ms - clock_mono_ms(&clock_system);
	int n;

	if (left <= 0)
		return fault(f, FETCH_TIMEOUT, "");
	n = poll(&p, 1, left > 60000 ? 60000 : (int)left);
	if (n < 0 && errno != EINTR)
		return fault(f, FETCH_CONNECT, "poll");
	return 0;
}

static socklen_t
address(const struct ip *ip, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (ip->family == IP_V4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, ip->octets, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, ip->octets, 16);
	return sizeof(*v6);
}

static int
refused(struct fetching *f, const struct ip *ip, int number)
{
	char text[IP_TEXT_MAX];
	struct err e = ERR_INIT;

	errno = number;
	(void)err_errno(&e, "%s", ip_format(ip, text));
	return fault(f, FETCH_CONNECT, e.text);
}

static int
connect_to(struct fetching *f, const struct ip *ip)
{
	struct sockaddr_storage to;
	socklen_t len = address(ip, f->rq->port, &to), size = sizeof(int);
	struct pollfd p = {.events = POLLOUT};
	int error = 0;

	f->fd = socket(to.ss_family, SOCK_STREAM, 0);
	if (f->fd < 0 || fcntl(f->fd, F_SETFL, O_NONBLOCK) ||
	    fcntl(f->fd, F_SETFD, FD_CLOEXEC))
		return refused(f, ip, errno);
	if (connect(f->fd, (struct sockaddr *)&to, len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return refused(f, ip, errno);
	p.fd = f->fd;
	do {
		if (wait_for(f, POLLOUT))
			return -1;
	} while (poll(&p, 1, 0) <= 0);
	if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &size) || error)
		return refused(f, ip, error);
	return 0;
}

static int
connect_any(struct fetching *f)
{
	if (f->rq->nips == 0)
		return fault(f, FETCH_NO_ADDRESS, "");
	for (size_t i = 0; i < f->rq->nips; i++) {
		if (connect_to(f, &f->rq->ips[i]) == 0) {
			f->reply->fault = FETCH_OK;
			f->reply->detail[0] = '\0';
			return 0;
		}
		if (f->fd >= 0)
			(void)close(f->fd);
		f->fd = -1;
		if (f->reply->fault == FETCH_TIMEOUT)
			break;
	}
	return -1;
}

/* --- TLS ------------------------------------------------------------------------------- */

/* What TLS has for the wire. */
static int
push(struct fetching *f)
{
	char *p;
	long n;

	while ((n = BIO_get_mem_data(f->out, &p)) > 0) {
		ssize_t sent = send(f->fd, p, (size_t)n, MSG_NOSIGNAL);
		char sink[CHUNK];

		if (sent < 0 && errno == EAGAIN) {
			if (wait_for(f, POLLOUT))
				return -1;
		} else if (sent < 0 && errno != EINTR) {
			return fault(f, FETCH_TLS, "the connection is cut");
		}
		while (sent > 0) {
			int took = BIO_read(
			    f->out, sink, sent < CHUNK ? (int)sent : CHUNK);

			if (took <= 0)
				break;
			sent -= took;
		}
	}
	return 0;
}

/* What the wire has for TLS. 1: it has ended. */
static int
pull(struct fetching *f)
{
	char chunk[CHUNK];
	ssize_t n;

	for (;;) {
		n = recv(f->fd, chunk, sizeof(chunk), 0);
		if (n > 0)
			return BIO_write(f->in, chunk, (int)n) == (int)n ? 0
									 : -1;
		if (n == 0)
			return 1;
		if (errno == EAGAIN) {
			if (wait_for(f, POLLIN))
				return -1;
		} else if (errno != EINTR) {
			return 1;
		}
	}
}

static int
tls_fault(struct fetching *f)
{
	long verdict = SSL_get_verify_result(f->ssl);
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	if (verdict != X509_V_OK)
		return fault(f, FETCH_CERTIFICATE,
		    X509_verify_cert_error_string(verdict));
	return fault(f, FETCH_TLS, why ? why : "the connection is cut");
}

/*
 * After a step of TLS that returned rc: 0 to try it again, 1 when the other
 * end is done, -1.
 */
static int
again(struct fetching *f, int rc)
{
	int what = SSL_get_error(f->ssl, rc);

	if (push(f))
		return -1;
	if (what == SSL_ERROR_ZERO_RETURN)
		return 1;
	if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE)
		return tls_fault(f);
	return pull(f);
}

static int
shake_hands(struct fetching *f)
{
	int rc;

	while ((rc = SSL_connect(f->ssl)) != 1) {
		rc = again(f, rc);
		if (rc > 0)
			return fault(f, FETCH_TLS, "the connection is cut");
		if (rc < 0)
			return -1;
	}
	return push(f);
}

static int
tls_open(struct fetching *f, SSL_CTX *ctx)
{
	char name[LIMIT_DOMAIN + 1]; /* OpenSSL's macro wants it writable */

	(void)snprintf(name, sizeof(name), "%s", f->rq->host);
	f->ssl = SSL_new(ctx);
	f->in = BIO_new(BIO_s_mem());
	f->out = BIO_new(BIO_s_mem());
	if (!f->ssl || !f->in || !f->out) {
		BIO_free(f->in);
		BIO_free(f->out);
		return -1;
	}
	/* An empty buffer is no end of the connection. */
	BIO_set_mem_eof_return(f->in, -1);
	BIO_set_mem_eof_return(f->out, -1);
	SSL_set_bio(f->ssl, f->in, f->out);
	SSL_set_hostflags(f->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (SSL_set1_host(f->ssl, f->rq->host) != 1 ||
	    SSL_set_tlsext_host_name(f->ssl, name) != 1)
		return -1;
	return 0;
}

static SSL_CTX *
trust(const char *ca_file, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx) {
		(void)err_no_mem(err);
		return NULL;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	    (ca_file ? SSL_CTX_load_verify_file(ctx, ca_file)
		     : SSL_CTX_set_default_verify_paths(ctx)) == 1)
		return ctx;
	(void)err_set(err, "%s: no certificates to trust",
	    ca_file ? ca_file : "the system's store");
	SSL_CTX_free(ctx);
	return NULL;
}

/* --- HTTP ------------------------------------------------------------------------------- */

static int
ask(struct fetching *f)
{
	struct buf b = BUF_INIT(4096);
	int rc = -1;

	buf_addf(&b,
	    "GET " SLICE_FMT " HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n"
	    "User-Agent: assay\r\nConnection: close\r\n\r\n",
	    SLICE_ARG(f->rq->path), f->rq->host);
	if (buf_status(&b) == 0 &&
	    SSL_write(f->ssl, b.ptr, (int)b.len) == (int)b.len)
		rc = push(f);
	else
		(void)fault(f, FETCH_TLS, "nothing can be sent");
	buf_free(&b);
	return rc;
}

static int
judge(struct fetching *f, enum http_state state, const struct http_reply *r)
{
	char text[32];

	if (state == HTTP_LARGE)
		return fault(f, FETCH_LARGE, "");
	if (state != HTTP_DONE)
		return fault(f, FETCH_HTTP, "");
	f->reply->status = r->status;
	(void)snprintf(f->reply->type, sizeof(f->reply->type), SLICE_FMT,
	    SLICE_ARG(r->type));
	(void)snprintf(text, sizeof(text), "%u", r->status);
	if (r->status >= 300 && r->status < 400)
		return fault(f, FETCH_REDIRECT, text);
	return r->status == 200 ? 0 : fault(f, FETCH_STATUS, text);
}

static int
listen_to(struct fetching *f)
{
	struct http_reply r;
	enum http_state state = HTTP_MORE;
	char chunk[CHUNK];
	bool ended = false;

	while (state == HTTP_MORE && !ended) {
		int n = SSL_read(f->ssl, chunk, sizeof(chunk));

		if (n > 0) {
			buf_add(&f->text, slice_of(chunk, (size_t)n));
		} else {
			n = again(f, n);
			if (n < 0)
				return -1;
			ended = n > 0;
		}
		if (f->text.over)
			return fault(f, FETCH_LARGE, "");
		state =
		    http_reply_read(buf_slice(&f->text), ended, &r, f->body);
	}
	return judge(f, state, &r);
}

int
fetch(const struct fetch_request *rq, struct fetch_reply *reply,
    struct buf *body, struct err *err)
{
	struct fetching f = {.rq = rq,
	    .reply = reply,
	    .body = body,
	    /* Chunks of one octet would have six around it. */
	    .text = BUF_INIT(2 * body->max + HTTP_HEADER_MAX),
	    .fd = -1};
	SSL_CTX *ctx = trust(rq->ca_file, err);
	int rc = -1;

	*reply = (struct fetch_reply){.fault = FETCH_OK};
	if (!ctx)
		return -1;
	ERR_clear_error();
	if (connect_any(&f)) {
		rc = 0;
		goto out;
	}
	if (tls_open(&f, ctx)) {
		(void)err_no_mem(err);
		goto out;
	}
	if (shake_hands(&f) == 0 && ask(&f) == 0)
		(void)listen_to(&f);
	rc = f.text.no_mem || body->no_mem ? err_no_mem(err) : 0;
	if (rc == 0 && reply->fault == FETCH_OK && reply->status == 0)
		reply->fault = FETCH_TLS;
out:
	if (f.fd >= 0)
		(void)close(f.fd);
	SSL_free(f.ssl);
	SSL_CTX_free(ctx);
	buf_free(&f.text);
	ERR_clear_error();
	return rc;
}
