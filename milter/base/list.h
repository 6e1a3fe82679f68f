/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists as configuration options have them: allocated once, then read. */
#ifndef ASSAY_BASE_LIST_H
#define ASSAY_BASE_LIST_H

#include <stddef.h>

#include "base/ip.h"

struct string_list {
	const char **items;
	size_t n;
};

struct cidr_list {
	struct cidr *items;
	size_t n;
};

#endif
