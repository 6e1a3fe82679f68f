/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler attributes, spelled once. */
#ifndef ASSAY_BASE_ATTR_H
#define ASSAY_BASE_ATTR_H

/* The caller must look at the result: it can fail. */
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
/* A variadic list of strings that must end with NULL. */
#define NULL_TERMINATED __attribute__((sentinel))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
