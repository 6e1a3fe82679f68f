/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A private key file: KEYDIR/DOMAIN/SELECTOR.pem, PEM (PKCS#8, or the
 * traditional RSA form), owned by the service user, mode 0600 or stricter.
 */
#ifndef ASSAY_KEYS_PEM_H
#define ASSAY_KEYS_PEM_H

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/err.h"
#include "dkim/sign.h"

/*
 * Reads and checks a key file. Refused, with the reason in err: not a regular
 * file, another owner than the process, readable by group or world (the mode
 * is named), no PEM, encrypted, neither RSA (1024 bits or more) nor Ed25519.
 * The key is the caller's (EVP_PKEY_free wipes it). Returns 0, or -1.
 */
MUST_CHECK int pem_read(
    const char *path, EVP_PKEY **key, enum dkim_alg *alg, struct err *err);

/* The same of a file to be imported, whoever owns it and may read it. */
MUST_CHECK int pem_read_any(const char *path, EVP_PKEY **key, struct err *err);

/*
 * Is this open file a regular one of our own that nobody else can read? 0,
 * or -1 and err.
 */
MUST_CHECK int pem_check_file(int fd, const char *path, struct err *err);
/* The same for one that is opened, read and closed: its text in buf. */
MUST_CHECK long file_read_own(
    const char *path, char *buf, size_t size, struct err *err);
/*
 * Makes a directory (0700) unless it is there; it must be ours, and for nobody
 * else. 0, or -1 and err.
 */
MUST_CHECK int directory_ensure(const char *path, struct err *err);
/*
 * May we believe what this directory has? Others may read it, but not write,
 * and it is ours or root's. 0, or -1 and err.
 */
MUST_CHECK int directory_check(const char *path, struct err *err);

/*
 * Writes a new key file, mode 0600, so that it is there whole or not at all;
 * an existing one is never replaced. Returns 0, or -1.
 */
MUST_CHECK int pem_write(const char *path, EVP_PKEY *key, struct err *err);

/* A file of ours in one step: temporary name, fsync, link into place. */
MUST_CHECK int file_write_new(
    const char *path, const void *data, size_t len, struct err *err);
/* The same, but an existing file is replaced. */
MUST_CHECK int file_replace(
    const char *path, const void *data, size_t len, struct err *err);
/*
 * The whole of a small file into buf, of at most size - 1 octets, with a NUL.
 * Returns its length, or -1 (also when it is larger).
 */
MUST_CHECK long file_read(int fd, char *buf, size_t size, struct err *err);

#endif
