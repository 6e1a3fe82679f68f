/* SPDX-License-Identifier: BSD-2-Clause */
/* The stamp beside a key file that its record was seen in DNS. */
#ifndef ASSAY_KEYS_SEEN_H
#define ASSAY_KEYS_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/err.h"

/* The SHA-256 of the public half, hex. 0, or -1. */
MUST_CHECK int key_fingerprint(EVP_PKEY *, char hex[65]);

/*
 * Does the stamp file say that this very key (by the SHA-256 of its public
 * half) was seen? Any doubt is a no: the key is then looked up again.
 */
bool seen_check(const char *path, EVP_PKEY *key);
/* Writes or replaces the stamp. Returns 0, or -1. */
MUST_CHECK int seen_write(
    const char *path, EVP_PKEY *key, int64_t now_s, struct err *err);

#endif
