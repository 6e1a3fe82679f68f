/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our own failures in words: memory, descriptors, files, a library that
 * refuses. What a peer's octets or a domain's DNS lead to is never an error
 * but a result (verdict room); only mfi.c turns an error into a reply.
 */
#ifndef ASSAY_BASE_ERR_H
#define ASSAY_BASE_ERR_H

#include "base/attr.h"

struct err {
	char text[512];
};

#define ERR_INIT ((struct err){{0}})

/*
 * Fills e (NULL is fine) unless it holds a text already: the innermost, most
 * specific text wins. Always returns -1, so that `return err_set(...)` reads.
 */
int err_set(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same with ": " and strerror(errno) at the end. */
int err_errno(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
int err_no_mem(struct err *e);

#endif
