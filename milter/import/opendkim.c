/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of opendkim.conf(5), 2.11: a row for each that the manual has,
 * and for those that older ones had.
 */
#include <string.h>

#include "base/attr.h"
#include "import/import.h"

/* --- values ------------------------------------------------------------------- */

static void
authserv_id(struct importing *i)
{
	const char *v = i->line->value;

	import_set_option(
	    i, "authserv_id", !strcmp(v, "HOSTNAME") ? i->im->hostname : v);
}

/* RFC 6376 section 3.5, c=: a body's is simple when only one is named. */
static void
canonicalization(struct importing *i)
{
	const char *v = i->line->value;

	if (strchr(v, '/')) {
		i->entry.fate = IMPORT_KEPT;
		import_set_option(i, "canonicalization", v);
		return;
	}
	import_set_option(
	    i, "canonicalization", import_text(i->im, "%s/simple", v));
}

static void
clock_drift(struct importing *i)
{
	const char *v = import_text(i->im, "%ss", i->line->value);

	import_set_option(i, "expire_skew", v);
	import_set_option(i, "future_skew", v);
}

static void
internal_hosts(struct importing *i)
{
	import_add_hosts(i, "internal_networks", false);
}

static void
peer_list(struct importing *i)
{
	import_add_hosts(i, "trusted_relays", true);
}

static void
list_of(struct importing *i, const char *option)
{
	struct import *im = i->im;
	struct err err = ERR_INIT;
	struct import_set set;

	if (import_set_read(
		&im->source, i->base, i->line->value, &set, &err)) {
		import_refuse(i, import_text(im, "%s", err.text));
		return;
	}
	if (set.kind == IMPORT_OTHER || set.kind == IMPORT_REFILE) {
		import_refuse(i, "no list or flat file: write it as one");
		return;
	}
	for (size_t k = 0; k < set.n; k++)
		import_add_item(i, option,
		    import_text(im, SLICE_FMT, SLICE_ARG(set.items[k].key)));
}

/* "*,+Foo" is what is signed by default and Foo. */
static void
sign_headers(struct importing *i)
{
	struct import *im = i->im;
	struct err err = ERR_INIT;
	struct import_set set;

	if (import_set_read(
		&im->source, i->base, i->line->value, &set, &err)) {
		import_refuse(i, import_text(im, "%s", err.text));
		return;
	}
	for (size_t k = 0; k < set.n; k++) {
		struct slice name = set.items[k].key;

		if (name.ptr[0] == '-') {
			import_refuse(i,
			    "what is signed by default is signed: name all "
			    "fields to leave one out");
			return;
		}
		name = slice_from(name, name.ptr[0] == '+');
		import_add_item(i, "sign_fields",
		    slice_eqz(name, "*")
			? "default"
			: import_text(im, SLICE_FMT, SLICE_ARG(name)));
	}
}

static void
oversign_headers(struct importing *i)
{
	list_of(i, "oversign_fields");
}

static void
remove_ar_from(struct importing *i)
{
	list_of(i, "own_authserv_ids");
}

static void
nameservers(struct importing *i)
{
	list_of(i, "nameservers");
}

static void
mta_names(struct importing *i)
{
	list_of(i, "outbound_daemons");
}

/* A macro that names a listener is outbound_daemons; {auth_*} needs nothing. */
static void
macro_list(struct importing *i)
{
	struct import *im = i->im;
	struct err err = ERR_INIT;
	struct import_set set;

	if (import_set_read(
		&im->source, i->base, i->line->value, &set, &err)) {
		import_refuse(i, import_text(im, "%s", err.text));
		return;
	}
	for (size_t k = 0; k < set.n; k++) {
		struct slice name = set.items[k].key, v = set.items[k].value;
		bool more = v.len > 0;

		if (name.len && name.ptr[0] == '{')
			name = slice_upto(slice_from(name, 1), name.len - 2);
		if (slice_istarts(name, SLICE_LIT("auth_"))) {
			import_unneeded(
			    i, "who has logged in is one of ours in any case");
			continue;
		}
		if (!slice_eqz(name, "daemon_name") || !more) {
			import_refuse(i,
			    "of macros only {daemon_name} tells direction: "
			    "outbound_daemons");
			return;
		}
		while (more) {
			struct slice d = slice_cut(&v, '|', &more);

			import_add_item(i, "outbound_daemons",
			    import_text(
				im, SLICE_FMT, SLICE_ARG(slice_trim(d))));
		}
		i->entry.fate = IMPORT_TRANSLATED;
	}
}

static void
max_signatures(struct importing *i)
{
	import_set_option(i, "max_signatures", i->line->value);
}

/* RFC 8301 section 3.2: verifiers must not consider less than 1024 bits. */
static void
min_key_bits(struct importing *i)
{
	uint64_t bits;

	if (slice_u64(slice_z(i->line->value), 1024, &bits) == 0 &&
	    bits < 1024) {
		import_unneeded(
		    i, "1024 bits are the least in any case (RFC 8301)");
		return;
	}
	import_set_option(i, "min_rsa_bits", i->line->value);
}

static void
mode(struct importing *i)
{
	const char *v = i->line->value;
	bool signs = strchr(v, 's'), verifies = strchr(v, 'v');

	if (signs && verifies)
		import_unneeded(i, "assayd does both");
	else if (signs)
		import_refuse(i,
		    "inbound mail is always verified and marked; enforce "
		    "says what follows");
	else if (verifies)
		import_unneeded(i, "without keys nothing is signed");
	else
		import_refuse(i, "neither s nor v");
}

static void
multiple_signatures(struct importing *i)
{
	import_set_option(i, "multiple_signatures", "yes");
}

static void
signature_ttl(struct importing *i)
{
	import_set_option(
	    i, "signature_expiry", import_text(i->im, "%ss", i->line->value));
}

static void
trust_anchor(struct importing *i)
{
	const char *path =
	    import_path(i->im->source.arena, i->base, slice_z(i->line->value));

	if (path)
		import_set_option(i, "trust_anchor_file", path);
	else
		i->im->no_memory = true;
}

static void
syslog_facility(struct importing *i)
{
	i->entry.fate = IMPORT_KEPT;
	import_set_option(i, "syslog_facility", i->line->value);
}

/* Something reads these lines, or nobody would have asked for them. */
static void
syslog_success(struct importing *i)
{
	import_add_item(i, "log_compat", "opendkim");
}

static void
algorithm(struct importing *i)
{
	if (strcmp(i->line->value, "rsa-sha1"))
		import_unneeded(i, "the key decides");
}

static void
strict_headers(struct importing *i)
{
	import_set_option(i, "on_multiple_from", "reject");
	import_set_option(i, "on_bad_from", "reject");
}

static void
one_word(struct importing *i, const char *word, const char *why)
{
	if (slice_ieqz(slice_z(i->line->value), word))
		import_unneeded(i, why);
}

static void
none_wanted(struct importing *i)
{
	one_word(i, "none", "nothing is done, as here");
}

static void
fail_wanted(struct importing *i)
{
	one_word(i, "fail", "such a key is no key here either");
}

/* --- On-...: an action, or its first letter ------------------------------------ */

static bool
action_is(const struct importing *i, const char *word)
{
	struct slice v = slice_z(i->line->value);

	return slice_ieqz(v, word) ||
	    (v.len == 1 && ascii_lower(v.ptr[0]) == word[0]);
}

static void
accept_wanted(struct importing *i)
{
	if (action_is(i, "accept"))
		import_unneeded(i, "accepted, as here");
}

static void
accept_or_tempfail(struct importing *i, const char *option)
{
	if (action_is(i, "accept"))
		import_set_option(i, option, "accept");
	else if (action_is(i, "tempfail"))
		import_set_option(i, option, "tempfail");
	else
		import_refuse(
		    i, import_text(i->im, "%s is accept or tempfail", option));
}

static void
on_dns_error(struct importing *i)
{
	accept_or_tempfail(i, "on_temperror");
}

static void
on_internal_error(struct importing *i)
{
	accept_or_tempfail(i, "on_internal_error");
}

static void
on_security(struct importing *i)
{
	if (action_is(i, "accept") || action_is(i, "tempfail"))
		import_unneeded(
		    i, "what is dangerous does not pass; see on_bad_from");
}

/* --- what is left out -------------------------------------------------------------- */

/* Fields that nobody signs by default, here neither. */
static void
omit_headers(struct importing *i)
{
	static const char *const never[] = {"Return-Path", "Received",
	    "Comments", "Keywords", "Bcc", "Resent-Bcc", "DKIM-Signature", "*",
	    "."};
	struct slice rest = slice_z(i->line->value);
	bool more = true;

	while (more) {
		struct slice name = slice_trim(slice_cut(&rest, ',', &more));
		bool known = false;

		if (name.len && name.ptr[0] == '+')
			name = slice_from(name, 1);
		for (size_t k = 0; k < ARRAY_LEN(never); k++)
			known |= slice_ieqz(name, never[k]);
		if (!known)
			return;
	}
	import_unneeded(i, "those are not signed here either");
}

static void
sender_headers(struct importing *i)
{
	one_word(i, "From", "From, as here");
}

static void
chroot_directory(struct importing *i)
{
	one_word(i, "/", "no other root");
}

/* --- the rows ----------------------------------------------------------------------- */

#define UNIT "the service manager does this (systemctl edit assayd)"
#define ALWAYS "assayd always does"
#define NEVER "Debian's opendkim does not have it either"
#define LUA "there are no scripts in assayd; policy options have their place"
#define LDAP "assayd asks no LDAP server: write the table to a file"
#define REPORTS "assayd sends no reports of failed signatures (RFC 6651)"
#define STATS "assayd writes verdicts to its log, and no statistics file"
#define VBR "Vouch By Reference (RFC 5518) is history"
#define ADSP "ADSP (RFC 5617) is history; DMARC took its place"
#define PARTIAL \
	"l= leaves the end of a body open to whatever anybody adds to it"
#define BY_DKIM \
	"a signature that fails is as none (RFC 6376 section 6.3); DMARC " \
	"decides"

#define K IMPORT_KEPT
#define T IMPORT_TRANSLATED
#define N IMPORT_NOT_NEEDED
#define R IMPORT_REFUSED
#define YES true

/* clang-format off */
static const struct import_row rows[] = {
{"ADSPAction", R, 0, ADSP, NULL},
{"ADSPNoSuchDomain", R, YES, ADSP, NULL},
{"AllowSHA1Only", N, 0, "SHA-256 is always there", NULL},
{"AlwaysAddARHeader", N, 0, ALWAYS, NULL},
{"ATPSDomains", R, 0, "ATPS (RFC 6541) is history", NULL},
{"ATPSHashAlgorithm", R, 0, "ATPS (RFC 6541) is history", NULL},
{"AuthservID", T, 0, "", authserv_id},
{"AuthservIDWithJobID", R, YES, "the name of a site is no place for a job; the log has it", NULL},
{"AutoRestart", N, 0, UNIT, NULL},
{"AutoRestartCount", N, 0, UNIT, NULL},
{"AutoRestartRate", N, 0, UNIT, NULL},
{"Background", N, 0, UNIT, NULL},
{"BaseDirectory", T, 0, "relative paths in it were read from there", NULL},
{"BodyLengthDB", R, 0, PARTIAL, NULL},
{"BogusKey", R, 0, "an answer with a false DNSSEC proof is no answer: temperror", fail_wanted},
{"CaptureUnknownErrors", R, YES, "trouble of assayd's own is tempfail or accept: on_internal_error", NULL},
{"Canonicalization", T, 0, "", canonicalization},
{"ChangeRootDirectory", R, 0, "paths are read as they stand; the unit shuts assayd in", chroot_directory},
{"ClockDrift", T, 0, "", clock_drift},
{"Diagnostics", R, YES, "z= sends the whole header twice; assay verify --explain shows what was hashed", NULL},
{"DiagnosticDirectory", R, 0, "assay verify --explain shows what was hashed", NULL},
{"DisableCryptoInit", N, 0, "OpenSSL 3 does this itself", NULL},
{"DNSConnect", N, 0, "TCP is used when UDP is too short", NULL},
{"DNSTimeout", N, 0, "a message has one limit for all its questions: deadline (8s)", NULL},
{"Domain", T, 0, "", import_one_key},
{"DomainKeysCompat", R, YES, "DomainKeys (RFC 4870) is history", NULL},
{"DontSignMailTo", R, 0, "who wrote it decides what is signed, not whom it goes to", NULL},
{"EnableCoredumps", N, 0, UNIT, NULL},
{"ExemptDomains", R, 0, "anybody can write a domain into From to be left unchecked", NULL},
{"ExternalIgnoreList", N, 0, "it silences a line of OpenDKIM's log that assayd has not", NULL},
{"FinalPolicyScript", R, 0, LUA, NULL},
{"FixCRLF", N, 0, "mail with a CR or LF alone is not signed, unless sign_malformed says so", NULL},
{"IdentityHeader", N, 0, NEVER, NULL},
{"IdentityHeaderRemove", N, 0, NEVER, NULL},
{"IgnoreMalformedMail", N, 0, "a field says what was found, whatever a message is like", NULL},
{"Include", K, 0, "read", NULL},
{"InternalHosts", T, 0, "", internal_hosts},
{"KeepAuthResults", R, YES, "a field that claims to be ours and is not is removed", NULL},
{"KeepTemporaryFiles", N, 0, "there are none", NULL},
{"KeyFile", T, 0, "with Domain", NULL},
{"KeyTable", T, 0, "", import_tables},
{"LDAPAuthMechanism", R, 0, LDAP, NULL},
{"LDAPAuthName", R, 0, LDAP, NULL},
{"LDAPAuthRealm", R, 0, LDAP, NULL},
{"LDAPAuthUser", R, 0, LDAP, NULL},
{"LDAPBindPassword", R, 0, LDAP, NULL},
{"LDAPBindUser", R, 0, LDAP, NULL},
{"LDAPDisableCache", N, 0, LDAP, NULL},
{"LDAPKeepaliveIdle", N, 0, LDAP, NULL},
{"LDAPKeepaliveInterval", N, 0, LDAP, NULL},
{"LDAPKeepaliveProbes", N, 0, LDAP, NULL},
{"LDAPTimeout", N, 0, LDAP, NULL},
{"LDAPUseTLS", N, 0, LDAP, NULL},
{"LocalADSP", R, 0, ADSP, NULL},
{"LogResults", N, 0, ALWAYS, NULL},
{"LogWhy", N, 0, "each line of the log says why", NULL},
{"MacroList", T, 0, "", macro_list},
{"MaximumHeaders", N, 0, "header fields have their own limit (2 MiB)", NULL},
{"MaximumSignaturesToVerify", T, 0, "", max_signatures},
{"MaximumSignedBytes", R, 0, PARTIAL, NULL},
{"MilterDebug", N, 0, "log_level = debug", NULL},
{"Minimum", N, 0, "a signature that leaves body unsigned does not pass: accept_partial_body", NULL},
{"MinimumKeyBits", T, 0, "", min_key_bits},
{"Mode", T, 0, "", mode},
{"MTA", T, 0, "", mta_names},
{"MTACommand", N, 0, REPORTS, NULL},
{"MultipleSignatures", T, YES, "", multiple_signatures},
{"MustBeSigned", R, 0, "From must be signed, and DMARC asks for no more", NULL},
{"Nameservers", T, 0, "", nameservers},
{"NoHeaderB", R, YES, "header.b tells signatures apart (RFC 6008)", NULL},
{"OmitHeaders", R, 0, "say what is signed: sign_fields", omit_headers},
{"On-BadSignature", R, 0, BY_DKIM, accept_wanted},
{"On-Default", R, 0, BY_DKIM, accept_wanted},
{"On-DNSError", T, 0, "", on_dns_error},
{"On-InternalError", T, 0, "", on_internal_error},
{"On-KeyNotFound", R, 0, BY_DKIM, accept_wanted},
{"On-NoSignature", R, 0, "for single domains: require_dkim", accept_wanted},
{"On-PolicyError", R, 0, ADSP, accept_wanted},
{"On-Security", R, 0, BY_DKIM, on_security},
{"On-SignatureError", R, 0, "mail that can't be signed goes unsigned, and the log says so", accept_wanted},
{"OversignHeaders", T, 0, "", oversign_headers},
{"PeerList", T, 0, "their mail is judged and marked, and never refused", peer_list},
{"PidFile", N, 0, UNIT, NULL},
{"POPDBFile", N, 0, NEVER, NULL},
{"Quarantine", R, YES, BY_DKIM, NULL},
{"QueryCache", N, 0, ALWAYS, NULL},
{"RedirectFailuresTo", R, 0, "no message changes its recipients here", NULL},
{"RemoveARAll", R, YES, "fields of other sites are theirs (RFC 8601 section 5)", NULL},
{"RemoveARFrom", T, 0, "", remove_ar_from},
{"RemoveOldSignatures", R, YES, "signatures of others stay", NULL},
{"ReplaceHeaders", R, 0, "sign on the last hop, after all changes", NULL},
{"ReplaceRules", R, 0, "sign on the last hop, after all changes", NULL},
{"ReportAddress", N, 0, REPORTS, NULL},
{"ReportBccAddress", N, 0, REPORTS, NULL},
{"RequestReports", R, YES, REPORTS, NULL},
{"RequiredHeaders", T, YES, "of From; a missing Date is no ground", strict_headers},
{"RequireSafeKeys", N, 0, ALWAYS, NULL},
{"ResignAll", N, 0, NEVER, NULL},
{"ResignMailTo", N, 0, NEVER, NULL},
{"ResolverConfiguration", R, 0, "nameservers and trust_anchor_file say it", NULL},
{"ResolverTracing", N, 0, "log_level = debug", NULL},
{"ScreenPolicyScript", R, 0, LUA, NULL},
{"SelectCanonicalizationHeader", R, 0, "senders do not choose how they are signed", NULL},
{"Selector", T, 0, "with Domain", NULL},
{"SendADSPReports", R, YES, ADSP, NULL},
{"SenderHeaders", R, 0, "the author in From decides; DMARC asks for nobody else", sender_headers},
{"SenderMacro", R, 0, "the author in From decides; DMARC asks for nobody else", NULL},
{"SendReports", R, YES, REPORTS, NULL},
{"SetupPolicyScript", R, 0, LUA, NULL},
{"SignatureAlgorithm", R, 0, "rsa-sha1 is not to be used (RFC 8301): rsa-sha256", algorithm},
{"SignatureTTL", T, 0, "", signature_ttl},
{"SignHeaders", T, 0, "", sign_headers},
{"SigningTable", T, 0, "with KeyTable", NULL},
{"SMTPURI", N, 0, NEVER, NULL},
{"Socket", T, 0, "assayd has one of its own; the MTA is told in the end", import_add_socket},
{"SoftStart", N, 0, "no data bases are asked", NULL},
{"SoftwareHeader", R, YES, "no field tells the world what runs here", NULL},
{"Statistics", R, 0, STATS, NULL},
{"StatisticsName", N, 0, STATS, NULL},
{"StatisticsPolicyScript", R, 0, LUA, NULL},
{"StatisticsPrefix", N, 0, STATS, NULL},
{"StrictHeaders", T, YES, "of From; a missing Date is no ground", strict_headers},
{"StrictTestMode", N, 0, "of a test mode", NULL},
{"SubDomains", T, 0, "with Domain", NULL},
{"Syslog", N, 0, "assayd always logs, a line a message", NULL},
{"SyslogFacility", T, 0, "", syslog_facility},
{"SyslogName", R, 0, "its lines are assayd's; log_compat writes OpenDKIM's too", NULL},
{"SyslogSuccess", T, YES, "as OpenDKIM wrote them, beside assayd's own", syslog_success},
{"TemporaryDirectory", N, 0, "there are no temporary files", NULL},
{"TestDNSData", R, 0, "of tests: assay verify --zone", NULL},
{"TestPublicKeys", R, 0, "of tests: assay verify --zone", NULL},
{"TrustAnchorFile", T, 0, "", trust_anchor},
{"TrustSignaturesFrom", R, 0, "a signature speaks for its own domain, and DMARC aligns it", NULL},
{"UMask", N, 0, "socket_mode and socket_group are a Unix socket's", NULL},
{"UnprotectedKey", R, 0, "few zones are signed; a key without DNSSEC is a key", none_wanted},
{"UserID", N, 0, "assayd is a user of its own: assay", NULL},
{"VBR-Certifiers", R, 0, VBR, NULL},
{"VBR-PurgeFields", R, 0, VBR, NULL},
{"VBR-TrustedCertifiers", R, 0, VBR, NULL},
{"VBR-TrustedCertifiersOnly", R, 0, VBR, NULL},
{"VBR-Type", R, 0, VBR, NULL},
{"WeakSyntaxChecks", N, 0, ALWAYS, NULL},
};
/* clang-format on */

int
import_opendkim(struct import *im, const char *path, struct err *err)
{
	struct import_lines lines = {.n = 0};

	if (import_read(&im->source, path, &lines, err))
		return -1;
	im->have_dkim = true;
	import_apply(im, rows, ARRAY_LEN(rows), &lines);
	return 0;
}
