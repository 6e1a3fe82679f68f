/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator decides about messages; filled by the config room. */
#ifndef ASSAY_ENGINE_OPTIONS_H
#define ASSAY_ENGINE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/names.h"
#include "dkim/sign.h"
#include "dkim/verify.h"
#include "dmarc/dmarc.h"
#include "engine/rules.h"
#include "policy/policy.h"

struct keystore;
struct keytable;
struct signtable;

/* What a quarantine is; a bit each. */
enum quarantine_action {
	QUARANTINE_HEADER = 1, /* a field that the delivery side files by */
	QUARANTINE_HOLD = 2,   /* parked in the MTA until a person acts */
	QUARANTINE_BOTH = 3,
};

extern const struct name quarantine_action_words[];

/* What the MTA is told when we fail ourselves. */
enum on_error {
	ON_ERROR_TEMPFAIL,
	ON_ERROR_ACCEPT,
};

extern const struct name on_error_words[];

struct engine_options {
	const char *authserv_id; /* "": the name the MTA gives itself */
	struct string_list own_authserv_ids;
	struct cidr_list internal_networks, trusted_relays;
	struct string_list outbound_daemons, skip_daemons;
	bool stamp_outbound;
	int64_t deadline_s; /* what DNS may cost a message */
	enum dmarc_org org_domain;
	struct dkim_verify_options dkim;
	struct rules rules;
	bool sign_malformed;
	bool sign_subdomains; /* with a key of a parent domain */
	struct policy_rules policy;
	enum quarantine_action quarantine_action;
	const char *quarantine_header;
	bool received_spf; /* writes a Received-SPF field */
	enum on_error on_internal_error;
	struct keystore *keys; /* of the snapshot; NULL signs nothing */
	/* Also of the snapshot; NULL: the key directory alone decides. */
	const struct signtable *signtable;
	const struct keytable *keytable;
	bool multiple_signatures; /* by every line of the table that fits */
};

#endif
