/* SPDX-License-Identifier: BSD-2-Clause */
/* The header changes of one message, in the order of their application. */
#ifndef ASSAY_ENGINE_EDITS_H
#define ASSAY_ENGINE_EDITS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"

enum edit_kind {
	EDIT_DELETE, /* the nth field of its name, counted from the top */
	EDIT_INSERT, /* at position nth of the whole header */
};

struct edit {
	enum edit_kind kind;
	const char *name;
	const char *value; /* with its leading blank, folded with LF */
	size_t nth;
};

struct edits {
	struct edit *items;
	size_t n, cap;
};

/* name is kept, not copied. 0, or -1: no memory. */
MUST_CHECK int edits_delete(
    struct edits *, struct arena *, const char *name, size_t nth);
/* value is copied; a CR in it is left out (the MTA wants LF). */
MUST_CHECK int edits_insert(struct edits *, struct arena *, const char *name,
    struct slice value, size_t position);

#endif
