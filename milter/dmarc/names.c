/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of RFC 9989 section 4.7, and ours for reasons. See names.h. */
#include "dmarc/names.h"

#include <stddef.h>

const struct name dmarc_policy_words[] = {
    {DMARC_NONE, "none"},
    {DMARC_QUARANTINE, "quarantine"},
    {DMARC_REJECT, "reject"},
    {0, NULL},
};

const struct name dmarc_org_words[] = {
    {DMARC_ORG_TREE_WALK, "tree-walk"},
    {DMARC_ORG_PSL, "psl"},
    {0, NULL},
};

const struct name dmarc_existence_words[] = {
    {DMARC_EXISTENCE_UNKNOWN, "unknown"},
    {DMARC_EXISTS, "yes"},
    {DMARC_EXISTS_NOT, "no"},
    {0, NULL},
};

const struct name dmarc_reason_words[] = {
    {DMARC_REASON_NONE, "nothing to remark"},
    {DMARC_REASON_UNKNOWN_TAG, "unknown tag"},
    {DMARC_REASON_NOT_A_TAG, "not a tag"},
    {DMARC_REASON_BAD_VALUE, "bad value"},
    {DMARC_REASON_BAD_POLICY, "taken as p=none, bad or missing"},
    {DMARC_REASON_VERSION, "does not begin with v=DMARC1"},
    {DMARC_REASON_DUPLICATE_TAG, "duplicate tag"},
    {DMARC_REASON_RECORD_LIMIT, "record beyond a limit"},
    {DMARC_REASON_SEVERAL_RECORDS, "several records at"},
    {DMARC_REASON_NO_RECORD, "no record for"},
    {DMARC_REASON_NO_POLICY, "no usable policy, bad or missing"},
    {DMARC_REASON_FROM, "no author domain"},
    {DMARC_REASON_DNS, "no answer for"},
    {DMARC_REASON_BUDGET, "too many queries, not asked"},
    {DMARC_REASON_IDENTIFIERS, "too many identifiers, not looked at"},
    {0, NULL},
};
