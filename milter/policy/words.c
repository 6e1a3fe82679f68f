/* SPDX-License-Identifier: BSD-2-Clause */
/* Name tables. See words.h. */
#include "policy/words.h"

#include <stddef.h>

const struct name action_words[] = {
    {ACTION_ACCEPT, "accept"},
    {ACTION_QUARANTINE, "quarantine"},
    {ACTION_REJECT, "reject"},
    {ACTION_TEMPFAIL, "tempfail"},
    {0, NULL},
};

const struct name policy_from_words[] = {
    {ACTION_ACCEPT, "accept"},
    {ACTION_QUARANTINE, "quarantine"},
    {ACTION_REJECT, "reject"},
    {0, NULL},
};

const struct name policy_enforce_words[] = {
    {ENFORCE_NONE, "none"},
    {ENFORCE_SHADOW, "shadow"},
    {ENFORCE_QUARANTINE, "quarantine"},
    {ENFORCE_REJECT, "reject"},
    {ENFORCE_REJECT_ALWAYS, "reject-always"},
    {0, NULL},
};

const struct name policy_temperror_words[] = {
    {TEMPERROR_ACCEPT, "accept"},
    {TEMPERROR_TEMPFAIL, "tempfail"},
    {0, NULL},
};

const struct name policy_spf_words[] = {
    {SPF_REJECT_NO, "no"},
    {SPF_REJECT_HELO_FAIL, "helo-fail"},
    {SPF_REJECT_MAILFROM_FAIL, "mailfrom-fail"},
    {0, NULL},
};

const struct name policy_iprev_words[] = {
    {IPREV_REJECT_NO, "no"},
    {IPREV_REJECT_NO_PTR, "no-ptr"},
    {IPREV_REJECT_FAIL, "fail"},
    {0, NULL},
};

const struct name policy_code_words[] = {
    {POLICY_CODE_1, "5.7.1"},
    {POLICY_CODE_26, "5.7.26"},
    {0, NULL},
};

const struct name policy_override_words[] = {
    {OVERRIDE_LOCAL_POLICY, "local_policy"},
    {OVERRIDE_MAILING_LIST, "mailing_list"},
    {OVERRIDE_TRUSTED_FORWARDER, "trusted_forwarder"},
    {0, NULL},
};
