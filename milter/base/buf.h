/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing text buffer with a stated ceiling and sticky errors: append as
 * often as you like, ask once at the end. After a failure the content stays
 * what it was before the append that failed, and later appends do nothing,
 * so nothing half-built is taken for whole.
 */
#ifndef ASSAY_BASE_BUF_H
#define ASSAY_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

struct buf {
	char *ptr; /* NUL after the last octet once anything was added */
	size_t len, cap;
	size_t max;  /* ceiling on len, from mail/limits.h as a rule */
	bool over;   /* an append would have passed the ceiling */
	bool no_mem; /* an append found no memory */
};

#define BUF_INIT(limit) ((struct buf){.max = (limit)})

/* Frees the content; the buffer is empty and usable again. */
void buf_free(struct buf *);
/* Empties without freeing; clears the errors. */
void buf_clear(struct buf *);

/*
 * Back to the first len octets, as if what came later had never been tried:
 * clears the ceiling's error, not that of memory.
 */
void buf_cut(struct buf *, size_t len);

void buf_add(struct buf *, struct slice);
void buf_addz(struct buf *, const char *);
void buf_addc(struct buf *, char);
void buf_add_num(struct buf *, int64_t); /* decimal */
void buf_addf(struct buf *, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* 0 when every append succeeded, else -1. */
MUST_CHECK int buf_status(const struct buf *);
struct slice buf_slice(const struct buf *);
/* Never NULL. Valid until the next append. */
const char *buf_str(const struct buf *);

#endif
