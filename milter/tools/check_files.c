/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay check: the files that records point to, over HTTPS: the MTA-STS
 * policy (RFC 8461), the logo and the certificate of BIMI.
 */
#include "tools/check_files.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "dmarc/psl.h"
#include "dns/rdata.h"
#include "tools/http.h"
#include "tools/svg.h"

#define PATIENCE_MS 10000
#define CERT_MAX 262144
/* id-kp-BrandIndicatorforMessageIdentification, RFC draft of BIMI's VMCs */
#define MARK_USAGE "1.3.6.1.5.5.7.3.31"

/* --- fetching --------------------------------------------------------------------- */

bool
check_fetches(const struct check *c)
{
	/* Whoever brings the answers of DNS wants nothing of the network. */
	return !c->no_fetch && (c->https || !c->env.zone_path);
}

static void
add_addresses(struct check *c, struct slice host, enum dns_type type,
    struct fetch_request *rq)
{
	const struct answer *a = check_ask(c, host, type);

	for (size_t i = 0; i < a->nrr && rq->nips < FETCH_ADDRESSES_MAX; i++)
		if (rdata_ip(a->rdata[i], &rq->ips[rq->nips]))
			rq->nips++;
}

bool
check_fetch(struct check *c, struct slice url, struct fetch_reply *reply,
    struct buf *body)
{
	struct fetch_request rq = {.port = c->https_port,
	    .ca_file = c->ca_file,
	    .deadline_ms = clock_mono_ms(c->env.engine.clock) + PATIENCE_MS};
	struct slice host;
	struct domain d;

	*reply = (struct fetch_reply){.fault = FETCH_NO_ADDRESS};
	if (!http_url_split(url, &host, &rq.path) || !domain_parse(host, &d))
		return false;
	rq.host = d.text;
	if (c->https) {
		rq.ips[rq.nips++] = c->https_ip;
	} else {
		add_addresses(c, host, DNS_AAAA, &rq);
		add_addresses(c, host, DNS_A, &rq);
	}
	if (rq.deadline_ms > env_deadline_ms(&c->env))
		rq.deadline_ms = env_deadline_ms(&c->env);
	return fetch(&rq, reply, body, c->err) == 0 &&
	    reply->fault == FETCH_OK;
}

static void
fetch_fault(struct check *c, enum finding which, const char *what,
    const struct fetch_reply *r)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%.200s: %s%s%s", what,
	    names_word(fetch_faults, (int)r->fault), r->detail[0] ? ": " : "",
	    r->detail);
	c->temporary |= r->fault == FETCH_TIMEOUT || r->fault == FETCH_CONNECT;
	check_found(c, which, slice_z(text), NULL);
}

/* --- MTA-STS ------------------------------------------------------------------------ */

/* What to put there instead: today's MX hosts. */
static const char *
good_policy(struct check *c, struct buf *b)
{
	struct sts_policy p = {.mode = STS_ENFORCE, .max_age_s = 604800};

	for (; p.nmx < c->nmx && p.nmx < STS_MX_MAX; p.nmx++)
		p.mx[p.nmx] = domain_slice(&c->mx[p.nmx]);
	sts_policy_write(&p, b);
	for (size_t i = 0; i < b->len; i++)
		if (b->ptr[i] == '\n')
			b->ptr[i] = i + 1 < b->len ? ',' : ' ';
	return buf_str(b);
}

static void
policy_hosts(struct check *c, const struct sts_policy *p)
{
	struct buf good = BUF_INIT(STS_OCTETS_MAX);

	for (size_t i = 0; i < c->nmx; i++)
		if (!sts_policy_has(p, &c->mx[i]))
			check_found(c, FIND_STS_MX, domain_slice(&c->mx[i]),
			    good.len ? NULL : good_policy(c, &good));
	for (size_t i = 0; i < p->nmx; i++) {
		const struct sts_policy one = {.mx = {p->mx[i]}, .nmx = 1};
		bool used = false;

		for (size_t k = 0; k < c->nmx; k++)
			used |= sts_policy_has(&one, &c->mx[k]);
		if (!used)
			check_found(c, FIND_STS_MX_UNUSED, p->mx[i], NULL);
	}
	buf_free(&good);
}

static void
policy(struct check *c, struct slice text)
{
	struct buf detail = BUF_INIT(4096), good = BUF_INIT(STS_OCTETS_MAX);
	struct sts_policy p;

	sts_policy_parse(text, &p);
	out_lines(&c->env.out, "policy", text);
	check_seen(c, "policy", text);
	if (p.fault != STS_OK) {
		buf_addz(&detail, names_word(sts_faults, (int)p.fault));
		if (p.at.len)
			buf_addf(&detail, ": " SLICE_FMT,
			    SLICE_ARG(slice_upto(p.at, 500)));
		check_found(c, FIND_STS_POLICY, buf_slice(&detail),
		    good_policy(c, &good));
	} else {
		if (p.mode != STS_ENFORCE)
			check_found(c, FIND_STS_MODE,
			    slice_z(names_word(sts_modes, (int)p.mode)), NULL);
		if (p.max_age_s < 86400 && p.mode != STS_NONE)
			check_found(c, FIND_STS_AGE, SLICE_EMPTY, NULL);
		if (p.mode != STS_NONE)
			policy_hosts(c, &p);
	}
	buf_free(&detail);
	buf_free(&good);
}

void
check_sts_policy(struct check *c)
{
	struct buf body = BUF_INIT(STS_OCTETS_MAX);
	char url[LIMIT_DOMAIN + 64];
	struct fetch_reply r;

	if (!check_fetches(c))
		return;
	(void)snprintf(url, sizeof(url),
	    "https://mta-sts.%s/.well-known/mta-sts.txt", c->domain.text);
	if (!check_fetch(c, slice_z(url), &r, &body)) {
		fetch_fault(c,
		    r.fault == FETCH_CERTIFICATE ? FIND_STS_CERTIFICATE
						 : FIND_STS_FETCH,
		    url, &r);
	} else {
		if (!slice_ieqz(slice_z(r.type), "text/plain"))
			check_found(c, FIND_STS_TYPE, slice_z(r.type),
			    "Content-Type: text/plain");
		policy(c, buf_slice(&body));
	}
	buf_free(&body);
}

/* --- BIMI ---------------------------------------------------------------------------- */

static bool
bimi_file(struct check *c, struct slice url, struct buf *body)
{
	struct fetch_reply r;
	char text[300];

	if (check_fetch(c, url, &r, body))
		return true;
	(void)snprintf(
	    text, sizeof(text), SLICE_FMT, SLICE_ARG(slice_upto(url, 200)));
	fetch_fault(c, FIND_BIMI_FETCH, text, &r);
	return false;
}

void
check_bimi_logo(struct check *c, struct slice url)
{
	struct buf body = BUF_INIT(SVG_OCTETS_MAX);
	struct svg_report r;
	char detail[200];

	if (check_fetches(c) && bimi_file(c, url, &body)) {
		svg_check(buf_slice(&body), &r);
		(void)snprintf(detail, sizeof(detail), "%s%s%s",
		    svg_fault_text(r.fault), r.at[0] ? ": " : "", r.at);
		if (r.fault != SVG_OK)
			check_found(c, FIND_BIMI_SVG, slice_z(detail), NULL);
		else if (!r.square)
			check_found(c, FIND_BIMI_SVG_SHAPE, SLICE_EMPTY, NULL);
		if (body.len > SVG_OCTETS_GOOD)
			check_found(c, FIND_BIMI_SVG_SIZE, SLICE_EMPTY, NULL);
	}
	buf_free(&body);
}

static bool
is_for_marks(X509 *cert)
{
	EXTENDED_KEY_USAGE *usages =
	    X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
	bool found = false;

	for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages); i++) {
		char text[64] = "";

		(void)OBJ_obj2txt(
		    text, sizeof(text), sk_ASN1_OBJECT_value(usages, i), 1);
		found |= !strcmp(text, MARK_USAGE);
	}
	EXTENDED_KEY_USAGE_free(usages);
	return found;
}

/* Its first certificate; whether its issuer is known as such is not. */
static const char *
cert_fault(const struct check *c, X509 *cert)
{
	time_t now = (time_t)clock_now_s(c->env.engine.clock);
	struct domain org = c->domain;

	if (!cert)
		return "it is no PEM certificate";
	if (X509_cmp_time(X509_get0_notBefore(cert), &now) > 0)
		return "it is not valid yet";
	if (X509_cmp_time(X509_get0_notAfter(cert), &now) < 0)
		return "it has expired";
	if (!is_for_marks(cert))
		return "it is not for marks (extended key usage)";
	(void)dmarc_psl_org(c->env.engine.psl, &c->domain, &org);
	if (X509_check_host(cert, c->domain.text, 0, 0, NULL) != 1 &&
	    X509_check_host(cert, org.text, 0, 0, NULL) != 1)
		return "it is for other domains";
	return NULL;
}

void
check_bimi_certificate(struct check *c, struct slice url)
{
	struct buf body = BUF_INIT(CERT_MAX);

	if (check_fetches(c) && bimi_file(c, url, &body)) {
		BIO *bio = BIO_new_mem_buf(body.ptr, (int)body.len);
		X509 *cert =
		    bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
		const char *why = cert_fault(c, cert);

		if (why)
			check_found(c, FIND_BIMI_CERT, slice_z(why), NULL);
		X509_free(cert);
		BIO_free(bio);
		ERR_clear_error();
	}
	buf_free(&body);
}
