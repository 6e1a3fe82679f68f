/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the options. */
#include "engine/options.h"

const struct name quarantine_action_words[] = {
    {QUARANTINE_HEADER, "header"},
    {QUARANTINE_HOLD, "hold"},
    {QUARANTINE_BOTH, "both"},
    {0, NULL},
};

const struct name on_error_words[] = {
    {ON_ERROR_TEMPFAIL, "tempfail"},
    {ON_ERROR_ACCEPT, "accept"},
    {0, NULL},
};
