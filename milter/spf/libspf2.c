/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The adapter to libspf2 1.2.10, and the only file that knows it. The library
 * matches addresses, recurses through includes and redirects and combines
 * their results (RFC 7208 sections 4.6.2, 5.2 to 5.4, 5.7, 6.1). It does not
 * parse what others wrote, expand macros, count, resolve or explain: its code
 * for that has known faults, an overflow among them (CVE-2023-42118).
 *
 * What is left: when there is no memory for the response of an include, the
 * library aborts the process.
 */
#define _DEFAULT_SOURCE /* netdb.h and arpa/nameser.h of the library's API */
#include "spf/libspf2.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spf2/spf.h>

/* No limit of the library's own: they are not the RFC's. */
#define NO_LIMIT 100000

struct spf_library {
	SPF_dns_server_t dns; /* its hook is this struct */
	SPF_server_t *server;
	SPF_request_t *request;
	/* What to answer when there is no memory for an answer: NULL aborts. */
	SPF_dns_rr_t *spare;
	struct spf_eval *eval;
	uint8_t veil;
};

/* --- addresses ------------------------------------------------------------ */

/*
 * The library passes 127.0.0.0/8 and ::1 without a look at the record. For
 * such a client it sees every address with the first bit turned over, its
 * own too: what matched with whichever prefix length still does.
 */
static struct ip
veiled(const struct spf_library *lib, struct ip ip)
{
	ip.octets[0] ^= lib->veil;
	return ip;
}

static int
set_client(struct spf_library *lib)
{
	const struct ip *client = &lib->eval->values.ip;
	struct ip ip;
	struct in_addr v4;
	struct in6_addr v6;

	lib->veil = ip_is_loopback(client) ? 0x80 : 0;
	ip = veiled(lib, *client);
	memcpy(&v4, ip.octets, sizeof(v4));
	memcpy(&v6, ip.octets, sizeof(v6));
	if (ip.family == IP_V4)
		return (int)SPF_request_set_ipv4(lib->request, v4);
	return (int)SPF_request_set_ipv6(lib->request, v6);
}

/* --- callbacks ------------------------------------------------------------ */

/* Room for the i-th record of an answer. */
static bool
room(struct spf_library *lib, SPF_dns_rr_t *rr, size_t i, size_t len)
{
	if (SPF_dns_rr_buf_realloc(rr, (int)i, len) == SPF_E_SUCCESS)
		return true;
	(void)spf_eval_fail(lib->eval);
	return false;
}

static enum spf_found
add_addresses(struct spf_library *lib, struct spf_token_name name,
    enum ip_family family, SPF_dns_rr_t *rr)
{
	struct spf_addresses a = {.n = 0};
	enum spf_found found = spf_eval_addresses(lib->eval, name, family, &a);

	for (size_t i = 0; found == SPF_FOUND && i < a.n; i++) {
		struct ip ip = veiled(lib, a.ip[i]);

		if (!room(lib, rr, i, sizeof(*rr->rr[i])))
			return SPF_STOP;
		if (family == IP_V4)
			memcpy(&rr->rr[i]->a, ip.octets, 4);
		else
			memcpy(&rr->rr[i]->aaaa, ip.octets, 16);
		rr->num_rr = (int)i + 1;
	}
	return found;
}

static enum spf_found
add_hosts(
    struct spf_library *lib, struct spf_token_name name, SPF_dns_rr_t *rr)
{
	char text[SPF_TOKEN_TEXT];
	size_t n;
	enum spf_found found = spf_eval_exchanges(lib->eval, name, &n);

	for (size_t i = 0; found == SPF_FOUND && i < n; i++) {
		spf_token_write(
		    (struct spf_token_name){
			.token = name.token,
			.is_host = true,
			.host = (unsigned)i,
		    },
		    text);
		if (!room(lib, rr, i, sizeof(text)))
			return SPF_STOP;
		memcpy(rr->rr[i], text, sizeof(text));
		rr->num_rr = (int)i + 1;
	}
	return found;
}

/*
 * An answer's rr_type must be the type asked for, a success must have a
 * record, an error must be TRY_AGAIN (the library takes others for "no
 * match"), and NULL would abort the process.
 */
static SPF_dns_rr_t *
lookup(SPF_dns_server_t *dns, const char *domain, ns_type type, int cache)
{
	struct spf_library *lib = dns->hook;
	SPF_dns_rr_t *rr =
	    SPF_dns_rr_new_init(dns, domain, type, 0, TRY_AGAIN);
	enum spf_found found = SPF_NOTHING;
	struct spf_token_name name;

	(void)cache;
	if (!rr) {
		(void)spf_eval_fail(lib->eval);
		rr = lib->spare;
		lib->spare = NULL;
		return rr;
	}
	if (!spf_token_parse(slice_z(domain), &name))
		found = SPF_NOTHING;
	else if (type == ns_t_mx)
		found = add_hosts(lib, name, rr);
	else if (type == ns_t_a)
		found = add_addresses(lib, name, IP_V4, rr);
	else if (type == ns_t_aaaa)
		found = add_addresses(lib, name, IP_V6, rr);
	switch (found) {
	case SPF_FOUND: rr->herrno = NETDB_SUCCESS; break;
	case SPF_NOTHING: rr->herrno = HOST_NOT_FOUND; break;
	case SPF_STOP: rr->num_rr = 0; break;
	}
	return rr;
}

/* The record of an include or a redirect; cur_dom is its token. */
static SPF_errcode_t
get_spf(SPF_server_t *server, SPF_request_t *request, SPF_response_t *response,
    SPF_record_t **record)
{
	struct spf_library *lib = server->resolver->hook;
	struct spf_token_name name;
	const char *text = NULL;
	SPF_errcode_t e;

	*record = NULL;
	if (spf_token_parse(slice_z(request->cur_dom), &name))
		text = spf_eval_record(lib->eval, name);
	if (!text)
		return SPF_E_DNS_ERROR;
	e = SPF_record_compile(server, response, record, text);
	if (e != SPF_E_SUCCESS && *record) {
		SPF_record_free(*record);
		*record = NULL;
	}
	return e;
}

/* --- life ----------------------------------------------------------------- */

void
spf_init(void)
{
	/* They print to stdout and stderr. An error aborts, handled or not. */
	SPF_warning_handler = NULL;
	SPF_info_handler = NULL;
	SPF_debug_handler = NULL;
}

void
spf_library_free(struct spf_library *lib)
{
	if (!lib)
		return;
	if (lib->request)
		SPF_request_free(lib->request);
	if (lib->server)
		SPF_server_free(lib->server);
	if (lib->spare)
		SPF_dns_rr_free(lib->spare);
	free(lib);
}

/*
 * A server as SPF_server_new_dns makes one, less what is not wanted of it:
 * that one asks for the host name and aborts the process when there is no
 * memory, or when the name has 64 octets, and it expands macros of its own
 * for each fail. Its members are public.
 */
static SPF_server_t *
server_new(SPF_dns_server_t *dns)
{
	SPF_server_t *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->resolver = dns;
	server->max_dns_mech = NO_LIMIT;
	server->max_dns_ptr = NO_LIMIT;
	server->max_dns_mx = NO_LIMIT;
	server->sanitize = 1;
	if (SPF_server_set_rec_dom(server, "r.x") == SPF_E_SUCCESS)
		return server;
	SPF_server_free(server);
	return NULL;
}

struct spf_library *
spf_library_new(struct spf_eval *eval, struct err *err)
{
	struct spf_library *lib = calloc(1, sizeof(*lib));

	if (!lib)
		goto no_mem;
	lib->eval = eval;
	lib->dns.name = "assay";
	lib->dns.lookup = lookup;
	lib->dns.get_spf = get_spf;
	lib->dns.hook = lib;
	lib->spare =
	    SPF_dns_rr_new_init(&lib->dns, "", ns_t_any, 0, TRY_AGAIN);
	lib->server = server_new(&lib->dns);
	if (!lib->spare || !lib->server)
		goto no_mem;
	lib->request = SPF_request_new(lib->server);
	/* It makes texts of these, which nobody reads. */
	if (!lib->request || set_client(lib) ||
	    SPF_request_set_helo_dom(lib->request, "h.x") ||
	    SPF_request_set_env_from(lib->request, "s@s.x"))
		goto no_mem;
	return lib;
no_mem:
	(void)err_no_mem(err);
	spf_library_free(lib);
	return NULL;
}

/* --- evaluation ----------------------------------------------------------- */

/* False for anything a canonical record can't lead to by itself. */
static bool
read_response(SPF_response_t *response, enum ar_word *word)
{
	bool matched = SPF_response_reason(response) == SPF_REASON_MECH;
	SPF_result_t result = SPF_response_result(response);

	*word = AR_NOT_RUN;
	if (matched && result == SPF_RESULT_PASS)
		*word = AR_PASS;
	else if (matched && result == SPF_RESULT_FAIL)
		*word = AR_FAIL;
	else if (matched && result == SPF_RESULT_SOFTFAIL)
		*word = AR_SOFTFAIL;
	else if (matched && result == SPF_RESULT_NEUTRAL)
		*word = AR_NEUTRAL;
	else
		return !matched && result == SPF_RESULT_NEUTRAL;
	return true;
}

int
spf_library_run(struct spf_library *lib, const char *record,
    enum ar_word *word, struct err *err)
{
	SPF_response_t *response = NULL;
	SPF_errcode_t e;
	bool sound;

	e = SPF_request_query_fallback(lib->request, &response, record);
	if (!response)
		return err_no_mem(err);
	sound = read_response(response, word);
	SPF_response_free(response);
	if (lib->eval->failed)
		return -1;
	if (lib->eval->word != AR_NOT_RUN || sound)
		return 0;
	return e == SPF_E_NO_MEMORY
	    ? err_no_mem(err)
	    : err_set(err, "libspf2 refused \"%s\" (%d)", record, (int)e);
}
