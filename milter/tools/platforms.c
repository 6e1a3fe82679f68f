/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one table of senders. Last compared in November 2026 with what the
 * platforms publish and, where that is silent, with guides to them and with
 * zones that their customers publish, of 2023 to 2026. Where these differ
 * from each other a row leaves the matter out and its note says so. What a
 * platform shows in its own settings always goes before this.
 */
#include "tools/platforms.h"

#include <string.h>

#include "base/attr.h"

#define SETTINGS "the platform's settings show where the CNAMEs lead"

const struct platform platforms[] = {
    {"amazon-ses", "Amazon SES", "", {{NULL, NULL}},
	"three CNAMEs <token>._domainkey to <token>.dkim.amazonses.com, "
	"tokens in its console; SPF (include:amazonses.com) belongs to the "
	"MAIL FROM subdomain, with an MX there"},
    {"brevo", "Brevo", "",
	{{"brevo1", "b1.%D.dkim.brevo.com"},
	    {"brevo2", "b2.%D.dkim.brevo.com"}},
	"guides differ on SPF: its bounces go to a name of its own, and only "
	"a dedicated address may need include:spf.brevo.com; older "
	"accounts have a TXT record at mail._domainkey in place of CNAMEs"},
    {"fastmail", "Fastmail", "spf.messagingengine.com",
	{{"fm1", "fm1.%d.dkim.fmhosted.com"},
	    {"fm2", "fm2.%d.dkim.fmhosted.com"},
	    {"fm3", "fm3.%d.dkim.fmhosted.com"}},
	""},
    {"google", "Google Workspace", "_spf.google.com", {{"google", ""}},
	"its admin console makes the key, for a TXT record"},
    {"icloud", "iCloud Mail", "icloud.com",
	{{"sig1", "sig1.dkim.%d.at.icloudmailadmin.com"}}, ""},
    {"mailbox-org", "mailbox.org", "mailbox.org",
	{{"MBO0001", "MBO0001._domainkey.mailbox.org"},
	    {"MBO0002", "MBO0002._domainkey.mailbox.org"},
	    {"MBO0003", "MBO0003._domainkey.mailbox.org"},
	    {"MBO0004", "MBO0004._domainkey.mailbox.org"}},
	""},
    {"mailchimp", "Mailchimp", "",
	{{"k2", "dkim2.mcsv.net"}, {"k3", "dkim3.mcsv.net"}},
	"its bounces go to a name of its own: no SPF needed; older guides "
	"name k1 and include:servers.mcsv.net"},
    {"mailgun", "Mailgun", "", {{NULL, NULL}},
	"its settings show the selector and key; SPF "
	"(include:mailgun.org) belongs to the sending subdomain"},
    {"mailjet", "Mailjet", "spf.mailjet.com", {{"mailjet", ""}},
	"its settings show the key, for a TXT record"},
    {"mandrill", "Mailchimp Transactional", "spf.mandrillapp.com",
	{{"mte1", "dkim1.mandrillapp.com"}, {"mte2", "dkim2.mandrillapp.com"}},
	""},
    {"microsoft365", "Microsoft 365", "spf.protection.outlook.com",
	{{"selector1", ""}, {"selector2", ""}},
	SETTINGS ": selector1-<domain, hyphens for dots>._domainkey. of "
		 "your tenant"},
    {"migadu", "Migadu", "spf.migadu.com",
	{{"key1", "key1.%d._domainkey.migadu.com"},
	    {"key2", "key2.%d._domainkey.migadu.com"},
	    {"key3", "key3.%d._domainkey.migadu.com"}},
	""},
    {"postmark", "Postmark", "", {{NULL, NULL}},
	"its settings show a dated selector (<date>pm) and key, for a TXT "
	"record, and a CNAME for bounces: no SPF needed"},
    {"proton", "Proton Mail", "_spf.protonmail.ch",
	{{"protonmail", ""}, {"protonmail2", ""}, {"protonmail3", ""}},
	SETTINGS},
    {"salesforce", "Salesforce", "_spf.salesforce.com", {{NULL, NULL}},
	"its settings make two CNAMEs, under selectors that you choose"},
    {"sendgrid", "Twilio SendGrid", "", {{"s1", ""}, {"s2", ""}},
	SETTINGS ", and one for bounces: no SPF needed"},
    {"zendesk", "Zendesk", "mail.zendesk.com",
	{{"zendesk1", "zendesk1._domainkey.zendesk.com"},
	    {"zendesk2", "zendesk2._domainkey.zendesk.com"}},
	""},
};

const size_t nplatforms = ARRAY_LEN(platforms);

const struct platform *
platform_find(const char *name)
{
	for (size_t i = 0; i < nplatforms; i++)
		if (!strcmp(name, platforms[i].name))
			return &platforms[i];
	return NULL;
}
