/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Key files. RFC 8301 section 3.2: signers use RSA keys of at least 1024
 * bits; RFC 8463: Ed25519. See pem.h.
 */
#include "keys/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "mail/limits.h"

#define PEM_MAX 16384
#define RSA_BITS_MIN 1024

int
pem_check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: not a regular file", path);
	if (st.st_uid != geteuid())
		return err_set(err,
		    "%s: owned by uid %ld, not by the service "
		    "user (uid %ld); assay keys repair mends it in key_dir",
		    path, (long)st.st_uid, (long)geteuid());
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(err,
		    "%s: mode %04o lets others at the key; "
		    "chmod 0600 or assay keys repair mends it",
		    path, (unsigned)(st.st_mode & 07777));
	return 0;
}

long
file_read_own(const char *path, char *buf, size_t size, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	long len = -1;

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (pem_check_file(fd, path, err) == 0)
		len = file_read(fd, buf, size, err);
	(void)close(fd);
	return len;
}

/* An encrypted key has nobody to ask for its pass phrase. */
static int
no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static int
check_key(EVP_PKEY *key, const char *path, enum dkim_alg *alg, struct err *err)
{
	int bits = EVP_PKEY_get_bits(key);

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_ED25519: *alg = DKIM_ED25519_SHA256; return 0;
	case EVP_PKEY_RSA:
		*alg = DKIM_RSA_SHA256;
		if (bits < RSA_BITS_MIN || bits > LIMIT_RSA_BITS)
			return err_set(err,
			    "%s: an RSA key of %d bits; %d to %d can be used",
			    path, bits, RSA_BITS_MIN, LIMIT_RSA_BITS);
		return 0;
	default:
		return err_set(
		    err, "%s: neither an RSA nor an Ed25519 key", path);
	}
}

static int
read_pem(const char *path, bool check, EVP_PKEY **key, enum dkim_alg *alg,
    struct err *err)
{
	char text[PEM_MAX];
	BIO *bio = NULL;
	long len;
	int fd, rc = -1;

	*key = NULL;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		return err_set(err,
		    "%s: a symbolic link; the key must be a file of its own",
		    path);
	if (fd < 0)
		return err_errno(err, "%s", path);
	if (check && pem_check_file(fd, path, err))
		goto out;
	len = file_read(fd, text, sizeof(text), err);
	if (len < 0)
		goto out;
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio)
		*key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	if (!*key) {
		(void)err_set(err, "%s: no unencrypted PEM private key", path);
		goto out;
	}
	rc = check_key(*key, path, alg, err);
out:
	BIO_free(bio);
	OPENSSL_cleanse(text, sizeof(text));
	(void)close(fd);
	if (rc) {
		EVP_PKEY_free(*key);
		*key = NULL;
	}
	return rc;
}

int
pem_read(const char *path, EVP_PKEY **key, enum dkim_alg *alg, struct err *err)
{
	return read_pem(path, true, key, alg, err);
}

int
pem_read_any(const char *path, EVP_PKEY **key, struct err *err)
{
	enum dkim_alg alg;

	return read_pem(path, false, key, &alg, err);
}

int
pem_write(const char *path, EVP_PKEY *key, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long len;
	int rc = -1;

	if (!bio ||
	    PEM_write_bio_PKCS8PrivateKey(
		bio, key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    (len = BIO_get_mem_data(bio, &text)) <= 0)
		(void)err_set(
		    err, "%s: the key can't be written as PEM", path);
	else
		rc = file_write_new(path, text, (size_t)len, err);
	BIO_free(bio); /* the secure kind wipes */
	return rc;
}
