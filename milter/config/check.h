/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of single values: NULL when fine, else what is wrong, in words. */
#ifndef ASSAY_CONFIG_CHECK_H
#define ASSAY_CONFIG_CHECK_H

const char *check_absolute(const char *);
const char *check_absolute_or_empty(const char *);
const char *check_url(const char *);
const char *check_authserv_id(const char *);
const char *check_field_name(const char *);
const char *check_identity(const char *);
const char *check_key_target(const char *);
const char *check_key_template(const char *);
const char *check_metrics(const char *);
const char *check_nameserver(const char *);
const char *check_nameserver_or_empty(const char *);
const char *check_selector(const char *);
const char *check_signed_name(const char *);
const char *check_slot(const char *);
const char *check_socket(const char *);
const char *check_table(const char *);

#endif
