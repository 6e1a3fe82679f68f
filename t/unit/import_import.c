/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an option, and that every one in the manuals has a row. */
#include "import/import.h"

#include "config/config.h"
#include "unit.h"

struct row {
	const char *name, *dkim, *dmarc;
	enum import_fate fate; /* of the first option */
	const char *want;      /* the configuration, without comments */
};

#define K IMPORT_KEPT
#define T IMPORT_TRANSLATED
#define N IMPORT_NOT_NEEDED
#define R IMPORT_REFUSED
#define SHADOW "enforce = shadow\n"
#define DKIM(text) \
	"canonicalization = simple/simple\n" text SHADOW \
	"on_temperror = tempfail\n"

static const struct row rows[] = {
    {"OpenDKIM alone refuses nothing", "UserID x", NULL, N, DKIM("")},
    {"Canonicalization", "Canonicalization relaxed/simple", NULL, K,
	"canonicalization = relaxed/simple\n" SHADOW
	"on_temperror = tempfail\n"},
    {"of the header alone", "Canonicalization relaxed", NULL, T,
	"canonicalization = relaxed/simple\n" SHADOW
	"on_temperror = tempfail\n"},
    {"no canonicalization", "Canonicalization tight", NULL, R, DKIM("")},
    {"names in any case", "oversignheaders From", NULL, T,
	DKIM("oversign_fields = { From }\n")},
    {"the last one counts", "AuthservID a\nAuthservID b", NULL, N,
	"authserv_id = b\n" DKIM("")},
    {"no such option", "Nonsense yes", NULL, R, DKIM("")},
    {"no yes or no", "Diagnostics maybe", NULL, R, DKIM("")},
    {"off", "Diagnostics no", NULL, N, DKIM("")},
    {"on", "Diagnostics Yes", NULL, R, DKIM("")},
    {"HOSTNAME", "AuthservID HOSTNAME", NULL, T,
	"authserv_id = mx.example\n" DKIM("")},
    {"an id that assayd refuses", "AuthservID a;b", NULL, R, DKIM("")},
    {"InternalHosts", "InternalHosts 127.0.0.1, 10.0.0.0/8, [::1]", NULL, T,
	"internal_networks = { 127.0.0.1, 10.0.0.0/8, ::1 }\n" DKIM("")},
    {"with an exception", "InternalHosts 192.0.2.0/30, !192.0.2.1", NULL, T,
	"internal_networks = { 192.0.2.0, 192.0.2.2/31 }\n" DKIM("")},
    {"names of hosts", "InternalHosts .example.com, 192.0.2.1", NULL, T,
	"internal_networks = { 192.0.2.1 }\n" DKIM("")},
    {"hosts as patterns", "InternalHosts refile:/hosts", NULL, T,
	"internal_networks = { 127.0.0.1, 192.0.2.1, 192.0.2.128/25 }\n" DKIM(
	    "")},
    {"hosts with a *", "InternalHosts 192.0.2.*, 192.0.2.9", NULL, T,
	"internal_networks = { 192.0.2.9 }\n" DKIM("")},
    {"names as patterns", "OversignHeaders refile:/hosts", NULL, R, DKIM("")},
    {"the whole world", "InternalHosts 0.0.0.0/0", NULL, R, DKIM("")},
    {"an unreadable file", "InternalHosts /nowhere", NULL, R, DKIM("")},
    {"a data base", "InternalHosts db:/x", NULL, R, DKIM("")},
    {"PeerList", "PeerList 127.0.0.1, 192.0.2.7", NULL, T,
	"trusted_relays = { 192.0.2.7 }\n" DKIM("")},
    {"MacroList", "MacroList daemon_name=ORIG|MSA", NULL, T,
	"outbound_daemons = { ORIG, MSA }\n" DKIM("")},
    {"another macro", "MacroList v=x", NULL, R, DKIM("")},
    {"On-DNSError accept", "On-DNSError a\nCanonicalization simple/simple",
	NULL, T,
	"canonicalization = simple/simple\n" SHADOW "on_temperror = accept\n"},
    {"On-DNSError discard", "On-DNSError discard", NULL, R, DKIM("")},
    {"On-BadSignature accept", "On-BadSignature accept", NULL, N, DKIM("")},
    {"On-BadSignature reject", "On-BadSignature reject", NULL, R, DKIM("")},
    {"weak keys", "MinimumKeyBits 512", NULL, N, DKIM("")},
    {"strong keys", "MinimumKeyBits 2048", NULL, T,
	"canonicalization = simple/simple\nmin_rsa_bits = 2048\n" SHADOW
	"on_temperror = tempfail\n"},
    {"SignatureTTL", "SignatureTTL 604800", NULL, T,
	"canonicalization = simple/simple\nsignature_expiry = 604800s\n" SHADOW
	"on_temperror = tempfail\n"},
    {"SignHeaders and one more", "SignHeaders *,+X-Own", NULL, T,
	DKIM("sign_fields = { default, X-Own }\n")},
    {"OmitHeaders of what nobody signs", "OmitHeaders *,+Keywords", NULL, N,
	DKIM("")},
    {"OmitHeaders", "OmitHeaders Subject", NULL, R, DKIM("")},
    {"a socket elsewhere", "Socket inet:8891@192.0.2.5", NULL, T,
	"socket = inet:8895@192.0.2.5\n" DKIM("")},
    {"a socket here", "Socket local:/run/x", NULL, T, DKIM("")},
    {"rsa-sha1", "SignatureAlgorithm rsa-sha1", NULL, R, DKIM("")},
    {"rsa-sha256", "SignatureAlgorithm rsa-sha256", NULL, N, DKIM("")},
    {"SyslogSuccess", "SyslogSuccess yes", NULL, T,
	DKIM("") "log_compat = { opendkim }\n"},
    {"tables of which nothing is left",
	"KeyTable csl:k=x.example:s:/none\nSigningTable csl:x.example=k", NULL,
	R, DKIM("")},
    {"Domain without a key", "Domain a.example", NULL, R, DKIM("")},

    {"OpenDMARC as it is", NULL, "Syslog true", N, SHADOW},
    {"RejectFailures", NULL, "RejectFailures true", T,
	"enforce = reject-always\non_temperror = tempfail\n"},
    {"not RejectFailures", NULL, "RejectFailures false", T, SHADOW},
    {"HoldQuarantinedMessages", NULL, "HoldQuarantinedMessages yes", T,
	"enforce = quarantine\nquarantine_action = hold\n"},
    {"both", NULL, "HoldQuarantinedMessages yes\nRejectFailures yes", T,
	"enforce = reject-always\nquarantine_action = hold\n"
	"on_temperror = tempfail\n"},
    {"hold and no rejections", NULL,
	"RejectFailures no\nHoldQuarantinedMessages yes", N,
	"enforce = quarantine\nquarantine_action = hold\n"},
    {"IgnoreHosts", NULL, "IgnoreHosts /hosts", T,
	"trusted_relays = { 192.0.2.1, 192.0.2.128/25 }\n" SHADOW},
    {"TrustedAuthservIDs", NULL, "TrustedAuthservIDs a.example, HOSTNAME", T,
	"own_authserv_ids = { a.example, mx.example }\n" SHADOW},
    {"IgnoreAuthenticatedClients", NULL, "IgnoreAuthenticatedClients yes", N,
	SHADOW},
    {"and not", NULL, "IgnoreAuthenticatedClients no", R, SHADOW},
    {"RequiredHeaders", NULL, "RequiredHeaders yes", T,
	SHADOW "on_multiple_from = reject\non_bad_from = reject\n"},
    {"HistoryFile", NULL, "HistoryFile /x", R, SHADOW},

    {"two names", "AuthservID a\nOn-DNSError accept", "AuthservID b", T,
	"authserv_id = a\nown_authserv_ids = { b }\n"
	"canonicalization = simple/simple\n" SHADOW "on_temperror = accept\n"},
    {"two facilities", "SyslogFacility local1\nOn-DNSError accept",
	"SyslogFacility local2", K,
	"canonicalization = simple/simple\n" SHADOW
	"on_temperror = accept\nsyslog_facility = local1\n"},
};

static int
open_text(void *arg, const char *path, struct arena *a, struct slice *out,
    struct err *err)
{
	const struct row *r = arg;

	(void)a;
	if (!strcmp(path, "/dkim"))
		*out = slice_z(r->dkim);
	else if (!strcmp(path, "/dmarc"))
		*out = slice_z(r->dmarc);
	else if (!strcmp(path, "/hosts"))
		*out = SLICE_LIT("127.0.0.1\n192.0.2.1\n192.0.2.128/25\n");
	else
		return err_set(err, "no %s", path);
	return 0;
}

static int
no_key(void *arg, struct slice source, bool is_file, const char *name,
    struct err *err)
{
	(void)arg;
	(void)source;
	(void)is_file;
	(void)name;
	return err_set(err, "no key");
}

static void
without_comments(const struct buf *in, struct buf *out)
{
	struct slice rest = buf_slice(in);
	bool more = rest.len > 0;

	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);

		if (line.len && line.ptr[0] != '#')
			buf_addf(out, SLICE_FMT "\n", SLICE_ARG(line));
	}
}

/* Lines of tables and lists stand before the option that names them. */
static enum import_fate
first_fate(const struct import *im)
{
	size_t i = 0;

	while (strchr(im->entries[i].option, ' '))
		i++;
	return im->entries[i].fate;
}

static void
check(void **state)
{
	struct row *r = *state;
	struct import_source s = {arena_new(16u << 20), open_text, r};
	struct buf text = BUF_INIT(65536), got = BUF_INIT(65536);
	struct buf errors = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct config *c = NULL;
	struct import im;

	import_init(&im, &s);
	im.key = no_key;
	im.hostname = "mx.example";
	if (r->dkim)
		assert_int_equal(import_opendkim(&im, "/dkim", &err), 0);
	if (r->dmarc)
		assert_int_equal(import_opendmarc(&im, "/dmarc", &err), 0);
	import_finish(&im);
	assert_int_equal(import_status(&im, &err), 0);
	import_write(&im, "", &text);
	without_comments(&text, &got);
	assert_string_equal(buf_str(&got), r->want);
	assert_int_equal(first_fate(&im), r->fate);
	assert_int_equal(config_parse(buf_slice(&text), "x", &c, &errors), 0);
	config_unref(c);
	for (size_t i = 0; i < im.nentries; i++)
		assert_true(im.entries[i].became[0] || im.entries[i].why[0]);
	import_free(&im);
	buf_free(&text);
	buf_free(&got);
	buf_free(&errors);
	arena_free(s.arena);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
