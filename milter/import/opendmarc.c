/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of opendmarc.conf(5), 1.4: a row for each. */
#include <string.h>

#include "base/attr.h"
#include "import/import.h"

/* --- values --------------------------------------------------------------------- */

static const char *
id_of(const struct importing *i, struct slice id)
{
	if (slice_eqz(id, "HOSTNAME"))
		return i->im->hostname;
	return import_text(i->im, SLICE_FMT, SLICE_ARG(id));
}

/* OpenDKIM's may be another one: then both are ours. */
static void
authserv_id(struct importing *i)
{
	const char *id = id_of(i, slice_z(i->line->value));

	import_set_option(i, "authserv_id", id);
	if (i->entry.fate != IMPORT_REFUSED)
		return;
	i->entry.fate = IMPORT_TRANSLATED;
	i->entry.why = "OpenDKIM had another; fields that claim this one are "
		       "removed";
	import_add_item(i, "own_authserv_ids", id);
}

/* What was trusted in a field must not come from outside. */
static void
trusted_ids(struct importing *i)
{
	struct slice rest = slice_z(i->line->value);
	bool more = true;

	while (more) {
		struct slice id = slice_trim(slice_cut(&rest, ',', &more));

		if (id.len)
			import_add_item(i, "own_authserv_ids", id_of(i, id));
	}
}

static void
ignore_hosts(struct importing *i)
{
	/* A path it is, whatever it begins with. */
	struct import_line l = *i->line;
	struct importing as_file = *i;

	l.value = import_text(i->im, "file:%s", i->line->value);
	as_file.line = &l;
	import_add_hosts(&as_file, "trusted_relays", true);
	i->entry = as_file.entry;
}

static bool
holds(const struct importing *i)
{
	const struct import_line *l =
	    import_last(i->lines, "HoldQuarantinedMessages");

	return l && import_boolean(l->value) == 1;
}

static void
reject_failures(struct importing *i)
{
	int yes = import_boolean(i->line->value);

	if (yes < 0) {
		import_refuse(i, "neither yes nor no");
	} else if (yes) {
		i->entry.why = "as it was; \"reject\" asks for a second "
			       "ground, and spares mailing lists";
		import_set_option(i, "enforce", "reject-always");
		import_set_option(i, "on_temperror", "tempfail");
	} else if (holds(i)) {
		import_unneeded(i, "see HoldQuarantinedMessages");
	} else {
		i->entry.why = "nothing was refused; the log tells what would "
			       "be";
		import_set_option(i, "enforce", "shadow");
	}
}

static void
hold(struct importing *i)
{
	const struct import_line *l = import_last(i->lines, "RejectFailures");

	import_set_option(i, "quarantine_action", "hold");
	if (!l || import_boolean(l->value) != 1)
		import_set_option(i, "enforce", "quarantine");
}

static void
multi_value_from(struct importing *i)
{
	import_set_option(i, "on_bad_from", "reject");
}

static void
required_headers(struct importing *i)
{
	import_set_option(i, "on_multiple_from", "reject");
	import_set_option(i, "on_bad_from", "reject");
}

static void
suffix_list(struct importing *i)
{
	const char *path =
	    import_path(i->im->source.arena, i->base, slice_z(i->line->value));

	if (path)
		import_set_option(i, "psl_file", path);
	else
		i->im->no_memory = true;
}

static void
syslog_facility(struct importing *i)
{
	i->entry.fate = IMPORT_KEPT;
	import_set_option(i, "syslog_facility", i->line->value);
}

static void
authenticated(struct importing *i)
{
	if (import_boolean(i->line->value) == 0)
		import_refuse(
		    i, "mail of who has logged in is signed and never judged");
}

/* --- the rows ----------------------------------------------------------------------- */

#define UNIT "the service manager does this (systemctl edit assayd)"
#define REPORTS "assayd sends no failure reports: they carry people's mail"
#define ARC "an ARC pass tells who sealed, not who is good: trusted_forwarders"
#define HISTORY "verdicts go to the log; no aggregate reports are sent"

#define T IMPORT_TRANSLATED
#define N IMPORT_NOT_NEEDED
#define R IMPORT_REFUSED
#define YES true

/* clang-format off */
static const struct import_row rows[] = {
{"AuthservID", T, 0, "", authserv_id},
{"AuthservIDWithJobID", R, YES, "the name of a site is no place for a job; the log has it", NULL},
{"AutoRestart", N, 0, UNIT, NULL},
{"AutoRestartCount", N, 0, UNIT, NULL},
{"AutoRestartRate", N, 0, UNIT, NULL},
{"Background", N, 0, UNIT, NULL},
{"BaseDirectory", T, 0, "relative paths in it were read from there", NULL},
{"ChangeRootDirectory", R, 0, "paths are read as they stand; the unit shuts assayd in", NULL},
{"CopyFailuresTo", R, 0, "no message changes its recipients here", NULL},
{"DomainWhitelist", R, 0, ARC, NULL},
{"DomainWhitelistFile", R, 0, ARC, NULL},
{"DomainWhitelistSize", N, 0, ARC, NULL},
{"DNSTimeout", N, 0, "a message has one limit for all its questions: deadline (8s)", NULL},
{"EnableCoredumps", N, 0, UNIT, NULL},
{"FailureReports", R, YES, REPORTS, NULL},
{"FailureReportsBcc", N, 0, REPORTS, NULL},
{"FailureReportsOnNone", N, 0, REPORTS, NULL},
{"FailureReportsSentBy", N, 0, REPORTS, NULL},
{"HistoryFile", R, 0, HISTORY, NULL},
{"HoldQuarantinedMessages", T, YES, "", hold},
{"IgnoreAuthenticatedClients", N, 0, "always", authenticated},
{"IgnoreHosts", T, 0, "their mail is judged and marked, and never refused", ignore_hosts},
{"IgnoreMailFrom", R, 0, "anybody can write a domain into From to be left unchecked", NULL},
{"IgnoreMailTo", N, 0, HISTORY, NULL},
{"Include", N, 0, "read", NULL},
{"MilterDebug", N, 0, "log_level = debug", NULL},
{"PidFile", N, 0, UNIT, NULL},
{"PublicSuffixList", T, 0, "for org_domain = psl; RFC 9989 finds organizations in DNS", suffix_list},
{"RecordAllMessages", N, 0, HISTORY, NULL},
{"RejectFailures", T, 0, "", reject_failures},
{"RejectMultiValueFrom", T, YES, "", multi_value_from},
{"RejectString", R, 0, "refusals have a fixed text, which readers of logs know; reply_url adds a page", NULL},
{"ReportCommand", N, 0, REPORTS, NULL},
{"RequiredHeaders", T, YES, "of From; a missing Date is no ground", required_headers},
{"Socket", T, 0, "assayd is one program with one socket", import_add_socket},
{"SoftwareHeader", R, YES, "no field tells the world what runs here", NULL},
{"SPFIgnoreResults", N, 0, "no field that came with a message is believed", NULL},
{"SPFSelfValidate", N, 0, "always", NULL},
{"Syslog", N, 0, "assayd always logs, a line a message", NULL},
{"SyslogFacility", T, 0, "", syslog_facility},
{"TrustedAuthservIDs", T, 0, "no field is believed; such ones from outside are removed", trusted_ids},
{"UMask", N, 0, "socket_mode and socket_group are a Unix socket's", NULL},
{"UserID", N, 0, "assayd is a user of its own: assay", NULL},
};
/* clang-format on */

int
import_opendmarc(struct import *im, const char *path, struct err *err)
{
	struct import_lines lines = {.n = 0};

	if (import_read(&im->source, path, &lines, err))
		return -1;
	im->have_dmarc = true;
	import_apply(im, rows, ARRAY_LEN(rows), &lines);
	return 0;
}
